"""Rates: how often a detection would fire on a resource anyway, and so how rare an alert is."""

from collections.abc import Collection
from typing import Final

from correlate.baseline.commonness import Commonness
from correlate.baseline.counts import Counts
from correlate.baseline.hours import HALF, HOURS, between
from correlate.baseline.rarity import STRETCH, rarity_of, rate_of
from correlate.model.cell import Cell
from correlate.policy import Policy
from shared.severity import Severity

HABIT_DAYS: Final = 3
"""A habit is what was seen on so many earlier days at least."""
CLEARLY: Final = 2.0
"""So much above the threshold, a cell is rare whatever its spread is made of."""


class Rates:
    """The rates of a snapshot, an hour of a resource."""

    def __init__(self, counts: Counts, commonness: Commonness, policy: Policy) -> None:
        self._counts = counts
        self._commonness = commonness
        priors = policy.priors
        self._exposure = (counts.resources - 1) * counts.hours + priors.weight_hours
        self._priors = {severity: priors.cells(severity) for severity in Severity}
        self._clearly_rare = rate_of(policy.chance.threshold + CLEARLY)
        self._rarities: dict[tuple[str, int, str], float] = {}

    def rarity(self, cell: Cell) -> float:
        """s of a cell: minus the logarithm of the chance to see its detection there in 12 hours."""
        name = cell.id
        found = self._rarities.get(name)
        if found is None:
            found = self._rarities[name] = rarity_of(self._rate(cell))
        return found

    def fleet(self, cells: float, severity: Severity) -> float:
        """The rate of so many hours on other resources, with the prior."""
        return (cells + self._priors[severity]) / self._exposure

    def spread(self, resources: float) -> float:
        """The rate where so many other resources have it now: their share, over a day."""
        return resources / self._counts.others / HOURS

    def _rate(self, cell: Cell) -> float:
        """The largest of the fleet's rate, the resource's habit, and the spread now."""
        name, entity, hour = cell.signal.detection, cell.resource, cell.hour
        severity = cell.signal.severity
        habit = self._habit(name, entity, hour)
        now = self._counts.now(name, hour // HALF, entity)
        away = self._counts.away(name, entity)
        rate = max(habit, self.fleet(away, severity), self.spread(now))
        if not now or rate <= self._clearly_rare or rate == habit:
            return rate
        related = self._commonness.sharing(cell)
        if not related:
            return rate
        most, some = self._related(name, hour // HALF, related)
        elsewhere = self.fleet(max(away - some, 0), severity)
        return max(habit, elsewhere, self.spread(max(now - most, 0)))

    def _related(self, name: str, half: int, related: Collection[str]) -> tuple[int, int]:
        """Of related resources: how many have it in the fullest half-day now, how often in all."""
        halves = self._counts.halves[name]
        found = [0, 0, 0]
        for entity in related:
            for each, _, _ in halves.get(entity, ()):
                if abs(each - half) <= 1:
                    found[each - half + 1] += 1
        return max(found), sum(found)

    def _habit(self, name: str, entity: str, hour: int) -> float:
        """Earlier hours with it on the resource itself, if on enough days; 0 otherwise."""
        days = self._counts.entities(name).get(entity)
        if days is None or len(days) < HABIT_DAYS:
            return 0.0
        before = hour - STRETCH
        earlier = [
            (bits & between(day, day * HOURS, before - 1)).bit_count()
            for day, bits in days.items()
            if day * HOURS < before
        ]
        if sum(map(bool, earlier)) < HABIT_DAYS:
            return 0.0
        return sum(earlier) / max(hour - self._counts.start, HOURS)
