"""Releasing: undoing what a tie united before it was known to be common.

The tie keeps the members that it had tied until this is done, so whoever meets it can finish. Each
root that a member leads to is written to: where several members met, it is made anew without the
tie; elsewhere its ETag changes. A union by this tie that is still under way on older knowledge
fails then, and is tried again with the tie that ties nothing.
"""

from collections.abc import Iterable, Mapping

from correlate.absorbing import leftover
from correlate.fencing import fence
from correlate.ports import Conflict, Root
from correlate.regroup import help_regroup, regroup
from correlate.sessions import EntityRecord, Member, Tie, session_at
from correlate.snapshot import Snapshot, read_snapshot
from correlate.ties import released
from correlate.work import MOST_TRIES, PATIENCE, ExhaustedError, Work
from shared.entities import key_kind


async def release(work: Work, entity: str, *, first: bool) -> None:
    """Undo the unions of an entity's common ties.

    `first` says that the ties became common by this worker's own claim; otherwise another worker is
    given time to do it. Raises ExhaustedError when others came first every time.
    """
    if not first and await _done_by_others(work, entity):
        return
    freed: set[Member] = set()
    for _ in range(MOST_TRIES):
        records = await work.store.read_entities({entity})
        record = records[entity]
        ties = [tie for tie in record.ties if tie.releasing]
        if not ties:
            return
        members = {member for tie in ties for member in tie.members}
        try:
            if not members <= freed:
                await _free(work, record, ties)
                freed |= members
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


async def _free(work: Work, record: EntityRecord, ties: Iterable[Tie]) -> None:
    """Make anew, or fence, every root that members of the ties lead to."""
    reason = _reason(record, work)
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
            await regroup(work, end, reason)
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


def _reason(record: EntityRecord, work: Work) -> str:
    kind = key_kind(record.key)
    most = work.policy.kinds[kind].most_resources
    return f"the {kind} {record.key.partition(':')[2]} ties more than {most} resources"
