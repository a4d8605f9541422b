"""A queue that is mine and new: tabs, unread marks, the menu, undo, kept views, the palette."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.fakes.attacks import ALONE, MINER, SHOP
from tests.browser.fakes.server import Fake

pytestmark = pytest.mark.browser

_OPEN = "list?show=incidents&status=Active,InProgress"
_ME = "dana@contoso.com"


def rows(page: Page) -> Locator:
    return page.locator(".vlist-body .vrow")


def tab(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="Queue").get_by_role("link", name=name)


def row_of(page: Page, title: str) -> Locator:
    return rows(page).filter(has_text=title)


def menu(page: Page, title: str) -> Locator:
    row_of(page, title).click(button="right")
    return page.get_by_role("menu", name="Actions")


def test_tabs_tell_how_many_are_mine_and_nobodys(visit: Open, fake: Fake) -> None:
    page = visit(_OPEN)
    opened = {"status": "Active,InProgress"}
    mine = fake.world.facets({**opened, "assignedTo": _ME})["total"]
    nobodys = fake.world.facets({**opened, "assignedTo": "none"})["total"]
    expect(tab(page, "Mine")).to_have_text(f"Mine {mine}")
    expect(tab(page, "Unassigned")).to_have_text(f"Unassigned {nobodys}")
    tab(page, "Mine").click()
    expect(page).to_have_url(re.compile(r"assignedTo=dana"))
    expect(page.locator(".view-count")).to_have_text(f"{mine} incidents")


@pytest.mark.parametrize("knows_updates", [True, False], ids=["by update", "by activity"])
def test_what_is_new_is_told_in_its_tab_and_in_the_tabs_title(
    visit: Open, fake: Fake, knows_updates: bool
) -> None:
    fake.world.knows_updates = knows_updates
    page = visit(_OPEN)
    since = {"status": "Active,InProgress", "from": "2026-11-23T00:00:00.000Z"}
    new = fake.world.facets(since)["total"]
    expect(tab(page, "New since I last looked")).to_have_text(f"New since I last looked {new}")
    expect(page).to_have_title(re.compile(rf"^\({new}\) Incidents"))
    tab(page, "New since I last looked").click()
    expect(rows(page)).to_have_count(new)
    page.get_by_role("button", name="Mark all as seen").click()
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    expect(page).to_have_title(re.compile("^Incidents"))


def test_an_incident_is_marked_as_new_until_it_was_opened(visit: Open) -> None:
    page = visit(_OPEN)
    expect(row_of(page, SHOP.title).locator(".unread")).to_be_visible()
    row_of(page, SHOP.title).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SHOP.title)
    page.go_back()
    expect(row_of(page, MINER.title).locator(".unread")).to_be_visible()
    expect(row_of(page, SHOP.title).locator(".unread")).to_have_count(0)


def test_a_key_assigns_to_me_and_it_is_taken_back(visit: Open, fake: Fake) -> None:
    page = visit(f"{_OPEN}&orderBy=score")
    expect(rows(page).first).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("m")
    expect(row_of(page, SHOP.title)).to_contain_text("dana")
    assert fake.world.incidents[SHOP.id]["assignedTo"] == _ME
    page.get_by_role("region", name="Messages").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back")).to_be_visible()
    assert not fake.world.incidents[SHOP.id].get("assignedTo")


def test_one_whom_the_service_does_not_know_is_asked_for_a_name_once(
    visit: Open, fake: Fake
) -> None:
    fake.world.me = ""
    page = visit(f"incidents/{SHOP.id}")
    expect(page.get_by_role("heading", level=1)).to_have_text(SHOP.title)
    page.keyboard.press("m")
    page.get_by_role("textbox", name="As it stands in Owner").fill("li")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("region", name="At a glance")).to_contain_text("li")
    assert fake.world.incidents[SHOP.id]["assignedTo"] == "li"


def test_a_row_has_a_menu_by_right_click(visit: Open, fake: Fake) -> None:
    page = visit(_OPEN)
    menu(page, SHOP.title).get_by_role("menuitem", name="Resolve as a true positive").click()
    expect(row_of(page, SHOP.title)).to_have_count(0)
    assert fake.world.incidents[SHOP.id]["classification"] == "TruePositive"
    page.get_by_role("region", name="Messages").get_by_role("button", name="Undo").click()
    expect(row_of(page, SHOP.title)).to_contain_text("Active")


def test_a_row_has_a_menu_by_key(visit: Open) -> None:
    page = visit(f"{_OPEN}&orderBy=score")
    expect(rows(page).first).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press(".")
    expect(page.get_by_role("menuitem", name="Open Enter")).to_be_focused()
    page.keyboard.press("s")
    expect(page.get_by_role("menuitem", name="Start work")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(row_of(page, SHOP.title)).to_be_focused()


def test_a_head_orders_by_its_column_and_the_other_way_round(visit: Open) -> None:
    page = visit(_OPEN)
    head = page.get_by_role("columnheader", name="Severity")
    head.get_by_role("button").click()
    expect(page).to_have_url(re.compile("orderBy=severity"))
    expect(rows(page).first).to_contain_text("Critical")
    expect(head).to_have_attribute("aria-sort", "descending")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(rows(page).first).to_contain_text("Low")


def test_columns_are_put_away_and_stay_so(visit: Open) -> None:
    page = visit(_OPEN)
    expect(page.get_by_role("columnheader", name="Owner")).to_be_visible()
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Owner").uncheck()
    expect(page.get_by_role("columnheader", name="Owner")).to_be_hidden()
    page.reload()
    expect(rows(page).first).to_be_visible()
    expect(page.get_by_role("columnheader", name="Owner")).to_be_hidden()


def test_a_view_is_kept_by_a_name_and_found_again(visit: Open) -> None:
    page = visit("list?show=incidents&severity=High&status=Resolved")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("textbox", name="Name of this view").fill("Closed and high")
    page.keyboard.press("Enter")
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Overview").click()
    page.keyboard.press("Control+k")
    page.keyboard.type("closed and")
    page.get_by_role("option", name="Closed and high").click()
    expect(page).to_have_url(re.compile("severity=High&status=Resolved"))


def test_an_incident_leads_on_to_the_next_in_the_list(visit: Open) -> None:
    page = visit(f"{_OPEN}&orderBy=score")
    second = rows(page).nth(1).locator("a.title").inner_text()
    rows(page).first.click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(SHOP.title)
    expect(page.locator(".list-neighbours")).to_have_text(re.compile(r"^1 of \d+$"))
    page.keyboard.press("Shift+J")
    expect(heading).to_have_text(second)
    page.keyboard.press("Shift+K")
    expect(heading).to_have_text(SHOP.title)


def test_the_palette_finds_incidents(visit: Open) -> None:
    page = visit("")
    expect(page.locator(".tile").first).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("Cryptomining after")
    expect(page.get_by_role("option", name=MINER.title)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(MINER.title)


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        pytest.param("203.0.113.77", "203.0.113.77", id="an address by its shape"),
        pytest.param("account:admin-mk", "admin-mk", id="an account by its kind"),
    ],
)
def test_the_palette_leads_to_an_entity(visit: Open, text: str, heading: str) -> None:
    page = visit("")
    expect(page.locator(".tile").first).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.get_by_role("region", name="Incidents")).to_contain_text(SHOP.title)


def test_the_palette_does_what_keys_do(visit: Open) -> None:
    page = visit(f"alerts/{ALONE['alertId']}")
    expect(page.get_by_role("heading", level=1)).to_have_text(ALONE["title"])
    page.keyboard.press("Control+k")
    page.keyboard.type("change the state")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Change state")).to_be_visible()
