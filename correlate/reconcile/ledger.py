"""The ledger: what is known of a component's resources, cut exactly where coverage cuts.

A cell that lies wholly within an interval counts as a whole. One through which an interval's bound
goes is told apart by the places of its alerts; where these are not known yet, they are asked for.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from correlate.model.activity import HOURS, Activity, Subject
from correlate.model.cell import Cell, Interval, Point
from correlate.model.intervals import inside, overlap
from correlate.store.port import Place

_ENDS: Final = 2
"""So many alerts of a cell are its first and its last: where they are is known."""


class PlacesWantedError(Exception):
    """Places of alerts must be read first: of these resources in these hours."""

    def __init__(self, wanted: Iterable[tuple[str, int]]) -> None:
        super().__init__()
        self.wanted = frozenset(wanted)


class Part(NamedTuple):
    """What of a cell lies within an interval: the cell, cut to it, and how many alerts."""

    cell: Cell
    alerts: int


@dataclass(slots=True)
class Ledger:
    """Activity of resources by day, and the places of alerts in hours that are cut.

    `absent` are days on which there is none.
    """

    activities: Mapping[tuple[str, int], Activity]
    places: Mapping[tuple[str, int], list[Place]] = field(default_factory=dict)
    absent: Set[tuple[str, int]] = field(default_factory=frozenset)
    _by_entity: dict[str, list[Activity]] = field(init=False)
    _subjects: dict[str, Subject] = field(init=False)

    def __post_init__(self) -> None:
        self._by_entity = {}
        for (entity, _), activity in sorted(self.activities.items()):
            self._by_entity.setdefault(entity, []).append(activity)
        self._subjects = {
            entity: max((each.subject for each in days), key=_known)
            for entity, days in self._by_entity.items()
        }

    def entities(self) -> list[str]:
        """The resources, in order."""
        return list(self._by_entity)

    @property
    def subjects(self) -> Mapping[str, Subject]:
        """The resources by their ids, each as its days know it best."""
        return self._subjects

    def cells(self, entity: str) -> Iterator[Cell]:
        """All cells of a resource, in order."""
        for activity in self._by_entity.get(entity, ()):
            for at in sorted(activity.cells):
                yield activity.cells[at]

    def covers(self, entity: str, interval: Interval) -> bool:
        """Whether all days of an interval are known, and its first and last have activity."""
        days = [(entity, day) for day in days_of(interval)]
        ends = {days[0], days[-1]} <= self.activities.keys()
        return ends and all(day in self.activities or day in self.absent for day in days)

    def within(self, entity: str, interval: Interval) -> list[Part]:
        """What of the resource's cells lies within an interval, in order.

        Raises PlacesWantedError naming all hours that it cuts and whose places are not known.
        """
        parts: list[Part] = []
        wanted: set[tuple[str, int]] = set()
        days = range(days_of(interval).start, days_of(interval).stop)
        for activity in self._by_entity.get(entity, ()):
            if activity.day not in days:
                continue
            for at in sorted(activity.cells):
                cell = activity.cells[at]
                span = Interval(cell.first, cell.last)
                if not overlap(span, interval):
                    continue
                if inside(span, interval):
                    parts.append(Part(cell, activity.alerts(*at)))
                elif activity.alerts(*at) == _ENDS:
                    parts.extend(_end(cell, interval))
                elif (entity, cell.hour) in self.places:
                    parts.extend(self._cut(cell, interval))
                else:
                    wanted.add((entity, cell.hour))
        if wanted:
            raise PlacesWantedError(wanted)
        return parts

    def split(self, entity: str, fixed: Sequence[Interval]) -> list[dict[int, Part]]:
        """For each cell of a resource: its part in each of some disjoint intervals, by number.

        What lies in none of them goes by -1. Raises PlacesWantedError as `within` does.
        """
        found: list[dict[int, Part]] = []
        wanted: set[tuple[str, int]] = set()
        for activity in self._by_entity.get(entity, ()):
            for at in sorted(activity.cells):
                cell = activity.cells[at]
                span = Interval(cell.first, cell.last)
                meet = [number for number, each in enumerate(fixed) if overlap(span, each)]
                if not meet or (len(meet) == 1 and inside(span, fixed[meet[0]])):
                    place = meet[0] if meet else -1
                    found.append({place: Part(cell, activity.alerts(*at))})
                elif (entity, cell.hour) in self.places:
                    found.append(self._parts(cell, fixed, meet))
                else:
                    wanted.add((entity, cell.hour))
        if wanted:
            raise PlacesWantedError(wanted)
        return found

    def _parts(self, cell: Cell, fixed: Sequence[Interval], meet: Sequence[int]) -> dict[int, Part]:
        whole = Interval(cell.first, cell.last)
        points: dict[int, list[Point]] = {}
        for place in self.places[cell.resource, cell.hour]:
            if place.sid == cell.sid and whole.first <= place.point <= whole.last:
                number = next(
                    (each for each in meet if fixed[each].first <= place.point <= fixed[each].last),
                    -1,
                )
                points.setdefault(number, []).append(place.point)
        return {
            number: Part(replace(cell, first=each[0], last=each[-1]), len(each))
            for number, each in sorted(points.items())
        }

    def _cut(self, cell: Cell, interval: Interval) -> Iterator[Part]:
        points = [
            place.point
            for place in self.places[cell.resource, cell.hour]
            if place.sid == cell.sid and interval.first <= place.point <= interval.last
        ]
        if points:
            yield Part(replace(cell, first=points[0], last=points[-1]), len(points))


def _end(cell: Cell, interval: Interval) -> Iterator[Part]:
    """What of a cell with two alerts, its first and its last, lies within an interval."""
    for point in (cell.first, cell.last):
        if interval.first <= point <= interval.last:
            yield Part(replace(cell, first=point, last=point), 1)


def _known(subject: Subject) -> tuple[str, str, str]:
    return subject.name, subject.id, subject.type


def days_of(interval: Interval) -> range:
    """The days since 1970 in which places of an interval lie."""
    day = HOURS * 3_600_000
    return range(interval.first.start // day, interval.last.start // day + 1)
