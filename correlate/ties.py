"""Ties: the activity of a shared entity, cut where it pauses, and the resources it ties together.

A tie lists its members: for each session of a resource that named the entity, the resource and an
instant. One with more distinct resources than the policy allows is *common* and ties nothing, from
its first alert on; members that were tied before that was known are kept until they are released.
"""

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from correlate.decisions import decided_at
from correlate.policy import Kind, Policy
from correlate.sessions import EntityRecord, Member, Tie, horizon_of, meet

MOST_TIES: Final = 400
"""Ties that a record keeps, the newest."""
MOST_MEMBERS: Final = 2_000
"""Members that a record keeps in all, a resource that is kept apart counting as two; a tie of more
is common, however few its resources are."""
MOST_APART: Final = 200
"""Resources that one tie keeps apart, those that were split off last."""

SameSession: TypeAlias = Callable[[Member, Member], bool]


@dataclass(frozen=True, slots=True)
class TieTouch:
    """One stretch of activity that a batch adds to a shared entity, on one resource's session."""

    start: int
    end: int
    member: Member


def claim_ties(
    record: EntityRecord,
    touches: Iterable[TieTouch],
    kind: Kind,
    same: SameSession,
    policy: Policy,
    now: int,
) -> EntityRecord:
    """The record with a batch's activity merged into the shared entity's ties.

    `same` tells whether two members mean one session of one resource. Returns the same record when
    nothing changes.
    """
    ties = list(record.ties)
    for touch in sorted(touches, key=_in_time):
        _add(ties, touch, kind, same)
    ties = [_kept_if_common(tie, record) for tie in ties]
    kept = _recent(ties, policy, now)
    return record if kept == record.ties else replace(record, ties=kept)


def _in_time(touch: TieTouch) -> tuple[int, Member]:
    return touch.start, touch.member


def _add(ties: list[Tie], touch: TieTouch, kind: Kind, same: SameSession) -> None:
    meeting = [tie for tie in ties if meet(tie.start, tie.end, touch.start, touch.end, kind.gap)]
    if len(meeting) == 1:
        tie = meeting[0]
        if (
            tie.start <= touch.start
            and touch.end <= tie.end
            and (tie.common or _has(tie.members, touch.member, same))
        ):
            return
    for tie in meeting:
        ties.remove(tie)
    ties.append(_joined(meeting, touch, kind, same))
    if len(ties) > 1 and ties[-2].start > ties[-1].start:
        ties.sort(key=lambda tie: tie.start)


def _joined(meeting: Sequence[Tie], touch: TieTouch, kind: Kind, same: SameSession) -> Tie:
    start = min(touch.start, *(tie.start for tie in meeting), touch.start)
    end = max(touch.end, *(tie.end for tie in meeting), touch.end)
    members = meeting[0].members if len(meeting) == 1 else _united(meeting)
    common = any(tie.common for tie in meeting)
    added = not common and not _has(members, touch.member, same)
    if added:
        members = tuple(sorted((*members, touch.member)))
        common = is_common(members, kind)
    pending = (
        not common
        and len(members) > 1
        and (added or len(meeting) > 1 or any(tie.pending for tie in meeting))
    )
    apart = _newest(pair for tie in meeting for pair in tie.apart)
    loosened = any(tie.loosened or regroups(tie, apart) for tie in meeting)
    common = common or is_common(members, kind)
    return Tie(start, end, members, common, pending, apart, loosened)


def _united(ties: Iterable[Tie]) -> tuple[Member, ...]:
    return tuple(sorted({member for tie in ties for member in tie.members}))


def _has(members: Iterable[Member], member: Member, same: SameSession) -> bool:
    return any(held == member or same(held, member) for held in members)


def is_common(members: Sequence[Member], kind: Kind) -> bool:
    """Whether members are of more resources than a tie of that kind may have."""
    if len(members) <= kind.most_resources:
        return False
    return (
        len(members) > MOST_MEMBERS
        or len({resource for resource, _ in members}) > kind.most_resources
    )


def _kept_if_common(tie: Tie, before: EntityRecord) -> Tie:
    """Of a common tie, only the members that may have been united: those stored as tied."""
    if not tie.common:
        return tie
    stored = {
        member
        for old in before.ties
        if tie.start <= old.start <= tie.end and (old.common or len(old.members) > 1)
        for member in old.members
    }
    return replace(tie, members=tuple(sorted(stored)), pending=False, apart=(), loosened=False)


def _recent(ties: list[Tie], policy: Policy, now: int) -> tuple[Tie, ...]:
    """The ties without what is too old, and without the oldest where they are too many."""
    if len(ties) == 1 and len(ties[0].members) <= 1:
        return tuple(ties)
    horizon = horizon_of(max((tie.end for tie in ties), default=0), policy, now)
    kept = [_without_old(tie, horizon) for tie in ties if tie.end >= horizon][-MOST_TIES:]
    return bounded(kept)


def bounded(ties: Sequence[Tie]) -> tuple[Tie, ...]:
    """The ties without the oldest, where all of them name too much; the newest stays.

    A tie goes with what it keeps apart: without that, it would tie what people split.
    """
    named = sum(len(tie.members) + 2 * len(tie.apart) for tie in ties)
    first = 0
    while named > MOST_MEMBERS and first < len(ties) - 1:
        named -= len(ties[first].members) + 2 * len(ties[first].apart)
        first += 1
    return tuple(ties[first:])


def _without_old(tie: Tie, horizon: int) -> Tie:
    if tie.start >= horizon or tie.common:
        return tie
    members = tuple(member for member in tie.members if member[1] >= horizon)
    if len(members) == len(tie.members) and not tie.apart:
        return tie
    held = {resource for resource, _ in members}
    apart = tuple(pair for pair in tie.apart if pair[0] in held or decided_at(pair[1]) >= horizon)
    return replace(tie, members=members, apart=apart)


def released(record: EntityRecord, ties: Iterable[Tie]) -> EntityRecord:
    """The record once the unions are undone: of common ties, no members are kept any more."""
    done = set(ties)
    return replace(
        record,
        ties=tuple(_released(tie) if tie in done else tie for tie in record.ties),
    )


def _released(tie: Tie) -> Tie:
    return replace(tie, members=() if tie.common else tie.members, loosened=False)


def confirmed(record: EntityRecord, ties: Iterable[Tie]) -> EntityRecord:
    """The record with the union of these ties' members noted; one that moved stays pending."""
    done = set(ties)
    return replace(
        record,
        ties=tuple(replace(tie, pending=False) if tie in done else tie for tie in record.ties),
    )


def without(record: EntityRecord, members: Set[Member]) -> EntityRecord:
    """The record with ties that do not name these members."""
    return replace(record, ties=tuple(_without(tie, members) for tie in record.ties))


def _without(tie: Tie, members: Set[Member]) -> Tie:
    kept = tuple(each for each in tie.members if each not in members)
    return replace(tie, members=kept, pending=tie.pending and bool(kept))


def tie_at(record: EntityRecord, instant: int) -> Tie | None:
    """The tie that holds an instant."""
    for tie in reversed(record.ties):
        if tie.start <= instant:
            return tie if instant <= tie.end else None
    return None


def parts_by_hand(tie: Tie) -> list[tuple[Member, ...]]:
    """A tie's members in groups that it ties together; what was split off makes its own."""
    if not tie.apart:
        return [tie.members]
    apart = dict(tie.apart)
    found: dict[str, list[Member]] = {}
    for member in tie.members:
        found.setdefault(apart.get(member[0], ""), []).append(member)
    return [tuple(found[name]) for name in sorted(found)]


def regroups(tie: Tie, apart: tuple[tuple[str, str], ...]) -> bool:
    """Whether a tie's members fall into other groups with this kept apart."""
    if len(tie.members) < 2 or tie.apart == apart:
        return False
    return parts_by_hand(tie) != parts_by_hand(replace(tie, apart=apart))


def keep_apart(tie: Tie, resources: Iterable[str], decision: str) -> Tie:
    """The tie with these resources split off by a decision; a later one stands."""
    apart = _newest((*tie.apart, *((resource, decision) for resource in resources)))
    if apart == tie.apart or tie.common:
        return tie
    return replace(tie, apart=apart, loosened=tie.loosened or regroups(tie, apart))


def _newest(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """For each resource the latest decision; of too many resources, those decided on last."""
    apart: dict[str, str] = {}
    for resource, decision in pairs:
        apart[resource] = max(decision, apart.get(resource, ""))
    if len(apart) > MOST_APART:
        latest = sorted(apart.items(), key=lambda pair: (pair[1], pair[0]))[-MOST_APART:]
        apart = dict(latest)
    return tuple(sorted(apart.items()))
