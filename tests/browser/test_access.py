"""Signing in, being refused, and a service that fails or does not answer."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

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
    assert "s3cret" not in page.evaluate("JSON.stringify({...localStorage})")
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


def platform(page: Page, name: str = "") -> None:
    """The platform's sign-in stands before the service; `name` is who is signed in with it."""

    def login(route: Route) -> None:
        platform(page, "anna@corp.example")
        route.fulfill(status=302, headers={"Location": "/"})

    status, known = (200, [{"provider_name": "aad", "user_id": name}]) if name else (401, [])
    page.unroute("**/.auth/**")
    page.route("**/.auth/me", lambda route: route.fulfill(status=status, json=known))
    page.route("**/.auth/login/aad?post_login_redirect_uri=%2F", login)


def test_the_platforms_sign_in_is_offered_where_there_is_one_and_leads_back(
    visit: Open, page: Page, fake: Fake
) -> None:
    fake.behaviour.refuse = (403, "The role Incidents.Read is needed.")
    platform(page)
    visit(f"incidents/{SHOP.id}")
    expect(page.get_by_role("alert")).to_contain_text(
        "The role Incidents.Read is needed. Ask an administrator for it."
    )
    fake.behaviour.refuse = None
    page.get_by_role("link", name="Sign in with your organisation").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SHOP.title)
    page.get_by_role("button", name="Sign in").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("You are signed in as anna@corp.example.")
    out = dialog.get_by_role("link", name="Sign out")
    expect(out).to_have_attribute("href", re.compile(r"/\.auth/logout\?post_logout_redirect_uri="))


def test_a_key_that_needs_a_person_beside_it_is_not_said_to_be_wrong(
    visit: Open, page: Page, fake: Fake
) -> None:
    fake.behaviour.refuse = (401, "Nobody is signed in, and the role Incidents.Read is needed.")
    platform(page)
    visit("list")
    sign_in(page, "s3cret")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Nobody is signed in, and the role Incidents.Read is needed.")
    expect(alert).to_contain_text("The key alone is not enough")
    expect(alert.get_by_role("link", name="Sign in with your organisation")).to_be_visible()


def test_no_platforms_sign_in_is_offered_where_there_is_none(visit: Open, page: Page) -> None:
    visit("list")
    with page.expect_response("**/.auth/me"):
        page.get_by_role("button", name="Sign in").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("textbox", name="Key")).to_be_visible()
    expect(dialog.get_by_role("link")).to_have_count(0)


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
