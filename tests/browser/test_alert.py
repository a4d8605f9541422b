"""One alert, the entities it names, and what could not be read."""

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
    page.get_by_text("As the source wrote it").click()
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


def test_what_was_rejected_is_shown_with_its_reason_and_tried_again(visit: Open) -> None:
    page = visit("rejected")
    first = page.locator(".rejected-list > li").first
    expect(first).to_contain_text("The alert has no time that can be read")
    expect(first).to_contain_text("alert 3, startTimeUtc: 'yesterday' is no time")
    first.get_by_role("button", name="Try again").click()
    expect(first).to_contain_text("redriven")


def test_a_view_that_the_service_does_not_offer_is_not_offered(visit: Open, fake: Fake) -> None:
    fake.behaviour.missing.add("openapi.json")
    page = visit("")
    nav = page.get_by_role("navigation", name="Views")
    expect(nav.get_by_role("link", name="Incidents")).to_be_visible()
    expect(page.get_by_text("Needs attention")).to_be_visible()
    expect(nav.get_by_role("link", name="Rejected")).to_be_hidden()
    expect(nav.get_by_role("link", name="Suppressions")).to_be_hidden()
