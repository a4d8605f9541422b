"""Linking what a root has taken in, and whether what is not linked still belongs to it."""

from collections.abc import Iterable

from correlate.ports import (
    MOST_BESIDE,
    Absorbing,
    Contents,
    CorrelationStore,
    NodeRecord,
    Redirect,
    Root,
)
from correlate.sessions import EntityRecord, Member, session_at
from correlate.snapshot import read_snapshot
from correlate.ties import parts_by_hand, tie_at
from correlate.work import Work


async def absorb(store: CorrelationStore, node: NodeRecord, parent: str, held: Contents) -> None:
    """Point a node to the one that took it in, and remove what lies beside it.

    What does not fit into the first atomic step goes in more of them; what a worker that dies in
    between leaves, `clear_up` removes. Raises Conflict if the node moved.
    """
    for start in range(0, max(len(held.ids), 1), MOST_BESIDE):
        node = await store.link(node, parent, drop=held.ids[start : start + MOST_BESIDE])


async def clear_up(work: Work, root: Root) -> None:
    """Remove what may be left beside what a root took in and is linked. Raises Conflict."""
    wide = {each.node for each in root.absorbing if each.wide}
    if not wide:
        return
    nodes, _ = await work.store.read_nodes(wide)
    for node in sorted(nodes):
        record = nodes[node]
        if not isinstance(record, Redirect):
            continue
        if (held := await work.store.read_contents(node)).ids:
            await absorb(work.store, record, record.parent, held)


async def leftover(work: Work, root: Root) -> tuple[Absorbing, ...]:
    """Those that a root is absorbing and that do not lead to it (yet)."""
    if not root.absorbing:
        return ()
    snapshot = await read_snapshot(work.store, {each.node for each in root.absorbing})
    return tuple(each for each in root.absorbing if snapshot.end_of(each.node) != root.id)


async def justified(work: Work, root: str, absorbing: Iterable[Absorbing]) -> bool:
    """Whether sessions or ties still say that the root is to take in each of these, as it did.

    Then another worker is at it, or its batch will be delivered again. One that was linked to the
    root meanwhile is in.
    """
    wanted = list(absorbing)
    if not wanted:
        return True
    records = await work.store.read_entities({each.entity for each in wanted})
    held = {
        each: _groups(records[each.entity], each.start) for each in wanted if each.entity in records
    }
    records |= await work.store.read_entities(
        {entity for groups in held.values() for group in groups for entity, _ in group}
        - records.keys()
    )
    nodes = {each: [_nodes(group, records) for group in groups] for each, groups in held.items()}
    snapshot = await read_snapshot(
        work.store,
        {each.node for each in wanted}.union(*(group for some in nodes.values() for group in some)),
    )

    def says(each: Absorbing, group: set[str]) -> bool:
        ends = [snapshot.root_of(node) for node in group]
        return any(_is(end, each) for end in ends) and (
            len(nodes[each]) == 1 or any(isinstance(end, Root) and end.id == root for end in ends)
        )

    return all(
        snapshot.end_of(each.node) == root
        or any(says(each, group) for group in nodes.get(each, ()))
        for each in wanted
    )


def _is(end: Root | str, taken: Absorbing) -> bool:
    if isinstance(end, str):
        return end == taken.node
    return end.id == taken.node and end.remade == taken.remade and not end.closed


def _groups(record: EntityRecord, instant: int) -> list[set[Member]]:
    """The sessions that a record is to unite at an instant: by a pending tie, or by being one.

    More than one group where people split some off. A tie that is not pending has nothing to unite:
    where its members lead to several roots, one was closed when they were united.
    """
    tie = tie_at(record, instant)
    own = {(record.id, instant)}
    if tie is None or tie.common or not tie.pending:
        return [own]
    if not tie.apart:
        return [own.union(tie.members)]
    return [own, *(set(part) for part in parts_by_hand(tie))]


def _nodes(members: Iterable[Member], records: dict[str, EntityRecord]) -> set[str]:
    found: set[str] = set()
    for entity, instant in members:
        record = records.get(entity)
        session = session_at(record, instant) if record is not None else None
        if session is not None and not session.sealed:
            found.update(session.nodes)
    return found
