"""Claiming: what a batch adds to the entity records, worked out before anything is written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from correlate.observation import Observation
from correlate.policy import Policy
from correlate.sessions import (
    Closed,
    EntityRecord,
    Member,
    TieTouch,
    Touch,
    claim_sessions,
    claim_ties,
    clip,
    session_at,
    subject_grid,
    widen,
)
from shared.entities import key_id, key_kind


@dataclass(slots=True)
class Claim:
    """What a batch adds to one key's record."""

    key: str
    touches: list[Touch] = field(default_factory=list)
    ties: list[TieTouch] = field(default_factory=list)


def claims_of(batch: Sequence[Observation], policy: Policy) -> dict[str, Claim]:
    """The claims of a batch by entity id: stretches of activity, not single alerts."""
    grid = subject_grid(policy)
    grids = {kind: rule.grid for kind, rule in policy.kinds.items() if kind != "resource"}
    spans: dict[tuple[str, int, int], str] = {}
    ties: dict[tuple[str, int, int, str], int] = {}
    for each in batch:
        subject, start = each.subject, each.start
        end = clip(start, each.end, policy)
        span = (subject.key, *widen(start, end, grid))
        node = spans.get(span)
        if node is None or each.alert_id < node:
            spans[span] = each.alert_id
        for key in (subject.key, *each.keys):
            own = grids.get(key_kind(key))
            if own is not None:
                tie = (key, *widen(start, end, own), subject.entity)
                if start < ties.get(tie, start + 1):
                    ties[tie] = start
    return _by_entity(spans, ties)


def _by_entity(
    spans: Mapping[tuple[str, int, int], str], ties: Mapping[tuple[str, int, int, str], int]
) -> dict[str, Claim]:
    ids = {key: key_id(key) for key in {span[0] for span in spans} | {tie[0] for tie in ties}}
    claims = {identifier: Claim(key) for key, identifier in ids.items()}
    for (key, start, end), node in spans.items():
        claims[ids[key]].touches.append(Touch(start, end, node))
    for (key, start, end, resource), instant in ties.items():
        claims[ids[key]].ties.append(TieTouch(start, end, (resource, instant)))
    return claims


def _quiet(
    subjects: Mapping[str, EntityRecord], member: Member, closed: Mapping[str, Closed]
) -> bool:
    """Whether the activity lies inside a closed incident, which ties nothing any more."""
    resource, instant = member
    record = subjects.get(resource)
    session = session_at(record, instant) if record is not None else None
    return session is not None and (session.sealed or all(node in closed for node in session.nodes))


def _same_session(subjects: Mapping[str, EntityRecord]) -> Callable[[Member, Member], bool]:
    def same(one: Member, other: Member) -> bool:
        record = subjects.get(one[0])
        if one[0] != other[0] or record is None:
            return False
        session = session_at(record, one[1])
        return session is not None and session is session_at(record, other[1])

    return same


def plan(
    claims: Mapping[str, Claim],
    known: Mapping[str, EntityRecord],
    closed: Mapping[str, Closed],
    policy: Policy,
    *,
    tie: bool,
) -> dict[str, EntityRecord]:
    """The records that a batch changes, with its claims merged in.

    Resources' sessions are claimed first, and only when they are written is anything tied to them
    (`tie`): whoever finds a member in a tie then finds its session too. A resource's tie to itself
    is in the same record and goes along. `closed` tells, for nodes of the known records, the
    components that people have closed.
    """
    before = {
        entity: known.get(entity) or EntityRecord(entity, claim.key)
        for entity, claim in claims.items()
    }
    subjects = {
        entity: claim_sessions(before[entity], claim.touches, closed, policy)
        for entity, claim in claims.items()
        if claim.touches
    }
    same = _same_session(subjects)
    planned: dict[str, EntityRecord] = {}
    for entity, claim in claims.items():
        record = subjects.get(entity, before[entity])
        kind = policy.kinds.get(key_kind(claim.key))
        if claim.ties and kind is not None:
            touches = [
                touch
                for touch in claim.ties
                if (tie or touch.member[0] == entity) and not _quiet(subjects, touch.member, closed)
            ]
            record = claim_ties(record, touches, kind, policy, same)
        if record is not before[entity] and (record.sessions or record.ties):
            planned[entity] = record
    return planned


def nodes_of(records: Iterable[EntityRecord]) -> set[str]:
    """The nodes that the records' sessions point to."""
    return {node for record in records for session in record.sessions for node in session.nodes}
