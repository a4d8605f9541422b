"""Habits: a detection that fires day after day on the same few machines."""

from dataclasses import dataclass
from random import Random
from typing import Final

from local.simulate.enterprise.catalogue import Catalogue, Detection
from local.simulate.enterprise.population import Population, Resource
from local.simulate.enterprise.shape import Shape

ALERTS_A_DAY: Final = 8
"""How often a habit shows on an average day; so there are the more of them, the more noise."""
_MOST: Final = 0.25
"""The most habits for each resource."""
_MACHINES: Final = 4
_HABITUAL: Final = 0.4
"""The share of detections that are somebody's habit."""
_OFFICE: Final = tuple(range(8, 18))


@dataclass(frozen=True, slots=True)
class Habit:
    """A detection on one machine, in some hours of the day (UTC); `weight` is how often."""

    detection: Detection
    resource: Resource
    hours: tuple[int, ...]
    weekdays_only: bool
    weight: float


def form_habits(
    shape: Shape, population: Population, catalogue: Catalogue, alerts: int
) -> tuple[Habit, ...]:
    """The habits that so many alerts in the whole period are made of, drawn by the seed."""
    chance = Random(f"{shape.seed}/habits")  # noqa: S311 - sample data, no secret
    wanted = min(int(_MOST * shape.resources), -(-alerts // (ALERTS_A_DAY * shape.days)))
    ordinary = catalogue.ordinary.things
    detections = chance.sample(ordinary, round(_HABITUAL * len(ordinary)))
    found: dict[tuple[str, str], Habit] = {}
    while len(found) < wanted:
        detection = chance.choice(detections)
        hours, weekdays_only = _hours(chance)
        machines = {"laptops": population.laptops, "servers": population.servers}
        for _ in range(chance.randint(1, _MACHINES)):
            resource = chance.choice(machines.get(detection.on, population.all).things)
            habit = Habit(detection, resource, hours, weekdays_only, chance.lognormvariate(0, 1))
            found.setdefault((detection.name, resource.name), habit)
    return tuple(found.values())[:wanted]


def _hours(chance: Random) -> tuple[tuple[int, ...], bool]:
    """A job at one hour of each day, one in office hours, or one that runs all the time."""
    kind = chance.random()
    if kind < 0.4:
        return (chance.randrange(24),), False
    return (_OFFICE, True) if kind < 0.7 else (tuple(range(24)), False)
