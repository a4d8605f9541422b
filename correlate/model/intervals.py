"""Arithmetic of intervals over the order of alerts, (start, id).

An id is 24 hex digits, so each place has a next one and one before it: what is left of an interval
is an interval again, exact to the alert, without anything being read.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from correlate.model.cell import Interval, Point

_DIGITS: Final = 24
_LAST: Final = "f" * _DIGITS


def after(point: Point) -> Point:
    """The next place in the order of alerts."""
    if point.alert >= _LAST:
        return Point(point.start + 1, "0" * _DIGITS)
    return Point(point.start, f"{int(point.alert, 16) + 1:0{_DIGITS}x}")


def before(point: Point) -> Point:
    """The place before it in the order of alerts."""
    number = int(point.alert, 16)
    if number == 0:
        return Point(point.start - 1, _LAST)
    return Point(point.start, f"{number - 1:0{_DIGITS}x}")


def whole(first: int, last: int) -> Interval:
    """All places that start between two instants, both included."""
    return Interval(Point(first, "0" * _DIGITS), Point(last, _LAST))


def overlap(one: Interval, other: Interval) -> bool:
    """Whether two intervals share a place."""
    return one.first <= other.last and other.first <= one.last


def common(one: Interval, other: Interval) -> Interval | None:
    """The places that both have."""
    first, last = max(one.first, other.first), min(one.last, other.last)
    return Interval(first, last) if first <= last else None


def inside(one: Interval, other: Interval) -> bool:
    """Whether the other interval has all places of the one."""
    return other.first <= one.first and one.last <= other.last


def subtract(intervals: Iterable[Interval], taken: Sequence[Interval]) -> list[Interval]:
    """What is left of intervals without the taken ones; in order where they are."""
    left = list(intervals)
    for each in taken:
        left = [piece for one in left for piece in _without(one, each)]
    return left


def _without(one: Interval, taken: Interval) -> Iterable[Interval]:
    if not overlap(one, taken):
        yield one
        return
    if one.first < taken.first:
        yield Interval(one.first, before(taken.first))
    if taken.last < one.last:
        yield Interval(after(taken.last), one.last)
