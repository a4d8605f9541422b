"""What is drawn where: the page's pure modules, run in the browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import new_context
from tests.browser.fakes.server import serve
from tests.browser.fakes.world import World

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def modules(browser: Browser) -> Iterator[Page]:
    with serve(World.empty()) as fake:
        context = new_context(browser)
        page = context.new_page()
        page.goto(fake.url)
        yield page
        context.close()


def call(page: Page, module: str, function: str, *arguments: Any) -> Any:
    """Call a function that a module exports."""
    script = "async ([path, name, args]) => (await import(path))[name](...args)"
    return page.evaluate(script, [f"/{module}", function, list(arguments)])


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        pytest.param(0, "0 s", id="nothing"),
        pytest.param(41_000, "41 s", id="seconds"),
        pytest.param(125_000, "2 min 5 s", id="minutes and seconds"),
        pytest.param(19 * 60_000 + 5_000, "19 min", id="many minutes"),
        pytest.param(8_040_000, "2 h 14 min", id="hours and minutes"),
        pytest.param(3 * 86_400_000, "3 d", id="whole days"),
    ],
)
def test_durations_are_told_in_two_units_at_most(
    modules: Page, milliseconds: int, text: str
) -> None:
    assert call(modules, "ui/format.js", "duration", milliseconds) == text


@pytest.mark.parametrize(
    ("fragment", "path"),
    [
        pytest.param("#/", [], id="root"),
        pytest.param("#/incidents/ab?tab=alerts", ["incidents", "ab"], id="with a query"),
        pytest.param("#/entities/file/a%2Fb", ["entities", "file", "a/b"], id="a slash in a value"),
        pytest.param("#/alerts/%E0%A4%A", ["alerts", "%E0%A4%A"], id="malformed"),
    ],
)
def test_addresses_are_read(modules: Page, fragment: str, path: list[str]) -> None:
    assert call(modules, "router.js", "parseRoute", fragment)["path"] == path


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("http://internal.invalid/api/feed?cursor=x", id="of another name"),
        pytest.param("/api/feed?cursor=x", id="without a host"),
    ],
)
def test_a_next_link_is_followed_on_the_host_that_served_the_page(modules: Page, link: str) -> None:
    with modules.expect_request("**/api/feed?cursor=x") as sent:
        modules.evaluate(
            "async link => (await import('/service/client.js')).follow(link).catch(() => {})", link
        )
    assert sent.value.url.startswith(modules.url.split("#")[0])
