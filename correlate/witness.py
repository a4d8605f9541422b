"""What a batch did to incidents, seen at the store: which alert went where, and what changed.

The engine decides; this only looks on, for the log and the measurements. Which component an alert
is in follows from the members that were read or written: all alerts of a member's resource that
start inside its intervals belong to its component.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from correlate.observation import Observation
from correlate.ports import (
    CorrelationStore,
    MemberRecord,
    NodeRecord,
    Redirect,
    Root,
    Write,
    member_id,
)

NOTED: Final = frozenset({"upgraded", "downgraded", "separated", "split"})
"""Entries of a history that are told as they are; a merge is told when its loser is linked."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to an incident; `into` is the incident that absorbed it."""

    what: str
    incident: str
    into: str | None = None


@dataclass(slots=True)
class Witness:
    """What one batch read and wrote."""

    happenings: list[Happening] = field(default_factory=list)
    _beside: dict[str, dict[str, MemberRecord]] = field(default_factory=dict)
    _parents: dict[str, str] = field(default_factory=dict)
    _visible: set[str] = field(default_factory=set)
    _linked: dict[str, bool] = field(default_factory=dict)
    """Nodes that were linked, and whether each was an alert without a record."""

    def joined(self, batch: Container[str]) -> Mapping[str, Sequence[str]]:
        """What nobody has seen yet and became part of a component: components by that one.

        An alert that was alone is a component under its own id; those of the batch are left out.
        """
        found: dict[str, list[str]] = {}
        for node, alone in self._linked.items():
            if node in self._parents and not (alone and node in batch):
                found.setdefault(self._root_of(node), []).append(node)
        return found

    def place(self, observations: Iterable[Observation]) -> Iterator[tuple[Observation, str]]:
        """The alerts that are in a component, each with the component; the others are alone."""
        for each in observations:
            for node, member in self._beside.get(member_id(each.subject.partition), {}).items():
                if any(start <= each.start <= end for start, end in member.intervals):
                    yield each, self._root_of(node)
                    break

    def _root_of(self, node: str) -> str:
        seen = {node}
        while (parent := self._parents.get(node)) is not None and parent not in seen:
            seen.add(node := parent)
        return node

    def saw_node(self, node: NodeRecord) -> None:
        """Take note of a node that was read."""
        if isinstance(node, Redirect):
            self._parents[node.id] = node.parent
            return
        self._parents.pop(node.id, None)
        if node.visible:
            self._visible.add(node.id)

    def saw_member(self, node: str, member: MemberRecord) -> None:
        """Take note of a member that was read or written beside a node."""
        self._beside.setdefault(member.id, {})[node] = member

    def lost(self, node: str, ids: Iterable[str]) -> None:
        """Take note of members that are gone."""
        for name in ids:
            self._beside.get(name, {}).pop(node, None)

    def wrote(self, write: Write) -> None:
        """Take note of a component that was written."""
        root = write.root
        for member in write.members:
            self.saw_member(root.id, member)
        self.lost(root.id, write.removed)
        if root.visible and root.id not in self._visible:
            self.happenings.append(Happening("opened", root.id))
        self.saw_node(root)
        told = (note.what for note in write.notes if note.what in NOTED)
        self.happenings += [Happening(what, root.id) for what in told]

    def linked(self, loser: NodeRecord | str, parent: str) -> None:
        """Take note of a node that points to another now."""
        name = loser if isinstance(loser, str) else loser.id
        self._parents[name] = parent
        if isinstance(loser, Root) and loser.visible:
            self.happenings.append(Happening("merged", name, parent))
        elif not isinstance(loser, Redirect):
            self._linked[name] = isinstance(loser, str)


def witnessed(store: CorrelationStore, witness: Witness) -> CorrelationStore:
    """The store, with a witness of what goes through it."""
    return cast("CorrelationStore", _Witnessed(store, witness))


class _Witnessed:
    """Hands everything on to the store, and tells the witness of nodes and members."""

    def __init__(self, store: CorrelationStore, witness: Witness) -> None:
        self._store = store
        self._witness = witness

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def read_nodes(
        self, nodes: Iterable[str], members: Iterable[tuple[str, str]] = ()
    ) -> tuple[Mapping[str, NodeRecord], Mapping[tuple[str, str], MemberRecord]]:
        found, beside = await self._store.read_nodes(nodes, members)
        for record in found.values():
            self._witness.saw_node(record)
        for (node, _), member in beside.items():
            self._witness.saw_member(node, member)
        return found, beside

    async def write_component(self, write: Write) -> Root:
        root = await self._store.write_component(write)
        self._witness.wrote(write)
        return root

    async def link(
        self,
        loser: NodeRecord | str,
        parent: str,
        *,
        add: Sequence[MemberRecord] = (),
        drop: Sequence[str] = (),
    ) -> Redirect:
        redirect = await self._store.link(loser, parent, add=add, drop=drop)
        self._witness.linked(loser, parent)
        for member in add:
            self._witness.saw_member(redirect.id, member)
        self._witness.lost(redirect.id, drop)
        return redirect
