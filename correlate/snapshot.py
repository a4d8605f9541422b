"""The nodes that a flush has read, and where each leads."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from correlate.ports import (
    Conflict,
    CorrelationStore,
    MemberRecord,
    NodeRecord,
    Redirect,
    Root,
    member_id,
)
from correlate.sessions import Closed, ClosedBy, Interval, cut


@dataclass(slots=True)
class Snapshot:
    """The nodes and members that were read, and what each node leads to.

    `asked` are the nodes and the members that were looked for, whether they exist or not.
    """

    nodes: dict[str, NodeRecord] = field(default_factory=dict)
    members: dict[tuple[str, str], MemberRecord] = field(default_factory=dict)
    asked: frozenset[str | tuple[str, str]] = frozenset()

    def root_of(self, node: str) -> Root | str:
        """The root that a node leads to, or the node at the end of the path if it has no record.

        Raises Conflict where nodes that moved while they were read lead in a circle.
        """
        record = self.nodes.get(node)
        for _ in range(len(self.nodes) + 1):
            if not isinstance(record, Redirect):
                return node if record is None else record
            node = record.parent
            record = self.nodes.get(node)
        raise Conflict(node)

    def end_of(self, node: str) -> str:
        """The id of the node at the end of the path."""
        end = self.root_of(node)
        return end if isinstance(end, str) else end.id

    def roots(self) -> list[Root]:
        """The roots that were read."""
        return [node for node in self.nodes.values() if isinstance(node, Root)]

    def settled(self, node: str) -> str:
        """The id of the root that a node leads to; the node where that root is being split."""
        end = self.root_of(node)
        return end.id if isinstance(end, Root) and end.splitting is None else node

    def closed_by(self, partition: str | None) -> ClosedBy:
        """For the resource whose alerts are in a partition: which nodes lead to closed ones."""

        def closed(node: str) -> Closed | None:
            end = self.root_of(node)
            if isinstance(end, str) or not end.closed or partition is None:
                return None
            return Closed(end.id, self._own(end, member_id(partition)), end.follows)

        return closed

    def _own(self, root: Root, name: str) -> tuple[Interval, ...]:
        """When a closed root covers a resource, without what it took in of others that are closed.

        These were closed before they were linked, and keep what is their own.
        """
        own = list(self.covered(root.id, name))
        for each in root.absorbing:
            other = self.nodes.get(each.node)
            if not isinstance(other, Root) or not other.closed:
                continue
            if root.id not in {taken.node for taken in other.absorbing}:
                for interval in self.covered(other.id, name):
                    own = cut(own, interval)
        return tuple(own)

    def covered(self, root: str, name: str) -> tuple[Interval, ...]:
        """When a root covers a resource, told by its member's id, as far as members were read."""
        member = self.members.get((root, name))
        return member.intervals if member is not None else ()


async def read_snapshot(
    store: CorrelationStore, nodes: Iterable[str], members: Iterable[tuple[str, str]] = ()
) -> Snapshot:
    """Read nodes, following redirects to their roots, and the members named beside them.

    Most nodes are roots, so members are asked for along with the nodes, and once more only for
    nodes that turned out to be redirects.
    """
    wanted, beside = set(nodes), set(members)
    snapshot = Snapshot(asked=frozenset(wanted | beside))
    reading = beside
    while wanted or reading:
        found, held = await store.read_nodes(wanted, reading)
        snapshot.nodes |= found
        snapshot.members |= held
        parents = {record.parent for record in found.values() if isinstance(record, Redirect)}
        wanted, reading = parents - snapshot.nodes.keys(), set()
    moved = {
        (root.id, member)
        for node, member in beside
        if isinstance(root := snapshot.root_of(node), Root) and root.id != node
    } - beside
    if moved:
        _, held = await store.read_nodes((), moved)
        snapshot.members |= held
        snapshot.asked |= moved
    return snapshot
