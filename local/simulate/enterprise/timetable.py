"""How many alerts of each sort come on each day; together exactly as many as were asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Final

from local.simulate.enterprise.shape import Shape, busyness, is_weekend
from shared.times import DAY, HOUR

HABIT_SHARE: Final = 0.3
BURST_SHARE: Final = 0.12
_PATCH_SHARE: Final = 0.05
_SCAN_SHARE: Final = 0.03
"""The share of a scanner's night, of which there are"""
SCANNER_NIGHTS: Final = 2
PATCHED: Final = 0.6
"""The share of resources that are patched, at most."""
PATCH_HOURS: Final = (19, 20, 21)
SCAN_HOURS: Final = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Day:
    """Twenty-four hours from `start`, and how many alerts of each sort they bring."""

    start: int
    background: int
    habits: int
    bursts: int
    patch: int
    scan: int

    @property
    def hours(self) -> range:
        """The instants at which its hours begin."""
        return range(self.start, self.start + DAY, HOUR)


def draw_timetable(shape: Shape) -> tuple[Day, ...]:
    """The days; which brings the patch and which the scanner is drawn by the seed."""
    chance = Random(f"{shape.seed}/days")  # noqa: S311 - sample data, no secret
    starts = range(shape.start, shape.end, DAY)
    weights = [sum(busyness(each) for each in range(at, at + DAY, HOUR)) for at in starts]
    patch, scans = _special_days(starts, chance)
    patched = min(int(_PATCH_SHARE * shape.alerts), int(PATCHED * shape.resources))
    scanned = int(_SCAN_SHARE * shape.alerts)
    habits = divided(int(HABIT_SHARE * shape.alerts), [1.0 + each for each in weights])
    bursts = divided(int(BURST_SHARE * shape.alerts), weights)
    rest = shape.alerts - patched - scanned * len(scans) - sum(habits) - sum(bursts)
    background = divided(rest, weights)
    return tuple(
        Day(
            start=at,
            background=background[number],
            habits=habits[number],
            bursts=bursts[number],
            patch=patched if number == patch else 0,
            scan=scanned if number in scans else 0,
        )
        for number, at in enumerate(starts)
    )


def _special_days(starts: Sequence[int], chance: Random) -> tuple[int, set[int]]:
    """The day of the patch, a weekday if there is one, and those of the scanner."""
    numbers = range(len(starts))
    patch = chance.choice([day for day in numbers if not is_weekend(starts[day])] or numbers)
    return patch, set(chance.sample(numbers, min(SCANNER_NIGHTS, len(numbers))))


def divided(total: int, weights: Sequence[float]) -> list[int]:
    """Whole shares by weight that add up to the total."""
    whole = sum(weights)
    bounds, passed = [0], 0.0
    for weight in weights:
        passed += weight
        bounds.append(round(total * passed / whole))
    return [after - before for before, after in pairwise(bounds)]
