"""The resources that a component covers, before and after a batch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from correlate.components import Component
from correlate.observation import Subject
from correlate.ports import CorrelationStore, MemberRecord, Root, member_id
from correlate.sessions import Interval


@dataclass(frozen=True, slots=True)
class Change:
    """A member before and after."""

    before: MemberRecord | None
    after: MemberRecord


def change_of(
    known: MemberRecord | None,
    touched: tuple[Subject, Sequence[Interval]] | None,
    taken: Iterable[MemberRecord],
) -> Change:
    """What a member becomes.

    `known` is what the root has, `touched` what the batch brings, `taken` what absorbed ones had.
    """
    others = list(taken)
    subjects = [each.subject for each in (known, *others) if each]
    intervals = [interval for each in (known, *others) if each for interval in each.intervals]
    if touched:
        subjects.append(touched[0])
        intervals += touched[1]
    alerts = known.alerts if known else max((each.alerts for each in others), default=0)
    etag = known.etag if known else None
    subject = min(subjects, key=_spelling)
    return Change(known, MemberRecord(subject, merge_intervals(intervals), alerts, etag))


def _spelling(subject: Subject) -> tuple[str, str, str]:
    return subject.id, subject.name, subject.type


def counting(root: Root, changes: list[Change], removed: Iterable[MemberRecord] = ()) -> Root:
    """The root with what the changes add counted in, and what is removed counted out."""
    pairs = [
        (change.before.alerts if change.before else 0, change.after.alerts) for change in changes
    ]
    gone = list(removed)
    pairs += [(member.alerts, 0) for member in gone]
    return replace(
        root,
        alerts=root.alerts + sum(after - before for before, after in pairs),
        involved=root.involved + sum((after > 0) - (before > 0) for before, after in pairs),
        resources=root.resources + new_members(changes) - len(gone),
    )


def new_members(changes: Iterable[Change]) -> int:
    """How many of the changes add a member."""
    return sum(change.before is None for change in changes)


def inside(intervals: Iterable[Interval], period: Interval | None) -> tuple[Interval, ...]:
    """The parts of intervals that lie in a period; all of them where there is none."""
    if period is None:
        return tuple(intervals)
    start, end = period
    return tuple(
        (max(low, start), min(high, end)) for low, high in intervals if low <= end and start <= high
    )


def merge_intervals(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The union of intervals, as disjoint intervals in order; touching ones become one."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def members_wanted(component: Component) -> set[tuple[str, str]]:
    """The members to read beside each node of a component."""
    return {
        (node, member_id(observations[0].subject.partition))
        for key, observations in component.observations.items()
        for node in component.sessions[key].nodes
    }


async def counted(
    store: CorrelationStore,
    changes: Iterable[Change],
    period: Interval | None,
    *,
    keep: bool = False,
) -> list[Change]:
    """The changes with the alerts inside the period counted; those that change nothing go.

    `keep` keeps these too.
    """
    some = list(changes)
    counts = await store.count_alerts(
        [
            (change.after.subject.partition, inside(change.after.intervals, period))
            for change in some
        ]
    )
    done = [
        Change(change.before, replace(change.after, alerts=count))
        for change, count in zip(some, counts, strict=True)
    ]
    return [change for change in done if keep or change.before != change.after]


def by_id(members: Iterable[MemberRecord]) -> Mapping[str, MemberRecord]:
    """Members by their document ids."""
    return {member.id: member for member in members}
