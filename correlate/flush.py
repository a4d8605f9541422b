"""Bringing a batch of alerts into the store, so that any number of workers may do so at once.

Entity records are claimed first and components written after, so that a crash at any point leaves
work that redelivery completes, and no orphan. `docs/correlation.md` states the invariants.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from correlate.claims import Claim, claims_of, nodes_of, plan
from correlate.components import Component, group, pending_ties, unseen_members
from correlate.members import members_wanted
from correlate.observation import Observation
from correlate.policy import Policy
from correlate.ports import Conflict, CorrelationStore, Root
from correlate.sessions import Closed, EntityRecord, Tie
from correlate.settle import MOST_TRIES, ExhaustedError, Outcome, Settler
from correlate.snapshot import Snapshot, read_snapshot

T = TypeVar("T")

MOST_AT_ONCE: Final = 16


async def flush(
    observations: Iterable[Observation],
    store: CorrelationStore,
    policy: Policy,
    now: Callable[[], int],
) -> Outcome:
    """Correlate a batch of alerts; one that occurs twice counts once.

    Raises ExhaustedError, or what the store raises: the batch must then be delivered again.
    """
    batch = list({each.alert_id: each for each in observations}.values())
    outcome = Outcome(alerts=len(batch))
    if not batch:
        return outcome
    records = await _claim(batch, store, policy)
    ties = pending_ties(batch, records)
    records |= await store.read_entities(unseen_members(ties.values(), records))
    components = group(batch, records, ties.values())
    snapshot = await _snapshot(components, store)
    settler = Settler(store, policy, now, outcome)
    await at_once(
        settler.settle(component, snapshot) for component in _by_root(components, snapshot)
    )
    await _confirm(ties, records, store)
    return outcome


async def _claim(
    batch: Sequence[Observation], store: CorrelationStore, policy: Policy
) -> dict[str, EntityRecord]:
    """Merge the batch into its entity records; what another worker moved is read and redone."""
    claims = claims_of(batch, policy)
    known = await store.read_entities(claims)
    for tie in (False, True):
        known = await _claim_step(claims, known, store, policy, tie=tie)
    return known


async def _claim_step(
    claims: dict[str, Claim],
    known: dict[str, EntityRecord],
    store: CorrelationStore,
    policy: Policy,
    *,
    tie: bool,
) -> dict[str, EntityRecord]:
    for _ in range(MOST_TRIES):
        closed = await _closed(known.values(), store)
        planned = plan(claims, known, closed, policy, tie=tie)
        written = await at_once(_try_write(record, store) for record in planned.values())
        known |= {record.id: record for record in written if record is not None}
        stale = planned.keys() - {record.id for record in written if record is not None}
        if not stale:
            return known
        known |= await store.read_entities(stale)
    raise ExhaustedError(f"{MOST_TRIES} conflicts in a row on {len(stale)} entities")


async def _try_write(record: EntityRecord, store: CorrelationStore) -> EntityRecord | None:
    try:
        return await store.write_entity(record)
    except Conflict:
        return None


async def _closed(records: Iterable[EntityRecord], store: CorrelationStore) -> dict[str, Closed]:
    """For the nodes of these records, the closed components that they lead to."""
    nodes = nodes_of(records)
    snapshot = await read_snapshot(store, nodes)
    ends = {node: snapshot.root_of(node) for node in nodes}
    return {
        node: Closed(end.id, end.evidence.last)
        for node, end in ends.items()
        if isinstance(end, Root) and end.closed
    }


async def _snapshot(components: Sequence[Component], store: CorrelationStore) -> Snapshot:
    nodes = {node for component in components for node in component.nodes}
    members = {wanted for component in components for wanted in members_wanted(component)}
    return await read_snapshot(store, nodes, members)


def _by_root(components: Iterable[Component], snapshot: Snapshot) -> list[Component]:
    """The components, those that lead to one root as one: a root is written once a batch."""
    found: dict[str, Component] = {}
    for component in components:
        ends = {
            end.id if isinstance(end := snapshot.root_of(node), Root) else end
            for node in component.nodes
        }
        whole = component
        for end in ends:
            other = found.get(end)
            if other is not None and other is not whole:
                other.absorb(whole)
                found = {name: other if each is whole else each for name, each in found.items()}
                whole = other
        found |= dict.fromkeys(ends, whole)
    return list({id(component): component for component in found.values()}.values())


async def _confirm(
    ties: dict[tuple[str, int], Tie], records: dict[str, EntityRecord], store: CorrelationStore
) -> None:
    """Note on the records that these ties' members are united; one that moved stays pending."""
    done = set(ties.values())
    moved = [
        replace(
            record,
            ties=tuple(replace(tie, pending=False) if tie in done else tie for tie in record.ties),
        )
        for record in (records[entity] for entity in {entity for entity, _ in ties})
    ]
    await at_once(_try_write(record, store) for record in moved)


async def at_once(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run coroutines side by side, a bounded number at a time; the results are in their order.

    The first that raises stops the rest, and is raised when all have ended.
    """
    turns = asyncio.Semaphore(MOST_AT_ONCE)

    async def one(each: Coroutine[Any, Any, T]) -> T:
        async with turns:
            return await each

    async with asyncio.TaskGroup() as group_of_tasks:
        tasks = [group_of_tasks.create_task(one(each)) for each in work]
    return [task.result() for task in tasks]
