"""Signing in, being refused, and a service that fails or does not answer."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.fakes.attacks import SHOP
from tests.browser.fakes.server import Fake

pytestmark = pytest.mark.browser


def sign_in(page: Page, key: str) -> None:
    page.get_by_role("textbox", name="Key").fill(key)
    page.get_by_role("textbox", name="Key").press("Enter")


def test_a_key_is_asked_for_and_kept_for_the_tab_only(visit: Open, fake: Fake) -> None:
    fake.behaviour.key = "s3cret"
    page = visit(f"incidents/{SHOP.id}")
    expect(page.get_by_role("alert")).to_contain_text("Sign in to go on")
    sign_in(page, "s3cret")
    expect(page.get_by_role("heading", level=1)).to_have_text(SHOP.title)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(SHOP.title)
    assert page.evaluate("Object.values(localStorage)") == []
    assert page.evaluate("document.cookie") == ""


def test_a_wrong_key_is_said_to_be_wrong(visit: Open, fake: Fake) -> None:
    fake.behaviour.key = "s3cret"
    page = visit("list")
    sign_in(page, "guess")
    expect(page.get_by_role("alert")).to_contain_text("does not accept the key")


def test_signing_out_forgets_the_key(visit: Open, fake: Fake) -> None:
    fake.behaviour.key = "s3cret"
    page = visit("list")
    sign_in(page, "s3cret")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("alert")).to_contain_text("Sign in to go on")
    assert page.evaluate("Object.values(sessionStorage)") == []


def test_one_who_may_only_read_is_told_so(visit: Open, fake: Fake) -> None:
    fake.behaviour.read_only = True
    page = visit(f"incidents/{SHOP.id}")
    page.get_by_role("button", name="Change state").click()
    page.get_by_label("State", exact=True).select_option("Resolved")
    page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("You may not do this. This needs the role Incidents.Triage.")


@pytest.mark.parametrize(
    "fragment",
    [
        pytest.param("", id="overview"),
        pytest.param("list", id="list"),
        pytest.param(f"incidents/{SHOP.id}", id="incident"),
        pytest.param("alerts/x", id="alert"),
        pytest.param("entities/account/alice", id="entity"),
        pytest.param("rejected", id="rejected"),
        pytest.param("suppressions", id="suppressions"),
    ],
)
def test_a_failing_service_is_explained_and_tried_again(
    visit: Open, fake: Fake, fragment: str
) -> None:
    fake.behaviour.fail = 503
    page = visit(fragment)
    expect(page.get_by_role("alert")).to_contain_text("The service failed")
    expect(page.get_by_role("alert")).to_contain_text("The store does not answer.")
    fake.behaviour.fail = 0
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("The service failed")).to_be_hidden()


def test_a_service_that_is_out_of_reach_is_explained(visit: Open, page: Page) -> None:
    page.route("**/api/**", lambda route: route.abort())
    visit("list")
    expect(page.get_by_role("alert")).to_contain_text("The service does not answer")


def test_a_page_that_does_not_exist_leads_home(visit: Open) -> None:
    page = visit("nosuch")
    page.get_by_role("link", name="Go to the overview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
