"""What the page shows can be trusted: unseen characters, times, steps, and what is typed stays."""

import json

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import new_context
from tests.browser.conftest import Open
from tests.browser.fakes.attacks import ALONE, SHOP
from tests.browser.fakes.server import Fake

pytestmark = pytest.mark.browser

_OVERRIDE = "\u202e"
_ALONE = f"alerts/{ALONE['alertId']}"
_SHOP = f"incidents/{SHOP.id}"


@pytest.mark.parametrize(
    ("title", "seen"),
    [
        pytest.param(f"invoice{_OVERRIDE}fdp.exe", "invoice⟨U+202E⟩fdp.exe", id="override"),
        pytest.param("a\u200bb", "a⟨U+200B⟩b", id="without width"),
        pytest.param("a\u0007b\u001b[31m", "a⟨U+0007⟩b⟨U+001B⟩[31m", id="control"),
        pytest.param("x\u2066y\u2069", "x⟨U+2066⟩y⟨U+2069⟩", id="isolate"),
    ],
)
@pytest.mark.parametrize("view", [_ALONE, "list?show=alerts"], ids=["alert", "list"])
def test_characters_that_cannot_be_seen_are_named(
    visit: Open, fake: Fake, view: str, title: str, seen: str
) -> None:
    fake.world.alerts[ALONE["alertId"]]["title"] = title
    page = visit(view)
    expect(page.locator("main")).to_contain_text(seen)
    assert title not in page.locator("main").inner_text()
    assert _OVERRIDE not in page.title()


def test_text_from_right_to_left_is_kept_apart(visit: Open, fake: Fake) -> None:
    fake.world.alerts[ALONE["alertId"]]["title"] = "שלום 123"
    page = visit(_ALONE)
    expect(page.locator("h1 bdi")).to_have_text("שלום 123")


def test_the_raw_event_names_them_too(visit: Open, fake: Fake) -> None:
    fake.world.alerts[ALONE["alertId"]]["original"] = {"file": f"a{_OVERRIDE}b"}
    page = visit(_ALONE)
    page.get_by_text("Raw event").click()
    expect(page.locator(".original pre")).to_contain_text("a⟨U+202E⟩b")


def test_times_are_told_in_one_named_zone_that_can_be_switched(
    browser: Browser, fake: Fake
) -> None:
    context = browser.new_context(timezone_id="America/New_York", locale="en-GB")
    page = context.new_page()
    page.goto(f"{fake.url}#/{_SHOP}")
    first = page.locator(".story time").first
    expect(first).to_have_text("24 Nov, 01:41:00")
    expect(first).to_have_attribute("title", "2026-11-24T06:41:00.000Z")
    zone = page.get_by_role("button", name="Times are in America/New_York")
    expect(zone).to_contain_text("Local")
    zone.click()
    expect(first).to_have_text("24 Nov, 06:41:00")
    expect(page.locator(".map-tick text").first).to_have_text("24 Nov 06:41")
    expect(page.get_by_role("button", name="Times are in UTC")).to_have_text("UTC")
    context.close()


def test_steps_show_their_little_markdown_and_link_only_to_pages(visit: Open, fake: Fake) -> None:
    fake.world.alerts[ALONE["alertId"]]["remediationSteps"] = [
        "1. Run `whoami` on **the host**, see [the guide](https://example.org/guide).",
        "[bad](javascript:alert(1)) <b>no</b>\n- one\n- two",
    ]
    steps = visit(_ALONE).get_by_role("region", name="What to do")
    expect(steps.locator("code")).to_have_text("whoami")
    expect(steps.locator("strong")).to_have_text("the host")
    link = steps.get_by_role("link")
    expect(link).to_have_count(1)
    expect(link).to_have_attribute("href", "https://example.org/guide")
    expect(steps).to_contain_text("[bad](javascript:alert(1)) <b>no</b>")
    expect(steps.locator("li li")).to_have_text(["one", "two"])


def opened(page: Page) -> None:
    page.get_by_role("button", name="Change state").click()
    expect(page.get_by_role("dialog", name="Change state")).to_be_visible()


def test_the_focus_starts_on_the_first_field(visit: Open) -> None:
    page = visit(_SHOP)
    opened(page)
    expect(page.get_by_label("State", exact=True)).to_be_focused()


def test_escape_asks_before_it_throws_away_what_was_typed(visit: Open) -> None:
    page = visit(_SHOP)
    opened(page)
    page.get_by_role("textbox", name="Comment").fill("A long remark")
    page.keyboard.press("Escape")
    dialog = page.get_by_role("dialog", name="Change state")
    expect(dialog).to_contain_text("What you typed is not saved.")
    expect(page.get_by_role("textbox", name="Comment")).to_have_value("A long remark")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_escape_closes_at_once_what_nothing_was_typed_in(visit: Open) -> None:
    page = visit(_SHOP)
    opened(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_escape_leaves_what_was_typed_in_the_search(visit: Open) -> None:
    page = visit("list?show=incidents")
    search = page.locator("#search")
    search.fill("web-01")
    search.press("Escape")
    expect(search).to_have_value("web-01")


def test_a_comment_being_typed_outlives_a_change_of_the_incident(visit: Open, fake: Fake) -> None:
    page = visit(f"{_SHOP}?tab=history")
    page.get_by_role("textbox", name="Comment").fill("Half a sent")
    fake.world.change(fake.world.incidents, SHOP.id, {"status": "InProgress"})
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".detail-head")).to_contain_text("In progress")
    expect(page.get_by_role("textbox", name="Comment")).to_have_value("Half a sent")


def test_the_reason_of_a_classification_is_given(visit: Open, fake: Fake) -> None:
    page = visit(_SHOP)
    opened(page)
    page.get_by_label("Classification", exact=True).select_option("TruePositive")
    page.get_by_role("textbox", name="Reason for the classification").fill("Seen in the logs.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="At a glance")).to_contain_text("Seen in the logs.")
    assert fake.world.incidents[SHOP.id]["triage"]["classificationReason"] == "Seen in the logs."


def test_labels_of_many_are_added_and_removed_never_replaced(visit: Open, fake: Fake) -> None:
    page = visit("list?show=incidents&status=Active&orderBy=score")
    expect(page.locator(".vlist-body .vrow").first).to_be_visible()
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    chosen = page.locator(".vrow.selected").evaluate_all("rows => rows.map(r => r.dataset.key)")
    before = {key: fake.world.incidents[key.split(":")[1]]["labels"] for key in chosen}
    page.keyboard.press("e")
    page.get_by_role("textbox", name="Add labels").fill("seen, vip")
    page.get_by_role("textbox", name="Remove labels").fill("night shift")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("2 entries changed")).to_be_visible()
    assert any("customer data" in labels for labels in before.values())
    for key, labels in before.items():
        kept = [label for label in labels if label != "night shift"]
        assert fake.world.incidents[key.split(":")[1]]["labels"] == [*kept, "seen", "vip"]


def test_a_stale_change_shows_theirs_beside_mine(visit: Open, fake: Fake) -> None:
    page = visit(_SHOP)
    opened(page)
    fake.world.change(
        fake.world.incidents, SHOP.id, {"assignedTo": "li", "comment": "I was first."}
    )
    page.get_by_role("textbox", name="Owner").fill("dana")
    page.get_by_role("button", name="Save").click()
    table = page.get_by_role("dialog").get_by_role("table")
    expect(table.get_by_role("row", name="Owner")).to_have_text(
        "Owner none li dana".replace(" ", "")
    )
    expect(table).to_contain_text("I was first.")
    assert fake.world.incidents[SHOP.id]["assignedTo"] == "li"
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert fake.world.incidents[SHOP.id]["assignedTo"] == "dana"


def test_a_change_is_taken_back_with_all_that_it_changed(visit: Open, fake: Fake) -> None:
    page = visit(_SHOP)
    opened(page)
    page.get_by_label("State", exact=True).select_option("Dismissed")
    page.get_by_label("Classification", exact=True).select_option("FalsePositive")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("region", name="Messages").get_by_role("button", name="Undo").click()
    expect(page.locator(".detail-head")).to_contain_text("Active")
    stored = fake.world.incidents[SHOP.id]
    assert (stored["status"], stored["classification"]) == ("Active", None)


def test_a_fault_shows_its_reference(visit: Open, page: Page) -> None:
    problem = {"title": "A fault", "status": 500, "detail": "", "reference": "5e1f00d"}
    page.route(
        "**/api/incidents*", lambda route: route.fulfill(status=500, body=json.dumps(problem))
    )
    visit("list?show=incidents")
    expect(page.get_by_role("alert")).to_contain_text("Reference: 5e1f00d.")


@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize("view", [_ALONE, "list?show=both", _SHOP, f"{_SHOP}?tab=map"])
def test_nothing_overflows_with_a_long_title(
    browser: Browser, fake: Fake, width: int, view: str
) -> None:
    for place, key in ((fake.world.alerts, ALONE["alertId"]), (fake.world.incidents, SHOP.id)):
        place[key]["title"] = f"x{_OVERRIDE}" * 100 + "0" * 10_000
    context = new_context(browser, (width, 900))
    page = context.new_page()
    page.goto(f"{fake.url}#/{view}")
    expect(page.locator("main")).to_contain_text("⟨U+202E⟩")
    wide = "e => e.scrollWidth > e.clientWidth"
    assert not page.locator("html").evaluate(wide)
    assert not page.locator("main").evaluate(wide)
    context.close()
