"""The nodes that a flush has read, and where each leads."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from correlate.ports import CorrelationStore, MemberRecord, NodeRecord, Redirect, Root


@dataclass(slots=True)
class Snapshot:
    """The nodes and members that were read, and what each node leads to.

    `asked` tells a member that does not exist from one that was not asked for.
    """

    nodes: dict[str, NodeRecord] = field(default_factory=dict)
    members: dict[tuple[str, str], MemberRecord] = field(default_factory=dict)
    asked: set[tuple[str, str]] = field(default_factory=set)

    def root_of(self, node: str) -> Root | str:
        """The root that a node leads to, or the node at the end of the path if it has no record."""
        record = self.nodes.get(node)
        while isinstance(record, Redirect):
            node = record.parent
            record = self.nodes.get(node)
        return node if record is None else record


async def read_snapshot(
    store: CorrelationStore, nodes: Iterable[str], members: Iterable[tuple[str, str]] = ()
) -> Snapshot:
    """Read nodes, following redirects to their roots, and the members named beside them.

    Most nodes are roots, so members are asked for along with the nodes, and once more only for
    nodes that turned out to be redirects.
    """
    snapshot = Snapshot()
    beside = set(members)
    snapshot.asked |= beside
    wanted = set(nodes)
    while wanted:
        found, held = await store.read_nodes(wanted, beside)
        snapshot.nodes |= found
        snapshot.members |= held
        beside = set()
        parents = {record.parent for record in found.values() if isinstance(record, Redirect)}
        wanted = parents - snapshot.nodes.keys()
    moved = {
        (root.id, member)
        for node, member in snapshot.asked
        if isinstance(root := snapshot.root_of(node), Root) and root.id != node
    } - snapshot.asked
    if moved:
        snapshot.asked |= moved
        _, held = await store.read_nodes((), moved)
        snapshot.members |= held
    return snapshot
