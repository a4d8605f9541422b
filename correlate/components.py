"""Which of a batch's alerts belong together, as far as the records that it touched tell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from correlate.observation import Observation
from correlate.sessions import EntityRecord, Session, Tie, session_at, tie_at
from shared.entities import key_id

SessionKey: TypeAlias = tuple[str, int, bool]
"""A session within a flush: its record's id, its start, whether it is sealed."""


@dataclass(slots=True)
class Component:
    """Sessions that belong together, and the batch's alerts in them."""

    sessions: dict[SessionKey, Session] = field(default_factory=dict)
    observations: dict[SessionKey, list[Observation]] = field(default_factory=dict)

    @property
    def nodes(self) -> set[str]:
        """The nodes that the sessions point to."""
        return {node for session in self.sessions.values() for node in session.nodes}

    def absorb(self, other: "Component") -> None:
        """Take in another component of the same flush."""
        self.sessions |= other.sessions
        for key, observations in other.observations.items():
            self.observations.setdefault(key, []).extend(observations)


class _Links:
    """A small union-find over the sessions of one flush."""

    def __init__(self) -> None:
        self.parents: dict[SessionKey, SessionKey] = {}

    def find(self, key: SessionKey) -> SessionKey:
        root = self.parents.setdefault(key, key)
        while root != self.parents[root]:
            root = self.parents[root]
        self.parents[key] = root
        return root

    def union(self, one: SessionKey, other: SessionKey) -> None:
        low, high = sorted((self.find(one), self.find(other)))
        self.parents[high] = low


def pending_ties(
    batch: Iterable[Observation], records: Mapping[str, EntityRecord]
) -> dict[tuple[str, int], Tie]:
    """The ties that the batch touched and whose union is to be confirmed, by record and start."""
    found: dict[tuple[str, int], Tie] = {}
    for record, each in _touched(batch, records):
        tie = tie_at(record, each.start)
        if tie is not None and tie.pending and not tie.common:
            found[record.id, tie.start] = tie
    return found


def unseen_members(ties: Iterable[Tie], records: Mapping[str, EntityRecord]) -> set[str]:
    """The records to read before the ties can be followed.

    A member's session is written before it is tied, so where a record at hand lacks it, another
    worker has written the record since.
    """
    return {
        entity
        for tie in ties
        for entity, instant in tie.members
        if entity not in records or session_at(records[entity], instant) is None
    }


def _touched(
    batch: Iterable[Observation], records: Mapping[str, EntityRecord]
) -> Iterable[tuple[EntityRecord, Observation]]:
    """Records with ties in use, each with the alerts of the batch that name them."""
    tied = {record.key: record for record in records.values() if record.ties}
    for each in batch:
        for key in (each.subject.key, *each.keys):
            record = tied.get(key)
            if record is not None:
                yield record, each


def group(
    batch: Sequence[Observation],
    records: Mapping[str, EntityRecord],
    ties: Iterable[Tie],
) -> list[Component]:
    """The components of a batch: its alerts by session, sessions joined by the pending ties."""
    links = _Links()
    sessions: dict[SessionKey, Session] = {}
    observations: dict[SessionKey, list[Observation]] = {}
    for each in batch:
        key = _locate(records, each.subject.entity, each.start, sessions)
        if key is not None:
            links.find(key)
            observations.setdefault(key, []).append(each)
    for tie in ties:
        keys = [_locate(records, entity, instant, sessions) for entity, instant in tie.members]
        tied = [key for key in keys if key is not None]
        for key in tied[1:]:
            links.union(tied[0], key)
    components: dict[SessionKey, Component] = {}
    for key in links.parents:
        component = components.setdefault(links.find(key), Component())
        component.sessions[key] = sessions[key]
        if key in observations:
            component.observations[key] = observations[key]
    return list(components.values())


def _locate(
    records: Mapping[str, EntityRecord],
    entity: str,
    instant: int,
    sessions: dict[SessionKey, Session],
) -> SessionKey | None:
    record = records.get(entity)
    session = session_at(record, instant) if record is not None else None
    if session is None:
        return None
    key = (entity, session.start, session.sealed)
    sessions[key] = session
    return key


def entity_ids(batch: Iterable[Observation]) -> set[str]:
    """The ids of the records of all keys that a batch names."""
    return {key_id(key) for each in batch for key in (each.subject.key, *each.keys)}
