"""Which of a batch's alerts belong together, as far as the records that it touched tell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from correlate.decisions import Decision, joins
from correlate.observation import Observation
from correlate.sessions import EntityRecord, Member, Session, Tie, session_at
from correlate.snapshot import Snapshot
from correlate.ties import parts_by_hand
from correlate.unions import Sets
from shared.entities import key_id

SessionKey: TypeAlias = tuple[str, int]
"""A session within a flush: its record's id and its start."""


@dataclass(frozen=True, slots=True)
class Strand:
    """Sessions that a tie holds together; `decision` is that of people which joined them."""

    sessions: tuple[SessionKey, ...]
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Knot:
    """A tie whose union is to be confirmed, and the sessions that it ties together.

    `entity` is the id of the tie's record. `whole` says that the session of each member was found:
    whoever added a member may not have written its session yet. `strands` are what is tied
    together: more than one where people split some off.
    """

    entity: str
    tie: Tie
    sessions: tuple[SessionKey, ...]
    whole: bool
    strands: tuple[Strand, ...]


@dataclass(slots=True)
class Component:
    """Sessions that belong together, the batch's alerts in them, and the ties that say so."""

    sessions: dict[SessionKey, Session] = field(default_factory=dict)
    observations: dict[SessionKey, list[Observation]] = field(default_factory=dict)
    knots: list[Knot] = field(default_factory=list)

    @property
    def nodes(self) -> set[str]:
        """The nodes that the sessions point to."""
        return {node for session in self.sessions.values() for node in session.nodes}

    @property
    def alerts(self) -> list[Observation]:
        """The batch's alerts."""
        return [each for seen in self.observations.values() for each in seen]

    def absorb(self, other: "Component") -> None:
        """Take in another component of the same flush."""
        self.sessions |= other.sessions
        self.observations |= other.observations
        self.knots += other.knots


def keys_of(batch: Iterable[Observation]) -> set[str]:
    """The keys that alerts name, the resources' own included."""
    keys: set[str] = set()
    for each in batch:
        keys.add(each.subject.key)
        keys.update(each.keys)
    return keys


def pending_ties(
    batch: Iterable[Observation], records: Mapping[str, EntityRecord]
) -> list[tuple[str, Tie]]:
    """The ties on the batch's keys whose union is to be confirmed, with their records' ids."""
    found = [(record, tie) for record in records.values() for tie in record.ties if tie.pending]
    if not found:
        return []
    keys = keys_of(batch)
    return [(record.id, tie) for record, tie in found if record.key in keys]


def group(
    batch: Sequence[Observation],
    records: Mapping[str, EntityRecord],
    ties: Iterable[tuple[str, Tie]],
) -> tuple[list[Component], list[Observation]]:
    """The components of a batch, and the alerts that no session holds.

    Its alerts by session, sessions joined by the pending ties. A sealed session is tied to none.
    """
    whole = Component()
    lost: list[Observation] = []
    for each in batch:
        key = _locate(records, each.subject.entity, each.start, whole.sessions)
        if key is None:
            lost.append(each)
        else:
            whole.observations.setdefault(key, []).append(each)
    for entity, tie in ties:
        whole.knots.append(_knot(records, entity, tie, whole.sessions))
    return _parts(whole), lost


def _knot(
    records: Mapping[str, EntityRecord],
    entity: str,
    tie: Tie,
    sessions: dict[SessionKey, Session],
) -> Knot:
    strands: list[Strand] = []
    whole, decision = True, records[entity].decision
    for members in parts_by_hand(tie):
        found = {member: _locate(records, *member, sessions) for member in members}
        whole &= None not in found.values()
        held = {member: key for member, key in found.items() if key and not sessions[key].sealed}
        joined = decision if decision is not None and joins(decision, held) else None
        strands.append(Strand(tuple(sorted(set(held.values()))), joined))
    tied = tuple(sorted(key for strand in strands for key in strand.sessions))
    return Knot(entity, tie, tied, whole, tuple(strands))


def located(records: Mapping[str, EntityRecord], member: Member) -> bool:
    """Whether the session that a member of a tie means is among the records."""
    record = records.get(member[0])
    return record is not None and session_at(record, member[1]) is not None


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
    key = (entity, session.start)
    sessions[key] = session
    return key


def _parts(whole: Component) -> list[Component]:
    """The component's parts that nothing ties together."""
    if not whole.knots:
        return [
            Component({key: whole.sessions[key]}, {key: seen})
            for key, seen in whole.observations.items()
        ]
    sets: Sets[SessionKey] = Sets(whole.sessions)
    for knot in whole.knots:
        sets.unite(knot.sessions)
    parts: dict[SessionKey, Component] = {}
    for key, session in whole.sessions.items():
        part = parts.setdefault(sets.find(key), Component())
        part.sessions[key] = session
        if key in whole.observations:
            part.observations[key] = whole.observations[key]
    for knot in whole.knots:
        if knot.sessions:
            parts[sets.find(knot.sessions[0])].knots.append(knot)
    return [part for part in parts.values() if part.observations or part.knots]


def by_root(components: Iterable[Component], snapshot: Snapshot) -> list[Component]:
    """The components, those that lead to one root as one: a root is written once a batch."""
    numbered = list(components)
    first: dict[str, int] = {}
    sets: Sets[int] = Sets(range(len(numbered)))
    for number, component in enumerate(numbered):
        for node in component.nodes:
            sets.unite((first.setdefault(snapshot.end_of(node), number), number))
    found: dict[int, Component] = {}
    for number, component in enumerate(numbered):
        home = found.setdefault(sets.find(number), component)
        if home is not component:
            home.absorb(component)
    return list(found.values())


def moved(component: Component, records: Mapping[str, EntityRecord]) -> bool:
    """Whether records that were read again tell otherwise than the component was built on.

    Sessions may have grown meanwhile, but must lead to the same nodes; ties must still hold.
    """
    for key, session in component.sessions.items():
        record = records.get(key[0])
        now = session_at(record, session.start) if record is not None else None
        if now is None or now.nodes != session.nodes or now.sealed != session.sealed:
            return True
    return any(
        not any(
            not tie.common
            and tie.start <= knot.tie.start <= tie.end
            and tie.apart == knot.tie.apart
            for tie in records[knot.entity].ties
        )
        for knot in component.knots
        if knot.entity in records
    )


def alone(component: Component) -> bool:
    """Whether the component is one alert that needs no node of its own.

    A node without a record stands for the alert that it is named after. If it has one, whoever made
    it took that alert in. A tie that is pending is still to be confirmed, even if it holds nothing
    else any more: others may have left something half done by it.
    """
    if len(component.sessions) > 1 or component.knots:
        return False
    (session,) = component.sessions.values()
    return len(session.nodes) == 1 and all(
        each.alert_id == session.nodes[0]
        for seen in component.observations.values()
        for each in seen
    )


def entity_ids(batch: Iterable[Observation]) -> set[str]:
    """The ids of the records of all keys that a batch names."""
    return {key_id(key) for key in keys_of(batch)}
