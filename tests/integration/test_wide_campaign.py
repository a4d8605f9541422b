"""One account on hundreds of machines: small documents, and views that answer."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from azure.cosmos.aio import ContainerProxy

from ingest_alert.bootstrap import compose
from ingest_alert.handling import ingest
from ingest_alert.organisations import Organisations
from local.bench_store import Correlator, messages
from local.demo.cast import Happening, account, arm_alert, host, machine
from shared.settings import Settings
from shared.store.client import Database
from shared.store.definitions import INCIDENTS
from shared.times import DAY, HOUR, now
from tests.integration.api_support import OWN, Api, api_over
from tests.integration.cosmos_support import KEY, emulator

QUERY_ITEMS = ContainerProxy.query_items
MACHINES = 200
MINUTES = 240
START = now() // DAY * DAY - 2 * DAY + 8 * HOUR
KIB = 1024
MOST_SHOWN = 50
STAGES = (("Execution", "Medium"), ("CredentialAccess", "High"), ("LateralMovement", "High"))


def campaign() -> list[dict[str, Any]]:
    """Three stages on each machine, one after the other, by the account that visits them all."""
    return [
        arm_alert(
            Happening(
                number * MINUTES / MACHINES + 2 * step,
                f"{stage} seen", f"T_{stage}", severity, stage, machine(f"vm{number:03d}"),
                (host(f"vm{number:03d}"), account("joe")), (f"Look at vm{number:03d}.",),
            ),
            START,
        )
        for number in range(MACHINES)
        for step, (stage, severity) in enumerate(STAGES)
    ]  # fmt: skip


@dataclass
class Wide:
    """The API over what correlation has made of the campaign, and the incident that it lists."""

    api: Api
    incident: dict[str, Any]


@pytest.fixture
async def wide(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wide]:
    with emulator("--data", ":memory:") as running:
        connection = f"AccountEndpoint={running.address};AccountKey={KEY};"
        async with api_over(connection, monkeypatch) as api:
            with monkeypatch.context() as correlating:
                # The queries that are held to their indexes here are the API's.
                correlating.setattr(ContainerProxy, "query_items", QUERY_ITEMS)
                await correlate(api.database)
            (incident,) = await api.follow("/api/incidents?confidence=all")
            yield Wide(api, incident)


async def correlate(database: Database) -> None:
    """Store, record and reconcile the campaign until there is no more news."""
    services = compose(database, organisations=Organisations(OWN))
    for message in messages(campaign()):
        tally = await ingest(message, services)
        assert tally.rejected == 0
    correlator = Correlator(database, Settings(organisation=OWN))
    async for page in correlator.alerts.pages():
        await correlator.record(page)
    while pages := [page async for page in correlator.news.pages()]:
        for page in pages:
            await correlator.reconcile(page)


async def test_a_wide_campaign_is_one_incident_that_can_be_looked_at(wide: Wide) -> None:
    api, listed = wide.api, wide.incident
    alerts = MACHINES * len(STAGES)
    assert (listed["resourceCount"], listed["alertCount"]) == (MACHINES, alerts)
    path = f"/api/incidents/{listed['incidentId']}"

    detail = await api.get(path)
    assert detail["confidence"] == "high"
    assert detail["stages"] == [stage for stage, _ in STAGES]
    assert len(detail["resources"]) == MOST_SHOWN
    assert _size(detail) < 200 * KIB

    rows = await api.follow(f"{path}/alerts?limit=500")
    assert len({row["alertId"] for row in rows}) == len(rows) == alerts

    reply = await api.call("GET", f"{path}/export?format=ocsf")
    assert reply.status == 200

    sizes = await documents(api)
    assert len(sizes["coverage"]) == MACHINES
    assert max(sizes["incident"]) < 200 * KIB
    assert max(sizes["coverage"]) < 32 * KIB
    assert max(max(each) for each in sizes.values()) < 400 * KIB


async def documents(api: Api) -> dict[str, list[int]]:
    """The sizes of what correlation has stored, by type."""
    found: dict[str, list[int]] = {}
    async for row in api.database.container(INCIDENTS).read_all_items():
        found.setdefault(row["type"], []).append(_size(row))
    return found


def _size(document: object) -> int:
    """Bytes as the SDK sends it."""
    return len(json.dumps(document, separators=(",", ":")))
