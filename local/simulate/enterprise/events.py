"""What happens on a day: which detection fires on which resource, and when."""

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from random import Random
from typing import Final, NamedTuple

from local.simulate.enterprise.catalogue import PATCH, SCANS, Catalogue, Detection
from local.simulate.enterprise.habits import Habit
from local.simulate.enterprise.population import Population, Ranked, Resource
from local.simulate.enterprise.shape import busyness, hour_of, is_weekend
from local.simulate.enterprise.timetable import PATCH_HOURS, SCAN_HOURS, Day
from shared.times import DAY, HOUR, MINUTE

_BURST: Final = (20, 400)
_SCANNED: Final = 0.3
"""The share of resources that a scanner passes by in a night."""
_REPEATS: Final = 1.2
_MOST_REPEATS: Final = 5
_REPEAT_WITHIN: Final = 10 * MINUTE
_FOLLOWS_WITHIN: Final = 5 * MINUTE


class Event(NamedTuple):
    """A detection that fires on a resource at an instant."""

    at: int
    detection: Detection
    resource: Resource


class DayOfEvents:
    """One day's events, drawn by `chance`; each method gives those of one sort."""

    def __init__(
        self,
        day: Day,
        population: Population,
        catalogue: Catalogue,
        habits: tuple[Habit, ...],
        chance: Random,
    ) -> None:
        self._day = day
        self._population = population
        self._catalogue = catalogue
        self._habits = habits
        self._chance = chance
        self._end = day.start + DAY
        self._instant = {hour_of(instant): instant for instant in day.hours}
        self._busyness = list(accumulate(busyness(hour) for hour in day.hours))

    def all(self) -> list[Event]:
        """Every event, in order of time."""
        found = [
            *self._filled(self._day.background, self._background),
            *self._filled(self._day.habits, self._habitual()),
            *self._filled(self._day.bursts, self._burst),
            *self._patch(),
            *self._scan(),
        ]
        return sorted(found, key=lambda event: event.at)

    def _filled(self, count: int, draw: Callable[[], list[Event]]) -> list[Event]:
        """Events until there are so many; what is too much is left out."""
        found: list[Event] = []
        while len(found) < count:
            found += draw()
        return found[:count]

    def _background(self) -> list[Event]:
        """A detection somewhere, once or a few times within minutes."""
        detection = self._catalogue.ordinary.draw(self._chance)
        resource = self._where(detection).draw(self._chance)
        at = self._moment(self._busy_hour())
        repeats = min(int(self._chance.expovariate(_REPEATS)), _MOST_REPEATS)
        found = list(self._followed(Event(at, detection, resource)))
        for _ in range(repeats):
            again = at + self._chance.randrange(_REPEAT_WITHIN)
            found.append(Event(min(again, self._end - 1), detection, resource))
        return found

    def _habitual(self) -> Callable[[], list[Event]]:
        """Draws habits: first each that shows on such a day, then the stronger the more often."""
        weekend = is_weekend(self._day.start + DAY // 2)
        shown = [each for each in self._habits if not (weekend and each.weekdays_only)]
        shown = shown or list(self._habits)
        first = iter(self._chance.sample(shown, len(shown)))
        sums = list(accumulate(habit.weight for habit in shown))

        def draw() -> list[Event]:
            habit = next(first, None) or self._chance.choices(shown, cum_weights=sums)[0]
            at = self._moment(self._within(habit.hours))
            return list(self._followed(Event(at, habit.detection, habit.resource)))

        return draw

    def _burst(self) -> list[Event]:
        """One detection on one resource, over and over within an hour."""
        detection = self._catalogue.ordinary.draw(self._chance)
        resource = self._where(detection).draw(self._chance)
        hour = self._busy_hour()
        count = self._chance.randint(*_BURST)
        return [Event(self._moment(hour), detection, resource) for _ in range(count)]

    def _patch(self) -> Iterator[Event]:
        for resource in self._chance.sample(self._population.all.things, self._day.patch):
            yield Event(self._moment(self._within(PATCH_HOURS)), PATCH, resource)

    def _scan(self) -> Iterator[Event]:
        everything = self._population.all.things
        passed = self._chance.sample(everything, max(1, int(_SCANNED * len(everything))))
        for _ in range(self._day.scan):
            (scan,) = self._chance.choices(SCANS, (6, 1, 3))
            at = self._moment(self._within(SCAN_HOURS))
            yield Event(at, scan, self._chance.choice(passed))

    def _followed(self, event: Event) -> Iterator[Event]:
        """The event, and what another tool makes of it, if it does."""
        yield event
        first = event.detection
        if first.followed_by and self._chance.random() < first.follows:
            at = event.at + self._chance.randrange(_FOLLOWS_WITHIN)
            second = self._catalogue.by_name[first.followed_by]
            yield Event(min(at, self._end - 1), second, event.resource)

    def _where(self, detection: Detection) -> Ranked[Resource]:
        if detection.on == "laptops":
            return self._population.laptops
        return self._population.servers if detection.on == "servers" else self._population.all

    def _busy_hour(self) -> int:
        return self._chance.choices(self._day.hours, cum_weights=self._busyness)[0]

    def _within(self, hours: Sequence[int]) -> int:
        """When one of these hours of the day begins."""
        return self._instant[self._chance.choice(hours)]

    def _moment(self, hour: int) -> int:
        return hour + self._chance.randrange(HOUR)
