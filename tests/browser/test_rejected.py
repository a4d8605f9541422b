"""What could not be read: why, and another try."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.fakes.server import Fake

pytestmark = pytest.mark.browser


def cards(page: Page) -> Locator:
    return page.locator(".rejected-list > li")


def test_each_is_shown_with_its_reason_and_the_fields_at_fault(visit: Open) -> None:
    page = visit("rejected")
    expect(cards(page).first).to_contain_text("The alert has no time that can be read")
    expect(cards(page).first).to_contain_text("alert 3, startTimeUtc: 'yesterday' is no time")


def test_the_message_is_fetched_when_it_is_asked_for(visit: Open, fake: Fake) -> None:
    page = visit("rejected")
    expect(cards(page)).to_have_count(3)
    assert not [path for _, path, _ in fake.behaviour.statuses if path.startswith("rejected/")]
    cards(page).first.get_by_text("The message", exact=True).click()
    expect(cards(page).first.locator("pre")).to_contain_text('"startTimeUtc": "yesterday"')


def test_one_is_tried_again(visit: Open) -> None:
    page = visit("rejected")
    first = cards(page).first
    first.get_by_role("button", name="Try again").click()
    expect(first.get_by_text("Tried again")).to_be_visible()
    expect(first.get_by_role("button", name="Try again")).to_have_count(0)


def test_all_are_tried_again(visit: Open) -> None:
    page = visit("rejected")
    page.get_by_role("button", name="Try all again").click()
    expect(page.get_by_text("2 messages back in the queue.")).to_be_visible()
    expect(cards(page).get_by_text("Tried again")).to_have_count(2)


def test_they_are_narrowed_by_state_in_the_address(visit: Open) -> None:
    page = visit("rejected")
    page.get_by_role("link", name="Accepted since").click()
    expect(page).to_have_url(re.compile("status=accepted"))
    expect(cards(page)).to_have_count(1)
    expect(cards(page)).to_contain_text("'Hihg' is not known")
    page.go_back()
    expect(cards(page)).to_have_count(3)


def test_messages_are_filtered_by_reason_and_grouped_by_format(visit: Open) -> None:
    page = visit("rejected")
    page.get_by_label("Reason").select_option("invalid")
    expect(page.locator(".rejected-list > li")).to_have_count(2)
    page.get_by_label("Group by").select_option("source")
    expect(page.get_by_role("heading", name="graph (1 message)")).to_be_visible()
    page.get_by_label("Format").select_option("graph")
    expect(page.locator(".rejected-list > li")).to_have_count(1)


def test_a_message_is_mended_and_sent_again(visit: Open, fake: Fake) -> None:
    page = visit("rejected?source=graph")
    page.get_by_text("The message", exact=True).click()
    page.get_by_role("button", name="Edit and send").click()
    field = page.get_by_label("The message, as JSON")
    field.fill("{")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("That is no JSON yet.")
    field.fill('{"severity": "High"}')
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert fake.world.pushed == [{"severity": "High"}]


def test_a_message_is_saved_as_a_file(visit: Open) -> None:
    page = visit("rejected?source=graph")
    page.get_by_text("The message", exact=True).click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download").click()
    assert saved.value.suggested_filename == "2026-11-23-r3.txt"
