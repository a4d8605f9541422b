"""Rules that dismiss alerts people know about."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.fakes.server import Fake

pytestmark = pytest.mark.browser


def rules(page: Page) -> Locator:
    return page.locator(".rules > li")


def test_a_rule_reads_as_a_sentence_and_says_what_it_did(visit: Open) -> None:
    page = visit("suppressions")
    first = rules(page).first
    expect(first).to_contain_text("Title contains port scan")
    expect(first).to_contain_text("Entity (address) is in the network 10.9.0.0/24 or 10.9.1.0/24")
    expect(first).to_contain_text("212 alerts dismissed · by dana@contoso.com")
    expect(rules(page).last).to_contain_text("ended")


def test_a_rule_is_tried_then_written(visit: Open, fake: Fake) -> None:
    page = visit("suppressions")
    page.get_by_role("button", name="New rule").click()
    dialog = page.get_by_role("dialog", name="New suppression rule")
    page.get_by_role("textbox", name="Reason").fill("Certificates are renewed by themselves.")
    page.get_by_role("textbox", name="Values").fill("certificate expires")
    page.get_by_role("button", name="Try it").click()
    expect(dialog).to_contain_text("48 of")
    expect(dialog).to_contain_text("alerts of the last 7 days match.")
    expect(dialog).to_contain_text("Certificate expires soon on edge-01")
    page.get_by_role("button", name="Save").click()
    expect(rules(page)).to_have_count(3)
    rule = next(rule for rule_id, rule in fake.world.rules.items() if "certificates" in rule_id)
    assert rule["conditions"] == [
        {"field": "title", "operator": "contains", "values": ["certificate expires"]}
    ]


def test_a_rule_is_changed_with_another_condition(visit: Open, fake: Fake) -> None:
    page = visit("suppressions")
    page.get_by_role("button", name="Change nightly-scan").click()
    page.get_by_role("button", name="Add a condition").click()
    row = page.locator(".condition").last
    row.get_by_label("Look at").select_option("severity")
    row.get_by_role("textbox", name="Values").fill("Low; Informational")
    page.get_by_role("button", name="Save").click()
    expect(rules(page).first).to_contain_text("Severity is Low or Informational")
    written = fake.world.rules["nightly-scan"]
    assert len(written["conditions"]) == 3
    assert written["conditions"][1]["kind"] == "address"
    assert written["expiresUtc"] == "2027-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        pytest.param("", "Give a reason", id="no reason"),
        pytest.param("Known.", "Each condition needs a value.", id="no value"),
    ],
)
def test_a_rule_that_would_not_do_is_not_sent(visit: Open, reason: str, message: str) -> None:
    page = visit("suppressions")
    page.get_by_role("button", name="New rule").click()
    page.get_by_role("textbox", name="Reason").fill(reason)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_contain_text(message)


def test_a_rule_is_deleted_and_brought_back(visit: Open) -> None:
    page = visit("suppressions")
    page.get_by_role("button", name="Delete nightly-scan").click()
    expect(rules(page)).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(rules(page)).to_have_count(2)


def test_without_rules_it_says_what_they_are_for(visit: Open, fake: Fake) -> None:
    fake.world.rules.clear()
    page = visit("suppressions")
    expect(page.get_by_text("No rules")).to_be_visible()
