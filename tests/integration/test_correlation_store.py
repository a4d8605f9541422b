"""The correlation over Cosmos DB: what it leaves there is what it leaves in memory.

Several workers at once, on the emulator with the real SDK, in a world where entities become common,
so that records are claimed, roots united, made anew and parted.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from correlate.by_hand import Request, carry_out
from correlate.flush import flush
from correlate.observation import Observation
from correlate.policy import Readings
from correlate.records import CosmosCorrelationStore, entity_from, member_from, node_from
from local.backtest.memory import MemoryStore
from shared.killchain import Tactic
from shared.settings import Settings
from shared.store.client import Database, open_database
from shared.store.definitions import ALERTS, ENTITIES, INCIDENTS
from shared.times import HOUR, format_time
from tests.integration.cosmos_support import KEY, emulator
from tests.unit.correlate.analysts import merge, split
from tests.unit.correlate.making import NOW, SMALL, alert, random_alerts
from tests.unit.correlate.state import assert_as_expected


def document(seen: Observation) -> dict[str, Any]:
    """The alert as ingest stores it, as far as correlation reads it."""
    return {
        "id": seen.alert_id.partition("-")[2],
        "type": "alert",
        "alertId": seen.alert_id,
        "resourceKey": seen.subject.partition,
        "resource": {
            "key": seen.subject.key,
            "id": seen.subject.id,
            "name": seen.subject.name,
            "type": seen.subject.type,
        },
        "startTimeUtc": format_time(seen.start),
        "endTimeUtc": format_time(seen.end),
        "title": seen.title,
        "detection": seen.detection,
        "tactics": [stage.name for stage in seen.stages],
        "severity": seen.severity.name,
        "keys": [seen.subject.key, *seen.keys],
        "entities": [
            {"key": key, "value": name} for key, name in zip(seen.keys, seen.names, strict=True)
        ],
        "product": seen.product,
        "vendor": "",
        "source": "test",
        "remediationSteps": list(seen.remediation),
    }


async def store_alerts(database: Database, alerts: Iterable[Observation]) -> None:
    """Store alerts and their hourly counters."""
    container = database.container(ALERTS)
    hours: Counter[tuple[str, int]] = Counter()
    for each in alerts:
        await container.create_item(document(each))
        hours[each.subject.partition, each.start // HOUR] += 1
    for (partition, hour), count in hours.items():
        counter = {"id": f"n-{hour}", "type": "count", "hour": hour, "n": count}
        await container.create_item({**counter, "resourceKey": partition})


async def loaded(database: Database, alerts: Iterable[Observation]) -> MemoryStore:
    """All that correlation left, in memory."""
    store = MemoryStore()
    for each in alerts:
        store.add(each)
    async for row in database.container(ENTITIES).read_all_items():
        store.entities[row["id"]] = entity_from(row)
    async for row in database.container(INCIDENTS).read_all_items():
        if row["type"] == "member":
            store.members.setdefault(row["incidentId"], {})[row["id"]] = member_from(row)
        elif row["type"] != "history":
            store.nodes[row["id"]] = node_from(row)
    return store


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    with emulator("--data", str(tmp_path)) as running:
        connection = f"AccountEndpoint={running.address};AccountKey={KEY};"
        settings = Settings(cosmos_connection=connection, create_containers=True)
        async with await open_database(settings) as opened:
            yield opened


@pytest.mark.parametrize("seed", range(6))
async def test_workers_at_once_leave_what_the_oracle_says(database: Database, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - a reproducible world
    alerts = [replace(each, stages=(Tactic.Execution,)) for each in random_alerts(chance, 24)]
    await store_alerts(database, alerts)
    store = CosmosCorrelationStore(database, Readings(()), retention_days=30)

    async def worker(share: list[Observation]) -> None:
        for start in range(0, len(share), 2):
            await flush(share[start : start + 2], store, SMALL, lambda: NOW)

    await asyncio.gather(*(worker(alerts[number::3]) for number in range(3)))
    assert_as_expected(await loaded(database, alerts), alerts, SMALL)


async def test_a_tie_that_becomes_common_parts_what_it_tied(database: Database) -> None:
    alerts = [
        alert(str(number), f"vm{number}", number / 10, "address:10.0.0.1") for number in range(4)
    ]
    await store_alerts(database, alerts)
    store = CosmosCorrelationStore(database, Readings(()), retention_days=30)
    for each in alerts:
        await flush([each], store, SMALL, lambda: NOW)
    assert_as_expected(await loaded(database, alerts), alerts, SMALL)


async def decided(database: Database, request: Request) -> list[dict[str, Any]]:
    """Carry a decision out twice, as when it is delivered again; the incidents' history after."""
    store = CosmosCorrelationStore(database, Readings(()), retention_days=30)
    for _ in range(2):
        await carry_out(request, store, SMALL, lambda: NOW)
    rows = database.container(INCIDENTS).read_all_items()
    return [row async for row in rows if row["type"] == "history"]


async def test_joins_and_splits_by_hand_are_stored_with_who_made_them(database: Database) -> None:
    stages = (Tactic.InitialAccess, Tactic.Execution, Tactic.Exfiltration)
    alerts = [
        alert(
            f"{key}{number}", f"vm-{key}{number % 2}", number / 4, f"account:{key}", stages=(stage,)
        )
        for key in "ab"
        for number, stage in enumerate(stages)
    ]
    await store_alerts(database, alerts)
    store = CosmosCorrelationStore(database, Readings(()), retention_days=30)
    await flush(alerts, store, SMALL, lambda: NOW)
    roots = sorted(each.id for each in (await loaded(database, alerts)).roots())
    assert len(roots) == 2
    (told,) = await decided(database, merge(1, *roots))
    assert_as_expected(await loaded(database, alerts), alerts, SMALL)
    assert (told["what"], told["by"], told["to"]) == ("merged", "ann", "this and that")
    history = await decided(database, split(2, roots[0], alerts[0].subject.entity))
    assert ("split", "ann") in {(each["what"], each["by"]) for each in history}
    assert_as_expected(await loaded(database, alerts), alerts, SMALL)
    container = database.container(INCIDENTS)
    incident = await container.read_item(roots[0], roots[0])
    assert incident["why"]["links"][0]["kind"] == "hand"
