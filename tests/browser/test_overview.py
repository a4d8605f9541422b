"""The overview: how much there is, when it came, and what needs somebody first."""

import re
from urllib.parse import unquote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.fakes.attacks import SHOP
from tests.browser.fakes.server import Fake
from tests.browser.fakes.world import World

pytestmark = pytest.mark.browser


def tile(page: Page, title: str) -> Locator:
    heading = page.locator(".tile-title", has_text=re.compile(f"^{title}$"))
    return page.locator(".tile").filter(has=heading)


def test_tiles_count_what_the_service_counts(visit: Open, fake: Fake) -> None:
    page = visit("")
    expect(page.locator(".tile")).to_have_count(4)
    summary = fake.world.summary({"from": "2026-11-17T09:00:00.000Z"})
    states = summary["incidents"]["byStatus"]
    value = ".tile-value"
    opened = str(states["Active"] + states["InProgress"])
    expect(tile(page, "Open incidents").locator(value)).to_have_text(opened)
    expect(tile(page, "Alerts").locator(value)).to_have_text(str(summary["alerts"]["total"]))
    percent = f"{summary['reduction'] * 100:.1f} %"
    expect(tile(page, "Reduction").locator(value)).to_have_text(percent)


def test_counts_that_are_behind_are_told_as_such(visit: Open, fake: Fake) -> None:
    fake.world.behind = {"alertsUntilUtc": "2026-11-24T08:00:00.000Z"}
    expect(visit("").get_by_role("link", name="Alerts so far")).to_be_visible()


def test_a_tile_leads_to_what_it_counts(visit: Open) -> None:
    page = visit("")
    tile(page, "Open incidents").click()
    expect(page.locator(".chip-on").first).to_contain_text("State: Active, In progress")


def test_what_needs_attention_is_open_and_the_worst_first(visit: Open) -> None:
    page = visit("")
    first = page.locator(".urgent li").first
    expect(first).to_contain_text(SHOP.title)
    first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SHOP.title)


def test_the_time_is_chosen_and_kept_in_the_address(visit: Open) -> None:
    page = visit("")
    before = tile(page, "Alerts").inner_text()
    page.get_by_role("link", name="30 days").click()
    expect(page).to_have_url(re.compile("last=30d"))
    expect(tile(page, "Alerts")).not_to_have_text(before)


def test_a_bar_of_the_graph_leads_to_its_alerts(visit: Open) -> None:
    page = visit("")
    plot = page.locator(".u-over")
    box = plot.bounding_box()
    assert box is not None
    plot.click(position={"x": box["width"] - 8, "y": box["height"] - 4})
    expect(page.get_by_role("heading", level=1)).to_have_text("Alerts")
    expect(page).to_have_url(re.compile(r"from=2026-11-24T05.*&to=2026-11-24T09"))


def test_a_stretch_of_the_graph_is_chosen_by_dragging(visit: Open) -> None:
    page = visit("?graph=incidents")
    plot = page.locator(".u-over")
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 20, steps=4)
    page.mouse.up()
    expect(page.get_by_role("heading", level=1)).to_have_text("Incidents")
    address = unquote(page.url)
    assert re.search(r"from=2026-11-2[01]T.*&to=2026-11-22T", address), address


def test_the_graph_tells_its_numbers_to_those_who_cannot_see_it(visit: Open) -> None:
    page = visit("")
    expect(page.get_by_role("img", name=re.compile(r"\d+ alerts over time"))).to_be_visible()
    page.get_by_text("As a table").click()
    expect(page.locator(".chart-table tbody tr").first).to_be_visible()


def test_a_stage_leads_to_the_incidents_that_reached_it(visit: Open) -> None:
    page = visit("")
    page.locator(".heat").get_by_text("Exfiltration").click()
    expect(page.locator(".chip-on").first).to_contain_text("Stage: Exfiltration")
    expect(page.locator(".vlist-body .vrow").first).to_contain_text(SHOP.title)


def test_a_resource_leads_to_its_incidents(visit: Open) -> None:
    page = visit("")
    link = page.locator(".ranking a").first
    name = link.inner_text()
    link.click()
    expect(page.locator(".vlist-body .vrow").first).to_contain_text(name)


def test_a_service_that_has_seen_nothing_says_how_to_begin(visit: Open, fake: Fake) -> None:
    empty = World.empty()
    fake.world.incidents, fake.world.alerts = empty.incidents, empty.alerts
    page = visit("")
    expect(page.get_by_text("Nothing in this time")).to_be_visible()
    page.get_by_role("link", name="Show the last 90 days").click()
    expect(page.get_by_text("No alerts yet")).to_be_visible()
    expect(page.get_by_text("Push alerts to the queue")).to_be_visible()
