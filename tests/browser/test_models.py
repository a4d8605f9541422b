"""What is drawn where: the page's pure modules, run in the browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import new_context
from tests.browser.fakes.server import serve
from tests.browser.fakes.world import World

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def modules(browser: Browser) -> Iterator[Page]:
    with serve(World.empty()) as fake:
        context = new_context(browser)
        page = context.new_page()
        page.goto(fake.url)
        yield page
        context.close()


def call(page: Page, module: str, function: str, *arguments: Any) -> Any:
    """Call a function that a module exports."""
    script = "async ([path, name, args]) => (await import(path))[name](...args)"
    return page.evaluate(script, [f"/{module}", function, list(arguments)])


def alert(minute: float, **fields: Any) -> dict[str, Any]:
    at = f"2026-11-24T08:{int(minute):02}:{int(minute % 1 * 60):02}.000Z"
    name = fields.pop("resource", "web-01")
    return {
        "alertId": f"{minute}-{name}",
        "title": "x",
        "severity": "Low",
        "tactics": ["Execution"],
        "resource": {"id": name, "name": name, "type": "host"},
        "startTimeUtc": at,
        **fields,
    }


def lay(page: Page, alerts: list[dict[str, Any]], lanes: str = "resource") -> dict[str, Any]:
    options = {"lanes": lanes, "width": 1000, "markWidth": 14}
    laid: dict[str, Any] = call(
        page, "views/incident/timeline-model.js", "layTimeline", alerts, options
    )
    return laid


def test_alerts_far_apart_have_marks_of_their_own(modules: Page) -> None:
    (lane,) = lay(modules, [alert(0), alert(30), alert(59)])["lanes"]
    assert [len(mark["alerts"]) for mark in lane["marks"]] == [1, 1, 1]
    assert lane["marks"][0]["x"] < lane["marks"][1]["x"] < lane["marks"][2]["x"] <= 1000


def test_alerts_that_would_overlap_share_a_mark_of_the_worst_severity(modules: Page) -> None:
    near = [alert(10), alert(10.1, severity="High"), alert(10.2)]
    (lane,) = lay(modules, [alert(0), *near, alert(59)])["lanes"]
    assert [len(mark["alerts"]) for mark in lane["marks"]] == [1, 3, 1]
    assert lane["marks"][1]["severity"] == "High"
    assert lane["total"] == 5


def test_one_alert_alone_has_a_place(modules: Page) -> None:
    (lane,) = lay(modules, [alert(5)])["lanes"]
    assert lane["marks"][0]["x"] == 500


def test_the_resource_that_was_attacked_first_comes_first(modules: Page) -> None:
    laid = lay(modules, [alert(9, resource="b"), alert(3, resource="c"), alert(20, resource="a")])
    assert [lane["title"] for lane in laid["lanes"]] == ["c", "b", "a"]


def test_stages_are_lanes_in_kill_chain_order_and_an_alert_may_be_in_two(modules: Page) -> None:
    alerts = [
        alert(1, tactics=["Impact"]),
        alert(2, tactics=["InitialAccess", "Execution"]),
        alert(3, tactics=[]),
    ]
    laid = lay(modules, alerts, "stage")
    titles = [lane["title"] for lane in laid["lanes"]]
    assert titles == ["Initial Access", "Execution", "Impact", "No stage"]


def link(key: str, *resources: str) -> dict[str, Any]:
    ends = [{"alertId": name, "title": "x", "resource": name} for name in resources]
    return {"key": key, "kind": "account", "value": key, "alerts": ends, "text": ""}


def graph(page: Page, resources: list[str], links: list[dict[str, Any]]) -> dict[str, Any]:
    named = [{"id": name, "name": name, "type": "host"} for name in resources]
    laid: dict[str, Any] = call(page, "views/incident/graph-model.js", "layGraph", named, links)
    return laid


def values(nodes: list[dict[str, Any]]) -> list[str]:
    return [node["value"] for node in nodes]


def test_the_graph_is_ordered_so_that_lines_do_not_cross(modules: Page) -> None:
    laid = graph(modules, ["a", "b", "c", "d"], [link("x", "a", "c"), link("y", "b", "d")])
    assert values(laid["resources"]) == ["a", "c", "b", "d"]
    assert values(laid["entities"]) == ["x", "y"]


def test_the_graph_leaves_out_what_ties_a_resource_to_itself(modules: Page) -> None:
    laid = graph(modules, ["a", "b"], [link("x", "a", "a"), link("y", "a", "b")])
    assert values(laid["entities"]) == ["y"]
    assert len(laid["edges"]) == 2


def test_the_graph_shows_a_resource_that_only_a_link_names(modules: Page) -> None:
    laid = graph(modules, ["a"], [link("x", "a", "z")])
    assert values(laid["resources"]) == ["a", "z"]


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        pytest.param(0, "0 s", id="nothing"),
        pytest.param(41_000, "41 s", id="seconds"),
        pytest.param(125_000, "2 min 5 s", id="minutes and seconds"),
        pytest.param(19 * 60_000 + 5_000, "19 min", id="many minutes"),
        pytest.param(8_040_000, "2 h 14 min", id="hours and minutes"),
        pytest.param(3 * 86_400_000, "3 d", id="whole days"),
    ],
)
def test_durations_are_told_in_two_units_at_most(
    modules: Page, milliseconds: int, text: str
) -> None:
    assert call(modules, "ui/format.js", "duration", milliseconds) == text


@pytest.mark.parametrize(
    ("fragment", "path"),
    [
        pytest.param("#/", [], id="root"),
        pytest.param("#/incidents/ab?tab=alerts", ["incidents", "ab"], id="with a query"),
        pytest.param("#/entities/file/a%2Fb", ["entities", "file", "a/b"], id="a slash in a value"),
        pytest.param("#/alerts/%E0%A4%A", ["alerts", "%E0%A4%A"], id="malformed"),
    ],
)
def test_addresses_are_read(modules: Page, fragment: str, path: list[str]) -> None:
    assert call(modules, "router.js", "parseRoute", fragment)["path"] == path


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("http://internal.invalid/api/feed?cursor=x", id="of another name"),
        pytest.param("/api/feed?cursor=x", id="without a host"),
    ],
)
def test_a_next_link_is_followed_on_the_host_that_served_the_page(modules: Page, link: str) -> None:
    with modules.expect_request("**/api/feed?cursor=x") as sent:
        modules.evaluate(
            "async link => (await import('/service/client.js')).follow(link).catch(() => {})", link
        )
    assert sent.value.url.startswith(modules.url.split("#")[0])
