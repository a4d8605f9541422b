"""Incidents over HTTP, on the emulator with the real SDK."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from local.stack import Stack
from shared.killchain import Tactic
from shared.severity import Severity
from shared.store.definitions import ALERTS, INCIDENTS
from shared.times import DAY, HOUR, format_time
from tests.integration.api_support import (
    OWN,
    START,
    Api,
    alert_stored,
    api_over,
    coverage_stored,
    host,
    incident_stored,
    redirect_stored,
)


@pytest.fixture
async def api(services: Stack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    async with api_over(services.cosmos_connection, monkeypatch, now=lambda: NOW) as opened:
        yield opened


NOW = START + 30 * DAY
VM = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/db01"


async def ids(api: Api, query: str) -> list[str]:
    return [row["incidentId"] for row in (await api.get(f"/api/incidents?{query}"))["value"]]


async def test_the_list_is_of_what_qualified_with_medium_confidence_or_better(api: Api) -> None:
    await api.store(
        INCIDENTS,
        incident_stored("i-high"),
        incident_stored("i-medium", confidence="medium"),
        incident_stored("i-low", confidence="low"),
        incident_stored("i-hidden", visible=False),
        redirect_stored("i-gone", "i-high"),
    )
    assert await ids(api, "") == ["i-medium", "i-high"]
    assert await ids(api, "confidence=low") == ["i-low"]
    assert await ids(api, "confidence=all") == ["i-low", "i-medium", "i-high"]


FIRST = incident_stored(
    "i-1",
    severity="Critical",
    status="InProgress",
    stages=["Execution", "Impact"],
    sources=["falco"],
    assignedTo="anna",
    labels=["vip"],
    firstActivityUtc=format_time(START),
    lastActivityUtc=format_time(START + HOUR),
    keys=["host:web01", "account:anna@corp"],
    search="ransomware on web01",
)
SECOND = incident_stored(
    "i-2",
    firstActivityUtc=format_time(START + DAY),
    lastActivityUtc=format_time(START + DAY),
    resources=[{"key": f"resource:{VM.lower()}", "id": VM, "name": "db01", "type": "vm"}],
    keys=[f"resource:{VM.lower()}", "address:10.0.0.5"],
    search="brute force on db01",
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("severity=critical", ["i-1"], id="severity"),
        pytest.param("severity=Critical,High", ["i-2", "i-1"], id="two severities"),
        pytest.param("severity=Critical&severity=High", ["i-2", "i-1"], id="repeated"),
        pytest.param("severity=Low", [], id="none of that severity"),
        pytest.param("status=InProgress", ["i-1"], id="status"),
        pytest.param("stage=Impact", ["i-1"], id="stage"),
        pytest.param("stage=TA0002", ["i-2", "i-1"], id="stage by its ATT&CK id"),
        pytest.param("resource=web01", ["i-1"], id="resource by name"),
        pytest.param("resource=DB01", ["i-2"], id="resource by name of an ARM id"),
        pytest.param(f"resource={VM}", ["i-2"], id="resource by ARM id"),
        pytest.param("resource=host:web01", ["i-1"], id="resource by key"),
        pytest.param("entity=account:CORP%5Canna", ["i-1"], id="entity, normalised"),
        pytest.param("entity=address:10.0.0.5,account:anna@corp", ["i-2", "i-1"], id="entities"),
        pytest.param("source=falco", ["i-1"], id="source"),
        pytest.param("assignedTo=anna", ["i-1"], id="owner"),
        pytest.param("assignedTo=none", ["i-2"], id="nobody's"),
        pytest.param("label=vip,other", ["i-1"], id="label"),
        pytest.param("from=2026-11-20T12:00:00Z", ["i-2"], id="from"),
        pytest.param("to=2026-11-20T12:00:00Z", ["i-1"], id="to"),
        pytest.param("from=2026-11-20T00:30:00Z&to=2026-11-21T00:00:00Z", ["i-1"], id="overlap"),
        pytest.param("q=RANSOM%20web01", ["i-1"], id="words"),
        pytest.param("q=ransom%20db01", [], id="every word"),
        pytest.param("severity=Critical&status=InProgress&stage=Impact&q=web", ["i-1"], id="all"),
        pytest.param("severity=Critical&status=Active", [], id="all must hold"),
    ],
)
async def test_filters_combine(api: Api, query: str, found: list[str]) -> None:
    await api.store(INCIDENTS, FIRST, SECOND)
    assert await ids(api, query) == found


async def test_a_resource_beyond_the_examples_is_found_by_what_the_incident_covers(
    api: Api,
) -> None:
    await api.store(
        INCIDENTS,
        incident_stored("i-wide"),
        coverage_stored("i-wide", host("app77"), (START, START + HOUR)),
    )
    assert await ids(api, "resource=host:app77") == ["i-wide"]
    assert await ids(api, "resource=host:app78") == []


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("activity", ["i-c", "i-b", "i-a"]),
        ("activity asc", ["i-a", "i-b", "i-c"]),
        ("severity", ["i-a", "i-c", "i-b"]),
        ("score", ["i-b", "i-c", "i-a"]),
        ("created", ["i-c", "i-a", "i-b"]),
    ],
)
async def test_orders_and_pages(api: Api, order: str, found: list[str]) -> None:
    rows = {"i-a": ("Critical", 1, 2), "i-b": ("Low", 9, 1), "i-c": ("Low", 5, 3)}
    for name, (severity, score, created) in rows.items():
        at = format_time(START + created * HOUR)
        await api.store(
            INCIDENTS, incident_stored(name, severity=severity, score=score, createdUtc=at)
        )
    pages = await api.follow(f"/api/incidents?limit=1&orderBy={order.replace(' ', '%20')}")
    assert [row["incidentId"] for row in pages] == found


async def test_ties_are_neither_repeated_nor_missed(api: Api) -> None:
    names = [f"i-{n:02d}" for n in range(25)]
    at = format_time(START)
    await api.store(INCIDENTS, *(incident_stored(name, lastActivityUtc=at) for name in names))
    rows = await api.follow("/api/incidents?limit=7")
    assert [row["incidentId"] for row in rows] == names[::-1]


async def test_a_cursor_survives_what_is_inserted_meanwhile(api: Api) -> None:
    await api.store(INCIDENTS, *(incident_stored(f"i-{n}") for n in range(4)))
    first = await api.get("/api/incidents?limit=2")
    await api.store(INCIDENTS, incident_stored("i-new"))
    second = await api.get(first["nextLink"])
    assert [row["incidentId"] for row in first["value"] + second["value"]] == [
        "i-3",
        "i-2",
        "i-1",
        "i-0",
    ]
    assert "nextLink" not in second


async def test_the_next_link_keeps_the_filters_and_leaves_the_key_out(api: Api) -> None:
    await api.store(INCIDENTS, incident_stored("i-1"), incident_stored("i-2"))
    page = await api.get("/api/incidents?limit=1&severity=High&code=secret")
    assert page["nextLink"].startswith("http://alerts.example/api/incidents?limit=1&severity=High&")
    assert "secret" not in page["nextLink"]


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda link: link[:-2] + ("AA" if link[-2:] != "AA" else "BB"), id="changed"),
        pytest.param(lambda link: link.replace("severity=High", "severity=Low"), id="other filter"),
        pytest.param(lambda link: link.replace("api/incidents", "api/alerts"), id="other list"),
    ],
)
async def test_a_cursor_that_was_tampered_with_is_refused(api: Api, spoil: Any) -> None:
    await api.store(INCIDENTS, incident_stored("i-1"), incident_stored("i-2"))
    page = await api.get("/api/incidents?limit=1&severity=High")
    reply = await api.call("GET", spoil(page["nextLink"]))
    assert reply.status == 400
    assert reply.errors.keys() == {"cursor"}


async def test_the_detail_has_everything_but_what_is_correlations_own(api: Api) -> None:
    await api.store(
        INCIDENTS,
        incident_stored("i-1", follows="i-0", triage={"classification": "TruePositive"}),
        {
            "id": "h-1",
            "incidentId": "i-1",
            "organisation": OWN,
            "type": "history",
            "atUtc": format_time(START),
            "by": "correlation",
            "what": "confidence",
            "to": "high",
        },
    )
    reply = await api.call("GET", "/api/incidents/i-1")
    body = reply.json()
    assert reply.status == 200
    assert reply.headers["etag"] == body["etag"]
    assert body["why"] == {"rule": "two-stages"}
    assert body["follows"] == "i-0"
    assert body["entities"][0]["key"] == "account:anna"
    assert [entry["what"] for entry in body["history"]] == ["confidence"]
    assert not {"coveredCount", "search", "organisation", "keys", "_etag"} & body.keys()


@pytest.mark.parametrize("path", ["i-none", "i-hidden", "h-1", "summary", "..", "i%201", "a" * 300])
async def test_an_incident_that_is_not_there_is_not_found(api: Api, path: str) -> None:
    await api.store(
        INCIDENTS,
        incident_stored("i-hidden", visible=False),
    )
    reply = await api.call("GET", f"/api/incidents/{path}")
    assert reply.status == 404
    assert reply.json()["type"] == "urn:problem:not-found"


async def test_one_that_was_absorbed_redirects_to_the_last_that_absorbed(api: Api) -> None:
    await api.store(
        INCIDENTS,
        redirect_stored("i-a", "i-b"),
        redirect_stored("i-b", "i-c"),
        incident_stored("i-c"),
    )
    for path, location in [
        ("/api/incidents/i-a", "/api/incidents/i-c"),
        ("/api/incidents/i-a/alerts?limit=5&code=x", "/api/incidents/i-c/alerts?limit=5"),
        ("/api/incidents/i-a?select=title,score", "/api/incidents/i-c?select=title%2Cscore"),
        ("/api/incidents/i-a/export?format=stix", "/api/incidents/i-c/export?format=stix"),
    ]:
        reply = await api.call("GET", path)
        assert (reply.status, reply.headers["location"]) == (308, location)
    reply = await api.change("/api/incidents/i-a", '"1"', {"status": "Resolved"})
    assert (reply.status, reply.headers["location"]) == (308, "/api/incidents/i-c")


async def test_its_alerts_come_oldest_first_across_resources(api: Api) -> None:
    web, db = host("web01"), host("db01")
    await api.store(
        INCIDENTS,
        incident_stored("i-1"),
        coverage_stored("i-1", web, (START, START + HOUR)),
        coverage_stored("i-1", db, (START + HOUR, START + 2 * HOUR)),
    )
    inside = [
        alert_stored(resource=web, start=START + 1, title="one"),
        alert_stored(resource=web, start=START + HOUR, title="two"),
        alert_stored(resource=db, start=START + HOUR + 1, title="three"),
    ]
    outside = [
        alert_stored(resource=db, start=START, title="before"),
        alert_stored(resource=host("other"), start=START + 1, title="elsewhere"),
        alert_stored(resource=web, start=START + 2, title="suppressed", suppressedBy="rule-1"),
    ]
    await api.store(ALERTS, *inside, *outside)
    rows = await api.follow("/api/incidents/i-1/alerts?limit=2")
    assert [row["title"] for row in rows] == ["one", "two", "three"]


async def test_a_change_is_kept_with_who_when_from_and_to(api: Api) -> None:
    await api.store(INCIDENTS, incident_stored("i-1"))
    before = await api.get("/api/incidents/i-1")
    reply = await api.change(
        "/api/incidents/i-1",
        before["etag"],
        {"status": "Resolved", "classification": "TruePositive", "comment": "cleaned up"},
    )
    assert reply.status == 200
    after = reply.json()
    assert after["status"] == "Resolved"
    assert after["triage"] == {"classification": "TruePositive", "closedUtc": format_time(NOW)}
    assert after["updatedUtc"] == format_time(NOW)
    assert after["history"] == [
        {
            "atUtc": format_time(NOW),
            "by": "function key",
            "what": "status",
            "from": "Active",
            "to": "Resolved",
            "comment": "cleaned up",
        },
        {
            "atUtc": format_time(NOW),
            "by": "function key",
            "what": "classification",
            "to": "TruePositive",
        },
    ]
    assert after == await api.get("/api/incidents/i-1")
    assert reply.headers["etag"] == after["etag"] != before["etag"]


async def test_a_change_leaves_evidence_alone(api: Api) -> None:
    stored = incident_stored("i-1")
    await api.store(INCIDENTS, stored)
    reply = await api.change("/api/incidents/i-1", "*", {"labels": ["a"], "assignedTo": "bo"})
    assert reply.status == 200
    now = await api.database.container(INCIDENTS).read_item("i-1", OWN)
    own = {name: value for name, value in now.items() if not name.startswith("_")}
    changed = {"labels": ["a"], "assignedTo": "bo", "updatedUtc": format_time(NOW)}
    assert own == stored | changed


@pytest.mark.parametrize(
    ("etag", "body", "status"),
    [
        pytest.param(None, {"status": "Resolved"}, 428, id="no version"),
        pytest.param('"stale"', {"status": "Resolved"}, 412, id="another version"),
        pytest.param("*", {"state": "Resolved"}, 400, id="unknown field"),
        pytest.param("*", {"status": "Done"}, 400, id="unknown status"),
    ],
)
async def test_a_change_that_is_refused_changes_nothing(
    api: Api, etag: str | None, body: Any, status: int
) -> None:
    await api.store(INCIDENTS, incident_stored("i-1"))
    before = await api.get("/api/incidents/i-1")
    reply = await api.change("/api/incidents/i-1", etag, body)
    assert reply.status == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert await api.get("/api/incidents/i-1") == before


async def test_of_two_changes_of_one_version_only_one_is_made(api: Api) -> None:
    await api.store(INCIDENTS, incident_stored("i-1"))
    etag = (await api.get("/api/incidents/i-1"))["etag"]
    first = await api.change("/api/incidents/i-1", etag, {"status": "InProgress"})
    second = await api.change("/api/incidents/i-1", etag, {"status": "Dismissed"})
    assert (first.status, second.status) == (200, 412)
    assert second.headers["etag"] == first.headers["etag"]
    history = (await api.get("/api/incidents/i-1"))["history"]
    assert [entry["to"] for entry in history] == ["InProgress"]


async def test_a_write_that_loses_the_race_is_stale_and_leaves_no_history(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.store(INCIDENTS, incident_stored("i-1"))
    etag = (await api.get("/api/incidents/i-1"))["etag"]
    find = api.services.incidents.find

    async def find_and_lose(incident_id: str) -> Any:
        found = await find(incident_id)
        await api.store(INCIDENTS, incident_stored("i-1", score=1))
        return found

    monkeypatch.setattr(type(api.services.incidents), "find", lambda _, name: find_and_lose(name))
    reply = await api.change("/api/incidents/i-1", etag, {"status": "InProgress"})
    assert reply.status == 412
    monkeypatch.undo()
    assert await api.services.incidents.history(incident_stored("i-1")) == []


async def test_lists_and_details_cost_a_304_when_nothing_changed(api: Api) -> None:
    await api.store(INCIDENTS, incident_stored("i-1"))
    for path in ("/api/incidents", "/api/incidents/i-1"):
        first = await api.call("GET", path)
        known = {"If-None-Match": first.headers["etag"]}
        again = await api.call("GET", path, headers=known)
        assert (again.status, again.body) == (304, b"")
        await api.store(INCIDENTS, incident_stored("i-1"))
        assert (await api.call("GET", path, headers=known)).status == 200


async def test_severity_and_tactics_of_alerts_do_not_leak_into_incidents(api: Api) -> None:
    await api.store(
        ALERTS, alert_stored(severity=Severity.Critical, tactics=(Tactic.Impact,), title="alone")
    )
    assert await ids(api, "severity=Critical") == []
