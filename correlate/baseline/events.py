"""Events: a staged detection on a resource in half a day, with its rarity there and then.

How many there are at each level of rarity, and on how many resource-days two of them meet, is what
a chain's rarity is held against.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from correlate.baseline.content import Detection
from correlate.baseline.hours import HALF, HOURS, MORNING
from correlate.baseline.rarity import LEVELS, level

SCALES: Final = (2, 6, 24)
"""Hours within which steps of a chain, or a pair elsewhere, lie."""
MOST_OF_A_DAY: Final = 24
"""Events of a resource-day that pairs are looked for in: the rarest."""


class Event(NamedTuple):
    """A detection on a resource in half a day: its first hour there (since 1970), its rarity."""

    hour: int
    rarity: float
    detection: str


def half_days(days: Mapping[int, int], last: int) -> Iterable[tuple[int, int, int]]:
    """(half-day since 1970, first hour, hours active) of a resource's days, in order."""
    for day in sorted(days):
        bits = days[day]
        first = day * HOURS
        morning, evening = bits & MORNING, bits >> HALF
        if morning and (hour := first + _lowest(morning)) <= last:
            yield 2 * day, hour, morning.bit_count()
        if evening and (hour := first + HALF + _lowest(evening)) <= last:
            yield 2 * day + 1, hour, evening.bit_count()


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def spread_of(detection: Detection, last: int) -> dict[int, int]:
    """On how many resources it fired, by half-day."""
    found: dict[int, int] = {}
    for days in detection.entities.values():
        for half, _, _ in half_days(days, last):
            found[half] = found.get(half, 0) + 1
    return found


class Histogram:
    """How many there are at each level of rarity or above."""

    def __init__(self, rarities: Iterable[float]) -> None:
        counts = [0] * LEVELS
        for rarity in rarities:
            counts[level(rarity)] += 1
        self._above: Sequence[int] = list(accumulate(reversed(counts)))[::-1]

    def above(self, at: int) -> int:
        """How many are at a level or above."""
        return self._above[at]


def meetings(events: Sequence[Event]) -> tuple[float, ...]:
    """For each scale: the rarity up to which two detections of a resource-day meet within it.

    0 where none do. `events` are those of one resource and day.
    """
    if len(events) < 2:
        return (0.0,) * len(SCALES)
    ranked = sorted(events, key=lambda event: (-event.rarity, event))[:MOST_OF_A_DAY]
    found = [0.0] * len(SCALES)
    for index, event in enumerate(ranked):
        for other in ranked[:index]:
            if other.detection != event.detection:
                apart = abs(other.hour - event.hour)
                for place, scale in enumerate(SCALES):
                    if apart <= scale and not found[place]:
                        found[place] = event.rarity
        if found[0]:
            break
    return tuple(found)
