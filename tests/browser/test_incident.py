"""One incident: the story first, then everything that it rests on."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chromium import new_context
from tests.browser.conftest import Open, watch
from tests.browser.fakes.api import MARKDOWN
from tests.browser.fakes.attacks import LARGE, SHOP
from tests.browser.fakes.server import Fake, serve
from tests.browser.fakes.world import World
from tests.integration.stack_client import wait_until

pytestmark = pytest.mark.browser

_SHOP = f"incidents/{SHOP.id}"


@pytest.fixture(scope="module")
def story(browser: Browser) -> Iterator[Page]:
    """The sample attack's page, which tests only read."""
    with serve(World(small=0, noise=0)) as fake:
        context = new_context(browser)
        page = context.new_page()
        page.goto(f"{fake.url}#/{_SHOP}")
        yield page
        context.close()


def test_tells_what_happened_in_the_order_in_which_it_did(story: Page) -> None:
    expect(story.get_by_role("heading", level=1)).to_have_text(SHOP.title)
    expect(story.locator(".lead")).to_contain_text("someone guessed the password of svc-deploy")
    stages = story.locator(".story-stage")
    expect(stages.first).to_contain_text("Credential Access")
    expect(stages.nth(1)).to_contain_text("Initial Access")
    expect(stages.last).to_contain_text("Exfiltration")
    assert story.locator(".story time").evaluate_all(_ARE_SORTED)


_ARE_SORTED = """times => times.every((time, index) =>
    index === 0 || times[index - 1].dateTime <= time.dateTime)"""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Critical", id="severity"),
        pytest.param("High confidence", id="confidence"),
        pytest.param("Active", id="state"),
        pytest.param("33 alerts on 4 resources", id="size"),
    ],
)
def test_says_at_the_top(story: Page, text: str) -> None:
    expect(story.locator(".detail-head")).to_contain_text(text)


def test_marks_the_stages_that_were_reached(story: Page) -> None:
    track = story.get_by_role("list", name="Stages of the kill chain")
    expect(track.locator("li")).to_have_count(14)
    expect(track.locator("li.reached")).to_have_count(8)
    expect(track.get_by_text("Exfiltration: reached 24 Nov, 08:23:00")).to_be_attached()
    expect(track.get_by_text("Impact: not reached")).to_be_attached()


def test_names_the_attacked_resources_and_what_to_do(story: Page) -> None:
    resources = story.get_by_role("region", name="Attacked resources")
    for name in ("web-01", "build-07", "sql-orders", "stshopbackup"):
        expect(resources.get_by_role("link", name=name, exact=True)).to_be_visible()
    expect(story.get_by_role("region", name="What to do")).to_contain_text("Disable svc-deploy")


def test_says_why_the_alerts_belong_together(story: Page) -> None:
    why = story.get_by_role("region", name="Why these alerts belong together")
    expect(why).to_contain_text("8 stages in forward order within 6 hours")
    expect(why).to_contain_text("web-01 and stshopbackup share the address 203.0.113.77")
    expect(why).to_contain_text("Left out as background")
    why.get_by_text("Score").click()
    expect(why).to_contain_text("reached Exfiltration")


def attack_map(page: Page) -> Locator:
    return page.get_by_role("region", name="Attack map")


def test_the_map_has_a_lane_for_each_machine_and_account_in_the_order_reached(visit: Open) -> None:
    lanes = attack_map(visit(_SHOP)).locator(".lane-title")
    expect(lanes).to_have_text(["web-01", "admin-mk", "build-07", "sql-orders", "stshopbackup"])


def test_a_hop_of_the_map_names_its_proof_and_its_two_alerts(visit: Open) -> None:
    the_map = attack_map(visit(_SHOP))
    name = "From web-01 to stshopbackup by the shared address 203.0.113.77"
    the_map.get_by_role("button", name=name).focus()
    tip = the_map.get_by_role("tooltip")
    expect(tip).to_contain_text("web-01 and stshopbackup share the address 203.0.113.77")
    expect(tip).to_contain_text("06:41:00 · web-01 · Failed sign-ins")
    expect(tip).to_contain_text("08:05:00 · stshopbackup · Access key used")


def test_the_map_is_walked_by_the_keys_and_opens_an_alert_beside(visit: Open) -> None:
    page = visit(_SHOP)
    marks = page.locator(".mark")
    marks.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(marks.nth(2)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="Alert")).to_contain_text("Details")


def test_the_map_is_zoomed_by_the_keys_and_by_a_button(visit: Open) -> None:
    page = visit(_SHOP)
    marks = attack_map(page).locator(".mark")
    apart = "marks => marks[1].getBoundingClientRect().x - marks[0].getBoundingClientRect().x"
    expect(marks.first).to_be_visible()
    before = marks.evaluate_all(apart)
    marks.first.focus()
    page.keyboard.press("+")
    wait_until(lambda: marks.evaluate_all(apart) > 1.5 * before, "a larger picture")
    page.get_by_role("button", name="Fit").click()
    wait_until(lambda: marks.evaluate_all(apart) == before, "the whole picture")


def test_the_map_plays_the_attack_back(visit: Open) -> None:
    page = visit(_SHOP)
    slider = attack_map(page).get_by_role("slider", name="Event")
    slider.fill("0")
    expect(attack_map(page).locator(".map-readout")).to_contain_text("06:41:00 · Failed sign-ins")
    expect(page.locator("[data-item]:not(.later)")).to_have_count(1)
    slider.press("End")
    expect(page.locator(".later")).to_have_count(0)


def test_the_map_is_a_list_as_well(visit: Open) -> None:
    the_map = attack_map(visit(_SHOP))
    the_map.get_by_text("As a list").click()
    steps = the_map.locator(".map-steps li")
    expect(steps.first).to_contain_text("Failed sign-ins from one address on web-01")
    expect(the_map.locator(".map-steps")).to_contain_text(
        "From build-07 to sql-orders by the shared account admin-mk"
    )


def test_an_alert_opens_beside_and_closes_with_escape(visit: Open) -> None:
    page = visit(_SHOP)
    page.get_by_role("link", name="Encoded PowerShell downloads a program").click()
    panel = page.get_by_role("complementary", name="Alert")
    expect(panel.get_by_role("heading", level=2).first).to_have_text(
        "Encoded PowerShell downloads a program"
    )
    expect(page).to_have_url(re.compile("alert="))
    expect(page.locator(".lead")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_its_alerts_are_listed_and_worked_with_the_keyboard(visit: Open) -> None:
    page = visit(f"{_SHOP}?tab=alerts")
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "34")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="Alert")).to_be_visible()
    expect(page.get_by_role("grid")).to_be_visible()


def test_its_alerts_are_narrowed_to_a_stage(visit: Open) -> None:
    page = visit(f"{_SHOP}?tab=alerts")
    page.get_by_label("Stage").select_option("Exfiltration")
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "3")


def test_history_shows_who_changed_what(visit: Open) -> None:
    page = visit(f"{_SHOP}?tab=history")
    history = page.get_by_role("region", name="History")
    expect(history).to_contain_text("dana@contoso.comcommented")
    expect(history).to_contain_text("Called the owner of build-07")
    expect(history).to_contain_text("Confidence raised: medium → high")


def test_a_comment_is_added(visit: Open) -> None:
    page = visit(f"{_SHOP}?tab=history")
    page.get_by_role("textbox", name="Comment").fill("Isolated web-01.")
    page.get_by_role("button", name="Add the comment").click()
    expect(page.get_by_role("region", name="History")).to_contain_text("Isolated web-01.")


def test_it_is_saved_as_a_file(visit: Open) -> None:
    page = visit(_SHOP)
    page.get_by_role("button", name="Export", exact=True).click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Report (Markdown)").click()
    assert saved.value.suggested_filename == "incident.md"
    assert saved.value.path().read_text() == MARKDOWN


def test_one_that_was_absorbed_leads_to_the_one_that_absorbed_it(visit: Open, fake: Fake) -> None:
    fake.world.moved["0ld"] = SHOP.id
    page = visit("incidents/0ld")
    expect(page.get_by_role("heading", level=1)).to_have_text(SHOP.title)
    expect(page).to_have_url(re.compile(SHOP.id))


def test_one_that_is_not_there_says_so(visit: Open) -> None:
    page = visit("incidents/nosuch")
    expect(page.get_by_role("alert")).to_contain_text("Nothing is here")


@pytest.fixture
def large(browser: Browser) -> Iterator[Page]:
    """A page over a service that has an incident of ten thousand alerts."""
    with serve(World(small=0, noise=0, large=True)) as fake:
        context = new_context(browser)
        page = context.new_page()
        errors = watch(page)
        page.goto(f"{fake.url}#/incidents/{LARGE.id}")
        yield page
        context.close()
        assert errors == []


def test_ten_thousand_alerts_are_on_the_map_in_few_marks(large: Page) -> None:
    expect(large.locator(".lane-count").first).to_have_text("250")
    expect(large.locator(".map-lanes li")).to_have_count(14)
    assert large.locator(".mark").count() < 500
    large.get_by_role("button", name="Show 27 more machines").click()
    expect(large.locator(".map-lanes li")).to_have_count(41)


def test_ten_thousand_alerts_are_a_list_of_few_rows(large: Page) -> None:
    large.get_by_role("link", name="Alerts 10,000").click()
    grid = large.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", "10001")
    large.locator(".incident-scroll").evaluate("element => element.scrollTo(0, 1e9)")
    expect(large.locator(".vrow[aria-rowindex='10001']")).to_be_visible()
    assert large.locator(".vlist-body .vrow").count() < 60
