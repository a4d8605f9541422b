"""The report for those who do not work here: one file, and paper."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import new_context
from tests.browser.conftest import Open
from tests.browser.fakes.attacks import HOSTILE, SHOP
from tests.browser.fakes.server import serve
from tests.browser.fakes.world import World

pytestmark = pytest.mark.browser


def saved(page: Page, folder: Path) -> Path:
    """The report, saved from the incident that is shown."""
    expect(page.locator(".mark").first).to_be_visible()
    page.get_by_role("button", name="Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Report (HTML, one file)").click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("someone guessed the password of svc-deploy", id="summary"),
        pytest.param("33 alerts on 4 resources", id="extent"),
        pytest.param("From build-07 to sql-orders by the shared account admin-mk", id="timeline"),
        pytest.param("Disable svc-deploy", id="what to do"),
        pytest.param("Called the owner of build-07", id="comments"),
        pytest.param("Times are in UTC.", id="zone"),
    ],
)
def test_the_report_holds(report: str, text: str) -> None:
    assert text in report


@pytest.fixture(scope="module")
def report(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> str:
    with serve(World(small=0, noise=0)) as fake:
        context = new_context(browser)
        page = context.new_page()
        page.goto(f"{fake.url}#/incidents/{SHOP.id}")
        text = saved(page, tmp_path_factory.mktemp("report")).read_text(encoding="utf-8")
        context.close()
    return text


def test_the_report_is_one_file_that_needs_nothing_else_and_runs_nothing(report: str) -> None:
    assert "default-src 'none'" in report
    assert not re.search(r"<script|<link|\ssrc=|\son\w+=", report)


def test_the_report_has_the_map_as_a_picture(browser: Browser, report: str, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(report, encoding="utf-8")
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text))
    page.goto(file.as_uri())
    expect(page.locator("h1")).to_have_text(SHOP.title)
    expect(page.locator("svg .mark").first).to_be_visible()
    fill = "mark => getComputedStyle(mark).fill"
    assert page.locator("svg .mark").first.evaluate(fill) != "rgb(0, 0, 0)"
    assert errors == []
    context.close()


def test_what_an_attacker_wrote_is_text_in_the_report_too(visit: Open, tmp_path: Path) -> None:
    text = saved(visit(f"incidents/{HOSTILE.id}"), tmp_path).read_text(encoding="utf-8")
    assert "&lt;img src=x onerror=" in text
    assert "<img" not in text


def test_the_report_alone_is_printed(visit: Open) -> None:
    page = visit(f"incidents/{SHOP.id}")
    expect(page.locator(".mark").first).to_be_visible()
    page.evaluate("window.print = () => {}")
    page.get_by_role("button", name="Export", exact=True).click()
    page.get_by_role("button", name="Print, or save as PDF").click()
    page.emulate_media(media="print")
    expect(page.locator(".printed h1")).to_be_visible()
    expect(page.locator(".top")).to_be_hidden()
    expect(page.locator("main")).to_be_hidden()
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator(".printed")).to_have_count(0)


def test_a_view_that_is_printed_leaves_out_what_is_pressed(visit: Open) -> None:
    page = visit(f"incidents/{SHOP.id}")
    expect(page.locator(".mark").first).to_be_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator(".story")).to_be_visible()
    expect(page.locator(".map-steps li").first).to_be_visible()
    for selector in (".side", ".top", ".detail-head .actions", ".tabs", ".map-bar"):
        expect(page.locator(selector)).to_be_hidden()
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
