"""At phone width: every view fits, and nothing is squeezed out of reading."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import PHONE, new_context
from tests.browser.fakes.attacks import ALONE, SHOP
from tests.browser.fakes.server import Fake

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def phone(browser: Browser, service: Fake) -> Iterator[Page]:
    """One page for all views, which are gone to by their fragments."""
    context = new_context(browser, PHONE)
    page = context.new_page()
    page.goto(service.url)
    yield page
    context.close()


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        pytest.param("", "Kill chain", id="overview"),
        pytest.param("list?show=both", ALONE["title"], id="list"),
        pytest.param(f"incidents/{SHOP.id}", "What to do", id="incident"),
        pytest.param(f"incidents/{SHOP.id}?tab=map", "admin-mk", id="map"),
        pytest.param(f"alerts/{ALONE['alertId']}", "Not part of an incident", id="alert"),
        pytest.param("entities/address/203.0.113.77", SHOP.title, id="entity"),
        pytest.param("rejected", "The alert has no time", id="rejected"),
        pytest.param("suppressions", "Our own scanner", id="suppressions"),
    ],
)
def test_a_view_is_no_wider_than_the_phone(
    phone: Page, fake: Fake, fragment: str, text: str
) -> None:
    del fake  # as it is at first
    phone.evaluate("fragment => { location.hash = `/${fragment}`; }", fragment)
    expect(phone.locator("main")).to_contain_text(text)
    assert phone.evaluate(_TOO_WIDE) == []


_TOO_WIDE = """() => [document.documentElement, document.querySelector("main"),
  document.querySelector(".top")]
    .filter((element) => element.scrollWidth > element.clientWidth)
    .map((element) => element.tagName)"""


def test_the_reason_of_a_rejection_has_room_to_be_read(phone: Page, fake: Fake) -> None:
    del fake  # as it is at first
    phone.evaluate("location.hash = '/rejected'")
    reason = phone.get_by_text("The alert has no time that can be read")
    expect(reason).to_be_visible()
    box = reason.bounding_box()
    assert box
    assert box["width"] > PHONE[0] / 2
