"""Sessions: the activity of a resource, cut where it pauses for long enough.

Session windows that merge, as stream processors have them: an alert that comes late can bridge two.
Bounds are widened to a grid, so that a burst rewrites nothing. Merging is a closure over intervals,
so the outcome does not depend on the order of arrival.

The sessions of a record are disjoint and in order of time.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from correlate.decisions import Decision
from correlate.policy import Kind, Policy
from shared.times import DAY, HOUR

MOST_SESSIONS: Final = 400
"""Sessions that a record keeps, the newest: the retention reaches that only with odd policies, or
where alerts claim to come from the future."""

Interval: TypeAlias = tuple[int, int]
"""First and last instant, both included, in milliseconds."""
Member: TypeAlias = tuple[str, int]
"""A resource's entity id and an instant inside the session of it that is meant."""


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


@dataclass(frozen=True, slots=True)
class Tie:
    """One stretch of a shared entity's activity, and the resources' sessions that it ties together.

    `pending` says that a member was added and the union of the members is still to be confirmed.
    A `common` tie ties nothing; the members that it still has were tied before that was known, and
    are to be released. `apart` names resources that people split off, each with the decision: of
    one decision they are tied to one another only. `loosened` says that the members were tied
    otherwise before, which is to be undone.
    """

    start: int
    end: int
    members: tuple[Member, ...]
    common: bool = False
    pending: bool = False
    apart: tuple[tuple[str, str], ...] = ()
    loosened: bool = False

    @property
    def releasing(self) -> bool:
        """Whether unions that this tie caused are still to be undone."""
        return self.loosened or (self.common and bool(self.members))


@dataclass(frozen=True, slots=True)
class EntityRecord:
    """What is stored for one key: its sessions as a resource, and its ties as a shared entity.

    `decisions` are those of people that name the resource, by id. `decision` is set on the record
    of a decision, whose tie holds together what it names.
    """

    id: str
    key: str
    sessions: tuple[Session, ...] = ()
    ties: tuple[Tie, ...] = ()
    etag: str | None = None
    decisions: tuple[str, ...] = ()
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Touch:
    """One stretch of activity that a batch adds to a resource, already widened to the grid.

    `node` is the component that the stretch starts in if it meets no session.
    """

    start: int
    end: int
    node: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A component that people closed, when it covers the resource that is looked at, and which
    closed one it follows itself."""

    root: str
    intervals: tuple[Interval, ...]
    follows: str | None = None


ClosedBy: TypeAlias = Callable[[str], Closed | None]
"""The closed component that a node leads to; None where that one is open."""


def subject_kind(policy: Policy) -> Kind:
    """How a resource's own sessions are cut, whatever kind of thing the resource is."""
    return policy.kinds["resource"]


def subject_grid(policy: Policy) -> int:
    """The grid of resources' sessions: an hour at least, since alerts are counted by the hour."""
    return max(subject_kind(policy).grid // HOUR, 1) * HOUR


def widen(start: int, end: int, grid: int) -> Interval:
    """The smallest stretch on the grid that holds the interval; its last millisecond included."""
    return start // grid * grid, (end // grid + 1) * grid - 1


def meet(start: int, end: int, other_start: int, other_end: int, gap: int) -> bool:
    """Whether two stretches lie within the gap of each other, the gap's edge included."""
    return other_start - end <= gap and start - other_end <= gap


def horizon_of(newest: int, policy: Policy, now: int) -> int:
    """What ended before this instant is forgotten.

    It is reckoned from the newest activity, so that old alerts can be replayed, but not from
    activity in the future: one wrong clock would make a resource forget all the rest.
    """
    return min(newest, now + DAY) - policy.retention_days * DAY


def claim_sessions(
    record: EntityRecord, touches: Iterable[Touch], closed: ClosedBy, policy: Policy, now: int
) -> EntityRecord:
    """The record with a batch's activity merged into the resource's sessions.

    Sessions nearby that belong to closed components are sealed first. Returns the same record when
    nothing changes.
    """
    gap = subject_kind(policy).gap
    wanted = sorted(touches, key=lambda touch: touch.start)
    sessions = list(record.sessions)
    if any(closed(node) for session in sessions for node in session.nodes if not session.sealed):
        sessions = [
            part
            for session in sessions
            for part in (_seal(session, closed) if _near(session, wanted, gap) else (session,))
        ]
    for touch in wanted:
        _add(sessions, touch, gap)
    kept = _recent(sessions, policy, now)
    return record if kept == record.sessions else replace(record, sessions=kept)


def _near(session: Session, touches: Iterable[Touch], gap: int) -> bool:
    return not session.sealed and any(
        meet(session.start, session.end, touch.start, touch.end, gap) for touch in touches
    )


def _seal(session: Session, closed: ClosedBy) -> tuple[Session, ...]:
    """The session cut into what closed components cover, and what is left for open ones.

    What is left without an open component was added by a batch that is still under way: that one
    finds the incident closed and claims it again.
    """
    ends = {node: closed(node) for node in session.nodes}
    opened = tuple(node for node, end in ends.items() if end is None)
    shut = {end.root: end for end in ends.values() if end is not None}
    if not shut:
        return (session,)
    free: list[Interval] = [(session.start, session.end)]
    parts: list[Session] = []
    for root in sorted(shut):
        for interval in shut[root].intervals:
            parts += [
                Session(start, end, (root,), sealed=True, follows=shut[root].follows)
                for start, end in overlaps(free, interval)
            ]
            free = cut(free, interval)
    if opened:
        parts += [replace(session, start=start, end=end, nodes=opened) for start, end in free]
    return tuple(sorted(parts, key=lambda part: part.start))


def overlaps(intervals: Iterable[Interval], other: Interval) -> list[Interval]:
    """What of the intervals lies in another one."""
    return [
        (max(start, other[0]), min(end, other[1]))
        for start, end in intervals
        if start <= other[1] and other[0] <= end
    ]


def cut(intervals: Iterable[Interval], out: Interval) -> list[Interval]:
    """The intervals without what lies in another one."""
    left: list[Interval] = []
    for start, end in intervals:
        if end < out[0] or out[1] < start:
            left.append((start, end))
            continue
        if start < out[0]:
            left.append((start, out[0] - 1))
        if out[1] < end:
            left.append((out[1] + 1, end))
    return left


def _add(sessions: list[Session], touch: Touch, gap: int) -> None:
    """Merge a touch into the open sessions around it; a sealed one takes it in, or bounds it."""
    sealed = [session for session in sessions if session.sealed]
    if any(holds(session, touch.start) for session in sealed):
        return
    end = min((each.start - 1 for each in sealed if each.start > touch.start), default=touch.end)
    end = min(end, touch.end)
    before = max((each.end for each in sealed if each.end < touch.start), default=None)
    after = min((each.start for each in sealed if each.start > touch.start), default=None)
    meeting = [
        session
        for session in sessions
        if not session.sealed
        and meet(session.start, session.end, touch.start, end, gap)
        and (before is None or session.start > before)
        and (after is None or session.end < after)
    ]
    if not meeting:
        follows = _followed(sealed, touch.start, gap)
        _insert(sessions, Session(touch.start, end, (touch.node,), follows=follows))
        return
    merged = _merged(meeting, touch.start, end)
    if sealed and merged.follows is None:
        merged = replace(merged, follows=_followed(sealed, merged.start, gap))
    if len(meeting) == 1 and merged == meeting[0]:
        return
    for session in meeting:
        sessions.remove(session)
    _insert(sessions, merged)


def _merged(meeting: Sequence[Session], start: int, end: int) -> Session:
    if len(meeting) == 1:
        only = meeting[0]
        return Session(min(start, only.start), max(end, only.end), only.nodes, follows=only.follows)
    return Session(
        min(start, *(session.start for session in meeting)),
        max(end, *(session.end for session in meeting)),
        tuple(sorted({node for session in meeting for node in session.nodes})),
        follows=next((session.follows for session in meeting if session.follows), None),
    )


def _insert(sessions: list[Session], session: Session) -> None:
    sessions.append(session)
    if len(sessions) > 1 and sessions[-2].start > session.start:
        sessions.sort(key=lambda each: each.start)


def holds(session: Session, instant: int) -> bool:
    """Whether an instant lies in a session."""
    return session.start <= instant <= session.end


def _followed(sealed: Iterable[Session], start: int, gap: int) -> str | None:
    """The component of the latest sealed session that ended within the gap before."""
    before = [each for each in sealed if each.end < start and start - each.end <= gap]
    return max(before, key=lambda session: session.end).nodes[0] if before else None


def _recent(sessions: list[Session], policy: Policy, now: int) -> tuple[Session, ...]:
    kept = sessions[-MOST_SESSIONS:]
    if len(kept) > 1:
        horizon = horizon_of(kept[-1].end, policy, now)
        if kept[0].end < horizon:
            kept = [session for session in kept if session.end >= horizon]
    return tuple(kept)


def compacted(record: EntityRecord, name_of: Callable[[str], str]) -> EntityRecord:
    """The record with each node given the name that it is to have."""
    sessions = tuple(
        replace(session, nodes=nodes)
        if (nodes := tuple(sorted({name_of(node) for node in session.nodes}))) != session.nodes
        else session
        for session in record.sessions
    )
    return record if sessions == record.sessions else replace(record, sessions=sessions)


def session_at(record: EntityRecord, instant: int) -> Session | None:
    """The session that holds an instant."""
    for session in reversed(record.sessions):
        if session.start <= instant:
            return session if instant <= session.end else None
    return None
