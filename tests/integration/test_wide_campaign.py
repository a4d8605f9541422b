"""A campaign of 5,000 resources and 100,000 alerts: small documents, and a view that answers."""

import asyncio
import json
from collections.abc import Iterator
from operator import attrgetter
from typing import Any

import pytest

from correlate.assessment import assess
from correlate.flush import flush
from correlate.observation import Observation
from correlate.policy import default_policy
from correlate.ports import Root
from correlate.presentation import present
from correlate.records import entity_document, member_document, root_document
from local.backtest.memory import MemoryStore
from local.backtest.run import BATCH, batches
from shared.killchain import Tactic
from shared.severity import Severity
from shared.store.definitions import INCIDENTS
from tests.integration.api_support import Api, api_over
from tests.integration.cosmos_support import KEY, emulator
from tests.unit.correlate.sightings import DAY, seen

RESOURCES = 5_000
ALERTS = 100_000
REACH = 12
"""So many resources after a resource share its account: few enough to tie, enough to chain."""
KIB = 1024
SOME = 99


def campaign() -> list[Observation]:
    """Its alerts, those of a resource one after the other."""
    alerts = [
        seen(
            number % 300 + number / ALERTS,
            f"detection-{number % 60}",
            Tactic(number % 14),
            severity=Severity(number % 5),
            on=f"vm{number % RESOURCES:04d}",
            keys=(f"account:u{number % RESOURCES // REACH:04d}", _bridge(number % RESOURCES)),
            remediation=(f"Do this about detection {number % 60}.",),
        )
        for number in range(ALERTS)
    ]
    return sorted(alerts, key=attrgetter("subject.key"))


def _bridge(resource: int) -> str:
    """A second account, which ties the last resource of one group to the first of the next."""
    return f"account:b{(resource + REACH // 2) // REACH:04d}"


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    """What correlation has made of it."""
    store, policy = MemoryStore(), default_policy()

    async def run() -> None:
        for batch in batches(campaign(), BATCH):
            for each in batch:
                store.add(each)
            await flush(batch, store, policy, lambda: DAY)

    asyncio.run(run())
    return store


def _root(store: MemoryStore) -> Root:
    (root,) = store.roots()
    return root


def shown(root: Root) -> dict[str, Any]:
    """The incident's document."""
    return root_document(root, DAY) | present(root, assess(root.evidence, default_policy()))


def test_it_is_one_incident_of_all_its_alerts(store: MemoryStore) -> None:
    root = _root(store)
    assert (root.resources, root.alerts) == (RESOURCES, ALERTS)
    assert root.confidence == "high"


def test_its_documents_stay_small(store: MemoryStore) -> None:
    root = _root(store)
    assert _size(shown(root)) < 64 * KIB
    members = [member_document(root.id, each) for each in store.members[root.id].values()]
    assert max(map(_size, members)) < 2 * KIB
    entities = map(entity_document, store.entities.values())
    assert max(map(_size, entities)) < 16 * KIB


def _size(document: object) -> int:
    """Bytes as the SDK sends it."""
    return len(json.dumps(document, separators=(",", ":")))


@pytest.fixture
def connection() -> Iterator[str]:
    with emulator("--data", ":memory:") as running:
        yield f"AccountEndpoint={running.address};AccountKey={KEY};"


async def test_its_detail_view_answers(
    store: MemoryStore, connection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = _root(store)
    async with api_over(connection, monkeypatch) as api:
        await _put(api, store, root)
        detail = await api.get(f"/api/incidents/{root.id}")
    assert (detail["resourceCount"], detail["alertCount"]) == (RESOURCES, ALERTS)
    assert detail["killChain"]
    assert _size(detail) < 64 * KIB


async def _put(api: Api, store: MemoryStore, root: Root) -> None:
    container = api.database.container(INCIDENTS)
    documents = [member_document(root.id, each) for each in store.members[root.id].values()]
    documents.append(shown(root))
    for first in range(0, len(documents), SOME):
        operations = [("create", (each,)) for each in documents[first : first + SOME]]
        await container.execute_item_batch(operations, root.id)
