"""The page learns of news by itself, at the cost of a 304 when there is none."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chromium import new_context
from tests.browser.conftest import watch
from tests.browser.fakes.attacks import MINER, SHOP
from tests.browser.fakes.samples import NOW
from tests.browser.fakes.server import Fake

pytestmark = pytest.mark.browser

_NEW = replace(
    MINER, id="ffffffffffffffff", title="Something new", start=NOW - timedelta(minutes=5)
)


@pytest.fixture(scope="module")
def profile(browser: Browser, service: Fake) -> Iterator[BrowserContext]:
    """A profile whose clock stands still until a test moves it; a tab keeps its process."""
    context = new_context(browser, live=True)
    context.clock.install(time=NOW)
    context.new_page().goto(f"{service.url}favicon.svg")
    yield context
    context.close()


@pytest.fixture
def ticking(profile: BrowserContext) -> Iterator[Page]:
    """A page whose timers run when a test says so."""
    page = profile.new_page()
    errors = watch(page)
    yield page
    page.close()
    assert errors == []


def wait_a_turn(page: Page) -> None:
    """Let the time between two questions pass, and the answer come."""
    with page.expect_response(lambda response: "/api/" in response.url):
        page.clock.run_for(10_000)


def test_a_new_incident_appears_in_the_list(ticking: Page, fake: Fake) -> None:
    ticking.goto(f"{fake.url}#/list?show=incidents")
    expect(ticking.locator(".vlist-body .vrow").first).to_be_visible()
    fake.world.add(_NEW)
    wait_a_turn(ticking)
    expect(ticking.locator(".vlist-body .title").first).to_have_text("Something new")


def test_news_move_nothing_that_is_being_read(ticking: Page, fake: Fake) -> None:
    ticking.goto(f"{fake.url}#/list?show=incidents")
    expect(ticking.locator(".vlist-body .vrow").first).to_be_visible()
    ticking.locator(".list-scroll").evaluate("element => element.scrollTo(0, 1500)")
    row = ticking.locator(".vrow[aria-rowindex='30']")
    title, place = row.locator(".title").inner_text(), row.bounding_box()
    fake.world.add(_NEW)
    wait_a_turn(ticking)
    moved = ticking.locator(".vrow[aria-rowindex='31']")
    expect(moved.locator(".title")).to_have_text(title)
    assert moved.bounding_box() == place


def test_an_incident_that_grows_is_drawn_anew(ticking: Page, fake: Fake) -> None:
    ticking.goto(f"{fake.url}#/incidents/{SHOP.id}")
    expect(ticking.get_by_role("heading", level=1)).to_have_text(SHOP.title)
    fake.world.change(fake.world.incidents, SHOP.id, {"status": "InProgress"})
    wait_a_turn(ticking)
    expect(ticking.locator(".detail-head")).to_contain_text("In progress")


@pytest.mark.parametrize(
    ("fragment", "path"),
    [
        pytest.param("", "summary", id="overview"),
        pytest.param("list?show=incidents", "incidents", id="list"),
        pytest.param(f"incidents/{SHOP.id}", f"incidents/{SHOP.id}", id="incident"),
    ],
)
def test_no_news_cost_a_304(ticking: Page, fake: Fake, fragment: str, path: str) -> None:
    ticking.goto(f"{fake.url}#/{fragment}")
    expect(ticking.locator("main")).to_contain_text("Critical")
    before = len(fake.calls("GET", path))
    wait_a_turn(ticking)
    wait_a_turn(ticking)
    assert set(fake.calls("GET", path)[before:]) == {304}


def test_a_service_that_went_away_is_noticed_and_found_again(ticking: Page, fake: Fake) -> None:
    ticking.goto(f"{fake.url}#/list?show=incidents")
    expect(ticking.locator("#live")).to_have_text("Live")
    expect(ticking.locator(".vlist-body .vrow").first).to_be_visible()
    fake.behaviour.fail = 503
    wait_a_turn(ticking)
    expect(ticking.locator("#live")).to_have_text("Not updating")
    expect(ticking.locator(".vlist-body .vrow").first).to_be_visible()
    fake.behaviour.fail = 0
    ticking.clock.run_for(30_000)
    expect(ticking.locator("#live")).to_have_text("Live")
