"""Events: a staged detection on a resource in half a day, with its rarity there and then.

How many there are at each level of rarity, and on how many resource-days two of them meet, is what
a chain's rarity is held against.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

from correlate.baseline.counts import Counts, Half
from correlate.baseline.hours import HOURS
from correlate.baseline.rarity import LEVELS, level, rarity_of
from correlate.baseline.rates import HABIT_DAYS, Rates

SCALES: Final = (2, 6, 24)
"""Hours within which steps of a chain, or a pair elsewhere, lie."""
MOST_OF_A_DAY: Final = 24
"""Events of a resource-day that pairs are looked for in: the rarest."""

Event = tuple[int, float, str]
"""Its first hour (since 1970), its rarity, its detection."""


def events_of(counts: Counts, rates: Rates) -> dict[str, list[Event]]:
    """The events of each resource, in order of time."""
    found: dict[str, list[Event]] = {}
    for name, each in counts.detections.items():
        if not each.staged:
            continue
        total = counts.total[name]
        spread = {
            half: rates.spread(counts.now(name, half, "") - 1) for half in counts.spread[name]
        }
        for entity, own in counts.halves[name].items():
            fleet = rates.fleet(total - sum([count for _, _, count in own]), each.severity)
            habits = _habits(own, counts.start) if len(own) > HABIT_DAYS else ()
            events = found.setdefault(entity, [])
            known, rarity = -1.0, 0.0
            for place, (half, hour, _) in enumerate(own):
                rate = max(fleet, spread[half])
                if habits and habits[place] > rate:
                    rate = habits[place]
                if rate != known:
                    known, rarity = rate, rarity_of(rate)
                events.append((hour, rarity, name))
    for events in found.values():
        events.sort()
    return found


def _habits(own: Sequence[Half], start: int) -> list[float]:
    """For each half-day: the rate of what came on the days before, if those were enough."""
    found = []
    days = before = so_far = 0
    today = -1
    for half, hour, count in own:
        if half // 2 != today:
            today, days, before = half // 2, days + 1, so_far
        so_far += count
        found.append(before / max(hour - start, HOURS) if days > HABIT_DAYS else 0.0)
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


def meetings_of(events: Sequence[Event]) -> list[tuple[float, ...]]:
    """For each day of a resource with two events: see `meetings`."""
    by_day: dict[int, list[Event]] = {}
    for event in events:
        by_day.setdefault(event[0] // HOURS, []).append(event)
    return [meetings(own) for own in by_day.values() if len(own) > 1]


def meetings(events: Sequence[Event]) -> tuple[float, ...]:
    """For each scale: the rarity up to which two detections meet within it, 0 where none do."""
    ranked = sorted(events, key=lambda event: (-event[1], event))[:MOST_OF_A_DAY]
    found = [0.0] * len(SCALES)
    for index, (hour, rarity, name) in enumerate(ranked):
        for other_hour, _, other in ranked[:index]:
            if other != name:
                apart = abs(other_hour - hour)
                for place, scale in enumerate(SCALES):
                    if apart <= scale and not found[place]:
                        found[place] = rarity
        if found[0]:
            break
    return tuple(found)
