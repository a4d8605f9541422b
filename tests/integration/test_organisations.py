"""Two organisations in one database, with equal names and addresses: nothing of one shows."""

import gzip
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from ingest_alert.bootstrap import compose
from ingest_alert.handling import Message, ingest
from ingest_alert.organisations import Organisations
from local.openapi.operations import OPERATIONS, Operation
from local.stack import Stack
from shared.rejection import Rejection, rejected_document
from shared.store.definitions import ALERTS, INCIDENTS
from shared.store.rejected import RejectedStore
from shared.times import DAY
from tests.integration.api_support import (
    START,
    Api,
    Reply,
    activity_stored,
    alert_stored,
    api_over,
    coverage_stored,
    host,
    incident_stored,
)
from tests.unit.http_api.test_contract import ITSELF

SECRET = "of the others"
OTHERS = "other"
NOW = START + DAY
WALKED = [each for each in OPERATIONS if each.needs_key and (each.method, each.path) != ITSELF]
READING = [each for each in WALKED if each.method == "GET"]
COMMON = ("/api/suppressions", "/api/formats")
"""What all organisations of a database share."""


@dataclass
class World:
    """The API of the one organisation, and what there is of the other."""

    api: Api
    alert: dict[str, Any]
    incident: dict[str, Any]
    decision: dict[str, Any]
    rejection: dict[str, Any]
    mine: str

    def path(self, operation: Operation) -> str:
        """The operation's path, with what is the others'."""
        kinds = {
            "/api/incidents/": self.incident["id"],
            "/api/alerts/": self.alert["id"],
            "/api/rejected/": f"{self.rejection['day']}-{self.rejection['id']}",
            "/api/decisions/": self.decision["id"].removeprefix("d-"),
        }
        path = operation.path.replace("{kind}", "host").replace("{value}", "web01")
        for prefix, own in kinds.items():
            if path.startswith(prefix):
                path = re.sub(r"\{\w+\}", own, path)
        return re.sub(r"\{\w+\}", "none", path)


def of_others(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "organisation": OTHERS}


@pytest.fixture
async def world(services: Stack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    async with api_over(services.cosmos_connection, monkeypatch, now=lambda: NOW) as api:
        mine = alert_stored(title="mine")
        own = incident_stored("i-1", title="mine")
        alert = alert_stored(title=SECRET, organisation=OTHERS)
        incident = of_others(incident_stored(f"{OTHERS}-1", title=SECRET))
        where = (START, START + DAY)
        decision = {"id": "d-theirs", "type": "decision", "kind": "merge", "state": "done"}
        decision = of_others({**decision, "comment": SECRET, "about": incident["id"]})
        covered = coverage_stored(incident["id"], host("web01"), where, evidence=(alert,))
        refused = Rejection("unreadable", SECRET, SECRET.encode(), "m-9", START)
        await RejectedStore(api.database, OTHERS).add([refused], at=START)
        await api.store(ALERTS, mine, alert)
        await api.store(
            INCIDENTS,
            *(own, coverage_stored("i-1", host("web01"), where, evidence=(mine,))),
            *(activity_stored(mine), incident, decision, of_others(activity_stored(alert))),
            of_others(covered),
        )
        rejection = rejected_document(refused, at=START)
        yield World(api, alert, incident, decision, rejection, own["id"])


def text(reply: Reply) -> str:
    zipped = reply.headers.get("content-encoding") == "gzip"
    return (gzip.decompress(reply.body) if zipped else reply.body).decode()


def shows(reply: Reply, world: World) -> list[str]:
    """What of the others a reply shows, beyond the path that was asked for."""
    body = re.sub(r"The (?:incident|alert|rejection|decision) \S+ does not exist", "", text(reply))
    ids = (world.alert["id"], world.incident["id"], world.rejection["id"])
    return [one for one in (SECRET, *ids) if one in body]


async def test_no_route_that_reads_shows_anything_of_the_others(world: World) -> None:
    for operation in READING:
        reply = await world.api.call("GET", world.path(operation))
        assert not shows(reply, world), operation.name
        if "{id}" in operation.path or "{name}" in operation.path:
            assert reply.status == 404, operation.name
    assert (await world.api.get("/api/entities/host/web01"))["alerts"][0]["title"] == "mine"


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("resource=web01", "/api/alerts"),
        ("entity=host:web01", "/api/alerts"),
        ("entity=host:web01&confidence=all", "/api/incidents"),
        ("resource=web01&confidence=all", "/api/incidents"),
        ("q=others&confidence=all", "/api/feed"),
        ("q=others", "/api/alerts"),
        ("incident=none", "/api/alerts"),
    ],
)
async def test_no_filter_reaches_the_others(world: World, query: str, path: str) -> None:
    reply = await world.api.call("GET", f"{path}?{query}")
    assert reply.status == 200
    assert not shows(reply, world)


async def test_no_route_that_writes_reaches_the_others(world: World) -> None:
    theirs = world.incident["id"]
    bodies: dict[str, Any] = {
        "patch_incidents_id": {"labels": ["x"]},
        "patch_alerts_id": {"labels": ["x"]},
        "post_incidents_id_merge": {"with": [world.mine]},
        "post_incidents_id_merge_preview": {"with": [world.mine]},
        "post_incidents_id_split": {"alerts": [world.alert["id"]]},
        "post_incidents_id_split_preview": {"alerts": [world.alert["id"]]},
        "post_incidents_id_undo": {"decision": "theirs"},
        "post_rejected_id_redrive": None,
    }
    walked = {
        each.name: each
        for each in WALKED
        if each.method != "GET" and "{" in each.path and not each.path.startswith(COMMON)
    }
    assert walked.keys() == bodies.keys()
    for name, operation in walked.items():
        reply = await world.api.call(
            operation.method, world.path(operation), bodies[name], headers={"If-Match": "*"}
        )
        assert (reply.status, reply.queued) == (404, ()), name
        assert not shows(reply, world), name
    for path, own in (("/api/incidents", theirs), ("/api/alerts", world.alert["id"])):
        body = {"items": [{"id": own, "etag": "*"}], "change": {"labels": ["x"]}}
        outcome = (await world.api.call("PATCH", path, body)).json()["value"]
        assert [each["status"] for each in outcome] == [404]
    redriven = await world.api.call("POST", "/api/rejected/redrive")
    assert redriven.json()["queued"] == 0
    merged = await world.api.call(
        "POST", f"/api/incidents/{world.mine}/merge/preview", {"with": [theirs]}
    )
    assert merged.status in (404, 409)
    assert SECRET not in text(merged)


async def test_tenants_are_told_apart_as_alerts_come(world: World) -> None:
    services = compose(world.api.database, organisations=Organisations("i", {"red": OTHERS}))
    alerts = [
        {
            "systemAlertId": tenant,
            "alertType": "Scan",
            "alertDisplayName": f"scan of {tenant}",
            "severity": "Low",
            "startTimeUtc": "2026-11-20T10:00:00Z",
            "compromisedEntity": "web01",
            "resourceIdentifiers": [{"type": "AAD", "aadTenantId": tenant}],
        }
        for tenant in ("red", "ours")
    ]
    await ingest(Message("m-1", json.dumps(alerts).encode(), NOW), services)
    titles = [row["title"] for row in await world.api.follow("/api/alerts?resource=web01")]
    assert ("scan of ours" in titles, "scan of red" in titles) == (True, False)
