"""Chances: how often staged events as rare come, when, and how often they come together."""

from collections import Counter
from collections.abc import Collection
from functools import cached_property
from math import exp, sqrt
from typing import Final

from correlate.baseline.counts import Counts
from correlate.baseline.events import SCALES, Histogram, events_of, meetings_of
from correlate.baseline.hours import HOURS
from correlate.baseline.loudness import Loudness
from correlate.baseline.pairs import followed
from correlate.baseline.rarity import STEP
from correlate.baseline.rates import Rates

TIDE_PRIOR: Final = 20.0
"""Events that are taken to have come evenly over the day, beside those seen."""
FEW: Final = 50
"""Resources of linked alerts of which nothing is known but that they are one attack's."""
LEAST_PAIRS: Final = 3
"""Resources on which a pair met, below which it is no usual one."""


class Chances:
    """The chances of a snapshot. A level is one of the grid in `rarity`."""

    def __init__(self, counts: Counts, rates: Rates, loudness: Loudness, prior: float) -> None:
        self._counts = counts
        self._loudness = loudness
        self._prior = prior
        self._events = events_of(counts, rates)
        self._meetings = {
            entity: found for entity, own in self._events.items() if (found := meetings_of(own))
        }
        self._levels = Histogram(rarity for own in self._events.values() for _, rarity, _ in own)
        self._met = tuple(
            Histogram(each[place] for own in self._meetings.values() for each in own)
            for place in range(len(SCALES))
        )
        self._followed: dict[tuple[str, str, int], frozenset[str]] = {}

    def rate_above(self, at: int, own: Collection[str], names: Collection[str]) -> float:
        """λ: how often an hour a resource but `own` has a staged event at a level or above.

        Where `own` are many, only detections of `names` are left out there: what links so many may
        be a worm, whose steps say nothing of chance, or be the noise that is to be known.
        """
        least = at * STEP
        few = len(own) <= FEW
        on_own = sum(
            rarity >= least and (few or name in names)
            for entity in own
            for _, rarity, name in self._events.get(entity, ())
        )
        elsewhere = (self._counts.resources - len(own)) * self._counts.hours
        return (self._levels.above(at) - on_own + 1) / (max(elsewhere, 0) + self._prior)

    def crowding(self, at: int) -> float:
        """How often an hour a resource has any event, staged or not, at a level or above."""
        events = (self._levels.above(at) + 1) * self._counts.all_by_staged
        return events / (self._counts.resources * self._counts.hours + self._prior)

    def tide(self, first: int, last: int) -> float:
        """How much oftener than evenly events fall into these hours of the day, on other days."""
        today = (first // HOURS, last // HOURS)
        hours = {hour % HOURS for hour in range(first, min(last, first + HOURS - 1) + 1)}
        inside = outside = 0
        for hour, count in self._by_time.items():
            if hour // HOURS not in today:
                if hour % HOURS in hours:
                    inside += count
                else:
                    outside += count
        even = (inside + outside) * len(hours) / HOURS
        return max(1.0, (inside + TIDE_PRIOR) / (even + TIDE_PRIOR))

    def met(self, at: int, scale: int, own: Collection[str]) -> int:
        """On how many resource-days, but those of `own`, two such events meet within a scale."""
        place, at = SCALES.index(scale), max(at, 1)
        least = at * STEP
        return self._met[place].above(at) - sum(
            each[place] >= least for entity in own for each in self._meetings.get(entity, ())
        )

    def burst(self, met: int, scale: int, rate: float) -> float:
        """g: how much oftener events meet within a scale than their rate would have it.

        What loud resources and the time of day explain is not counted.
        """
        tide = self._tides[SCALES.index(scale)]
        expected = 0.0
        for loud, count in self._loudness.steps:
            one = rate * loud
            expected += count * (1 - exp(-HOURS * one * (1 - exp(-one * tide * scale))))
        return max(1.0, (met + 2) / (expected * self._counts.hours / HOURS + 2))

    def follows(self, then: str, first: str, scale: int, own: Collection[str]) -> float:
        """c: the chance that a detection follows another on a resource, beyond coincidence.

        From the resources other than `own`; two standard deviations are taken off, so that one
        campaign on a few machines is no usual pair.
        """
        name = (then, first, scale)
        both = self._followed.get(name)
        if both is None:
            both = self._followed[name] = followed(
                self._counts.entities(first), self._counts.entities(then), scale
            )
        met = len(both) - sum(entity in both for entity in own)
        if met < LEAST_PAIRS:
            return 0.0
        before, after = self._counts.entities(first), self._counts.entities(then)
        starts = len(before) - sum(entity in before for entity in own)
        hours_each = self._counts.total[then] / len(after)
        share = len(after) / self._counts.resources
        coincidence = starts * share * min(1.0, scale * hours_each / self._counts.hours)
        return max(0.0, met - coincidence - 2 * sqrt(met)) / (starts + 1)

    @cached_property
    def _by_time(self) -> Counter[int]:
        """Staged events by the hour in which they begin."""
        return Counter(hour for events in self._events.values() for hour, _, _ in events)

    @cached_property
    def _tides(self) -> tuple[float, ...]:
        """How much oftener than evenly two events meet within each scale, as time goes."""
        counts = self._by_time
        total = sum(counts.values())
        found = []
        for scale in SCALES:
            met = sum(
                count * sum(counts.get(hour + each, 0) for each in range(scale))
                for hour, count in sorted(counts.items())
            )
            even = total * total * scale / self._counts.hours
            found.append(max(1.0, met / even) if even else 1.0)
        return tuple(found)
