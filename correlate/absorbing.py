"""Whether what a root has taken in, without a link that confirms it, still belongs to it."""

from collections.abc import Iterable

from correlate.ports import Absorbing, Root
from correlate.sessions import EntityRecord, Member, session_at
from correlate.snapshot import read_snapshot
from correlate.ties import tie_at
from correlate.work import Work


async def leftover(work: Work, root: Root) -> tuple[Absorbing, ...]:
    """Those that a root is absorbing and that do not lead to it (yet)."""
    if not root.absorbing:
        return ()
    snapshot = await read_snapshot(work.store, {each.node for each in root.absorbing})
    return tuple(each for each in root.absorbing if snapshot.end_of(each.node) != root.id)


async def justified(work: Work, absorbing: Iterable[Absorbing]) -> bool:
    """Whether sessions or ties still say that each of these is to be taken in, as it was taken.

    Then another worker is at it, or its batch will be delivered again.
    """
    wanted = list(absorbing)
    if not wanted:
        return True
    records = await work.store.read_entities({each.entity for each in wanted})
    members = {
        each: _members(records[each.entity], each.start)
        for each in wanted
        if each.entity in records
    }
    records |= await work.store.read_entities(
        {entity for held in members.values() for entity, _ in held} - records.keys()
    )
    nodes = {each: _nodes(held, records) for each, held in members.items()}
    snapshot = await read_snapshot(work.store, set().union(*nodes.values()))
    return all(
        any(_is(snapshot.root_of(node), each) for node in nodes.get(each, ())) for each in wanted
    )


def _is(end: Root | str, taken: Absorbing) -> bool:
    if isinstance(end, str):
        return end == taken.node
    return end.id == taken.node and end.remade == taken.remade and not end.closed


def _members(record: EntityRecord, instant: int) -> set[Member]:
    """The sessions that a record holds together at an instant: by a tie, or by being one."""
    tie = tie_at(record, instant)
    tied = set(tie.members) if tie is not None and not tie.common else set()
    return tied | {(record.id, instant)}


def _nodes(members: Iterable[Member], records: dict[str, EntityRecord]) -> set[str]:
    found: set[str] = set()
    for entity, instant in members:
        record = records.get(entity)
        session = session_at(record, instant) if record is not None else None
        if session is not None and not session.sealed:
            found.update(session.nodes)
    return found
