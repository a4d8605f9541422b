"""As a new user would, on the real parts: find the attack, understand it, close it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from local.demo.play import opened
from local.demo.story import acts
from local.page.build import build
from local.stack import Stack, StackOptions
from shared.times import HOUR, now
from tests.browser.chromium import new_context
from tests.browser.conftest import watch

pytestmark = [pytest.mark.browser, pytest.mark.integration]

# The trigger reads the change feed every few seconds, and the page asks as often.
_SOON_MS: Final = 30_000


@pytest.fixture(scope="module")
def stack(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole stack with nothing in it yet. (`browser` comes first: without it, no stack.)"""
    assert browser.is_connected()
    build()
    stack = Stack(StackOptions(data=tmp_path_factory.mktemp("stack")))
    # In a thread of its own, as Playwright's event loop runs in this one; it stays as long as the
    # parts do, which end with the thread that started them.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(stack.start).result()
        yield stack
        stack.stop()


@pytest.fixture(scope="module")
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A page that is open before anything happens."""
    context = new_context(browser, live=True)
    page = context.new_page()
    errors = watch(page)
    page.goto(stack.http)
    yield page
    context.close()
    assert errors == []


@pytest.fixture(scope="module")
def attacked(page: Page, stack: Stack) -> Page:
    """The page, once the sample attack has been pushed to the queue."""
    expect(page.get_by_text("Nothing in this time")).to_be_visible()
    with opened(stack.storage_connection) as queue:
        for act in acts(now() - 3 * HOUR):
            for message in act.messages:
                queue.send_message(message)
    return page


def test_the_attack_is_found_understood_and_closed(attacked: Page) -> None:
    page = attacked
    attack = page.get_by_role("link", name="Credential theft followed by data exfiltration")
    expect(attack.first).to_be_visible(timeout=_SOON_MS)
    attack.first.click()
    expect(page.locator(".detail-head")).to_contain_text(
        "8 alerts on 3 resources", timeout=_SOON_MS
    )
    expect(page.locator(".story-stage").first).to_contain_text("Reconnaissance")
    expect(page.locator(".story-stage").last).to_contain_text("Exfiltration")
    machines = page.locator(".lane-of-machine .lane-title")
    expect(machines).to_have_text(["web01", "sql01", "shopdata"])
    why = page.get_by_role("region", name="Why these alerts belong together")
    expect(why).to_contain_text("web01 and shopdata share the address 203.0.113.77")

    page.keyboard.press("e")
    page.get_by_label("State", exact=True).select_option("Resolved")
    page.get_by_label("Classification").select_option("TruePositive")
    page.get_by_role("textbox", name="Comment").fill("Account disabled, keys rotated.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".detail-head")).to_contain_text("Resolved")
    page.get_by_role("link", name="History").click()
    history = page.get_by_role("region", name="History")
    expect(history).to_contain_text("Account disabled, keys rotated.")
    expect(history).to_contain_text("Active → Resolved")
    expect(history).to_contain_text("True positive")


def test_an_alert_that_stayed_alone_is_found_and_says_why(attacked: Page) -> None:
    page = attacked
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Alerts").click()
    page.keyboard.press("/")
    page.keyboard.type("Tor exit node")
    page.keyboard.press("Enter")
    expect(page.locator(".vlist-body .vrow")).to_have_count(3, timeout=_SOON_MS)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Not part of an incident")).to_be_visible()


def test_entities_lead_from_an_alert_to_its_incident(attacked: Page) -> None:
    page = attacked
    page.goto(f"{page.url.split('#')[0]}#/list?show=alerts&q=log-on+unusual+machine")
    page.locator(".vlist-body .vrow").first.click(timeout=_SOON_MS)
    page.get_by_role("link", name="svc-shop").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("svc-shop")
    expect(page.get_by_role("region", name="Incidents")).to_contain_text("Credential theft")
