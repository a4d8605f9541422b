"""`python -m tests.browser.screenshots`: the README's pictures, from the sample data."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, expect

from local.page.build import build
from tests.browser.chromium import DESKTOP, PHONE, launched, missing_browser, new_context
from tests.browser.fakes.attacks import ALONE, SHOP
from tests.browser.fakes.server import Fake, serve
from tests.browser.fakes.world import World

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
_SHOP: Final = f"incidents/{SHOP.id}"


@dataclass(frozen=True, slots=True)
class Picture:
    """A view by its fragment, and a text that shows that it is complete."""

    name: str
    fragment: str
    text: str
    phone: bool = False


def pictures(fake: Fake) -> Iterator[Picture]:
    """What is taken, in the order in which a reader meets it."""
    opening = "Credential theft followed by data exfiltration"
    yield Picture("overview", "", "Kill chain", phone=True)
    yield Picture("list", "list?show=incidents&status=Active,InProgress", opening, phone=True)
    yield Picture("both", "list?show=both", ALONE["title"])
    yield Picture("incident", _SHOP, "What to do", phone=True)
    beside = _alert_id(fake, "Memory of the sign-in process was read")
    yield Picture("incident-alert", f"{_SHOP}?alert={beside}", "Entities", phone=True)
    yield Picture("incident-alerts", f"{_SHOP}?tab=alerts", "Failed sign-ins")
    yield Picture("incident-map", f"{_SHOP}?tab=map", "admin-mk")
    yield Picture("incident-history", f"{_SHOP}?tab=history", "Called the owner")
    yield Picture("alert", f"alerts/{beside}", "Part of the incident")
    yield Picture("entity", "entities/address/203.0.113.77", opening)
    yield Picture("rejected", "rejected", "The alert has no time")
    yield Picture("suppressions", "suppressions", "Our own scanner")


def _alert_id(fake: Fake, title: str) -> str:
    alerts = fake.world.incident_alerts(SHOP.id)
    return str(next(alert["alertId"] for alert in alerts if alert["title"] == title))


def take(browser: Browser, fake: Fake, folder: Path) -> None:
    """Take every picture in light and dark, those for it at phone width too."""
    for dark, phone in product((False, True), (False, True)):
        context = new_context(browser, PHONE if phone else DESKTOP, dark=dark)
        page = context.new_page()
        page.goto(fake.url)
        # A typeface that comes late waits for the next visit; the pictures are of that one.
        page.evaluate("document.fonts.ready")
        page.reload()
        for picture in pictures(fake):
            if picture.phone or not phone:
                name = f"{picture.name}{'-phone' if phone else ''}-{'dark' if dark else 'light'}"
                _shoot(page, picture, folder / f"{name}.png")
        context.close()


def _shoot(page: Page, picture: Picture, file: Path) -> None:
    page.evaluate("fragment => { location.hash = `/${fragment}`; }", picture.fragment)
    expect(page.locator("main")).to_contain_text(picture.text)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=file, animations="disabled")


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER, help="the folder to write them to")
    folder: Path = parser.parse_args().out
    if missing := missing_browser():
        sys.exit(missing)
    build()
    folder.mkdir(parents=True, exist_ok=True)
    with serve(World()) as fake, launched() as browser:
        take(browser, fake, folder)


if __name__ == "__main__":
    main()
