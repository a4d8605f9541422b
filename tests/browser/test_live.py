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

_STEP = 15  # seconds: the page asks no more often
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


def wait_for_changes(page: Page) -> None:
    """The same, for the question whether anything has changed."""
    with page.expect_response("**/api/changes"):
        page.clock.run_for(15_000)


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
def test_no_news_cost_one_304_whatever_is_shown(
    ticking: Page, fake: Fake, fragment: str, path: str
) -> None:
    ticking.goto(f"{fake.url}#/{fragment}")
    expect(ticking.locator("main")).to_contain_text("Critical")
    wait_for_changes(ticking)
    wait_for_changes(ticking)  # what the first answer led to is done now
    before = len(fake.calls("GET", path))
    wait_for_changes(ticking)
    wait_for_changes(ticking)
    assert fake.calls("GET", "changes") == [200, 304, 304, 304]
    assert len(fake.calls("GET", path)) == before


def test_a_service_that_does_not_say_whether_anything_changed_is_asked_for_the_view(
    ticking: Page, fake: Fake
) -> None:
    fake.world.counts_changes = False
    ticking.goto(f"{fake.url}#/list?show=incidents")
    expect(ticking.locator(".vlist-body .vrow").first).to_be_visible()
    before = len(fake.calls("GET", "incidents"))
    wait_for_changes(ticking)
    for _ in range(2):
        with ticking.expect_response(f"{fake.url}api/incidents?*"):
            ticking.clock.run_for(10_000)
    assert fake.calls("GET", "incidents")[before:] == [304, 304]
    assert fake.calls("GET", "changes") == [404]


@pytest.mark.parametrize("counts_changes", [True, False], ids=["by changes", "by its view"])
def test_an_idle_tab_asks_seldom(ticking: Page, fake: Fake, counts_changes: bool) -> None:
    """At most 130 calls in an hour; and often enough to learn of news within minutes."""
    fake.world.counts_changes = counts_changes
    ticking.goto(f"{fake.url}#/")
    expect(ticking.locator("main")).to_contain_text("Critical")
    before = len(fake.behaviour.statuses)
    for _ in range(3_600 // _STEP):
        ticking.clock.run_for(_STEP * 1_000)
        ticking.evaluate("fetch('favicon.svg')")  # the answers of this step are there before it
    assert 40 < len(fake.behaviour.statuses) - before <= 130


def test_a_key_brings_the_questions_back_to_their_pace(ticking: Page, fake: Fake) -> None:
    ticking.goto(f"{fake.url}#/list?show=incidents")
    expect(ticking.locator(".vlist-body .vrow").first).to_be_visible()
    for _ in range(600 // _STEP):
        ticking.clock.run_for(_STEP * 1_000)
        ticking.evaluate("fetch('favicon.svg')")
    fake.world.add(_NEW)
    with ticking.expect_response("**/api/changes"):
        ticking.keyboard.press("Shift")
    expect(ticking.locator(".vlist-body .title").first).to_have_text("Something new")


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
