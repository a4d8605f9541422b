"""What attackers wrote is text and stays text, under a policy that lets nothing else run."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.fakes.attacks import HOSTILE
from tests.browser.fakes.server import Fake

pytestmark = pytest.mark.browser

_SHOWN = 'img src=x onerror="document.title'


@pytest.mark.parametrize(
    "fragment",
    [
        pytest.param("list?show=incidents&q=onerror", id="list"),
        pytest.param("list?show=both&q=onerror", id="both"),
        pytest.param(f"incidents/{HOSTILE.id}", id="incident"),
        pytest.param(f"incidents/{HOSTILE.id}?tab=alerts", id="alerts of an incident"),
        pytest.param(f"incidents/{HOSTILE.id}?tab=map", id="map"),
        pytest.param("entities/account/%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", id="address"),
    ],
)
def test_hostile_text_is_shown_as_text(visit: Open, fragment: str) -> None:
    """Errors and breaches of the policy fail each test; see the fixture `page`."""
    page = visit(fragment)
    expect(page.locator("main")).to_contain_text("img src=x onerror=")
    assert page.locator("main img:not([role]), main script").count() == 0
    assert page.title() != "owned"


def test_a_hostile_alert_is_shown_as_text(visit: Open, fake: Fake) -> None:
    alert_id = fake.world.incident_alerts(HOSTILE.id)[0]["alertId"]
    page = visit(f"alerts/{alert_id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(_SHOWN)
    expect(page.get_by_role("region", name="Entities")).to_contain_text("<b>eve</b>")
    expect(page.get_by_role("region", name="What to do")).to_contain_text("<a href=javascript")
    assert page.locator("main b, main script").count() == 0
