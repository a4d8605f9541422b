"""Outbreaks: one detection that is new or rare, on many resources within hours."""

from collections.abc import Collection, Iterator
from typing import Final

from correlate.baseline.counts import Counts
from correlate.baseline.hours import HOURS
from correlate.policy import Wave
from shared.severity import Severity

YOUNG_DAYS: Final = 2
"""Days of history below which nobody can tell what is new from what is usual."""


class Outbreaks:
    """The outbreaks of a snapshot."""

    def __init__(self, counts: Counts, rules: Wave) -> None:
        self._counts = counts
        self._rules = rules
        self._found: dict[tuple[str, int], tuple[str, ...]] = {}

    def around(self, detection: str, hour: int) -> tuple[str, ...]:
        """The resources of an outbreak of a detection around an hour; empty where there is none.

        That is on so many resources within so many hours as the policy says, and on three times as
        many as on any day that ended a day before.
        """
        name = (detection, hour)
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._around(detection, hour)
        return found

    def _around(self, detection: str, hour: int) -> tuple[str, ...]:
        rules = self._rules
        if len(self._counts.entities(detection)) < rules.resources:
            return ()
        index = self._counts.by_hour(detection)
        most = 0
        for first in range(hour - rules.hours + 1, hour + 1):
            hours = range(first, first + rules.hours)
            most = max(most, len({entity for each in hours for entity in index.get(each, ())}))
        if most < rules.resources or most < 3 * self._before(detection, hour - HOURS):
            return ()
        around = range(hour - rules.hours, hour + rules.hours + 1)
        return tuple(sorted({entity for each in around for entity in index.get(each, ())}))

    def _before(self, detection: str, hour: int) -> int:
        """On how many resources a detection fired on the fullest day before an hour."""
        by_day: dict[int, set[str]] = {}
        for each, entities in self._counts.by_hour(detection).items():
            if each < hour:
                by_day.setdefault(each // HOURS, set()).update(entities)
        return max(map(len, by_day.values()), default=0)

    def others(self, severity: Severity, width: int, today: Collection[int], own: str) -> int:
        """How many days but `today` had an outbreak as severe and wide of any detection.

        In the first days, when everything is new, each other detection's of today counts as well.
        """
        found: set[tuple[int, str]] = set()
        young = min(today) - self._counts.start // HOURS < YOUNG_DAYS
        for name, each in self._counts.detections.items():
            if each.staged and each.severity >= severity and len(each.entities) >= width:
                for day in self._days(name, width):
                    if day not in today:
                        found.add((day, ""))
                    elif young and name != own:
                        found.add((day, name))
        return len(found)

    def _days(self, name: str, width: int) -> Iterator[int]:
        by_day: dict[int, set[str]] = {}
        for hour, entities in self._counts.by_hour(name).items():
            by_day.setdefault(hour // HOURS, set()).update(entities)
        fullest = yesterday = 0
        for day, entities in sorted(by_day.items()):
            if len(entities) >= max(width, 3 * fullest):
                yield day
            fullest, yesterday = max(fullest, yesterday), len(entities)
