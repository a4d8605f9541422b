"""The list: what it shows, how it is narrowed, and how the keyboard works it."""

import re
from functools import partial

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.fakes.attacks import ALONE, SHOP
from tests.browser.fakes.server import Fake
from tests.integration.stack_client import wait_until

pytestmark = pytest.mark.browser


def rows(page: Page) -> Locator:
    return page.locator(".vlist-body .vrow")


def active(page: Page) -> Locator:
    return page.locator(".vrow.active .title")


def chip(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Filters").get_by_role("button", name=name)


def choose(page: Page, text: str) -> None:
    """Tick a choice of the filter that is open; a count may stand beside it."""
    page.get_by_role("checkbox", name=re.compile(f"^{text}")).check()


@pytest.mark.parametrize(
    ("show", "heading", "kinds"),
    [
        pytest.param("incidents", "Incidents", {"incident"}, id="incidents only"),
        pytest.param("alerts", "Alerts", {"alert"}, id="alerts only"),
        pytest.param("both", "Incidents and alerts", {"incident", "alert"}, id="both"),
    ],
)
def test_shows_the_kinds_that_are_asked_for(
    visit: Open, show: str, heading: str, kinds: set[str]
) -> None:
    page = visit(f"list?show={show}")
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(rows(page).first).to_be_visible()
    found = {(key or "").split(":")[0] for key in rows(page).evaluate_all(_KEYS)}
    assert found == kinds


_KEYS = "rows => rows.map(row => row.dataset.key)"


def test_switching_kinds_keeps_the_filters(visit: Open) -> None:
    page = visit("list?show=incidents&severity=High")
    page.locator(".segments").get_by_text("Both").click()
    expect(page).to_have_url(re.compile(r"show=both"))
    expect(page).to_have_url(re.compile(r"severity=High"))


def test_a_filter_is_chosen_shown_as_a_chip_and_kept_in_the_address(visit: Open) -> None:
    page = visit("list?show=incidents")
    chip(page, "Severity").click()
    choose(page, "Critical")
    choose(page, "High")
    page.keyboard.press("Escape")
    expect(page.locator(".chip-on")).to_contain_text("Severity: Critical, High")
    expect(page).to_have_url(re.compile(r"severity=Critical,High"))
    expect(page.locator(".vrow .sev-medium")).to_have_count(0)


def test_back_takes_a_filter_away_and_forward_brings_it_again(visit: Open) -> None:
    page = visit("list?show=incidents")
    expect(rows(page).first).to_be_visible()
    chip(page, "Stage").click()
    choose(page, "Exfiltration")
    choose(page, "Impact")
    page.keyboard.press("Escape")
    expect(page.locator(".chip-on")).to_have_count(1)
    page.go_back()
    expect(page.locator(".chip-on")).to_have_count(0)
    page.go_forward()
    expect(page.locator(".chip-on")).to_contain_text("Exfiltration, Impact")


def test_a_chip_is_removed(visit: Open) -> None:
    page = visit("list?show=incidents&status=Resolved&severity=High")
    page.get_by_role("button", name="Remove the filter State").click()
    expect(page).not_to_have_url(re.compile("status"))
    expect(page).to_have_url(re.compile("severity=High"))


def test_a_text_filter_takes_what_is_typed(visit: Open) -> None:
    page = visit("list?show=incidents")
    chip(page, "More").click()
    page.get_by_role("dialog").get_by_role("button", name="Resource").click()
    page.keyboard.type("web-01")
    page.keyboard.press("Enter")
    expect(page.locator(".chip-on")).to_contain_text("Resource: web-01")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text(SHOP.title)


def test_search_with_the_slash_key(visit: Open) -> None:
    page = visit("list?show=both")
    expect(rows(page).first).to_be_visible()
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("Impossible travel")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text(ALONE["title"])
    expect(page.locator(".chip-on")).to_contain_text("Search: Impossible travel")


def test_nothing_matches_says_what_to_do(visit: Open) -> None:
    page = visit("list?show=incidents&q=nosuchthing")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.get_by_role("button", name="Clear all filters").click()
    expect(rows(page).first).to_be_visible()


def test_j_and_k_move_and_enter_opens(visit: Open) -> None:
    page = visit("list?show=incidents&orderBy=score")
    expect(rows(page).first).to_be_visible()
    page.keyboard.press("j")
    expect(active(page)).to_have_text(SHOP.title)
    page.keyboard.press("j")
    expect(active(page)).not_to_have_text(SHOP.title)
    page.keyboard.press("k")
    expect(active(page)).to_have_text(SHOP.title)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(SHOP.title)


def test_going_back_finds_the_list_as_it_was_left(visit: Open) -> None:
    page = visit("list?show=both")
    expect(rows(page).first).to_be_visible()
    for _ in range(25):
        page.keyboard.press("j")
    title = active(page).text_content() or ""
    scrolled = page.locator(".list-scroll").evaluate("element => element.scrollTop")
    assert scrolled > 0
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.go_back()
    expect(active(page)).to_have_text(title)
    assert page.locator(".list-scroll").evaluate("element => element.scrollTop") == scrolled


def test_several_are_selected_and_changed_at_once(visit: Open, fake: Fake) -> None:
    page = visit("list?show=incidents&status=Active")
    expect(rows(page).first).to_be_visible()
    for _ in range(3):
        page.keyboard.press("j")
        page.keyboard.press("x")
    bar = page.get_by_role("region", name="Selection")
    expect(bar).to_contain_text("3 entries selected")
    page.keyboard.press("e")
    page.get_by_label("State", exact=True).select_option("InProgress")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("3 entries changed")).to_be_visible()
    expect(bar).to_be_hidden()
    assert fake.calls("PATCH", "incidents") == [200]
    assert sum(one["status"] == "InProgress" for one in fake.world.incidents.values()) > 3


def test_what_someone_else_changed_meanwhile_is_told_and_can_be_saved_again(
    visit: Open, fake: Fake
) -> None:
    page = visit("list?show=incidents&status=Active&orderBy=score")
    expect(rows(page).first).to_be_visible()
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    page.keyboard.press("e")
    fake.world.change(fake.world.incidents, SHOP.id, {"comment": "I was first."})
    page.get_by_label("State", exact=True).select_option("Dismissed")
    page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 of 2 not changed. Someone else changed this meanwhile")
    page.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    assert fake.world.incidents[SHOP.id]["status"] == "Dismissed"


def test_a_view_that_opens_late_leaves_who_types_a_search_to_it(visit: Open) -> None:
    page = visit("")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.evaluate("location.hash = '/list?show=alerts'; document.getElementById('search').focus()")
    expect(page.get_by_role("heading", name="Alerts", level=1)).to_be_visible()
    page.keyboard.type(ALONE["title"])
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(1)
    expect(page).to_have_url(re.compile("show=alerts"))


def test_counts_stand_beside_the_choices_and_the_total_above(visit: Open, fake: Fake) -> None:
    page = visit("list?show=incidents&status=Active")
    counts = fake.world.facets({"status": "Active"})
    expect(page.locator(".view-count")).to_have_text(f"{counts['total']} incidents")
    chip(page, "Severity").click()
    critical = page.locator(".choice").filter(has_text="Critical")
    expect(critical).to_have_text(f"Critical {counts['bySeverity']['Critical']}")


def test_alerts_are_counted_as_well(visit: Open, fake: Fake) -> None:
    page = visit("list?show=alerts&status=Active")
    counts = fake.world.alert_facets({"status": "Active"})
    expect(page.locator(".view-count")).to_have_text(f"{counts['total']} alerts")
    chip(page, "Severity").click()
    low = page.locator(".choice").filter(has_text="Low")
    expect(low).to_have_text(f"Low {counts['bySeverity']['Low']}")
    page.keyboard.press("Escape")
    chip(page, "Stage").click()
    expect(page.locator(".choice-count")).to_have_count(0)


def test_of_both_kinds_each_total_is_told_and_the_choices_add_them_up(
    visit: Open, fake: Fake
) -> None:
    page = visit("list?show=both&confidence=high")
    incidents = fake.world.facets({"confidence": "high"})
    alerts = fake.world.alert_facets({})
    expect(page.locator(".view-count")).to_have_text(
        f"{incidents['total']} incidents, {alerts['total']} alerts"
    )
    chip(page, "State").click()
    both = incidents["byStatus"]["Active"] + alerts["byStatus"]["Active"]
    active = page.locator(".choice").filter(has_text="Active")
    expect(active).to_have_text(f"Active {both:,}")


def test_counts_that_are_not_complete_are_told_as_such(visit: Open, fake: Fake) -> None:
    fake.world.most_counted = 100
    page = visit("list?show=alerts")
    expect(page.locator(".view-count")).to_have_text("100 alerts or more")
    chip(page, "Severity").click()
    expect(page.locator(".choice-count").first).to_have_text(re.compile(r"^\d+\+$"))


def test_a_range_is_selected_with_shift(visit: Open) -> None:
    page = visit("list?show=incidents")
    boxes = page.locator(".vlist-body .select-cell")
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(page.get_by_role("region", name="Selection")).to_contain_text("4 entries selected")


def _moved_on(grid: Locator, loading: Locator, before: str | None) -> bool:
    return not loading.count() or grid.get_attribute("aria-rowcount") != before


def test_scrolling_loads_more_and_keeps_few_rows_in_the_document(visit: Open) -> None:
    page = visit("list?show=both")
    expect(rows(page).first).to_be_visible()
    grid = page.get_by_role("grid")
    loading = page.locator(".vlist-foot .state")
    while loading.count():
        before = grid.get_attribute("aria-rowcount")
        page.locator(".list-scroll").evaluate("element => element.scrollTo(0, 1e9)")
        wait_until(partial(_moved_on, grid, loading, before), "more rows, or the end")
    assert int(grid.get_attribute("aria-rowcount") or 0) > 600
    assert rows(page).count() < 60


def test_a_row_that_is_clicked_opens(visit: Open) -> None:
    page = visit("list?show=alerts&q=Impossible")
    rows(page).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ALONE["title"])


def test_help_lists_the_keys(visit: Open) -> None:
    page = visit("list")
    expect(rows(page).first).to_be_visible()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    for key in ("j", "k", "e", "/", "?"):
        expect(dialog.get_by_text(key, exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
