"""The attack map before it is drawn: lanes, hops, waves, and where things go."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import new_context
from tests.browser.fakes.server import serve
from tests.browser.fakes.world import World

pytestmark = pytest.mark.browser

_START: Final = datetime(2026, 11, 24, 8, tzinfo=UTC)
_FRAME_MS: Final = 100


@pytest.fixture(scope="module")
def modules(browser: Browser) -> Iterator[Page]:
    with serve(World.empty()) as fake:
        context = new_context(browser)
        page = context.new_page()
        page.goto(fake.url)
        yield page
        context.close()


def alert(minute: float, resource: str = "web-01", **fields: Any) -> dict[str, Any]:
    at = (_START + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z")
    return {
        "alertId": f"{resource}@{minute}",
        "title": f"t{minute}",
        "alertType": "",
        "severity": "Medium",
        "tactics": ["Execution"],
        "resource": {"id": resource, "name": resource, "type": "host"},
        "startTimeUtc": at,
        **fields,
    }


def mention(one: dict[str, Any]) -> dict[str, Any]:
    name = one["resource"]["name"]
    return {
        "alertId": one["alertId"],
        "title": one["title"],
        "resource": name,
        "atUtc": one["startTimeUtc"],
    }


def tie(one: dict[str, Any], other: dict[str, Any], kind: str = "address") -> dict[str, Any]:
    ends = [mention(one), mention(other)]
    return {"key": f"{kind}:x", "kind": kind, "value": "x", "alerts": ends, "text": ""}


def incident(*links: dict[str, Any], **why: Any) -> dict[str, Any]:
    return {"killChain": [], "why": {"links": list(links), "background": [], **why}}


_MAP = """async ([incident, alerts]) => {
  const { attackMap } = await import("/views/incident/attack-map-model.js");
  const map = attackMap(incident, alerts);
  return { ...map, marks: [...map.marks.values()] };
}"""


def attack(page: Page, about: dict[str, Any], *alerts: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = page.evaluate(_MAP, [about, list(alerts)])
    return made


def titles(lanes: list[dict[str, Any]]) -> list[str]:
    return [lane["title"] for lane in lanes]


def test_lanes_stand_in_the_order_in_which_they_were_reached(modules: Page) -> None:
    made = attack(modules, incident(), alert(9, "b"), alert(3, "c"), alert(20, "a"))
    assert titles(made["lanes"]) == ["c", "b", "a"]


def test_a_tie_is_a_hop_from_the_earlier_alert_to_the_later(modules: Page) -> None:
    late, early = alert(5, "b"), alert(1, "a")
    (hop,) = attack(modules, incident(tie(late, early)), late, early)["hops"]
    assert (hop["from"], hop["to"]) == ("a@1", "b@5")
    assert [proof["value"] for proof in hop["proofs"]] == ["x"]


def test_ties_that_name_their_ends_apart_are_read_as_well(modules: Page) -> None:
    one, other = alert(1, "a"), alert(5, "b")
    link = {**tie(one, other), "alerts": None, "from": mention(one), "to": mention(other)}
    (hop,) = attack(modules, incident(link), one, other)["hops"]
    assert (hop["from"], hop["to"]) == ("a@1", "b@5")


def test_two_ties_between_the_same_alerts_are_one_hop_with_two_proofs(modules: Page) -> None:
    one, other = alert(1, "a"), alert(5, "b")
    ties = (tie(one, other), tie(one, other, "account"))
    (hop,) = attack(modules, incident(*ties), one, other)["hops"]
    assert [proof["kind"] for proof in hop["proofs"]] == ["address", "account"]


def test_a_tie_within_a_lane_is_no_hop(modules: Page) -> None:
    one, other = alert(1), alert(5)
    assert attack(modules, incident(tie(one, other)), one, other)["hops"] == []


def test_the_first_hop_into_a_lane_is_told_apart(modules: Page) -> None:
    a, b, again = alert(1, "a"), alert(5, "b"), alert(9, "b")
    hops = attack(modules, incident(tie(a, b), tie(a, again)), a, b, again)["hops"]
    assert [hop["first"] for hop in hops] == [True, False]


def test_an_account_that_ties_alerts_has_a_lane_with_its_uses(modules: Page) -> None:
    one, other = alert(1, "a"), alert(5, "b")
    lanes = attack(modules, incident(tie(one, other, "account")), one, other)["lanes"]
    (account,) = [lane for lane in lanes if lane["kind"] == "account"]
    assert [use["alertId"] for use in account["uses"]] == ["a@1", "b@5"]


def test_like_alerts_without_a_long_pause_are_one_wave(modules: Page) -> None:
    like = [alert(minute, title="same") for minute in (0, 10, 20, 25, 90)]
    marks = attack(modules, incident(), *like)["marks"]
    assert [(mark["kind"], len(mark["alerts"])) for mark in marks] == [("wave", 4), ("plain", 1)]


def test_what_decides_is_in_no_wave(modules: Page) -> None:
    like = [alert(minute, title="same") for minute in (0, 1, 2, 3)]
    deciding = incident(stages=[{"alert": mention(like[0]), "rarity": "1 of 12 machines"}])
    marks = attack(modules, deciding, *like)["marks"]
    assert [(mark["kind"], mark["rarity"]) for mark in marks] == [
        ("key", "1 of 12 machines"),
        ("wave", ""),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"severity": "Informational"}, id="by its severity"),
        pytest.param({"alertType": "Noise"}, id="by its detection"),
    ],
)
def test_what_does_not_count_is_context(modules: Page, fields: dict[str, Any]) -> None:
    made = attack(modules, incident(background=["Noise"]), alert(1, **fields))
    assert [mark["kind"] for mark in made["marks"]] == ["context"]
    assert not made["lanes"][0]["decides"]


_LAY = """async ([incident, alerts, width]) => {
  const { attackMap } = await import("/views/incident/attack-map-model.js");
  const { axisOf, dotsOf } = await import("/views/incident/attack-map-layout.js");
  const map = attackMap(incident, alerts);
  const axis = axisOf(map);
  const dots = map.lanes.map((lane) => dotsOf(lane, (at) => axis.place(at) * width, width));
  return { folds: axis.folds, dots: dots.map((lane) => lane.map(({ mark, ...dot }) => dot)) };
}"""


def laid(page: Page, *alerts: dict[str, Any], width: int = 1000) -> dict[str, Any]:
    made: dict[str, Any] = page.evaluate(_LAY, [incident(), list(alerts), width])
    return made


def test_time_runs_to_the_right_and_seconds_can_be_told_apart_beside_days(modules: Page) -> None:
    (dots,) = laid(modules, alert(0), alert(0.5), alert(3000))["dots"]
    first, second, third = (dot["x"] for dot in dots)
    assert first == 0
    assert second - first > 60
    assert third == 1000


def test_a_long_pause_is_folded_and_says_how_long_it_was(modules: Page) -> None:
    (fold,) = laid(modules, alert(0), alert(1), alert(601))["folds"]
    assert fold["length"] == 600 * 60_000


def test_one_alert_alone_stands_in_the_middle(modules: Page) -> None:
    (dots,) = laid(modules, alert(5))["dots"]
    assert dots[0]["x"] == 500


def test_marks_that_would_overlap_share_one_of_the_worst_severity(modules: Page) -> None:
    near = [alert(0.01 * n, title=f"t{n}", severity="High" if n else "Low") for n in range(2)]
    (dots,) = laid(modules, *near, alert(400), width=60)["dots"]
    assert [(dot["alerts"], dot["severity"]) for dot in dots] == [(2, "High"), (1, "Medium")]


def test_titles_have_room_and_do_not_overlap(modules: Page) -> None:
    many = [alert(7 * n, title=f"A title of some length, number {n}") for n in range(30)]
    (dots,) = laid(modules, *many)["dots"]
    labels = [dot["label"] for dot in dots if dot["label"]]
    assert len(labels) > 3
    for one, other in pairwise(labels):
        assert one["x"] + one["width"] <= other["x"]
    assert all(label["x"] + label["width"] <= 1000 for label in labels)


_DRAW = """async ([incident, alerts, turns]) => {
  const { AttackMapView } = await import("/views/incident/attack-map.js");
  const view = new AttackMapView(() => {});
  document.querySelector("main").replaceChildren(view.element);
  for (let turn = 0; turn < turns; turn += 1) {
    view.show({ ...incident, alertCount: alerts.length }, [...alerts]);
    view.read();
    view.element.getBoundingClientRect();
  }
  const marks = view.element.querySelectorAll(".mark").length;
  view.close();
  return marks;
}"""


def drawn(page: Page, about: dict[str, Any], alerts: list[dict[str, Any]], turns: int = 1) -> int:
    marks: int = page.evaluate(_DRAW, [about, alerts, turns])
    return marks


def busy_ms(page: Page, run: Callable[[], object]) -> float:
    """The processor's time that the page's thread took, whatever else the machine does."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))

    before = busy()
    run()
    return (busy() - before) * 1_000


def test_300_alerts_on_40_machines_are_drawn_within_one_frame(modules: Page) -> None:
    alerts = [alert(3.3 * n, f"host-{n % 40:02}", title=f"Title number {n}") for n in range(300)]
    about = incident(*(tie(alerts[n], alerts[n + 1]) for n in range(39)))
    assert drawn(modules, about, alerts, turns=3) > 80
    took = busy_ms(modules, lambda: drawn(modules, about, alerts, turns=10))
    assert took / 10 < _FRAME_MS


def test_3_alerts_are_a_map_too(modules: Page) -> None:
    alerts = [alert(n, f"host-{n}") for n in range(3)]
    assert drawn(modules, incident(tie(alerts[0], alerts[1])), alerts) == 3
