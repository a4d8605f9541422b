"""The flush against the oracle: any order, duplication, batching, interleaving and crash.

The invariants are those of `docs/correlation.md`. `SCHEDULES` sets how many schedules are tried.
"""

import asyncio
import os
from collections import defaultdict
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlate.evidence import evidence_document, evidence_of
from correlate.observation import Observation
from correlate.policy import Policy, default_policy
from correlate.ports import Redirect, Root
from correlate.sessions import session_at
from local.backtest.memory import MemoryStore
from shared.killchain import Tactic
from tests.unit.correlate.oracle import partition
from tests.unit.correlate.schedule import Chance, run_schedule
from tests.unit.correlate.sightings import seen

SCHEDULES = int(os.environ.get("SCHEDULES", "1500"))
STAGES = (Tactic.Reconnaissance, Tactic.InitialAccess, Tactic.Execution, Tactic.Impact)


def alert(number: int, hour: int, resource: int, accounts: Sequence[int]) -> Observation:
    return seen(
        60 * hour + number % 60,
        f"d{number % 5}-{number}",
        STAGES[number % len(STAGES)],
        on=f"vm{resource}",
        keys=tuple(f"account:u{account}" for account in sorted(set(accounts))),
    )


ALERTS = st.lists(
    st.tuples(st.integers(0, 90), st.integers(0, 4), st.lists(st.integers(0, 3), max_size=2)),
    min_size=1,
    max_size=14,
).map(lambda rows: [alert(number, *row) for number, row in enumerate(rows)])


def fresh_store(alerts: Sequence[Observation]) -> MemoryStore:
    """The store as ingest leaves it: every alert is stored before the feed delivers it."""
    store = MemoryStore()
    for each in alerts:
        store.add(each)
    return store


def root_of(store: MemoryStore, node: str) -> str:
    record = store.nodes.get(node)
    while isinstance(record, Redirect):
        node = record.parent
        record = store.nodes.get(node)
    return node


def reached(store: MemoryStore, alerts: Sequence[Observation]) -> set[frozenset[str]]:
    """The components that the store says: by the session that each alert lies in."""
    found: dict[str, set[str]] = defaultdict(set)
    for each in alerts:
        session = session_at(store.entities[each.subject.entity], each.start)
        assert session is not None, "an alert lies in no session"
        ends = {root_of(store, node) for node in session.nodes}
        assert len(ends) == 1, "a session leads to two components"
        found[ends.pop()].add(each.alert_id)
    return {frozenset(each) for each in found.values()}


def check(store: MemoryStore, alerts: Sequence[Observation], policy: Policy) -> None:
    """The end state is the oracle's: partition, evidence, counts, and nothing left over."""
    parts = partition(alerts, policy)
    assert reached(store, alerts) == parts
    roots = store.roots()
    assert len(roots) == sum(len(part) > 1 for part in parts), "a root too many, or too few"
    by_id = {each.alert_id: each for each in alerts}
    for root in roots:
        part = next(part for part in parts if any(_leads(store, by_id[a], root) for a in part))
        whole = evidence_of(by_id[a] for a in sorted(part))
        assert evidence_document(root.evidence) == evidence_document(whole)
        members = store.members[root.id].values()
        assert root.resources == len(members) == len({by_id[a].subject.key for a in part})
        assert root.alerts == sum(member.alerts for member in members)


def _leads(store: MemoryStore, each: Observation, root: Root) -> bool:
    session = session_at(store.entities[each.subject.entity], each.start)
    return session is not None and root_of(store, session.nodes[0]) == root.id


@settings(max_examples=300, deadline=None)
@given(alerts=ALERTS, chance=st.randoms(use_true_random=False))
def test_any_order_duplication_and_batching_reaches_the_oracle(
    alerts: list[Observation], chance: Random
) -> None:
    policy = default_policy()
    sent = alerts + [each for each in alerts if chance.random() < 0.3]
    chance.shuffle(sent)
    store = fresh_store(alerts)
    asyncio.run(_one_after_the_other(_cut(sent, chance), store, policy))
    check(store, alerts, policy)


async def _one_after_the_other(
    batches: Sequence[Sequence[Observation]], store: MemoryStore, policy: Policy
) -> None:
    await run_schedule(batches, store, policy, Chance(Random(0)), workers=1)  # noqa: S311 - a fixed order


def _cut(sent: list[Observation], chance: Random) -> list[list[Observation]]:
    batches: list[list[Observation]] = [[]]
    for each in sent:
        if batches[-1] and chance.random() < 0.4:
            batches.append([])
        batches[-1].append(each)
    return batches


def campaign(chance: Random) -> list[Observation]:
    """A few alerts close enough in time, resources and accounts to collide often."""
    return [
        alert(
            number,
            chance.randrange(60),
            chance.randrange(4),
            [chance.randrange(3) for _ in range(chance.randrange(3))],
        )
        for number in range(chance.randrange(2, 10))
    ]


@pytest.mark.parametrize(
    ("dies", "loses"),
    [
        pytest.param(0, 0, id="interleaved"),
        pytest.param(60, 0, id="workers die"),
        pytest.param(0, 60, id="replies are lost"),
        pytest.param(40, 40, id="both"),
    ],
)
def test_any_interleaving_and_crash_reaches_the_oracle(dies: int, loses: int) -> None:
    policy = default_policy()
    for seed in range(SCHEDULES // 4):
        chance = Random(seed)  # noqa: S311 - a reproducible schedule
        alerts = campaign(chance)
        sent = alerts + [each for each in alerts if chance.random() < 0.3]
        chance.shuffle(sent)
        store = fresh_store(alerts)
        turns = Chance(chance, dies=dies, loses=loses)
        asyncio.run(run_schedule(_cut(sent, chance), store, policy, turns))
        try:
            check(store, alerts, policy)
        except AssertionError as fault:
            raise AssertionError(f"schedule {seed} with dies={dies} loses={loses}") from fault
