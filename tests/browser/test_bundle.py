"""The page as it is shipped: few files, and all of it works from them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from local.page.build import build
from tests.browser.chromium import new_context
from tests.browser.conftest import watch
from tests.browser.fakes.attacks import SHOP
from tests.browser.fakes.server import BUILT, Fake, serve
from tests.browser.fakes.world import World

pytestmark = pytest.mark.browser

_MOST_REQUESTS = 12


@pytest.fixture(scope="module")
def shipped(browser: Browser) -> Iterator[Fake]:
    assert browser.is_connected()
    build()
    with serve(World(), BUILT) as fake:
        yield fake


@pytest.fixture
def fresh(browser: Browser) -> Iterator[Page]:
    """A page in a profile that has kept nothing, which must log no error."""
    context = new_context(browser)
    page = context.new_page()
    errors = watch(page)
    yield page
    context.close()
    assert errors == []


def test_the_first_list_takes_few_requests(fresh: Page, shipped: Fake) -> None:
    asked: list[str] = []
    fresh.on("request", lambda request: asked.append(request.url.removeprefix(shipped.url)))
    fresh.goto(f"{shipped.url}#/list?show=incidents&status=Active,InProgress")
    expect(fresh.locator(".vlist-body .vrow").first).to_be_visible()
    expect(fresh.locator(".queue .tab-count")).to_have_count(4)
    fresh.evaluate("document.fonts.ready")
    # What is asked from time to time later on is no part of it.
    first = [url for url in asked if url != "api/changes"]
    icon_to_come = not any("favicon" in url for url in first)
    assert len(first) + icon_to_come <= _MOST_REQUESTS, first


@pytest.mark.parametrize(
    ("fragment", "selector"),
    [
        pytest.param("", ".chart canvas", id="overview"),
        pytest.param(f"incidents/{SHOP.id}", ".story li", id="incident"),
        pytest.param("rejected", ".rejected-list li", id="rejected"),
    ],
)
def test_a_view_works_from_the_bundle(
    fresh: Page, shipped: Fake, fragment: str, selector: str
) -> None:
    fresh.goto(f"{shipped.url}#/{fragment}")
    expect(fresh.locator(selector).first).to_be_visible()


def test_a_page_whose_module_cannot_be_fetched_says_so(browser: Browser, shipped: Fake) -> None:
    context = new_context(browser)
    page = context.new_page()
    page.route("**/assets/app-*.js", lambda route: route.fulfill(status=404))
    page.goto(shipped.url)
    expect(page.get_by_role("alert")).to_contain_text("The page could not start")
    expect(page.get_by_role("alert")).to_contain_text("/assets/app-")
    context.close()


def test_a_part_that_cannot_be_fetched_leaves_the_rest(browser: Browser, shipped: Fake) -> None:
    context = new_context(browser)
    page = context.new_page()
    page.route("**/assets/uplot-*.js", lambda route: route.fulfill(status=404))
    page.goto(shipped.url)
    expect(page.get_by_role("alert")).to_contain_text("The graph could not be loaded")
    expect(page.locator(".tile")).to_have_count(4)
    context.close()
