"""Claiming: what a batch adds to the entity records, worked out before anything is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from correlate.observation import Observation
from correlate.policy import Policy
from correlate.sessions import (
    EntityRecord,
    Member,
    Touch,
    claim_sessions,
    compacted,
    meet,
    session_at,
    subject_grid,
    subject_kind,
)
from correlate.snapshot import Snapshot
from correlate.ties import SameSession, TieTouch, claim_ties
from shared.entities import key_id, key_kind
from shared.times import HOUR


@dataclass(slots=True)
class Claim:
    """What a batch adds to one key's record. `partition` is that of a resource's alerts."""

    key: str
    partition: str | None = None
    touches: list[Touch] = field(default_factory=list)
    ties: list[TieTouch] = field(default_factory=list)


def clipped(batch: Iterable[Observation], policy: Policy) -> list[Observation]:
    """The alerts, each once, none longer than the policy believes."""
    longest = policy.longest_alert_hours * HOUR
    return [
        each if each.end - each.start <= longest else replace(each, end=each.start + longest)
        for each in {each.alert_id: each for each in batch}.values()
    ]


def claims_of(batch: Iterable[Observation], policy: Policy) -> dict[str, Claim]:
    """The claims of a batch by entity id: stretches of activity, not single alerts."""
    grid = subject_grid(policy)
    grids = {kind: rule.grid for kind, rule in policy.kinds.items() if kind != "resource"}
    spans: dict[tuple[str, int, int], Observation] = {}
    ties: dict[tuple[str, int, int, str, int], int] = {}
    for each in batch:
        subject, start, end = each.subject, each.start, each.end
        first = start // grid
        span = (subject.key, first, end // grid)
        known = spans.get(span)
        if known is None or each.alert_id < known.alert_id:
            spans[span] = each
        for key in (subject.key, *each.keys):
            own = grids.get(key[: key.index(":")])
            if own is not None:
                tie = (key, start // own, end // own, subject.entity, first)
                if start < ties.get(tie, start + 1):
                    ties[tie] = start
    claims: dict[str, Claim] = {}
    for (key, first, last), each in spans.items():
        claim = claims.setdefault(each.subject.entity, Claim(key, each.subject.partition))
        claim.touches.append(Touch(first * grid, (last + 1) * grid - 1, each.alert_id))
    for (key, first, last, resource, _), instant in ties.items():
        own = grids[key_kind(key)]
        touch = TieTouch(first * own, (last + 1) * own - 1, (resource, instant))
        claims.setdefault(key_id(key), Claim(key)).ties.append(touch)
    return claims


def nodes_near(claim: Claim, record: EntityRecord, policy: Policy) -> set[str]:
    """The nodes of the open sessions that a claim's stretches meet."""
    gap = subject_kind(policy).gap
    return {
        node
        for session in record.sessions
        if not session.sealed
        and any(
            meet(session.start, session.end, touch.start, touch.end, gap) for touch in claim.touches
        )
        for node in session.nodes
    }


def plan_sessions(
    claims: Mapping[str, Claim],
    known: Mapping[str, EntityRecord],
    snapshot: Snapshot,
    policy: Policy,
    now: int,
) -> dict[str, EntityRecord]:
    """The resources' records that a batch changes, with its claims merged into their sessions.

    What a resource's own key ties to itself goes along. `snapshot` holds the nodes near the claims;
    where people closed one, its sessions are sealed.
    """
    planned: dict[str, EntityRecord] = {}
    for entity, claim in claims.items():
        if claim.touches:
            before = known.get(entity) or EntityRecord(entity, claim.key)
            record = _with_sessions(before, claim, snapshot, policy, now)
            record = _with_ties(record, claim, {entity: record}, policy, now)
            if record is not before:
                planned[entity] = record
    return planned


def plan_ties(
    claims: Mapping[str, Claim], known: Mapping[str, EntityRecord], policy: Policy, now: int
) -> dict[str, EntityRecord]:
    """The records that a batch changes, with its claims merged into their ties.

    To be written when the sessions are, so that whoever finds a member in a tie then finds the
    member's session too.
    """
    planned: dict[str, EntityRecord] = {}
    for entity, claim in claims.items():
        before = known.get(entity) or EntityRecord(entity, claim.key)
        record = _with_ties(before, claim, known, policy, now)
        if record is not before:
            planned[entity] = record
    return planned


def _with_ties(
    record: EntityRecord,
    claim: Claim,
    subjects: Mapping[str, EntityRecord],
    policy: Policy,
    now: int,
) -> EntityRecord:
    """The record with a claim's ties on those resources whose records are given."""
    touches = [
        tie for tie in claim.ties if tie.member[0] in subjects and not _quiet(subjects, tie.member)
    ]
    if not touches:
        return record
    kind = policy.kinds[key_kind(claim.key)]
    return claim_ties(record, touches, kind, _same_session(subjects), policy, now)


def _with_sessions(
    record: EntityRecord, claim: Claim, snapshot: Snapshot, policy: Policy, now: int
) -> EntityRecord:
    """The record with a claim's sessions, naming roots instead of nodes that lead to them."""
    closed = snapshot.closed_by(claim.partition)
    claimed = claim_sessions(record, claim.touches, closed, policy, now)
    if claimed is record or not record.sessions:
        return claimed
    return compacted(claimed, snapshot.settled)


def _quiet(subjects: Mapping[str, EntityRecord], member: Member) -> bool:
    """Whether activity ties nothing: in a closed incident, or too old to be in any session."""
    session = session_at(subjects[member[0]], member[1])
    return session is None or session.sealed


def _same_session(subjects: Mapping[str, EntityRecord]) -> SameSession:
    def same(one: Member, other: Member) -> bool:
        if one[0] != other[0]:
            return False
        record = subjects[one[0]]
        session = session_at(record, one[1])
        return session is not None and session is session_at(record, other[1])

    return same
