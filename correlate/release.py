"""Releasing: undoing what a tie united before it was known to be common, or before people split it.

The tie keeps the members that it had tied until this is done, so whoever meets it can finish. Each
root that a member leads to is written to: where several members met, it is made anew with the tie
as it is now; elsewhere its ETag changes. A union by this tie that is still under way on older
knowledge fails then, and is tried again with the tie that ties nothing, or less.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from correlate.absorbing import leftover
from correlate.decisions import decision_entity
from correlate.fencing import fence
from correlate.ports import Cause, Conflict, Root
from correlate.regroup import help_regroup, regroup
from correlate.sessions import EntityRecord, Member, Tie, session_at
from correlate.snapshot import Snapshot, read_snapshot
from correlate.ties import released
from correlate.work import MOST_TRIES, PATIENCE, ExhaustedError, Work
from shared.entities import key_kind

Freed: TypeAlias = tuple[Member, bool, tuple[tuple[str, str], ...]]
"""A member whose unions were undone, and what its tie was then: common, or parted by people."""


async def release(work: Work, entity: str, *, first: bool) -> None:
    """Undo the unions of an entity's common ties, and of ties that people loosened.

    `first` says that the ties became common by this worker's own claim; otherwise another worker is
    given time to do it. Raises ExhaustedError when others came first every time.
    """
    if not first and await _done_by_others(work, entity):
        return
    freed: set[Freed] = set()
    for _ in range(MOST_TRIES):
        records = await work.store.read_entities({entity})
        record = records[entity]
        ties = [tie for tie in record.ties if tie.releasing]
        if not ties:
            return
        wanted = {(each, tie.common, tie.apart) for tie in ties for each in tie.members}
        try:
            if not wanted <= freed:
                await _free(work, record, ties)
                freed |= wanted
        except Conflict:
            work.outcome.conflicts += 1
            continue
        if await work.store.write_entities([released(record, ties)]):
            return
    raise ExhaustedError(f"{MOST_TRIES} conflicts in a row on releasing {entity}")


async def _done_by_others(work: Work, entity: str) -> bool:
    for number in range(PATIENCE):
        await work.pause(number)
        records = await work.store.read_entities({entity})
        if not any(tie.releasing for tie in records[entity].ties):
            return True
    return False


async def _free(work: Work, record: EntityRecord, ties: Sequence[Tie]) -> None:
    """Make anew, or fence, every root that members of the ties lead to."""
    cause = await _cause(work, record, ties)
    sessions = await _sessions(work, {member for tie in ties for member in tie.members})
    snapshot = await read_snapshot(
        work.store, {node for _, nodes in sessions.values() for node in nodes}
    )
    crowded = {end for tie in ties for end in _met(tie, sessions, snapshot)}
    for end in sorted({snapshot.end_of(node) for _, nodes in sessions.values() for node in nodes}):
        root = snapshot.root_of(end)
        if isinstance(root, Root) and root.splitting is not None:
            await help_regroup(work, root)
            raise Conflict(end)
        if isinstance(root, Root) and (end in crowded or await leftover(work, root)):
            await regroup(work, end, cause)
        else:
            await fence(work, end, root)


async def _sessions(
    work: Work, members: Iterable[Member]
) -> dict[Member, tuple[tuple[str, int], tuple[str, ...]]]:
    """For each member, its session (record and start), and the nodes that this points to."""
    wanted = set(members)
    records = await work.store.read_entities({entity for entity, _ in wanted})
    return {
        (entity, instant): ((entity, session.start), session.nodes)
        for entity, instant in wanted
        if entity in records and (session := session_at(records[entity], instant)) is not None
    }


def _met(
    tie: Tie,
    sessions: Mapping[Member, tuple[tuple[str, int], tuple[str, ...]]],
    snapshot: Snapshot,
) -> set[str]:
    """The ends that more than one session of a tie leads to."""
    leading: dict[str, set[tuple[str, int]]] = {}
    for member in tie.members:
        if member in sessions:
            key, nodes = sessions[member]
            for node in nodes:
                leading.setdefault(snapshot.end_of(node), set()).add(key)
    return {end for end, keys in leading.items() if len(keys) > 1}


async def _cause(work: Work, record: EntityRecord, ties: Iterable[Tie]) -> Cause:
    """Why unions are undone: the latest decision that split resources off, or a common key."""
    split = [each for tie in ties if tie.loosened for _, each in tie.apart]
    if split:
        entity = decision_entity(max(split))
        found = (await work.store.read_entities({entity})).get(entity)
        return Cause("people split them", found.decision if found is not None else None)
    kind = key_kind(record.key)
    most = work.policy.kinds[kind].most_resources
    return Cause(f"the {kind} {record.key.partition(':')[2]} ties more than {most} resources")
