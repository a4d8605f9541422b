"""A browser, and the stand-in for the service that it opens."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

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
def context(browser: Browser, service: Fake) -> Iterator[BrowserContext]:
    """One profile for all tests: the page keeps nothing in it but the theme.

    A tab that stays open keeps the process, with the page's compiled modules, for the next test's.
    """
    context = new_context(browser)
    context.new_page().goto(f"{service.url}favicon.svg")
    yield context
    context.close()


@pytest.fixture
def fake(service: Fake) -> Fake:
    """The stand-in as it is at first."""
    service.world = World()
    service.behaviour = Behaviour()
    return service


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A desktop page that must log no error and break no rule of the security policy."""
    page = context.new_page()
    errors = watch(page)
    yield page
    page.close()
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
