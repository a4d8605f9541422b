"""Neighbourhoods: all that has to be known to compute what touched days belong to.

Breadth first: from touched days to whatever their rare alerts may link to, and to all that the
open incidents there cover. Days that link nothing are read where they lie beside, and lead no
further.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from correlate.baseline.snapshot import Snapshot
from correlate.episodes.reach import neighbours, outbreak
from correlate.model.activity import Activity
from correlate.model.cell import Cell, Interval
from correlate.model.coverage import Span
from correlate.model.incident import Incident
from correlate.model.intervals import overlap, whole
from correlate.model.sets import Sets
from correlate.policy import Policy
from correlate.reconcile.folding import At
from correlate.reconcile.known import Known, Reader
from correlate.reconcile.ledger import days_of
from correlate.reconcile.view import judged_at
from shared.times import DAY

Day: TypeAlias = tuple[str, int]

MOST_RESOURCES: Final = 5_000
"""Resources of one neighbourhood: a walk stops there, and what it has is computed."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Days that are computed together, the open incidents involved, spans to be recounted."""

    days: frozenset[Day]
    involved: frozenset[str]
    recounted: frozenset[tuple[str, Interval]]
    seeds: frozenset[Day]


@dataclass(slots=True)
class _Walk:
    """How far a walk has come. `edges` join days, `beside` are days that lead no further."""

    done: set[Day] = field(default_factory=set)
    active: set[Day] = field(default_factory=set)
    edges: list[tuple[Day, Day]] = field(default_factory=list)
    beside: dict[Day, set[Day]] = field(default_factory=dict)
    involved: dict[str, Day] = field(default_factory=dict)
    recounted: set[tuple[str, Interval]] = field(default_factory=set)
    walked: set[str] = field(default_factory=set)
    outbreaks: dict[tuple[str, int], Day] = field(default_factory=dict)
    """By detection and hour: a day that stands for all days of the outbreak then."""


class Explorer:
    """Walks from touched days. `now` and `frozen` are instants, see `View`.

    `changed` are the cells of days of which nothing else has changed: these are looked at first.
    `failed` are days that could not be looked at, and why.
    """

    def __init__(
        self,
        known: Known,
        reader: Reader,
        policy: Policy,
        snapshots: Callable[[int], Snapshot],
        *,
        now: int,
        frozen: int,
        changed: Mapping[Day, Set[At]] | None = None,
    ) -> None:
        self._known = known
        self._reader = reader
        self._policy = policy
        self._snapshots = snapshots
        self._now = now
        self._frozen = frozen
        self._changed = changed or {}
        self._unsealed: set[str] = set()
        self.failed: dict[Day, Exception] = {}

    async def explore(
        self, seeds: Iterable[Day], unsealed: Iterable[str] = ()
    ) -> list[Neighbourhood]:
        """The neighbourhoods of touched days, those of the smallest days first.

        Days that nothing links to and that nothing covers are left out. `unsealed` are incidents
        that are computed although they are closed.
        """
        self._unsealed = set(unsealed)
        touched = sorted(set(seeds))
        walk = _Walk()
        frontier = first = set(touched)
        while frontier:
            await self._load(frontier)
            found: set[Day] = set()
            for day in sorted(frontier):
                try:
                    if frontier is first and self._is_quiet(day):
                        continue
                    walk.done.add(day)
                    found.update(self._visit(walk, day, seed=day in first))
                except Exception as fault:  # noqa: BLE001 - one day must not stop all others
                    self.failed[day] = fault
            found.update(await self._follow_incidents(walk))
            if len({entity for entity, _ in walk.done}) > MOST_RESOURCES:
                break
            frontier = found - walk.done
        return list(self._parted(walk, touched))

    async def _load(self, days: set[Day]) -> None:
        await self._reader.read(days=days, entities={entity for entity, _ in days})
        await self._reader.read_nodes(
            {span.incident for entity, _ in days for span in self._known.spans(entity)}
        )

    def _is_quiet(self, day: Day) -> bool:
        """Whether nothing that is new on a day leads anywhere: the rest was looked at before.

        What the baseline makes of the rest meanwhile, renewals look at.
        """
        cells = self._changed.get(day)
        activity = self._known.activities.get(day)
        if cells is None or activity is None or self._known.blocks_of(day[0]):
            return False
        if any(_on(span, day[1]) for span in self._known.spans(day[0])):
            return False
        snapshot = self._snapshot_of(activity)
        found = (activity.cells[at] for at in cells if at in activity.cells)
        return not any(snapshot.links(cell) or outbreak(cell, snapshot)[0] for cell in found)

    def _snapshot_of(self, activity: Activity) -> Snapshot:
        return self._snapshots(judged_at((activity.day + 1) * DAY - 1, self._now))

    def _visit(self, walk: _Walk, day: Day, *, seed: bool) -> Iterator[Day]:
        """Days that a day leads to."""
        entity, number = day
        standing: list[Interval] = []
        for span in self._known.spans(entity):
            if not _on(span, number):
                continue
            if self._is_open(span):
                self._involve(walk, span, day)
                continue
            standing.append(span.interval)
            if seed:
                walk.recounted.add((entity, span.interval))
                yield from self._beside(walk, day, span)
        yield from self._pieces(walk, day)
        activity = self._known.activities.get(day)
        if activity is not None:
            yield from self._linked(walk, activity, standing)

    def _beside(self, walk: _Walk, day: Day, span: Span) -> Iterator[Day]:
        for each in days_of(span.interval):
            walk.beside.setdefault(day, set()).add((day[0], each))
            walk.active.add(day)
            yield day[0], each

    def _is_open(self, span: Span) -> bool:
        """Whether an incident is computed anew: not closed, and nothing of it begins to expire.

        One that was closed while it formed is completed: it was closed right after.
        """
        incident = self._incident(span.incident)
        if incident is None or incident.withdrawn:
            return incident is not None
        if incident.id in self._unsealed or incident.forming:
            return True
        return not incident.closed and incident.first >= self._frozen

    def _incident(self, name: str) -> Incident | None:
        node = self._known.nodes.get(self._known.resolve(name) or "")
        return node if isinstance(node, Incident) else None

    def _involve(self, walk: _Walk, span: Span, day: Day) -> None:
        name = self._known.resolve(span.incident)
        if name is None:
            return
        walk.active.add(day)
        walk.edges.append((walk.involved.setdefault(name, day), day))

    async def _follow_incidents(self, walk: _Walk) -> set[Day]:
        """All days of the incidents that have become involved."""
        new = {name: day for name, day in walk.involved.items() if name not in walk.walked}
        if not new:
            return set()
        covered = {}
        for name in new:
            incident = self._incident(name)
            covered[name] = 0 if incident is None else incident.covered
        await self._reader.read_covering(covered)
        found: set[Day] = set()
        for name, start in new.items():
            walk.walked.add(name)
            for entity in self._known.covered_by(name):
                for span in self._known.spans(entity):
                    if self._known.resolve(span.incident) == name:
                        days = {(entity, day) for day in days_of(span.interval)}
                        walk.edges += [(start, day) for day in days]
                        walk.active |= days
                        found |= days
        return found

    def _pieces(self, walk: _Walk, day: Day) -> Iterator[Day]:
        """What people hold together with something on a day."""
        for block in self._known.blocks_of(day[0]):
            held = [each.piece for each in block.held]
            if any(piece.entity == day[0] and day[1] in days_of(piece.interval) for piece in held):
                days = {(piece.entity, each) for piece in held for each in days_of(piece.interval)}
                walk.edges += [(day, each) for each in days]
                walk.active |= days
                yield from days

    def _linked(self, walk: _Walk, activity: Activity, standing: list[Interval]) -> Iterator[Day]:
        snapshot = self._snapshot_of(activity)
        for at in sorted(activity.cells):
            cell = activity.cells[at]
            span = Interval(cell.first, cell.last)
            if any(each.first <= span.first and span.last <= each.last for each in standing):
                continue
            reached = self._reached(cell, snapshot)
            if reached:
                walk.active.add(activity.id)
                walk.edges += [(activity.id, day) for day in reached]
                yield from reached
            yield from _broken_out(walk, activity.id, cell, snapshot)

    def _reached(self, cell: Cell, snapshot: Snapshot) -> set[Day]:
        reach = neighbours(cell, snapshot, self._policy)
        days = set(reach.days)
        for key, first, last in reach.keys:
            days.update(self._known.named(key, first, last))
        return days

    def _parted(self, walk: _Walk, touched: list[Day]) -> Iterator[Neighbourhood]:
        """Active days that lead to one another, or are of one resource; and what lies beside."""
        active = sorted(walk.active & walk.done)
        number = {day: place for place, day in enumerate(active)}
        sets = Sets(len(active))
        beside: dict[Day, set[Day]] = {day: set(found) for day, found in walk.beside.items()}
        for one, other in walk.edges:
            if one in number and other in number:
                sets.join(number[one], number[other])
            elif one in number and other in walk.done:
                beside.setdefault(one, set()).add(other)
        first: dict[str, int] = {}
        for day, place in number.items():
            sets.join(first.setdefault(day[0], place), place)
        for group in sets.groups():
            days = {active[place] for place in group}
            entities = {entity for entity, _ in days}
            yield Neighbourhood(
                frozenset(days.union(*(beside.get(day, ()) for day in days))),
                frozenset(name for name, day in walk.involved.items() if day in days),
                frozenset(each for each in walk.recounted if each[0] in entities),
                frozenset(day for day in touched if day in days),
            )


def _broken_out(walk: _Walk, day: Day, cell: Cell, snapshot: Snapshot) -> Iterator[Day]:
    """The days of the outbreak that a cell is part of, once for each detection and hour."""
    name = cell.signal.detection, cell.hour
    known = walk.outbreaks.get(name)
    if known is not None:
        walk.active.add(day)
        walk.edges.append((known, day))
        return
    entities, days = outbreak(cell, snapshot)
    if not entities:
        return
    walk.outbreaks[name] = day
    walk.active.add(day)
    for entity in entities:
        for each in days:
            walk.edges.append((day, (entity, each)))
            yield entity, each


def _on(span: Span, day: int) -> bool:
    return overlap(span.interval, whole(day * DAY, (day + 1) * DAY - 1))
