"""Sessions: the activity of a resource or of a shared entity, cut where it pauses for long enough.

A resource's session points to the component that its alerts belong to. A shared entity's session
lists the resources that it ties together; one that ties too many is *common* and ties nothing.

Session windows that merge, as stream processors have them: an alert that comes late can bridge two.
Bounds are widened to a grid, so that a burst rewrites nothing. Merging is a closure over intervals,
so the outcome does not depend on the order of arrival.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from correlate.policy import Kind, Policy
from shared.times import DAY, HOUR


@dataclass(frozen=True, slots=True)
class Session:
    """One stretch of a resource's activity, `start` to `end` inclusive, in milliseconds.

    `nodes` are the components its alerts belong to; more than one when a late alert bridged two
    sessions and their union is still to be written. A `sealed` session belongs to an incident that
    people closed: it takes in what happened inside it and never grows. `follows` names the closed
    component that went before this session.
    """

    start: int
    end: int
    nodes: tuple[str, ...]
    sealed: bool = False
    follows: str | None = None


Member: TypeAlias = tuple[str, int]
"""A resource's entity id and an instant inside the session of it that is meant."""
SameSession: TypeAlias = Callable[[Member, Member], bool]


@dataclass(frozen=True, slots=True)
class Tie:
    """One stretch of a shared entity's activity, and the resources' sessions that it ties together.

    `pending` says that a member was added and the union of the members is still to be confirmed.
    """

    start: int
    end: int
    members: tuple[Member, ...]
    common: bool = False
    pending: bool = False


@dataclass(frozen=True, slots=True)
class EntityRecord:
    """What is stored for one key: its sessions as a resource, and its ties as a shared entity."""

    id: str
    key: str
    sessions: tuple[Session, ...] = ()
    ties: tuple[Tie, ...] = ()
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Touch:
    """One stretch of activity that a batch adds to a resource, already widened to the grid.

    `node` is the component that the stretch starts in if it meets no session.
    """

    start: int
    end: int
    node: str


@dataclass(frozen=True, slots=True)
class TieTouch:
    """One stretch of activity that a batch adds to a shared entity, on one resource's session."""

    start: int
    end: int
    member: Member


@dataclass(frozen=True, slots=True)
class Closed:
    """A component that people closed, and the last instant of its activity."""

    root: str
    last: int


def subject_kind(policy: Policy) -> Kind:
    """How a resource's own sessions are cut, whatever kind of thing the resource is."""
    return policy.kinds["resource"]


def subject_grid(policy: Policy) -> int:
    """The grid of resources' sessions: an hour at least, since alerts are counted by the hour."""
    return max(subject_kind(policy).grid // HOUR, 1) * HOUR


def widen(start: int, end: int, grid: int) -> tuple[int, int]:
    """The smallest stretch on the grid that holds the interval; its last millisecond included."""
    return start // grid * grid, (end // grid + 1) * grid - 1


def clip(start: int, end: int, policy: Policy) -> int:
    """The end that correlation uses: an alert that claims to last for weeks does not."""
    return min(end, start + policy.longest_alert_hours * HOUR)


def claim_sessions(
    record: EntityRecord,
    touches: Iterable[Touch],
    closed: Mapping[str, Closed],
    policy: Policy,
) -> EntityRecord:
    """The record with a batch's activity merged into the resource's sessions.

    `closed` tells, for nodes of this record, the components that people have closed. Returns the
    same record when nothing changes.
    """
    gap = subject_kind(policy).gap
    sessions = list(record.sessions)
    for touch in sorted(touches, key=lambda touch: touch.start):
        sessions = _seal(sessions, touch, closed, gap)
        if not any(_holds(session, touch.start) for session in sessions if session.sealed):
            _merge_session(sessions, touch, gap)
    kept = _recent(tuple(sessions), policy)
    return record if kept == record.sessions else replace(record, sessions=kept)


def _holds(session: Session, instant: int) -> bool:
    return session.start <= instant <= session.end


def _seal(
    sessions: list[Session], touch: Touch, closed: Mapping[str, Closed], gap: int
) -> list[Session]:
    """Seal the closed components' sessions that this touch would otherwise lengthen."""
    return [
        replace(session, sealed=True, end=min(session.end, max(seal.last, session.start)))
        if not session.sealed
        and (seal := _closed_by(session, closed)) is not None
        and _meet(session.start, session.end, touch.start, touch.end, gap)
        and not session.start <= touch.start <= seal.last
        else session
        for session in sessions
    ]


def _closed_by(session: Session, closed: Mapping[str, Closed]) -> Closed | None:
    found = [closed[node] for node in session.nodes if node in closed]
    return found[0] if len(found) == len(session.nodes) else None


def _meet(start: int, end: int, other_start: int, other_end: int, gap: int) -> bool:
    """Whether two stretches lie within the gap of each other, the gap's edge included."""
    return other_start - end <= gap and start - other_end <= gap


def _merge_session(sessions: list[Session], touch: Touch, gap: int) -> None:
    meeting = [
        session
        for session in sessions
        if not session.sealed and _meet(session.start, session.end, touch.start, touch.end, gap)
    ]
    if not meeting:
        follows = _followed(sessions, touch.start, gap)
        sessions.append(Session(touch.start, touch.end, (touch.node,), follows=follows))
    else:
        merged = Session(
            min(touch.start, *(session.start for session in meeting)),
            max(touch.end, *(session.end for session in meeting)),
            tuple(sorted({node for session in meeting for node in session.nodes})),
            follows=next((session.follows for session in meeting if session.follows), None),
        )
        if [merged] == meeting:
            return
        for session in meeting:
            sessions.remove(session)
        sessions.append(merged)
    sessions.sort(key=lambda session: (session.start, session.end))


def _followed(sessions: list[Session], start: int, gap: int) -> str | None:
    """The component of the latest sealed session that ended within the gap before."""
    before = [
        session
        for session in sessions
        if session.sealed and session.start <= start and start - session.end <= gap
    ]
    return max(before, key=lambda session: session.end).nodes[0] if before else None


def _recent(sessions: tuple[Session, ...], policy: Policy) -> tuple[Session, ...]:
    horizon = max((session.end for session in sessions), default=0) - policy.retention_days * DAY
    if sessions and sessions[0].end < horizon:
        return tuple(session for session in sessions if session.end >= horizon)
    return sessions


def claim_ties(
    record: EntityRecord,
    touches: Iterable[TieTouch],
    kind: Kind,
    policy: Policy,
    same: SameSession,
) -> EntityRecord:
    """The record with a batch's activity merged into the shared entity's ties.

    `same` tells whether two members mean one session of one resource. Returns the same record when
    nothing changes.
    """
    ties = list(record.ties)
    for touch in sorted(touches, key=lambda touch: (touch.start, touch.member)):
        _merge_tie(ties, touch, kind, same)
    kept = tuple(ties)
    horizon = max((tie.end for tie in kept), default=0) - policy.retention_days * DAY
    if kept and kept[0].end < horizon:
        kept = tuple(tie for tie in kept if tie.end >= horizon)
    return record if kept == record.ties else replace(record, ties=kept)


def _merge_tie(ties: list[Tie], touch: TieTouch, kind: Kind, same: SameSession) -> None:
    meeting = [tie for tie in ties if _meet(tie.start, tie.end, touch.start, touch.end, kind.gap)]
    if len(meeting) == 1:
        tie = meeting[0]
        if (
            tie.start <= touch.start
            and touch.end <= tie.end
            and (tie.common or _has(tie.members, touch.member, same))
        ):
            return
    start = min(touch.start, *(tie.start for tie in meeting), touch.start)
    end = max(touch.end, *(tie.end for tie in meeting), touch.end)
    merged = _join_ties(start, end, meeting, touch.member, kind, same)
    for tie in meeting:
        ties.remove(tie)
    ties.append(merged)
    ties.sort(key=lambda tie: tie.start)


def _join_ties(
    start: int, end: int, meeting: list[Tie], member: Member, kind: Kind, same: SameSession
) -> Tie:
    members: list[Member] = sorted({held for tie in meeting for held in tie.members})
    common = any(tie.common for tie in meeting)
    added = not common and not _has(tuple(members), member, same)
    if added:
        members = sorted([*members, member])
    common = common or len({resource for resource, _ in members}) > kind.most_resources
    pending = (
        not common
        and len(members) > 1
        and (added or len(meeting) > 1 or any(tie.pending for tie in meeting))
    )
    return Tie(start, end, tuple(members), common, pending)


def _has(members: tuple[Member, ...], member: Member, same: SameSession) -> bool:
    return any(held == member or same(held, member) for held in members)


def session_at(record: EntityRecord, instant: int) -> Session | None:
    """The session that holds an instant; of two, the sealed one."""
    found = [session for session in record.sessions if _holds(session, instant)]
    if not found:
        return None
    return next((session for session in found if session.sealed), found[0])


def tie_at(record: EntityRecord, instant: int) -> Tie | None:
    """The tie that holds an instant."""
    return next((tie for tie in record.ties if tie.start <= instant <= tie.end), None)
