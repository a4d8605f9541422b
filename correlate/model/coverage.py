"""Coverage: which incident each alert of a resource is in, exact to the alert.

Intervals run over the order of alerts, which is (start, id). Of one resource they are disjoint and
in order, so that an alert is in one incident or in none.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from correlate.model.activity import Subject
from correlate.model.cell import Interval, Point

MOST_SPANS: Final = 200
"""Intervals that one resource has at most: what would need more is refused."""


@dataclass(frozen=True, slots=True)
class Span:
    """One interval of a resource that an incident covers, and what it holds.

    `evidence` are the hours by signal id; `evidence_count` is how many alerts these are,
    `context_count` how many others lie between.
    """

    interval: Interval
    incident: str
    evidence: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    evidence_count: int = 0
    context_count: int = 0

    @property
    def cells(self) -> Iterable[tuple[int, str]]:
        """Hour and signal id of each evidence cell."""
        return ((hour, sid) for sid, hours in self.evidence.items() for hour in hours)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of one resource is covered. `held`: an open incident covers some of it."""

    subject: Subject
    spans: tuple[Span, ...]
    held: bool = False

    @property
    def entity(self) -> str:
        """The id of the resource."""
        return self.subject.entity

    @property
    def incidents(self) -> tuple[str, ...]:
        """The ids in it, sorted; some may be redirects."""
        return tuple(sorted({span.incident for span in self.spans}))

    def at(self, point: Point) -> Span | None:
        """The span in which an alert lies."""
        place = bisect_right(self.spans, point, key=lambda span: span.interval.first)
        if place and point <= self.spans[place - 1].interval.last:
            return self.spans[place - 1]
        return None
