"""What a snapshot looks at: the cells and keys of the 28 days before an hour."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from correlate.baseline.hours import HOURS, between
from shared.severity import Severity

WINDOW_DAYS: Final = 28
"""How far back a snapshot looks."""


@dataclass(frozen=True, slots=True)
class Detection:
    """Where a detection fired: for each resource's entity, the hours of each day as bits."""

    severity: Severity
    staged: bool
    entities: Mapping[str, Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class Content:
    """Detections by name; keys with their days' resources; the hour (since 1970) it is as of."""

    detections: Mapping[str, Detection]
    keys: Mapping[str, Mapping[int, Mapping[str, int]]]
    hour: int

    @property
    def first(self) -> int:
        """The first day that is looked at."""
        return self.hour // HOURS - WINDOW_DAYS

    @property
    def last(self) -> int:
        """The last day that is looked at."""
        return self.hour // HOURS

    def within(self) -> dict[str, Detection]:
        """The detections, without hours that lie before or after what a snapshot looks at."""
        found = {}
        for name, each in self.detections.items():
            entities = {
                entity: kept for entity, days in each.entities.items() if (kept := self._kept(days))
            }
            if entities:
                found[name] = Detection(each.severity, each.staged, entities)
        return found

    def _kept(self, days: Mapping[int, int]) -> Mapping[int, int]:
        """The days as they are, if all are looked at: the usual case."""
        first, last = self.first, self.last
        for day in days:
            if day < first or day >= last:
                break
        else:
            return days
        bits = days.get(last, 0)
        kept = {day: hours for day, hours in days.items() if first <= day < last}
        if bits := bits & between(last, last * HOURS, self.hour):
            kept[last] = bits
        return kept
