"""What a root covers, looked at anew: its sessions, their alerts, and what still ties them."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from correlate.claims import Claim, claims_of, clipped
from correlate.decisions import Link, decision_entity, decision_key, joins, link_of
from correlate.evidence import Evidence, evidence_of
from correlate.observation import Observation, Subject
from correlate.ports import MemberRecord, Root
from correlate.sessions import (
    EntityRecord,
    Interval,
    Member,
    Session,
    Tie,
    cut,
    overlaps,
    session_at,
)
from correlate.snapshot import Snapshot, read_snapshot
from correlate.ties import claim_ties, parts_by_hand
from correlate.unions import Sets
from correlate.work import Work
from shared.entities import key_kind

MOST_NAMES: Final = 8
"""Alert ids that are kept of a stretch, the smallest: a part is named by one of them."""

Place: TypeAlias = tuple[str, int]
"""A session: its record's id and its start."""


@dataclass(slots=True)
class Stretch:
    """A session that leads to a root, or a time that the root covers and no session any more.

    `covered` are the parts of it that are the root's own. `others` are nodes of the session that
    lead elsewhere. `evidence` is None where no alert is stored any more; `names` are the smallest
    ids of the alerts, `names_root` whether the root's id is one of theirs. `links` are the joins by
    hand that tie it to others of the scope.
    """

    subject: Subject
    interval: Interval
    covered: tuple[Interval, ...]
    session: Session | None = None
    others: tuple[str, ...] = ()
    evidence: Evidence | None = None
    names: list[str] = field(default_factory=list)
    names_root: bool = False
    links: list[Link] = field(default_factory=list)

    def add(self, page: Iterable[Observation], root: str) -> None:
        """Take in some of its alerts."""
        alerts = list(page)
        if not alerts:
            return
        evidence = evidence_of(alerts)
        if self.evidence is not None:
            evidence.absorb(self.evidence)
        self.evidence = evidence
        # One that reaches beyond is still to be claimed, and its worker would take a node of its
        # name for one that knows its whole stretch.
        inside = [alert for alert in alerts if alert.end <= self.covered[-1][1]]
        names = {*self.names, *(alert.alert_id for alert in inside or alerts)}
        self.names = sorted(names)[:MOST_NAMES]
        self.names_root |= any(alert.alert_id == root for alert in alerts)


@dataclass(slots=True)
class Scope:
    """A root's stretches by session, those without a session, its members and their records.

    `touches` are what its alerts add to the ties of their keys, by entity id; what people decided
    about its resources is among them. `given` is what leads to the
    root and closed components cover, by their ids; `heirs` are these.
    """

    sessions: dict[Place, Stretch]
    forgotten: list[Stretch]
    members: tuple[MemberRecord, ...]
    records: dict[str, EntityRecord]
    touches: dict[str, Claim] = field(default_factory=dict)
    given: dict[str, list[Stretch]] = field(default_factory=dict)
    heirs: dict[str, Root] = field(default_factory=dict)

    @property
    def stretches(self) -> list[Stretch]:
        """All of them."""
        return [*self.sessions.values(), *self.forgotten]

    def place(self, member: Member) -> Place | None:
        """The session of the scope that a member of a tie means."""
        record = self.records.get(member[0])
        session = session_at(record, member[1]) if record is not None else None
        place = (member[0], session.start) if session is not None else None
        return place if place in self.sessions else None


async def read_scope(work: Work, root: Root) -> Scope:
    """Read what a root covers: members, their resources' records, and all alerts."""
    contents = await work.store.read_contents(root.id)
    members = {member.subject.entity: member for member in contents.members}
    records = await work.store.read_entities(members)
    nodes = {
        node for record in records.values() for session in record.sessions for node in session.nodes
    }
    snapshot = await read_snapshot(work.store, nodes)
    scope = Scope({}, [], contents.members, records)
    for entity, member in members.items():
        free = list(member.intervals)
        record = records.get(entity)
        for session in record.sessions if record is not None else ():
            interval = (session.start, session.end)
            if cut(free, interval) == free:
                continue
            free = cut(free, interval)
            await _add(work, scope, root, member, session, snapshot)
        scope.forgotten += [Stretch(member.subject, interval, (interval,)) for interval in free]
    await work.together(_read_alerts(work, scope, each, root.id) for each in scope.stretches)
    await work.together(
        _read_given(work, each, root.id) for given in scope.given.values() for each in given
    )
    for record in records.values():
        for decision in record.decisions:
            scope.touches[decision_entity(decision)] = Claim(decision_key(decision))
    return scope


async def _add(
    work: Work,
    scope: Scope,
    root: Root,
    member: MemberRecord,
    session: Session,
    snapshot: Snapshot,
) -> None:
    """Take a session into the scope, as far as it leads to the root and is the root's own."""
    interval = (session.start, session.end)
    others = tuple(node for node in session.nodes if snapshot.end_of(node) != root.id)
    if len(others) == len(session.nodes):
        return
    own = overlaps(member.intervals, interval) if root.closed else [interval]
    for end, taken in await _settled(work, member.id, others, snapshot):
        if theirs := overlaps(own, taken):
            given = Stretch(member.subject, interval, tuple(theirs))
            scope.given.setdefault(end.id, []).append(given)
            scope.heirs[end.id] = end
        own = cut(own, taken)
    if own:
        stretch = Stretch(member.subject, interval, tuple(own), session, others)
        scope.sessions[member.subject.entity, session.start] = stretch


async def _settled(
    work: Work, name: str, others: Iterable[str], snapshot: Snapshot
) -> list[tuple[Root, Interval]]:
    """What others cover of a resource, and stays with them, since people closed them.

    One that is being made anew itself may have read before this root was marked, and have left to
    it what both cover: then this root keeps that.
    """
    found = (end for node in others if isinstance(end := snapshot.root_of(node), Root))
    ends = {(end.id, name): end for end in found if end.closed and end.splitting is None}
    if not ends:
        return []
    _, members = await work.store.read_nodes((), ends)
    return [(ends[key], taken) for key, member in members.items() for taken in member.intervals]


async def _read_alerts(work: Work, scope: Scope, stretch: Stretch, root: str) -> None:
    pages = work.store.alerts_within(stretch.subject.partition, stretch.covered)
    async for page in pages:
        alerts = clipped(page, work.policy)
        stretch.add(alerts, root)
        for entity, claim in claims_of(alerts, work.policy).items():
            if claim.ties:
                scope.touches.setdefault(entity, Claim(claim.key)).ties.extend(claim.ties)


async def _read_given(work: Work, stretch: Stretch, root: str) -> None:
    async for page in work.store.alerts_within(stretch.subject.partition, stretch.covered):
        stretch.add(clipped(page, work.policy), root)


async def parts_of(work: Work, scope: Scope) -> list[list[Stretch]]:
    """The stretches of a scope, parted where nothing ties them together.

    The first part keeps the root: it holds the alert that the root is named after, or else the one
    with the smallest id, and all that is stored no more. What people split off keeps it only where
    nothing else is left.
    """
    sets: Sets[Place] = Sets(scope.sessions)
    stored = await work.store.read_entities(scope.touches)
    leaving = _split_off(stored.values())
    apart = _apart(leaving)
    left = {place for member in leaving if (place := scope.place(member))}
    for entity, claim in scope.touches.items():
        record = stored.get(entity, EntityRecord(entity, claim.key))
        forgotten = _from_alerts(work, scope, claim, record, apart)
        for tie in (*record.ties, *forgotten):
            for members in parts_by_hand(tie) if not tie.common else ():
                places = {place for member in members if (place := scope.place(member))}
                sets.unite(places)
                _tell(scope, record, members)
    found: dict[Place, list[Stretch]] = {}
    for place, stretch in scope.sessions.items():
        found.setdefault(sets.find(place), []).append(stretch)
    stay = {sets.find(place) for place in scope.sessions if place not in left}
    parts = [found[place] for place in sorted(found, key=lambda each: _keeping(each, found, stay))]
    gone = [part for part in parts if not names_of(part)]
    parts = [part for part in parts if names_of(part)]
    rest = [*scope.forgotten, *(stretch for part in gone for stretch in part)]
    if any(stretch.names_root for stretch in scope.forgotten) or not parts:
        return [rest, *parts]
    return [[*parts[0], *rest], *parts[1:]]


def _split_off(records: Iterable[EntityRecord]) -> dict[Member, str]:
    """What decisions among these records split off, each with the latest of them."""
    found: dict[Member, str] = {}
    for record in records:
        if record.decision is None or record.decision.kind != "split":
            continue
        for member in (member for tie in record.ties for member in tie.members):
            found[member] = max(record.decision.id, found.get(member, ""))
    return found


def _apart(leaving: Mapping[Member, str]) -> tuple[tuple[str, str], ...]:
    """The resources that were split off, as ties name them."""
    found: dict[str, str] = {}
    for (resource, _), decision in leaving.items():
        found[resource] = max(decision, found.get(resource, ""))
    return tuple(sorted(found.items()))


def _tell(scope: Scope, record: EntityRecord, members: Iterable[Member]) -> None:
    """Let stretches know of the join by hand that holds them together."""
    if record.decision is None:
        return
    held = {member: place for member in members if (place := scope.place(member))}
    if joins(record.decision, held):
        for place in set(held.values()):
            scope.sessions[place].links.append(link_of(record.decision))


def _from_alerts(
    work: Work,
    scope: Scope,
    claim: Claim,
    record: EntityRecord,
    apart: tuple[tuple[str, str], ...],
) -> list[Tie]:
    """The ties that the alerts tell of and that the record has forgotten."""
    if not claim.ties:
        return []

    def same(one: Member, other: Member) -> bool:
        place = scope.place(one)
        return place is not None and place == scope.place(other)

    kind = work.policy.kinds[key_kind(claim.key)]
    bare = EntityRecord(record.id, record.key)
    ties = claim_ties(bare, claim.ties, kind, same, work.policy, work.now()).ties
    return [
        replace(tie, apart=apart)
        for tie in ties
        if not any(old.start <= tie.end and tie.start <= old.end for old in record.ties)
    ]


def _keeping(
    place: Place, parts: Mapping[Place, list[Stretch]], stay: Set[Place]
) -> tuple[bool, bool, list[str]]:
    """In which order parts may keep the root: those that stay, then by name."""
    part = parts[place]
    return place not in stay, not any(stretch.names_root for stretch in part), names_of(part)


def names_of(part: Iterable[Stretch]) -> list[str]:
    """The smallest ids of a part's alerts, in order."""
    return sorted(name for stretch in part for name in stretch.names)


def evidence_in(part: Iterable[Stretch]) -> Evidence | None:
    """The evidence of a part; None where no alert is stored any more."""
    found: Evidence | None = None
    for stretch in part:
        if stretch.evidence is None:
            continue
        if found is None:
            found = stretch.evidence.copy()
        else:
            found.absorb(stretch.evidence)
    return found
