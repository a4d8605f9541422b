"""Correlation over Cosmos DB's protocol: what it leaves there is what it leaves in memory.

Two workers take turns without knowing of each other, while the service refuses, breaks off and
loses replies; what fails is delivered again, as the trigger does.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
from azure.core.exceptions import AzureError

from correlate.model.coverage import Coverage
from correlate.model.incident import Incident
from correlate.policy import Readings, default_policy
from correlate.reconcile.fence import FencedError
from correlate.record import Unreadable, read_batch, record
from correlate.services import Services, services_of
from correlate.store.cosmos import CosmosStore
from correlate.store.documents import news_of, record_of
from correlate.store.port import StoreError
from shared.settings import Settings
from shared.store.client import Database, open_database
from shared.store.definitions import ALERTS, INCIDENTS, NEWS
from tests.integration.cosmos_support import KEY, Emulator, emulator
from tests.integration.test_correlation_store import cosmos_subject
from tests.unit.machine.test_fence import story
from tests.unit.machine.world import World

PASSING = (AzureError, StoreError, FencedError)
TROUBLE = [
    {"fault": fault, "share": 0.03}
    for fault in ("lost-reply", "reset", "503", "449", "429", "408", "410")
]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[tuple[Emulator, Database, Settings]]:
    with emulator("--data", str(tmp_path)) as found:
        connection = f"AccountEndpoint={found.address};AccountKey={KEY};"
        settings = Settings(cosmos_connection=connection, create_containers=True)
        async with await open_database(settings) as opened:
            yield found, opened, settings


async def until_done(step: Callable[[], Awaitable[object]]) -> None:
    """Deliver again what failed, as the trigger does."""
    for _ in range(100):
        try:
            await step()
        except PASSING:
            continue
        return
    raise AssertionError("it never gets through")


async def in_trouble(
    service: Emulator,
    rules: list[dict[str, object]],
    seed: int,
    step: Callable[[], Awaitable[object]],
) -> int:
    """Carry a step out while the service has faults; how many struck."""
    service.admin("PUT", "faults", {"rules": rules, "seed": seed})
    await until_done(step)
    struck = sum(rule["struck"] for rule in service.admin("GET", "faults")["rules"])
    service.admin("DELETE", "faults")
    return int(struck)


async def set_aside(unreadable: list[Unreadable]) -> None:
    """Nothing may be unreadable here."""
    raise AssertionError(unreadable)


async def expected() -> set[tuple[frozenset[str], str]]:
    """The story as it ends in memory: alerts that are together, and the confidence."""
    world = World()
    for batch in story():
        await world.add(*batch)
    return {
        (frozenset(world.alerts_of(each.id)), each.confidence.value) for each in world.incidents
    }


async def left(database: Database) -> set[tuple[frozenset[str], str]]:
    """The same, as it is stored."""
    store = CosmosStore(database, "main", 4)
    query = "SELECT * FROM c WHERE c.type IN ('incident', 'redirect', 'coverage')"
    rows = database.container(INCIDENTS).query_items(query, partition_key="main")
    records = [record_of(row) async for row in rows]
    found = set()
    for incident in records:
        if not isinstance(incident, Incident) or not incident.visible:
            continue
        alerts = [
            place.point.alert
            for coverage in records
            if isinstance(coverage, Coverage)
            for span in coverage.spans
            if span.incident in (incident.id, *incident.absorbed)
            for place in await store.read_places(
                coverage.entity, span.interval.first.start, span.interval.last.start
            )
            if span.interval.first <= place.point <= span.interval.last
        ]
        assert incident.shown["alertCount"] == len(alerts)
        found.add((frozenset(alerts), incident.confidence.value))
    return found


async def feed(database: Database, container: str, seen: set[str]) -> list[dict[str, object]]:
    """Documents of a container that were not seen yet."""
    rows = [row async for row in database.container(container).read_all_items()]
    new = [row for row in rows if row["_etag"] not in seen]
    seen.update(row["_etag"] for row in new)
    return new


@pytest.mark.parametrize("trouble", [[], TROUBLE], ids=["calm", "trouble"])
async def test_two_workers_leave_what_one_leaves_in_memory(
    running: tuple[Emulator, Database, Settings], trouble: list[dict[str, object]]
) -> None:
    service, database, settings = running
    workers: list[Services] = [services_of(database, settings, default_policy()) for _ in range(2)]
    subject = cosmos_subject(database)
    seen: set[str] = set()
    struck = 0
    for number, batch in enumerate(story()):
        for each in batch:
            await subject.add(each)
        worker = workers[number % 2]
        documents = await feed(database, ALERTS, seen)
        step: Callable[[], Awaitable[object]]
        step = partial(record, documents, worker.post, set_aside, worker.readings)
        struck += await in_trouble(service, trouble, number, step)
        news = [news_of(row) for row in await feed(database, NEWS, seen)]
        assert news
        step = partial(worker.reconciler("main").run, news)
        struck += await in_trouble(service, trouble, number, step)
    assert bool(struck) == bool(trouble)
    assert await left(database) == await expected()


def test_a_document_that_is_no_alert_is_set_aside_and_the_rest_goes_on() -> None:
    readings = Readings(())
    good = {
        "type": "count", "organisation": "main", "id": "n", "entity": "e", "hour": 1, "sid": "s",
        "bucket": "0", "n": 1, "v": 1,
    }  # fmt: skip
    bad = {"type": "alert", "organisation": "main", "id": "a", "takesPart": True}
    batches, unreadable = read_batch([bad, good, {"type": "else"}], readings)
    assert [each.document["id"] for each in unreadable] == ["a"]
    assert len(batches["main"].counters) == 1
