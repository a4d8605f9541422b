"""Loudness: how many alerts of any kind a resource has, beside a mean one, and when they come."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from math import log2

from correlate.baseline.counts import Counts
from correlate.baseline.hours import HOURS


class Loudness:
    """The events of a snapshot by resource: half-days with a detection, rare or not."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._every: dict[str, list[int]] = {}
        self._unstaged: dict[str, list[int]] = {}
        for name, entities in counts.halves.items():
            staged = counts.detections[name].staged
            for entity, own in entities.items():
                hours = [hour for _, hour, _ in own]
                self._every.setdefault(entity, []).extend(hours)
                if not staged:
                    self._unstaged.setdefault(entity, []).extend(hours)
        for hours in (*self._every.values(), *self._unstaged.values()):
            hours.sort()

    def of(self, entity: str, hour: int) -> float:
        """How much louder than the mean a resource was before an hour."""
        seen, mean = self.seen(entity, hour, hour)
        return (seen + self.evenness) / (mean + self.evenness)

    def seen(self, entity: str, first: int, last: int) -> tuple[float, float]:
        """Events of a resource, and those of a mean one in as long.

        They are all before the first hour, and from there to the last those that state no stage.
        From two days on, the fullest day is left out: an earlier attack makes no host loud.
        """
        hours = self._every.get(entity, ())
        count = bisect_left(hours, first)
        mean = bisect_left(self._all_hours, first) / self._counts.resources
        days = (first - self._counts.start) // HOURS
        if days >= 2:
            count -= max(Counter(each // HOURS for each in hours[:count]).values(), default=0)
            mean *= (days - 1) / days
        since, everyone = self._unstaged.get(entity, ()), self._unstaged_hours
        count += bisect_right(since, last) - bisect_left(since, first)
        mean += (bisect_right(everyone, last) - bisect_left(everyone, first)) / (
            self._counts.resources
        )
        return count, mean

    @cached_property
    def evenness(self) -> float:
        """How alike resources are in loudness: the shape of a gamma distribution; small if not."""
        counts = [len(hours) for hours in self._every.values()]
        mean = sum(counts) / self._counts.resources
        square = sum(count * count for count in counts) / self._counts.resources
        beyond = square - mean * mean - mean
        return min(max(mean * mean / beyond, 0.2), 10.0) if beyond > 0 else 10.0

    @cached_property
    def steps(self) -> list[tuple[float, int]]:
        """How loud resources were over all, in rough steps, and how many are so loud."""
        mean = len(self._all_hours) / self._counts.resources + self.evenness
        steps = Counter(
            round(2 * log2((len(hours) + self.evenness) / mean)) for hours in self._every.values()
        )
        return [(2 ** (step / 2), count) for step, count in sorted(steps.items())]

    @cached_property
    def _all_hours(self) -> list[int]:
        return _sorted(self._every)

    @cached_property
    def _unstaged_hours(self) -> list[int]:
        return _sorted(self._unstaged)


def _sorted(hours: Mapping[str, list[int]]) -> list[int]:
    return sorted(hour for own in hours.values() for hour in own)
