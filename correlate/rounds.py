"""Settling all that a batch claimed, in rounds: what moved meanwhile is read and tried again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from correlate.components import (
    Component,
    alone,
    by_root,
    entity_ids,
    group,
    located,
    moved,
    pending_ties,
)
from correlate.members import members_wanted
from correlate.observation import Observation
from correlate.ports import Conflict
from correlate.sessions import EntityRecord, Member, Tie, session_at
from correlate.settle import Settled, settle
from correlate.snapshot import Snapshot, read_snapshot
from correlate.ties import confirmed, without
from correlate.work import MOST_TRIES, ExhaustedError, Work


@dataclass(slots=True)
class View:
    """How things stand, as far as a flush has read.

    `sure` are the ids of records that were written on a reading from before the snapshot's: what
    they say was still true after the snapshot's nodes were read.
    """

    records: dict[str, EntityRecord]
    snapshot: Snapshot
    sure: frozenset[str]


async def settle_all(work: Work, batch: Sequence[Observation], view: View) -> bool:
    """Settle a batch's components; False where some of its alerts are to be claimed again.

    Raises ExhaustedError when other workers came first every time.
    """
    rest, reclaim = list(batch), False
    for number in range(MOST_TRIES):
        components, lost = await _group(work, rest, view)
        if lost and number:
            return False
        busy = [component for component in components if not alone(component)]
        if not number:
            work.outcome.alone = len(components) - len(busy)
        again, shut = await _round(work, busy, view) if busy else ([], False)
        rest = _alerts(again, rest)
        reclaim |= shut
        if not rest:
            return not reclaim
        view = View(await work.store.read_entities(entity_ids(rest)), Snapshot(), frozenset())
    raise ExhaustedError(f"{MOST_TRIES} conflicts in a row on {len(rest)} alerts")


async def settle_tie(work: Work, entity: str) -> None:
    """Unite what the pending ties of a record tie together that no alert names.

    Members whose session is not there any more, or sealed, are left out. Raises ExhaustedError
    when other workers came first every time.
    """
    for _ in range(MOST_TRIES):
        records = await work.store.read_entities({entity})
        record = records[entity]
        ties = [(entity, tie) for tie in record.ties if tie.pending]
        if not ties:
            return
        members = {member for _, tie in ties for member in tie.members}
        records |= await work.store.read_entities({resource for resource, _ in members})
        lost = {member for member in members if not _is_open(records, member)}
        if lost:
            await work.store.write_entities([without(record, lost)])
            continue
        components, _ = group([], records, ties)
        await _round(work, components, View(records, Snapshot(), frozenset()))
    raise ExhaustedError(f"{MOST_TRIES} conflicts in a row on uniting by {entity}")


def _is_open(records: Mapping[str, EntityRecord], member: Member) -> bool:
    record = records.get(member[0])
    session = session_at(record, member[1]) if record is not None else None
    return session is not None and not session.sealed


async def _group(
    work: Work, rest: Sequence[Observation], view: View
) -> tuple[list[Component], list[Observation]]:
    """The components of alerts, with the records of all resources that pending ties name."""
    ties = pending_ties(rest, view.records)
    members = {member for _, tie in ties for member in tie.members}
    others = {member[0] for member in members if not located(view.records, member)}
    if others:
        view.records |= await work.store.read_entities(others)
    return group(rest, view.records, ties)


async def _round(
    work: Work, busy: Sequence[Component], view: View
) -> tuple[Sequence[Component], bool]:
    """Settle components once: those to be tried again, and whether some are shut."""
    try:
        await _read_nodes(work, busy, view)
        still, again = await _unmoved(work, busy, view)
        wholes = by_root(still, view.snapshot)
    except Conflict:
        return busy, False
    results = await work.together(settle(work, whole, view.snapshot) for whole in wholes)
    pairs = list(zip(wholes, results, strict=True))
    await _confirm(work, [whole for whole, result in pairs if result is Settled.DONE], view.records)
    again += [whole for whole, result in pairs if result is Settled.AGAIN]
    return again, Settled.RECLAIM in results


def _alerts(components: Iterable[Component], batch: Iterable[Observation]) -> list[Observation]:
    """The alerts that lead to components again: their own, or those of a batch that name its ties.

    None is in a component whose ties it names where its own session is sealed.
    """
    own: list[Observation] = []
    named: set[str] = set()
    for component in components:
        own += component.alerts
        if not component.observations:
            named |= {knot.entity for knot in component.knots}
    if not named:
        return own
    known = {each.alert_id for each in own}
    others = (each for each in batch if each.alert_id not in known)
    return [*own, *(each for each in others if not named.isdisjoint(entity_ids([each])))]


async def _read_nodes(work: Work, busy: Iterable[Component], view: View) -> None:
    """Make the view's snapshot hold the nodes of components and the members beside them."""
    nodes: set[str] = set()
    members: set[tuple[str, str]] = set()
    for component in busy:
        nodes |= component.nodes
        members |= members_wanted(component)
    if not (nodes | members) <= view.snapshot.asked:
        view.snapshot = await read_snapshot(work.store, nodes, members)
        view.sure = frozenset()


async def _unmoved(
    work: Work, busy: Iterable[Component], view: View
) -> tuple[list[Component], list[Component]]:
    """The components whose sessions and ties still stand now that their nodes are read, and others.

    A root may only be written on what its sessions say after it was read: then either they still
    lead to it when it is written, or the one who moved them has written to it too.
    """
    ids = {entity for component in busy for entity, _ in component.sessions}
    ids |= {knot.entity for component in busy for knot in component.knots}
    if not ids <= view.sure:
        view.records |= await work.store.read_entities(ids - view.sure)
    still: list[Component] = []
    gone: list[Component] = []
    for component in busy:
        (gone if moved(component, view.records) else still).append(component)
    return still, gone


async def _confirm(
    work: Work, done: Iterable[Component], records: Mapping[str, EntityRecord]
) -> None:
    """Note on the records that ties' members are united; one that moved stays pending."""
    ties: dict[str, list[Tie]] = {}
    for component in done:
        for knot in component.knots:
            if not knot.whole:
                continue
            ties.setdefault(knot.entity, []).append(knot.tie)
    if ties:
        await work.store.write_entities(
            [confirmed(records[entity], some) for entity, some in ties.items()]
        )
