"""Changing the state of incidents and alerts."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.fakes.attacks import ALONE, SHOP
from tests.browser.fakes.server import Fake

pytestmark = pytest.mark.browser


def fill_in(page: Page, **values: str) -> None:
    """Fill in the dialog that is open and save."""
    for name in ("status", "classification"):
        if name in values:
            label = {"status": "State", "classification": "Classification"}[name]
            page.get_by_label(label, exact=True).select_option(values[name])
    if "comment" in values:
        page.get_by_role("textbox", name="Comment").fill(values["comment"])
    if "owner" in values:
        page.get_by_role("textbox", name="Owner").fill(values["owner"])
    page.get_by_role("button", name="Save").click()


def test_an_incident_is_closed_as_a_true_positive_with_a_comment(visit: Open, fake: Fake) -> None:
    page = visit(f"incidents/{SHOP.id}")
    page.get_by_role("button", name="Change state").click()
    fill_in(
        page, status="Resolved", classification="TruePositive", comment="Contained.", owner="dana"
    )
    expect(page.locator(".detail-head")).to_contain_text("Resolved")
    page.get_by_role("link", name="History").click()
    history = page.get_by_role("region", name="History")
    expect(history).to_contain_text("State: Active → Resolved")
    expect(history).to_contain_text("Classification: none → True positive")
    expect(history).to_contain_text("Owner: none → dana")
    expect(history).to_contain_text("Contained.")
    assert fake.world.incidents[SHOP.id]["status"] == "Resolved"


def test_only_what_was_changed_is_sent(visit: Open) -> None:
    page = visit(f"incidents/{SHOP.id}")
    page.get_by_role("button", name="Change state").click()
    with page.expect_request(lambda request: request.method == "PATCH") as sent:
        fill_in(page, status="InProgress")
    assert sent.value.post_data_json == {"status": "InProgress"}


def test_an_alert_is_changed_with_the_keyboard(visit: Open, fake: Fake) -> None:
    page = visit(f"alerts/{ALONE['alertId']}")
    expect(page.get_by_role("heading", level=1)).to_have_text(ALONE["title"])
    page.keyboard.press("e")
    page.get_by_label("State", exact=True).select_option("Dismissed")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".detail-head")).to_contain_text("Dismissed")
    assert fake.world.alerts[ALONE["alertId"]]["status"] == "Dismissed"


def test_closing_says_what_it_means(visit: Open) -> None:
    page = visit(f"incidents/{SHOP.id}")
    page.get_by_role("button", name="Change state").click()
    dialog = page.get_by_role("dialog", name="Change state")
    expect(dialog.get_by_text("Closing seals it")).to_be_hidden()
    page.get_by_label("State", exact=True).select_option("Resolved")
    expect(dialog.get_by_text("Closing seals it")).to_be_visible()


def test_a_change_that_someone_else_overtook_is_not_lost_and_can_be_made_again(
    visit: Open, fake: Fake
) -> None:
    page = visit(f"incidents/{SHOP.id}")
    expect(page.get_by_role("button", name="Change state")).to_be_visible()
    page.get_by_role("button", name="Change state").click()
    fake.world.change(fake.world.incidents, SHOP.id, {"comment": "I was first."})
    fill_in(page, status="Resolved")
    dialog = page.get_by_role("dialog", name="Change state")
    expect(dialog).to_contain_text("Someone else changed this meanwhile")
    page.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".detail-head")).to_contain_text("Resolved")


def test_saving_nothing_says_so(visit: Open, fake: Fake) -> None:
    page = visit(f"incidents/{SHOP.id}")
    page.get_by_role("button", name="Change state").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_contain_text("Nothing is changed yet.")
    assert fake.calls("PATCH", f"incidents/{SHOP.id}") == []


def test_cancel_changes_nothing_and_gives_the_focus_back(visit: Open, fake: Fake) -> None:
    page = visit(f"incidents/{SHOP.id}")
    button = page.get_by_role("button", name="Change state")
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Cancel").click()
    expect(button).to_be_focused()
    assert fake.calls("PATCH", f"incidents/{SHOP.id}") == []


def statuses(fake: Fake) -> set[str]:
    """The states of the sample attack's alerts."""
    alerts = fake.world.alerts.values()
    return {one["status"] for one in alerts if one["incidentId"] == SHOP.id}


def test_closing_takes_the_alerts_along_and_undo_opens_them_again(visit: Open, fake: Fake) -> None:
    fake.world.most_along = 3
    page = visit(f"incidents/{SHOP.id}")
    page.get_by_role("button", name="Change state").click()
    page.get_by_label("State", exact=True).select_option("Resolved")
    expect(page.get_by_role("checkbox", name="Close its open alerts too")).to_be_checked()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert statuses(fake) == {"Resolved"}
    page.get_by_role("region", name="Messages").get_by_role("button", name="Undo").click()
    expect(page.locator(".detail-head")).not_to_contain_text("Resolved")
    expect(page.get_by_role("region", name="Messages")).to_contain_text("Taken back")
    assert statuses(fake) == {"Active"}


def test_alerts_stay_open_where_that_is_chosen(visit: Open, fake: Fake) -> None:
    page = visit(f"incidents/{SHOP.id}")
    page.get_by_role("button", name="Change state").click()
    page.get_by_label("State", exact=True).select_option("Resolved")
    page.get_by_role("checkbox", name="Close its open alerts too").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".detail-head")).to_contain_text("Resolved")
    assert statuses(fake) == {"Active"}


def test_alerts_say_which_incident_they_are_in_and_are_filtered_by_being_in_none(
    visit: Open,
) -> None:
    page = visit("list?show=alerts")
    expect(page.get_by_role("grid")).to_contain_text(f"in {SHOP.title}")
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Incident Alerts that are in none").click()
    page.get_by_role("checkbox", name="In no incident").check()
    expect(page.get_by_role("grid")).not_to_contain_text(f"in {SHOP.title}")
    expect(page.get_by_role("grid")).to_contain_text("in no incident")
