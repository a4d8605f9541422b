"""The correlation store in memory: the records themselves, with compare-and-swap on ETags."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from correlate.observation import Observation
from correlate.ports import (
    Conflict,
    Contents,
    MemberRecord,
    NodeRecord,
    Redirect,
    Root,
    Write,
)
from correlate.sessions import EntityRecord, Interval


@dataclass(slots=True)
class MemoryStore:
    """Everything that correlation keeps, in dictionaries. Not for threads."""

    entities: dict[str, EntityRecord] = field(default_factory=dict)
    nodes: dict[str, NodeRecord] = field(default_factory=dict)
    members: dict[str, dict[str, MemberRecord]] = field(default_factory=dict)
    history: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    alerts: dict[str, Observation] = field(default_factory=dict)
    of_resource: dict[str, list[Observation]] = field(default_factory=lambda: defaultdict(list))
    starts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    writes: int = 0

    def add(self, observation: Observation) -> bool:
        """Store an alert as ingest does; False when it was there already."""
        if observation.alert_id in self.alerts:
            return False
        self.alerts[observation.alert_id] = observation
        self.of_resource[observation.subject.partition].append(observation)
        starts = self.starts[observation.subject.partition]
        if starts and observation.start < starts[-1]:
            insort(starts, observation.start)
        else:
            starts.append(observation.start)
        return True

    async def read_entities(self, ids: Iterable[str]) -> dict[str, EntityRecord]:
        """The entity records that exist, by id."""
        entities = self.entities
        return {entity: entities[entity] for entity in ids if entity in entities}

    async def write_entities(self, records: Iterable[EntityRecord]) -> dict[str, EntityRecord]:
        """Create or replace each record whose ETag still holds."""
        entities, written = self.entities, {}
        for record in records:
            held = entities.get(record.id)
            if (held.etag if held else None) == record.etag:
                new = EntityRecord(
                    record.id,
                    record.key,
                    record.sessions,
                    record.ties,
                    self._etag(),
                    record.decisions,
                    record.decision,
                )
                entities[record.id] = written[record.id] = new
        return written

    async def read_nodes(
        self, nodes: Iterable[str], members: Iterable[tuple[str, str]] = ()
    ) -> tuple[dict[str, NodeRecord], dict[tuple[str, str], MemberRecord]]:
        """The nodes and members that exist."""
        found = {node: self.nodes[node] for node in nodes if node in self.nodes}
        beside = {
            (node, name): held
            for node, name in members
            if (held := self.members.get(node, {}).get(name)) is not None
        }
        return found, beside

    async def write_component(self, write: Write) -> Root:
        """Write root and members if none moved."""
        root = write.root
        self._check(root.id, root.etag)
        members = self.members.setdefault(root.id, {})
        for member in write.members:
            known = members.get(member.id)
            if (known.etag if known else None) != member.etag:
                raise Conflict(member.id)
        if not members.keys() >= set(write.removed):
            raise Conflict(root.id)
        written = replace(root, etag=self._etag())
        self.nodes[root.id] = written
        for name in write.removed:
            del members[name]
        for member in write.members:
            members[member.id] = replace(member, etag=self._etag())
        history = self.history.setdefault(root.id, {})
        history |= {
            note.id: {"id": note.id, "what": note.what, "by": note.by} for note in write.notes
        }
        history |= {document["id"]: document for document in write.carried}
        return written

    async def read_contents(self, node: str) -> Contents:
        """Everything beside a node."""
        members = tuple(self.members.get(node, {}).values())
        return Contents(members, tuple(self.history.get(node, {}).values()))

    async def link(
        self,
        loser: NodeRecord | str,
        parent: str,
        *,
        add: Sequence[MemberRecord] = (),
        drop: Sequence[str] = (),
    ) -> Redirect:
        """Make a node that has not moved, or one without a record, point to its parent."""
        name, etag = (loser, None) if isinstance(loser, str) else (loser.id, loser.etag)
        self._check(name, etag)
        redirect = Redirect(name, parent, self._etag())
        self.nodes[name] = redirect
        self._remove(name, drop)
        for member in add:
            self.members.setdefault(name, {})[member.id] = replace(member, etag=self._etag())
        return redirect

    def _check(self, node: str, etag: str | None) -> None:
        held = self.nodes.get(node)
        if (held.etag if held else None) != etag:
            raise Conflict(node)

    def _remove(self, node: str, ids: Sequence[str]) -> None:
        for name in ids:
            self.members.get(node, {}).pop(name, None)
            self.history.get(node, {}).pop(name, None)

    async def read_alerts(self, alert_ids: Iterable[str]) -> dict[str, Observation]:
        """The alerts that exist."""
        return {name: self.alerts[name] for name in alert_ids if name in self.alerts}

    async def alerts_within(
        self, partition: str, intervals: Sequence[Interval]
    ) -> AsyncIterator[Sequence[Observation]]:
        """The resource's alerts that start inside the intervals, in one page."""
        yield [
            alert
            for alert in self.of_resource[partition]
            if any(start <= alert.start <= end for start, end in intervals)
        ]

    async def count_alerts(
        self, wanted: Sequence[tuple[str, tuple[Interval, ...]]]
    ) -> tuple[int, ...]:
        """How many alerts start inside the intervals."""
        return tuple(
            sum(
                bisect_right(self.starts[partition], end)
                - bisect_left(self.starts[partition], start)
                for start, end in intervals
            )
            for partition, intervals in wanted
        )

    def roots(self) -> list[Root]:
        """All components that have a root."""
        return [node for node in self.nodes.values() if isinstance(node, Root)]

    def _etag(self) -> str:
        self.writes += 1
        return str(self.writes)
