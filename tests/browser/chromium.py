"""Debian's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.fakes.samples import NOW

DESKTOP: Final = (1440, 900)
PHONE: Final = (390, 844)

_ARGUMENTS: Final = (
    "--no-sandbox",  # a container's root has no user namespaces to build the sandbox from
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--process-per-site",  # a tab in a process of its own costs more than twice as much
)


def missing_browser() -> str:
    """Why there is no browser here, or an empty text where there is one."""
    return (
        "" if shutil.which("chromium") else "chromium is not installed (apt-get install chromium)"
    )


def is_required() -> bool:
    """Whether a missing browser is a failure: the setting REQUIRE_BROWSER says so."""
    return os.environ.get("REQUIRE_BROWSER") == "1"


@contextmanager
def launched() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(_ARGUMENTS)
        )
        yield browser
        browser.close()


def new_context(
    browser: Browser, size: tuple[int, int] = DESKTOP, *, dark: bool = False, live: bool = False
) -> BrowserContext:
    """A fresh profile; its clock stands at the samples' present unless it must be `live`."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        timezone_id="UTC",
        locale="en-GB",
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    if not live:
        context.clock.set_fixed_time(NOW)
    return context
