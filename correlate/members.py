"""The resources that a component covers, before and after a batch."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from correlate.components import Component
from correlate.observation import Subject
from correlate.ports import Interval, MemberRecord, Root, member_id


@dataclass(frozen=True, slots=True)
class Change:
    """A member before and after."""

    before: MemberRecord | None
    after: MemberRecord


def change_of(
    known: MemberRecord | None,
    touched: tuple[Subject, tuple[Interval, ...]] | None,
    taken: MemberRecord | None,
) -> Change:
    """What a member becomes.

    `known` is what the root has, `touched` what the batch brings, `taken` what an absorbed one had.
    """
    subject = next(
        each
        for each in (known and known.subject, touched and touched[0], taken and taken.subject)
        if each
    )
    intervals = merge_intervals(
        (*(known.intervals if known else ()), *(touched[1] if touched else ()),
         *(taken.intervals if taken else ()))
    )  # fmt: skip
    alerts = known.alerts if known else taken.alerts if taken else 0
    etag = known.etag if known else None
    return Change(known, MemberRecord(subject, intervals, alerts, etag))


def counting(root: Root, changes: list[Change]) -> Root:
    """The root with the alerts and resources that the changes add counted in."""
    pairs = [
        (change.before.alerts if change.before else 0, change.after.alerts) for change in changes
    ]
    return replace(
        root,
        alerts=root.alerts + sum(after - before for before, after in pairs),
        involved=root.involved + sum((after > 0) - (before > 0) for before, after in pairs),
        resources=root.resources + new_members(changes),
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


def intervals_of(component: Component) -> dict[str, tuple[Subject, tuple[Interval, ...]]]:
    """By member id, the resources whose alerts the batch brings, and the sessions these are in."""
    found: dict[str, tuple[Subject, list[Interval]]] = {}
    for key, observations in component.observations.items():
        session = component.sessions[key]
        subject = min((each.subject for each in observations), key=lambda each: each.id)
        _, intervals = found.setdefault(member_id(subject.partition), (subject, []))
        intervals.append((session.start, session.end))
    return {name: (subject, tuple(spans)) for name, (subject, spans) in found.items()}


def members_wanted(component: Component) -> set[tuple[str, str]]:
    """The members to read beside each node of a component."""
    return {
        (node, member_id(observations[0].subject.partition))
        for key, observations in component.observations.items()
        for node in component.sessions[key].nodes
    }
