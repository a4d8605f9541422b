"""Facets, entities, exports, batches and rejections over HTTP, on the emulator."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from local.stack import Stack
from shared.entities import entity
from shared.rejection import Rejection, redrive_origin
from shared.severity import Severity
from shared.store.definitions import ALERTS, INCIDENTS, REJECTED
from shared.times import DAY, HOUR, MINUTE, format_time
from tests.integration.api_support import (
    START,
    Api,
    alert_stored,
    api_over,
    coverage_stored,
    host,
    incident_stored,
    redirect_stored,
)

NOW = START + 30 * DAY


@pytest.fixture
async def api(services: Stack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    async with api_over(services.cosmos_connection, monkeypatch, now=lambda: NOW) as opened:
        yield opened


async def test_facets_count_for_the_current_filter(api: Api) -> None:
    await api.store(
        INCIDENTS,
        incident_stored("i-1", severity="High", labels=["vip"]),
        incident_stored("i-2", severity="Low", labels=["vip"], status="Resolved"),
        incident_stored("i-3", severity="Low"),
    )
    body = await api.get("/api/incidents/facets?severity=Low")
    assert body["total"] == 2
    assert (body["bySeverity"]["High"], body["bySeverity"]["Low"]) == (1, 2)
    assert body["byStatus"]["Active"] == 1
    narrowed = await api.get("/api/incidents/facets?severity=Low&label=vip")
    assert narrowed["total"] == 1
    assert (narrowed["bySeverity"]["High"], narrowed["bySeverity"]["Low"]) == (1, 1)


@pytest.mark.parametrize(
    "query", ["", "severity=High&status=Active", "q=web01", "from=2026-11-20&to=2026-11-21"]
)
async def test_facets_agree_with_the_list(api: Api, query: str) -> None:
    for number in range(12):
        severity = ("High", "Low", "Medium")[number % 3]
        status = ("Active", "Resolved")[number % 2]
        await api.store(INCIDENTS, incident_stored(f"i-{number}", severity=severity, status=status))
    facets = await api.get(f"/api/incidents/facets?{query}")
    assert facets["total"] == len(await api.follow(f"/api/incidents?limit=5&{query}"))


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("", id="everything"),
        pytest.param("severity=High&status=Active", id="what is counted"),
        pytest.param("from=2026-11-20T01:30:00Z&to=2026-11-20T04:15:00Z", id="parts of hours"),
        pytest.param("from=2026-11-20T02:00:00Z&severity=Low", id="whole hours"),
        pytest.param("entity=account:anna&status=Resolved", id="what is counted one by one"),
        pytest.param("q=logon&resource=host:web01", id="words in one resource"),
    ],
)
async def test_facets_of_alerts_agree_with_the_list(api: Api, query: str) -> None:
    for number in range(12):
        severity = (Severity.High, Severity.Low, Severity.Medium)[number % 3]
        status = ("Active", "Resolved")[number % 2]
        start = START + number * 30 * MINUTE
        await api.store(ALERTS, alert_stored(severity=severity, status=status, start=start))
    facets = await api.get(f"/api/alerts/facets?{query}")
    assert facets["complete"] is True
    assert facets["total"] == len(await api.follow(f"/api/alerts?limit=5&{query}"))


async def test_facets_of_alerts_say_where_they_stopped(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("http_api.alert_facets.MOST_COUNTED", 3)
    await api.store(ALERTS, *(alert_stored() for _ in range(4)))
    some = await api.get("/api/alerts/facets?source=defender_arm")
    assert (some["total"], some["complete"]) == (3, False)
    every = await api.get("/api/alerts/facets?severity=Medium")
    assert (every["total"], every["complete"]) == (4, True)


async def test_an_entity_has_its_incidents_and_alerts(api: Api) -> None:
    of_anna = {"entities": (entity("account", r"CORP\Anna"),)}
    await api.store(
        ALERTS,
        alert_stored(title="first", start=START, **of_anna),
        alert_stored(title="last", start=START + HOUR, **of_anna),
        alert_stored(title="another's"),
    )
    await api.store(
        INCIDENTS, incident_stored("i-low", confidence="low", keys=["account:anna@corp"])
    )
    key = "account:anna@corp"
    body = await api.get("/api/entities/account/CORP%5CAnna")
    assert body["key"] == key
    assert [row["incidentId"] for row in body["incidents"]] == ["i-low"]
    assert [row["title"] for row in body["alerts"]] == ["last", "first"]
    assert (body["firstUtc"], body["lastUtc"]) == (
        format_time(START),
        format_time(START + HOUR + MINUTE),
    )
    for link, rows in (("incidentsLink", 1), ("alertsLink", 2)):
        assert len((await api.get(body[link]))["value"]) == rows


async def test_an_entity_whose_value_has_slashes(api: Api) -> None:
    await api.store(ALERTS, alert_stored(entities=(entity("url", "https://evil.example/a/b"),)))
    body = await api.get("/api/entities/url/https:%2F%2Fevil.example%2Fa%2Fb")
    assert len(body["alerts"]) == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("account/somebody", 404),
        ("person/anna", 400),
        ("address/127.0.0.1", 400),
        ("account/", 400),
    ],
)
async def test_an_entity_that_is_none(api: Api, path: str, status: int) -> None:
    assert (await api.call("GET", f"/api/entities/{path}")).status == status


@pytest.mark.parametrize("name", ["markdown", "stix", "ocsf", "navigator"])
async def test_an_incident_is_exported_with_its_alerts(api: Api, name: str) -> None:
    web = host("web01")
    await api.store(
        INCIDENTS, incident_stored("i-1"), coverage_stored("i-1", web, (START, START + HOUR))
    )
    await api.store(ALERTS, alert_stored(title="Odd logon", resource=web, start=START))
    reply = await api.call("GET", f"/api/incidents/i-1/export?format={name}")
    assert reply.status == 200
    assert reply.headers["content-disposition"].startswith('attachment; filename="incident-i-1.')
    text = reply.body.decode()
    assert ("Odd logon" if name in ("markdown", "ocsf") else "T1078") in text
    if name != "markdown":
        json.loads(text)


async def test_an_export_follows_a_merge_and_names_its_formats(api: Api) -> None:
    redirect = redirect_stored("i-0", "i-1")
    await api.store(INCIDENTS, redirect, incident_stored("i-1"))
    moved = await api.call("GET", "/api/incidents/i-0/export?format=stix")
    assert moved.status == 308
    assert moved.headers["location"] == "/api/incidents/i-1/export?format=stix"
    reply = await api.call("GET", "/api/incidents/i-1/export?format=pdf")
    assert reply.json()["errors"][0]["allowed"] == ["markdown", "stix", "ocsf", "navigator"]


async def change_many(api: Api, path: str, items: list[Any], change: Any) -> list[Any]:
    reply = await api.call("PATCH", path, {"items": items, "change": change})
    assert reply.status == 200, reply
    outcomes: list[Any] = reply.json()["value"]
    return outcomes


async def test_each_incident_of_a_batch_has_its_own_outcome(api: Api) -> None:
    redirect = redirect_stored("i-old", "i-1")
    await api.store(INCIDENTS, incident_stored("i-1"), incident_stored("i-2"), redirect)
    etag = (await api.get("/api/incidents/i-1"))["etag"]
    items = [
        {"id": "i-1", "etag": etag},
        {"id": "i-2", "etag": '"stale"'},
        {"id": "i-none", "etag": "*"},
        {"id": "i-old", "etag": "*"},
    ]
    change = {"status": "Dismissed", "comment": "a drill"}
    outcomes = await change_many(api, "/api/incidents", items, change)
    assert [(each["id"], each["status"]) for each in outcomes] == [
        ("i-1", 200),
        ("i-2", 412),
        ("i-none", 404),
        ("i-old", 409),
    ]
    changed = await api.get("/api/incidents/i-1")
    assert changed["status"] == "Dismissed"
    assert changed["etag"] == outcomes[0]["etag"]
    assert changed["history"][0]["comment"] == "a drill"
    assert (await api.get("/api/incidents/i-2"))["status"] == "Active"


async def test_many_alerts_are_changed_by_what_lists_give(api: Api) -> None:
    await api.store(ALERTS, *(alert_stored() for _ in range(12)))
    rows = (await api.get("/api/alerts"))["value"]
    items = [{"id": row["alertId"], "etag": row["etag"]} for row in rows]
    outcomes = await change_many(api, "/api/alerts", items, {"status": "Resolved"})
    assert {each["status"] for each in outcomes} == {200}
    assert len((await api.get("/api/alerts?status=Resolved"))["value"]) == 12


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({"items": [], "change": {"status": "Active"}}, "items", id="no item"),
        pytest.param({"items": [{"id": "i", "etag": "*"}], "change": {}}, "change", id="no change"),
        pytest.param(
            {"items": [{"id": "i", "etag": "*"}] * 2, "change": {"status": "Active"}},
            "items",
            id="an item twice",
        ),
        pytest.param(
            {"items": [{"id": "i"}], "change": {"status": "Active"}}, "items.0.etag", id="no etag"
        ),
        pytest.param(
            {"items": [{"id": "i", "etag": "*"}], "change": {"state": 1}},
            "change.state",
            id="an unknown field",
        ),
        pytest.param(
            {
                "items": [{"id": str(n), "etag": "*"} for n in range(101)],
                "change": {"status": "Active"},
            },
            "items",
            id="too many",
        ),
    ],
)
async def test_a_batch_that_cannot_be_used_is_refused_whole(
    api: Api, body: Any, field: str
) -> None:
    reply = await api.call("PATCH", "/api/incidents", body)
    assert reply.status == 400
    assert reply.errors.keys() == {field}


def rejected(number: int, **fields: Any) -> Rejection:
    made: dict[str, Any] = {
        "reason": "invalid",
        "message": "startTimeUtc: is missing",
        "body": b'{"n": %d}' % number,
        "message_id": f"m-{number}",
        "queued": START + number * HOUR,
        "source": "defender_arm",
        "errors": [{"field": "startTimeUtc", "reason": "is missing"}],
    }
    return Rejection(**(made | fields))


async def keep(api: Api, *rejections: Rejection) -> None:
    for rejection in rejections:
        await api.services.rejected.add([rejection], at=rejection.queued)


async def test_rejections_are_listed_newest_first_and_filtered(api: Api) -> None:
    await keep(
        api,
        *(rejected(number) for number in range(5)),
        rejected(9, reason="unreadable", source=""),
    )
    rows = await api.follow("/api/rejected?limit=2")
    assert [row["messageId"] for row in rows] == ["m-9", "m-4", "m-3", "m-2", "m-1", "m-0"]
    assert rows[1]["errors"] == [{"field": "startTimeUtc", "reason": "is missing"}]
    for query, found in (
        ("reason=unreadable", ["m-9"]),
        ("source=defender_arm&from=2026-11-20T03:00:00Z", ["m-4", "m-3"]),
        ("to=2026-11-20T01:00:00Z", ["m-0"]),
        ("status=accepted", []),
    ):
        rows = (await api.get(f"/api/rejected?{query}"))["value"]
        assert [row["messageId"] for row in rows] == found


async def the_one(api: Api) -> Any:
    (row,) = (await api.get("/api/rejected"))["value"]
    return await api.get(f"/api/rejected/{row['id']}")


async def test_a_rejection_is_shown_whole_and_put_back_on_the_queue(api: Api) -> None:
    await keep(api, rejected(1))
    one = await the_one(api)
    assert one["body"] == '{"n": 1}'
    assert one["id"].startswith("2026-11-20-")
    reply = await api.call("POST", f"/api/rejected/{one['id']}/redrive")
    assert (reply.status, reply.json()) == (202, {"queued": 1, "skipped": 0})
    (message,) = reply.queued
    origin = redrive_origin(message.encode())
    assert origin is not None
    assert one["id"] == f"{origin.day}-{origin.id}"
    after = await the_one(api)
    assert after["status"] == "redriven"
    assert [entry["what"] for entry in after["history"]] == ["redriven"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "accepted"}, "it was accepted"),
        ({"bodyCut": True}, "push it anew"),
        ({"reason": "uncorrelated"}, "its alert is stored"),
    ],
    ids=["accepted", "cut", "uncorrelated"],
)
async def test_what_cannot_be_redriven_says_why(
    api: Api, changes: dict[str, Any], reason: str
) -> None:
    await keep(api, rejected(1))
    one = await the_one(api)
    day, name = one["id"][:10], one["id"][11:]
    document = await api.database.container(REJECTED).read_item(name, day)
    await api.store(REJECTED, {**document, **changes})
    reply = await api.call("POST", f"/api/rejected/{one['id']}/redrive")
    assert reply.status == 409
    assert reason in reply.json()["detail"]
    assert reply.queued == ()


async def test_all_that_match_are_redriven_page_by_page(api: Api) -> None:
    await keep(api, *(rejected(number) for number in range(5)), rejected(9, reason="unreadable"))
    path: str | None = "/api/rejected/redrive?reason=invalid&limit=2"
    queued: list[str] = []
    while path:
        reply = await api.call("POST", path)
        assert reply.status == 202
        queued += reply.queued
        path = reply.json().get("nextLink")
    assert len(queued) == 5
    left = (await api.get("/api/rejected?status=rejected"))["value"]
    assert [row["messageId"] for row in left] == ["m-9"]


@pytest.mark.parametrize("name", ["x", "2026-11-24-zz", "2026-11-24-", "2026-11-24-abc"])
async def test_a_rejection_that_is_not_there(api: Api, name: str) -> None:
    assert (await api.call("GET", f"/api/rejected/{name}")).status == 404
    assert (await api.call("POST", f"/api/rejected/{name}/redrive")).status == 404
