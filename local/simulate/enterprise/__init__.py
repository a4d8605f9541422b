"""A week of an enterprise: much noise as real networks have it, and attacks in it on request.

The noise is in the native format and known by its seed: the same arguments give the same bytes,
and attacks change nothing of it. Detections and resources follow Zipf's law; there are office hours
and weekends, habits, bursts, detections that fire together, the evening of a patch, two nights of
the enterprise's own scanner, and accounts and addresses that many machines share.
"""

from collections.abc import Iterable, Iterator
from heapq import merge
from random import Random

from local.simulate.enterprise.catalogue import Catalogue, compile_catalogue
from local.simulate.enterprise.embedding import embedded
from local.simulate.enterprise.events import DayOfEvents
from local.simulate.enterprise.habits import form_habits
from local.simulate.enterprise.native import native
from local.simulate.enterprise.population import Population, populate
from local.simulate.enterprise.shape import Shape
from local.simulate.enterprise.timetable import draw_timetable
from local.simulate.play import Labelled
from local.simulate.quiet import QUIET
from local.simulate.scenarios import SCENARIOS

ATTACKS = SCENARIOS | QUIET
"""All attacks by name."""


def generate(shape: Shape, attacks: Iterable[str] = ()) -> Iterator[Labelled]:
    """The noise and the attacks by these names, in order of time; a name may come twice.

    Noise has None for its incident. Raises ValueError when an attack does not fit, KeyError when
    there is none by its name.
    """
    population, catalogue = populate(shape), compile_catalogue(shape)
    chosen = [ATTACKS[name] for name in attacks]
    hidden = sorted(embedded(shape, population, catalogue, chosen), key=_at)
    return merge(_noise(shape, population, catalogue), hidden, key=_at)


def noise(shape: Shape) -> Iterator[Labelled]:
    """The noise alone, in order of time; a day of it is held at a time."""
    return _noise(shape, populate(shape), compile_catalogue(shape))


def _noise(shape: Shape, population: Population, catalogue: Catalogue) -> Iterator[Labelled]:
    days = draw_timetable(shape)
    habits = form_habits(shape, population, catalogue, sum(day.habits for day in days))
    for number, day in enumerate(days):
        chance = Random(f"{shape.seed}/day/{number}")  # noqa: S311 - sample data, no secret
        for event in DayOfEvents(day, population, catalogue, habits, chance).all():
            yield native(event, population, chance)


def _at(alert: Labelled) -> int:
    return alert.at
