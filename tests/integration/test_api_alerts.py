"""Alerts and the feed over HTTP, on the emulator with the real SDK."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from http_api.services import Services
from local.stack import Stack
from shared.alert import Finding
from shared.entities import entity
from shared.killchain import Tactic
from shared.severity import Severity
from shared.store import membership
from shared.store.definitions import ALERTS, INCIDENTS
from shared.times import DAY, HOUR, MINUTE, SECOND, format_time
from tests.integration.api_support import (
    START,
    Api,
    activity_stored,
    alert_stored,
    api_over,
    coverage_stored,
    host,
    incident_stored,
    redirect_stored,
)

NOW = START + 30 * DAY
ON_DAY_3 = format_time(START + 3 * DAY)


@pytest.fixture
async def api(services: Stack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    async with api_over(services.cosmos_connection, monkeypatch, now=lambda: NOW) as opened:
        yield opened


async def titles(api: Api, query: str) -> list[str]:
    return [row["title"] for row in (await api.get(f"/api/alerts?{query}"))["value"]]


ONE = alert_stored(
    title="one",
    start=START,
    severity=Severity.High,
    tactics=(Tactic.Impact,),
    source="falco",
    resource=host("web01"),
    entities=(entity("account", r"CORP\Anna"),),
    description="A miner runs.",
)
TWO = alert_stored(
    title="two",
    start=START + DAY,
    severity=Severity.Low,
    resource=host("db01"),
    entities=(entity("address", "10.0.0.5"),),
    status="Resolved",
    assignedTo="bo",
    labels=["vip"],
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("", ["two", "one"], id="all, newest first"),
        pytest.param("severity=High", ["one"], id="severity"),
        pytest.param("status=Resolved", ["two"], id="status"),
        pytest.param("stage=Impact", ["one"], id="stage"),
        pytest.param("resource=WEB01", ["one"], id="resource by name"),
        pytest.param("resource=host:db01", ["two"], id="resource by key"),
        pytest.param("resource=host:db01,host:web01", ["two", "one"], id="two resources"),
        pytest.param("entity=account:anna@corp", ["one"], id="entity"),
        pytest.param("entity=host:db01", ["two"], id="the resource as an entity"),
        pytest.param("source=falco", ["one"], id="source"),
        pytest.param("assignedTo=bo", ["two"], id="owner"),
        pytest.param("assignedTo=none", ["one"], id="nobody's"),
        pytest.param("label=vip", ["two"], id="label"),
        pytest.param("from=2026-11-20&to=2026-11-21", ["one"], id="period"),
        pytest.param("q=MINER", ["one"], id="words"),
        pytest.param("orderBy=severity", ["one", "two"], id="order by severity"),
        pytest.param("orderBy=start%20asc", ["one", "two"], id="order by start, oldest first"),
        pytest.param("orderBy=received", ["two", "one"], id="order by arrival"),
        pytest.param("severity=High&q=miner&resource=web01&limit=1", ["one"], id="combined"),
    ],
)
async def test_filters_and_orders(api: Api, query: str, found: list[str]) -> None:
    await api.store(ALERTS, ONE, TWO)
    assert await titles(api, query) == found


def hurry(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every look at the clock be two seconds after the last, so that a search is soon late."""
    ticks = itertools.count(NOW, 2 * SECOND)
    hurried = replace(api.services, now=lambda: next(ticks))

    async def opened() -> Services:
        return hurried

    monkeypatch.setattr("http_api.blueprint.process_services", opened)


async def test_by_severity_too_a_search_that_takes_long_goes_on_page_by_page(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(api, monkeypatch)
    others = [alert_stored(title="other", severity=Severity.Critical) for _ in range(9)]
    await api.store(ALERTS, ONE, *others)
    path = "/api/alerts?q=miner&orderBy=severity"
    first = await api.get(path)
    assert (first["value"], "nextLink" in first) == ([], True)
    assert [row["title"] for row in await api.follow(path)] == ["one"]


async def test_a_search_by_severity_finds_all_in_order_over_many_pages(api: Api) -> None:
    alerts = [
        alert_stored(title=f"{severity.name} {word}", severity=severity)
        for severity in Severity
        for word in ("needle", "hay", "needle")
    ]
    await api.store(ALERTS, *alerts)
    for way, severities in (("", reversed(Severity)), (" asc", Severity)):
        rows = await api.follow(f"/api/alerts?q=needle&orderBy=severity{way}&limit=1")
        expected = [f"{severity.name} needle" for severity in severities for _ in range(2)]
        assert [row["title"] for row in rows] == expected


@pytest.mark.parametrize("path", ["/api/alerts?q=miner", "/api/feed?q=miner"])
async def test_a_search_that_takes_long_goes_on_page_by_page(
    api: Api, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    hurry(api, monkeypatch)
    others = [alert_stored(title="other", start=START + n * DAY) for n in range(1, 9)]
    await api.store(ALERTS, ONE, *others, alert_stored(title="a miner too", start=START + 5 * DAY))
    await api.store(INCIDENTS, incident_stored("i-1", search="miner", lastActivityUtc=ON_DAY_3))
    first = await api.get(path)
    assert first["value"] == []
    incident = [] if "alerts" in path else ["Multi-stage"]
    found = [row["title"].split()[0] for row in await api.follow(path)]
    assert found == ["a", *incident, "one"]
    facets = await api.get("/api/alerts/facets?q=miner")
    assert (facets["total"], facets["complete"]) == (0, False)


async def test_pages_hold_every_alert_once_even_if_the_time_is_the_same(api: Api) -> None:
    alerts = [alert_stored(start=START, resource=host(f"h{n % 3}")) for n in range(11)]
    await api.store(ALERTS, *alerts)
    assert len({document["bucket"] for document in alerts}) > 1
    for limit in (1, 2, 3, 500):
        rows = await api.follow(f"/api/alerts?limit={limit}")
        expected = sorted((document["alertId"] for document in alerts), reverse=True)
        assert [row["alertId"] for row in rows] == expected


async def test_counters_are_no_alerts(api: Api) -> None:
    counter = {**ONE, "id": "0" * 24, "bucket": "0", "type": "count", "n": 1}
    await api.store(ALERTS, ONE, counter)
    assert await titles(api, "") == ["one"]
    reply = await api.call("GET", f"/api/alerts/{counter['id']}")
    assert reply.status == 404


async def test_alerts_of_another_organisation_are_not_there(api: Api) -> None:
    other = alert_stored(title="another's", organisation="other")
    await api.store(ALERTS, ONE, other)
    assert await titles(api, "") == ["one"]
    assert (await api.call("GET", f"/api/alerts/{other['alertId']}")).status == 404


async def test_the_detail_has_all_fields_and_the_original(api: Api) -> None:
    await api.store(ALERTS, ONE)
    reply = await api.call("GET", f"/api/alerts/{ONE['alertId']}")
    body = reply.json()
    assert reply.headers["etag"] == body["etag"]
    assert body["systemAlertId"] == ONE["sourceAlertId"]
    assert body["description"] == "A miner runs."
    assert body["original"] == ONE["original"]
    assert body["entities"] == [
        {"kind": "account", "value": r"CORP\Anna", "key": "account:anna@corp"}
    ]
    assert body["resource"]["key"] == "host:web01"
    assert not {"search", "keys", "entity", "bucket", "_etag"} & body.keys()


@pytest.mark.parametrize("alert_id", ["x", "a-b", "-", "a-", "..", "a%2Fb-c", "ä-ö", "a" * 300])
async def test_an_alert_that_is_not_there_is_not_found(api: Api, alert_id: str) -> None:
    reply = await api.call("GET", f"/api/alerts/{alert_id}")
    assert reply.status == 404
    assert reply.headers["content-type"] == "application/problem+json"


SUPPRESSED = alert_stored(title="suppressed", start=START, suppressedBy="rule-1")
POSTURE = alert_stored(title="a check", start=START, finding=Finding.POSTURE)
STAGELESS = alert_stored(title="no stage", start=START, tactics=(), resource=host("web01"))
AROUND = (START - HOUR, START + HOUR)
LATER = (START + 1, START + HOUR)
WEB = host("web01")


@pytest.mark.parametrize(
    ("alert", "coverage", "incident", "reason"),
    [
        pytest.param(ONE, coverage_stored("i-1", WEB, AROUND), "i-1", None, id="in an incident"),
        pytest.param(
            ONE, coverage_stored("i-old", WEB, AROUND), "i-1", None, id="in one that was absorbed"
        ),
        pytest.param(
            ONE, coverage_stored("i-2", WEB, AROUND), None, membership.BY_CHANCE, id="withdrawn"
        ),
        pytest.param(
            ONE, coverage_stored("i-1", WEB, LATER), None, membership.BY_CHANCE, id="beside one"
        ),
        pytest.param(STAGELESS, None, None, membership.NO_STAGE, id="without a stage"),
        pytest.param(SUPPRESSED, None, None, membership.SUPPRESSED, id="suppressed"),
        pytest.param(POSTURE, None, None, membership.NO_ATTACK, id="no attack"),
    ],
)
async def test_an_alert_names_its_incident_or_says_why_it_has_none(
    api: Api,
    alert: dict[str, Any],
    coverage: dict[str, Any] | None,
    incident: str | None,
    reason: str | None,
) -> None:
    await api.store(ALERTS, alert)
    await api.store(
        INCIDENTS,
        incident_stored("i-1"),
        incident_stored("i-2", visible=False, withdrawn=True),
        redirect_stored("i-old", "i-1"),
        activity_stored(alert),
        *([coverage] if coverage else []),
    )
    body = await api.get(f"/api/alerts/{alert['alertId']}")
    assert (body["incident"] and body["incident"]["incidentId"]) == incident
    assert body.get("incidentReason") == reason
    (row,) = (await api.get("/api/alerts"))["value"]
    assert row["incident"] == body["incident"]


async def test_what_correlation_has_not_taken_in_yet_says_so(api: Api) -> None:
    await api.store(ALERTS, ONE)
    body = await api.get(f"/api/alerts/{ONE['alertId']}")
    assert body["incidentReason"] == membership.NOT_YET


async def test_lists_say_which_part_of_which_incident_an_alert_is(api: Api) -> None:
    other = alert_stored(title="beside", start=START + MINUTE, alert_type="Other")
    await api.store(ALERTS, ONE, other, TWO)
    covered = coverage_stored("i-1", WEB, AROUND, evidence=(ONE,), alerts=2)
    await api.store(INCIDENTS, incident_stored("i-1"), covered)
    for path in ("/api/alerts", "/api/feed?show=alerts"):
        rows = {
            row["title"]: row
            for row in await api.follow(f"{path}{'&' if '?' in path else '?'}limit=2")
        }
        assert (rows["one"]["part"], rows["beside"]["part"]) == ("evidence", "context")
        assert rows["one"]["incident"]["incidentId"] == "i-1"
        assert (rows["two"]["incident"], "part" in rows["two"]) == (None, False)


@pytest.mark.parametrize("limit", [1, 2, 50])
async def test_alerts_in_no_incident_can_be_listed_alone(api: Api, limit: int) -> None:
    inside = [alert_stored(title=f"in {n}", start=START + n * SECOND) for n in range(5)]
    outside = [
        alert_stored(title=f"out {n}", start=START + 2 * HOUR + n * MINUTE) for n in range(3)
    ]
    await api.store(ALERTS, *inside, *outside, SUPPRESSED)
    await api.store(INCIDENTS, incident_stored("i-1"), coverage_stored("i-1", WEB, AROUND))
    rows = await api.follow(f"/api/alerts?incident=none&limit={limit}")
    assert [row["title"] for row in rows] == ["out 2", "out 1", "out 0", "suppressed"]
    facets = await api.get("/api/alerts/facets?incident=none")
    assert (facets["total"], facets["complete"]) == (4, True)


async def test_what_was_changed_since_can_be_asked_for(api: Api) -> None:
    await api.store(ALERTS, ONE, TWO)
    assert await titles(api, "orderBy=updated") == ["two", "one"]
    await api.change(f"/api/alerts/{ONE['alertId']}", "*", {"comment": "seen"})
    assert await titles(api, "orderBy=updated") == ["one", "two"]
    assert await titles(api, f"updatedFrom={format_time(NOW)}") == ["one"]


async def test_the_version_of_an_alert_covers_its_incident(api: Api) -> None:
    await api.store(ALERTS, ONE)
    await api.store(INCIDENTS, incident_stored("i-1"))
    await api.store(INCIDENTS, coverage_stored("i-1", WEB, AROUND))
    path = f"/api/alerts/{ONE['alertId']}"
    known = {"If-None-Match": (await api.call("GET", path)).headers["etag"]}
    assert (await api.call("GET", path, headers=known)).status == 304
    await api.store(INCIDENTS, incident_stored("i-1", status="Resolved"))
    assert (await api.call("GET", path, headers=known)).status == 200


async def test_a_change_of_an_alert_is_kept_within_it(api: Api) -> None:
    await api.store(ALERTS, ONE)
    path = f"/api/alerts/{ONE['alertId']}"
    before = await api.get(path)
    body = {"status": "Dismissed", "assignedTo": "bo", "labels": ["noise"], "comment": "a drill"}
    reply = await api.change(path, before["etag"], body)
    assert reply.status == 200
    after = reply.json()
    assert (after["status"], after["assignedTo"], after["labels"]) == ("Dismissed", "bo", ["noise"])
    history = after["triage"]["history"]
    assert [entry["what"] for entry in history] == ["status", "assignedTo", "labels"]
    assert history[0]["comment"] == "a drill"
    again = await api.change(path, before["etag"], {"status": "Active"})
    assert again.status == 412


async def test_the_version_in_a_list_does_for_a_change(api: Api) -> None:
    await api.store(ALERTS, ONE)
    row = (await api.get("/api/alerts"))["value"][0]
    reply = await api.change(f"/api/alerts/{row['alertId']}", row["etag"], {"comment": "seen"})
    assert reply.status == 200
    assert reply.json()["triage"]["history"][0]["what"] == "comment"


async def test_the_history_of_an_alert_keeps_its_latest_changes(api: Api) -> None:
    history = [{"atUtc": format_time(START), "by": "x", "what": "comment"}] * 200
    await api.store(ALERTS, {**ONE, "triage": {"history": history}})
    reply = await api.change(f"/api/alerts/{ONE['alertId']}", "*", {"comment": "the last"})
    kept = reply.json()["triage"]["history"]
    assert len(kept) == 200
    assert kept[-1]["comment"] == "the last"


async def feed(api: Api, query: str) -> list[str]:
    rows = await api.follow(f"/api/feed?{query}")
    return [f"{row['kind']} {row.get('incidentId') or row['title']}" for row in rows]


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
async def test_the_feed_merges_by_activity(api: Api, limit: int) -> None:
    await api.store(
        INCIDENTS,
        incident_stored("i-1", lastActivityUtc=format_time(START + 2 * HOUR)),
        incident_stored("i-2", lastActivityUtc=format_time(START)),
        incident_stored("i-low", confidence="low"),
    )
    at = START + 2 * HOUR - MINUTE
    await api.store(
        ALERTS,
        alert_stored(title="same time as i-1", start=at),
        alert_stored(title="newest", start=START + DAY),
        alert_stored(title="oldest", start=START - DAY),
    )
    expected = [
        "alert newest",
        "incident i-1",
        "alert same time as i-1",
        "incident i-2",
        "alert oldest",
    ]
    assert await feed(api, f"show=both&limit={limit}") == expected
    assert await feed(api, f"limit={limit}") == expected
    for show, kind in (("incidents", "incident"), ("alerts", "alert")):
        only = [row for row in expected if row.startswith(kind)]
        assert await feed(api, f"show={show}&limit={limit}") == only


async def test_the_feed_takes_the_filters_of_both(api: Api) -> None:
    await api.store(INCIDENTS, incident_stored("i-1"), incident_stored("i-2", severity="Low"))
    await api.store(ALERTS, ONE, TWO)
    assert await feed(api, "severity=High") == ["incident i-1", "alert one"]


async def test_a_cursor_of_the_feed_cannot_be_forged(api: Api) -> None:
    await api.store(ALERTS, ONE, TWO)
    page = await api.get("/api/feed?limit=1")
    reply = await api.call("GET", page["nextLink"].replace("limit=1", "limit=1&show=alerts"))
    assert reply.status == 400
