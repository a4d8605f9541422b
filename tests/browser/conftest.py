"""A browser, and the stand-in for the service that it opens."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.chromium import is_required, launched, missing_browser, new_context
from tests.browser.fakes.api import Behaviour
from tests.browser.fakes.server import Fake, serve
from tests.browser.fakes.world import World

Open = Callable[[str], Page]

# Chromium itself reports every answer of 400 or more; the page means to handle those.
_EXPECTED = "Failed to load resource"


# Closed after this package: an open Playwright keeps an event loop running, which others need.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    missing = missing_browser()
    if missing and is_required():
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    expect.set_options(timeout=20_000)  # other tests run beside these on few cores
    with launched() as browser:
        yield browser


@pytest.fixture(scope="package")
def service() -> Iterator[Fake]:
    """One server for all tests, so that the browser keeps the page's files between them."""
    with serve(World(), keep_files=True) as fake:
        yield fake


@pytest.fixture(scope="package")
def tab(browser: Browser, service: Fake) -> Iterator[tuple[Page, list[str]]]:
    """One desktop tab for all tests, and what went wrong in it: a new one costs as much as a test.

    What the page keeps in the profile and in the tab's session is forgotten after each test.
    """
    context = new_context(browser)
    page = context.new_page()
    page.goto(f"{service.url}favicon.svg")
    yield page, watch(page)
    context.close()


@pytest.fixture
def fake(service: Fake) -> Fake:
    """The stand-in as it is at first."""
    service.world = World()
    service.behaviour = Behaviour()
    return service


@pytest.fixture
def page(tab: tuple[Page, list[str]]) -> Iterator[Page]:
    """A desktop page that must log no error and break no rule of the security policy."""
    page, errors = tab
    errors.clear()
    yield page
    page.unroute_all()
    page.emulate_media(media="screen")
    page.evaluate("sessionStorage.clear(); localStorage.clear()")
    page.goto("about:blank")
    assert errors == []


def watch(page: Page) -> list[str]:
    """What goes wrong in a page, as it goes wrong; breaches of the policy are console errors."""
    errors: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_EXPECTED):
            errors.append(message.text)

    page.on("console", on_console)
    page.on("pageerror", lambda error: errors.append(f"{error.message}\n{error.stack}"))
    return errors


@pytest.fixture
def visit(page: Page, fake: Fake) -> Open:
    """Opens a view by its fragment."""

    def visit(fragment: str) -> Page:
        page.goto(f"{fake.url}#/{fragment}")
        return page

    return visit
