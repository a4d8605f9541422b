"""Joining incidents and splitting resources off, in the page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.fakes.attacks import CLOSED, MINER, SHOP
from tests.browser.fakes.server import Fake

pytestmark = pytest.mark.browser

_SHOP = f"incidents/{SHOP.id}"


def opened(visit: Open, name: str) -> Page:
    """The sample attack with one of its dialogs open, by the keyboard."""
    page = visit(_SHOP)
    page.get_by_role("button", name=name).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    return page


def test_an_incident_is_merged_with_one_that_is_searched_for(visit: Open, fake: Fake) -> None:
    page = opened(visit, "Merge with")
    search = page.get_by_role("searchbox", name="Find by title")
    expect(search).to_be_focused()
    search.fill(MINER.title)
    found = page.get_by_role("group", name="Open incidents").get_by_role("checkbox")
    expect(found).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_role("textbox", name="Comment").fill("One actor.")
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("region", name="Messages")).to_contain_text("2 incidents merged")
    expect(page.get_by_role("region", name="Why these alerts")).to_contain_text("joined by hand")
    page.get_by_role("link", name="History").click()
    history = page.get_by_role("region", name="History")
    expect(history).to_contain_text(f"Merged: {MINER.id}")
    expect(history).to_contain_text("One actor.")
    assert fake.calls("POST", f"{_SHOP}/merge") == [202, 200]
    assert fake.world.moved == {MINER.id: SHOP.id}


def test_what_is_chosen_stays_when_something_else_is_searched_for(visit: Open) -> None:
    page = opened(visit, "Merge with")
    search = page.get_by_role("searchbox", name="Find by title")
    search.fill(MINER.title)
    chosen = page.get_by_role("checkbox", name=re.compile(re.escape(MINER.title)))
    chosen.check()
    search.fill("nosuchthing")
    expect(page.get_by_text("No open incident matches.")).to_be_visible()
    expect(chosen).to_be_checked()


def test_an_incident_is_found_by_its_id_and_never_itself(visit: Open) -> None:
    page = opened(visit, "Merge with")
    search = page.get_by_role("searchbox", name="Find by title")
    search.fill(SHOP.id)
    expect(page.get_by_text("No open incident matches.")).to_be_visible()
    search.fill(MINER.id)
    expect(page.get_by_role("checkbox", name=re.compile(re.escape(MINER.title)))).to_be_visible()


def test_resources_are_split_off_and_lead_to_what_they_became(visit: Open, fake: Fake) -> None:
    page = opened(visit, "Split off")
    first = (
        page.get_by_role("group", name="What does not belong here").get_by_role("checkbox").first
    )
    first.focus()
    page.keyboard.press("Space")
    page.get_by_role("dialog").get_by_role("button", name="Split off").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    messages = page.get_by_role("region", name="Messages")
    expect(messages).to_contain_text("1 resource split off")
    expect(page.locator(".detail-head")).to_contain_text("on 3 resources")
    messages.get_by_role("button", name="Open").click()
    expect(page.locator(".detail-head")).to_contain_text("on 1 resource")
    visit(f"{_SHOP}?tab=history")
    history = page.get_by_role("region", name="History")
    expect(history.get_by_role("link", name=f"{SHOP.id}-2")).to_be_visible()
    assert fake.calls("POST", f"{_SHOP}/split") == [202, 200]


@pytest.mark.parametrize(
    ("name", "action", "text"),
    [
        pytest.param("Merge with", "Merge", "Choose at least one incident.", id="merge"),
        pytest.param("Split off", "Split off", "Choose at least one resource.", id="split"),
    ],
)
def test_choosing_nothing_says_so(visit: Open, name: str, action: str, text: str) -> None:
    page = opened(visit, name)
    page.get_by_role("dialog").get_by_role("button", name=action, exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text(text)


def test_something_stays_in_the_incident(visit: Open, fake: Fake) -> None:
    page = opened(visit, "Split off")
    for box in (
        page.get_by_role("group", name="What does not belong here").get_by_role("checkbox").all()
    ):
        box.check()
    page.get_by_role("dialog").get_by_role("button", name="Split off", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("Leave out at least one resource")
    assert fake.calls("POST", f"{_SHOP}/split") == []


def test_a_decision_on_an_older_version_can_be_made_again(visit: Open, fake: Fake) -> None:
    page = opened(visit, "Split off")
    fake.world.change(fake.world.incidents, SHOP.id, {"comment": "I was first."})
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox").first.check()
    dialog.get_by_role("button", name="Split off", exact=True).click()
    expect(dialog).to_contain_text("Someone else changed this meanwhile")
    dialog.get_by_role("button", name="Split off", exact=True).click()
    expect(dialog).to_be_hidden()


def test_a_closed_incident_is_neither_merged_nor_split(visit: Open) -> None:
    page = visit(f"incidents/{CLOSED.id}")
    expect(page.get_by_role("button", name="Export")).to_be_visible()
    expect(page.get_by_role("button", name="Merge with")).to_be_hidden()
    expect(page.get_by_role("button", name="Split off")).to_be_hidden()


def test_a_merge_shows_what_it_makes_and_can_be_undone(visit: Open, fake: Fake) -> None:
    page = opened(visit, "Merge with")
    page.get_by_role("searchbox", name="Find by title").fill(MINER.title)
    page.get_by_role("checkbox", name=re.compile(re.escape(MINER.title))).check()
    held = [fake.world.incidents[each.id]["alertCount"] for each in (SHOP, MINER)]
    preview = page.get_by_role("status", name="What it makes")
    expect(preview.get_by_role("listitem").first).to_contain_text(f"{held[0]} alerts, 4 resources")
    expect(preview.get_by_role("listitem").last).to_contain_text(f"{sum(held)} alerts, ")
    page.get_by_role("button", name="Merge", exact=True).click()
    page.get_by_role("region", name="Messages").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("region", name="Messages")).to_contain_text("Taken back")
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("region", name="History")).to_contain_text("Taken back")
    assert fake.calls("POST", f"{_SHOP}/undo") == [200]


def test_the_history_offers_to_undo_a_merge(visit: Open, fake: Fake) -> None:
    fake.world.merge(SHOP.id, [MINER.id], "")
    page = visit(f"{_SHOP}?tab=history")
    page.get_by_role("region", name="History").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("region", name="History")).to_contain_text("Taken back")
    assert fake.calls("POST", f"{_SHOP}/undo") == [200]


def test_a_single_alert_is_split_off_after_a_look_at_what_it_makes(visit: Open, fake: Fake) -> None:
    page = opened(visit, "Split off")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="By alert").check()
    dialog.get_by_role("checkbox").first.check()
    then = dialog.get_by_role("status", name="What it makes").get_by_role("listitem")
    expect(then.last).to_contain_text("Splits off1 alert, 1 resource")
    expect(then.nth(1)).to_contain_text(f"{fake.world.incidents[SHOP.id]['alertCount'] - 1} alerts")
    with page.expect_request(lambda request: request.url.endswith("/split")) as sent:
        dialog.get_by_role("button", name="Split off", exact=True).click()
    assert list(sent.value.post_data_json or {}) == ["alerts"]
    expect(dialog).to_be_hidden()
