"""axe-core finds nothing on any view, in light and dark, at desktop and phone width."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import DESKTOP, PHONE, new_context
from tests.browser.fakes.attacks import ALONE, SHOP
from tests.browser.fakes.server import Fake
from tests.browser.fakes.world import World

pytestmark = pytest.mark.browser

_AXE: Final = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
_RUN: Final = "axe.run({ resultTypes: ['violations'] }).then(result => result.violations)"
_SHOP: Final = f"incidents/{SHOP.id}"
_LOOKS: Final = {
    "light": (DESKTOP, False),
    "dark": (DESKTOP, True),
    "light phone": (PHONE, False),
    "dark phone": (PHONE, True),
}

#: View -> its address and a text that shows that it is complete.
VIEWS: Final = {
    "overview": ("", "Kill chain"),
    "incidents": ("list?show=incidents&status=Active", SHOP.title),
    "alerts": ("list?show=alerts", ALONE["title"]),
    "both": ("list?show=both&q=Impossible", ALONE["title"]),
    "story": (_SHOP, "Why these alerts belong together"),
    "alerts of an incident": (f"{_SHOP}?tab=alerts", "Failed sign-ins"),
    "attack map": (f"{_SHOP}?tab=map", "As a list"),
    "history": (f"{_SHOP}?tab=history", "Called the owner"),
    "an alert": (f"alerts/{ALONE['alertId']}", "Not part of an incident"),
    "an entity": ("entities/account/svc-deploy", SHOP.title),
    "rejected": ("rejected", "The alert has no time"),
    "suppressions": ("suppressions", "Our own scanner"),
    "nothing found": ("list?q=nosuchthing", "Nothing matches"),
    "nothing there": ("incidents/nosuch", "Nothing is here"),
    "no such page": ("nosuch", "There is no such page"),
}


@pytest.fixture(scope="module", params=list(_LOOKS))
def look(request: pytest.FixtureRequest, browser: Browser, service: Fake) -> Iterator[Page]:
    service.world = World()
    size, dark = _LOOKS[request.param]
    context = new_context(browser, size, dark=dark)
    page = context.new_page()
    page.goto(service.url)
    page.evaluate(_AXE.read_text())
    yield page
    context.close()


def violations(page: Page) -> list[str]:
    """What axe finds, one line for each element at fault."""
    found: list[dict[str, Any]] = page.evaluate(_RUN)
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_no_violation(look: Page, view: str) -> None:
    fragment, text = VIEWS[view]
    look.evaluate("fragment => { location.hash = `/${fragment}`; }", fragment)
    expect(look.locator("main")).to_contain_text(text)
    assert violations(look) == []


def test_an_alert_beside_has_no_violation(look: Page) -> None:
    look.evaluate("fragment => { location.hash = `/${fragment}`; }", _SHOP)
    look.get_by_role("link", name="Encoded PowerShell downloads a program").first.click()
    expect(look.get_by_role("complementary", name="Alert")).to_contain_text("Entities")
    assert violations(look) == []


@pytest.mark.parametrize(
    ("key", "name"),
    [pytest.param("e", "Change state", id="change"), pytest.param("?", "Keyboard", id="help")],
)
def test_a_dialog_has_no_violation(look: Page, key: str, name: str) -> None:
    look.evaluate("fragment => { location.hash = `/${fragment}`; }", _SHOP)
    expect(look.get_by_role("heading", level=1)).to_have_text(SHOP.title)
    look.keyboard.press(key)
    expect(look.get_by_role("dialog", name=name)).to_be_visible()
    found = violations(look)
    look.keyboard.press("Escape")
    assert found == []


@pytest.mark.parametrize("name", ["Merge with", "Split off"])
def test_a_decision_has_no_violation(look: Page, name: str) -> None:
    look.evaluate("fragment => { location.hash = `/${fragment}`; }", _SHOP)
    look.get_by_role("button", name=name).click()
    expect(look.get_by_role("dialog", name=name).get_by_role("checkbox").first).to_be_visible()
    found = violations(look)
    look.keyboard.press("Escape")
    assert found == []


def test_the_form_of_a_rule_has_no_violation(look: Page) -> None:
    look.evaluate("location.hash = '/suppressions'")
    look.get_by_role("button", name="Change nightly-scan").click()
    expect(look.get_by_role("dialog")).to_be_visible()
    found = violations(look)
    look.keyboard.press("Escape")
    assert found == []


def test_the_palette_has_no_violation(look: Page) -> None:
    look.evaluate("location.hash = '/list?show=incidents'")
    expect(look.locator(".vlist-body .vrow").first).to_be_visible()
    look.keyboard.press("Control+k")
    expect(look.locator(".palette-option").first).to_be_visible()
    found = violations(look)
    look.keyboard.press("Escape")
    assert found == []


def test_the_menu_of_a_row_has_no_violation(look: Page) -> None:
    look.evaluate("location.hash = '/list?show=incidents'")
    look.locator(".vlist-body .vrow").first.click(button="right")
    expect(look.get_by_role("menu", name="Actions")).to_be_visible()
    found = violations(look)
    look.keyboard.press("Escape")
    assert found == []


def test_an_open_filter_has_no_violation(look: Page) -> None:
    look.evaluate("location.hash = '/list?show=incidents'")
    look.locator(".chips").get_by_role("button", name="Severity").click()
    expect(look.get_by_role("dialog", name="Severity")).to_be_visible()
    found = violations(look)
    look.keyboard.press("Escape")
    assert found == []
