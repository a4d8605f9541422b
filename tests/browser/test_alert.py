"""One alert, and the entities it names."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.fakes.attacks import ALONE, SHOP
from tests.browser.fakes.server import Fake

pytestmark = pytest.mark.browser


def of_the_shop(fake: Fake, title: str) -> str:
    alerts = fake.world.incident_alerts(SHOP.id)
    return str(next(alert["alertId"] for alert in alerts if alert["title"] == title))


def test_names_its_incident(visit: Open, fake: Fake) -> None:
    alert_id = of_the_shop(fake, "Memory of the sign-in process was read")
    page = visit(f"alerts/{alert_id}")
    callout = page.get_by_role("link", name="Part of the incident")
    expect(callout).to_contain_text(SHOP.title)
    callout.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SHOP.title)


def test_one_that_stayed_alone_says_why(visit: Open) -> None:
    page = visit(f"alerts/{ALONE['alertId']}")
    expect(page.get_by_text("Not part of an incident")).to_be_visible()
    expect(page.get_by_text("No other alert near it in time")).to_be_visible()


def test_shows_every_field_and_the_original(visit: Open) -> None:
    page = visit(f"alerts/{ALONE['alertId']}")
    details = page.get_by_role("region", name="Details")
    for text in ("kv-payments", "Initial Access", "T1078", "Defender for Cloud by Microsoft"):
        expect(details).to_contain_text(text)
    page.get_by_text("Raw event").click()
    expect(page.locator(".original pre")).to_contain_text('"alertDisplayName"')


def test_an_entity_leads_to_everything_known_on_it(visit: Open, fake: Fake) -> None:
    alert_id = of_the_shop(fake, "Sign-in from an address never seen before")
    page = visit(f"alerts/{alert_id}")
    page.get_by_role("link", name="203.0.113.77").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("203.0.113.77")
    expect(page.get_by_role("region", name="Incidents")).to_contain_text(SHOP.title)
    expect(page.get_by_role("region", name="Alerts")).to_contain_text("Access key used")


def test_a_link_of_the_source_is_followed_only_if_it_is_one(visit: Open, fake: Fake) -> None:
    alert = fake.world.alerts[ALONE["alertId"]]
    alert["link"] = "javascript:alert(1)"
    page = visit(f"alerts/{ALONE['alertId']}")
    expect(page.get_by_text("javascript:alert(1)")).to_be_visible()
    expect(page.locator("a[href^='javascript']")).to_have_count(0)


def test_such_alerts_are_suppressed_from_here(visit: Open, fake: Fake) -> None:
    page = visit(f"alerts/{ALONE['alertId']}")
    page.get_by_role("button", name="Suppress such alerts").click()
    page.get_by_role("textbox", name="Reason").fill("She travels a lot.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    rule = next(rule for rule in fake.world.rules.values() if "travels" in rule["reason"])
    assert [condition["field"] for condition in rule["conditions"]] == ["type", "resource"]
    assert rule["conditions"][1]["values"] == ["kv-payments"]
