"""A campaign of 5,000 resources and 100,000 alerts: its documents stay small."""

import asyncio
import json

from correlate.assessment import assess
from correlate.flush import flush
from correlate.observation import Observation
from correlate.policy import default_policy
from correlate.presentation import present
from correlate.records import entity_document, member_document, root_document
from local.backtest.memory import MemoryStore
from local.backtest.run import batches
from shared.killchain import Tactic
from shared.severity import Severity
from tests.unit.correlate.sightings import seen

RESOURCES = 5_000
ALERTS = 100_000
REACH = 12
"""So many resources after a resource share its account: few enough to tie, enough to chain."""
KIB = 1024


def campaign() -> list[Observation]:
    return [
        seen(
            number % 300 + number / ALERTS,
            f"detection {number % 60}",
            Tactic(number % 14),
            severity=Severity(number % 5),
            on=f"vm{number % RESOURCES:04d}",
            keys=(f"account:u{number % RESOURCES // REACH:04d}", _bridge(number % RESOURCES)),
            remediation=(f"Do this about detection {number % 60}.",),
        )
        for number in range(ALERTS)
    ]


def _bridge(resource: int) -> str:
    """A second account, which ties the last resource of one group to the first of the next."""
    return f"account:b{(resource + REACH // 2) // REACH:04d}"


def test_the_documents_of_a_wide_campaign_stay_below_64_kib() -> None:
    store, policy = MemoryStore(), default_policy()

    async def run() -> None:
        for batch in batches(campaign(), 1_000):
            for each in batch:
                store.add(each)
            await flush(batch, store, policy, lambda: 0)

    asyncio.run(run())
    (root,) = store.roots()
    assert (root.resources, root.alerts) == (RESOURCES, ALERTS)
    shown = root_document(root, 0) | present(root, assess(root.evidence, policy))
    assert _size(shown) < 64 * KIB
    members = [member_document(root.id, each) for each in store.members[root.id].values()]
    assert max(map(_size, members)) < 2 * KIB
    entities = map(entity_document, store.entities.values())
    assert max(map(_size, entities)) < 16 * KIB


def _size(document: object) -> int:
    """Bytes as the SDK sends it."""
    return len(json.dumps(document, separators=(",", ":")))
