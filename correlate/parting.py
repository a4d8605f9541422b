"""Splitting off by hand: every tie of the sessions that leave is told to keep them apart.

The ties are loosened first, all of them, and released after. New keys may tie the resources to the
rest again: that is evidence which nobody had seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeAlias

from correlate.claims import claims_of, clipped
from correlate.decisions import Decision, decision_entity
from correlate.ports import Cause, Conflict
from correlate.regroup import regroup
from correlate.release import release
from correlate.sessions import Member, Session, Tie, session_at
from correlate.snapshot import Snapshot, read_snapshot
from correlate.ties import bounded, keep_apart
from correlate.work import MOST_TRIES, ExhaustedError, Work
from shared.alert import partition_of

Sessions: TypeAlias = Mapping[str, Sequence[Session]]
"""Sessions by the entity id of their resource."""


async def part(work: Work, decision: Decision, members: Sequence[Member]) -> None:
    """Loosen what ties the sessions that members mean to others, and undo what it had united."""
    leaving = await sessions_meant(work, members)
    loosened = [
        entity
        for entity in sorted(await _touched(work, leaving, decision))
        if await _loosen(work, entity, leaving, decision)
    ]
    for entity in loosened:
        await release(work, entity, first=True)
    await _make_sure(work, decision, members)


async def sessions_meant(work: Work, members: Iterable[Member]) -> Sessions:
    """The open sessions that members of a tie mean."""
    wanted = list(members)
    records = await work.store.read_entities({entity for entity, _ in wanted})
    found: dict[str, list[Session]] = {}
    for entity, instant in wanted:
        session = session_at(records[entity], instant) if entity in records else None
        if session is not None and not session.sealed:
            found.setdefault(entity, []).append(session)
    return found


async def ends_of(work: Work, sessions: Sessions) -> Snapshot:
    """The nodes that sessions point to, and where they lead."""
    return await read_snapshot(
        work.store, {node for some in sessions.values() for each in some for node in each.nodes}
    )


async def _touched(work: Work, leaving: Sessions, decision: Decision) -> set[str]:
    """The records of the keys that these resources' alerts name, and of earlier decisions."""
    records = await work.store.read_entities(leaving)
    found = {
        decision_entity(each)
        for record in records.values()
        for each in record.decisions
        if each < decision.id
    }
    for resource, sessions in leaving.items():
        partition = partition_of(records[resource].key)
        intervals = [(session.start, session.end) for session in sessions]
        async for page in work.store.alerts_within(partition, intervals):
            claims = claims_of(clipped(page, work.policy), work.policy)
            found |= {entity for entity, claim in claims.items() if claim.ties}
    return found


async def _loosen(work: Work, entity: str, leaving: Sessions, decision: Decision) -> bool:
    """Mark the ties of a record; whether unions by it are to be undone."""
    for _ in range(MOST_TRIES):
        record = (await work.store.read_entities({entity})).get(entity)
        if record is None:
            return False
        ties = bounded([_marked(tie, leaving, decision) for tie in record.ties])
        if ties == record.ties or await work.store.write_entities([replace(record, ties=ties)]):
            return any(tie.releasing for tie in ties)
    raise ExhaustedError(f"{MOST_TRIES} conflicts in a row on loosening {entity}")


def _marked(tie: Tie, leaving: Sessions, decision: Decision) -> Tie:
    resources = {
        resource
        for resource, instant in tie.members
        if any(each.start <= instant <= each.end for each in leaving.get(resource, ()))
    }
    return keep_apart(tie, resources, decision.id) if resources else tie


async def _make_sure(work: Work, decision: Decision, members: Sequence[Member]) -> None:
    """Make anew what the sessions that leave still share with others, though no tie says so."""
    leaving = await sessions_meant(work, members)
    for root in (await ends_of(work, leaving)).roots():
        contents = await work.store.read_contents(root.id)
        if {member.subject.entity for member in contents.members} - leaving.keys():
            with suppress(Conflict):
                await regroup(work, root.id, Cause(decision=decision))
