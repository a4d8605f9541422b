"""Folding: what news says of resources, keys and detections joins what is known.

It is joined before anything is computed, in memory; what has grown is written with, or before,
what is computed of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from correlate.baseline.keys import id_of
from correlate.model.activity import HOURS, Activity, KeyDay, join
from correlate.model.cell import Cell
from correlate.model.news import Recount
from correlate.reconcile.known import Known, shard_of
from correlate.reconcile.lifetime import Lifetime
from correlate.store.documents import activity_size
from correlate.store.port import Put

MOST_BYTES: Final = 1_200_000
"""Of an activity's document; an item of the store has two million at most."""
MOST_CELLS: Final = 4_000


At: TypeAlias = tuple[int, str]
"""Where a cell of a day is: its hour, and the id of its signal."""


@dataclass(slots=True)
class Folded:
    """What has grown: days of resources and cells of these, shards of keys, days of detections."""

    days: set[tuple[str, int]] = field(default_factory=set)
    cells: dict[tuple[str, int], set[At]] = field(default_factory=dict)
    """By day; none where all of a day was read anew."""
    shards: set[tuple[int, str]] = field(default_factory=set)
    detections: set[tuple[str, int]] = field(default_factory=set)


def fold(known: Known, activities: Iterable[Activity], folded: Folded) -> None:
    """Join activities with those known, which must have been read."""
    for activity in activities:
        before = known.activities.get(activity.id)
        joined = bounded(activity if before is None else join(before, activity))
        if before is not None and joined == before:
            continue
        known.activities[activity.id] = joined
        folded.days.add(activity.id)
        old = {} if before is None else before.cells
        changed = folded.cells.setdefault(activity.id, set())
        for at, cell in joined.cells.items():
            if old.get(at) is not cell and old.get(at) != cell:
                changed.add(at)
                _learn(known, cell, activity.day, folded)


def uncounted(known: Known, folded: Folded) -> list[Recount]:
    """The days to be read anew: a cell was added to of which the counters say that it is empty.

    So it is where a recorder posts, after a recount, what an alert was before it was rewritten.
    """
    found = []
    for (entity, day), cells in sorted(folded.cells.items()):
        activity = known.activities[entity, day]
        counted: dict[At, int] = {}
        for (hour, sid, _), count in () if activity is None else activity.counts.items():
            counted[hour, sid] = counted.get((hour, sid), 0) + count.alerts
        if any(counted.get(at) == 0 for at in cells):
            found.append(Recount(entity, day, "", ""))
    return found


def bounded(activity: Activity) -> Activity:
    """An activity whose document fits: without what its cells name, then without its last cells.

    That is a day of some thousand detections on one resource.
    """
    if activity_size(activity) <= MOST_BYTES:
        return activity
    cells = {at: replace(cell, mentions=(), steps=()) for at, cell in activity.cells.items()}
    kept = {at: cells[at] for at in sorted(cells)[:MOST_CELLS]}
    counts = {name: each for name, each in activity.counts.items() if name[:2] in kept}
    return replace(activity, cells=kept, counts=counts)


def replace_day(known: Known, activity: Activity, folded: Folded) -> None:
    """Put an activity that was read anew from its alerts in the place of the one known."""
    if known.activities.get(activity.id) == activity:
        return
    known.activities[activity.id] = activity
    folded.days.add(activity.id)
    for cell in activity.cells.values():
        _learn(known, cell, activity.day, folded)


def _learn(known: Known, cell: Cell, day: int, folded: Folded) -> None:
    bit = 1 << cell.hour % HOURS
    signal = cell.signal
    if known.baseline.add(
        signal.detection, signal.severity, bool(signal.stages), cell.resource, day, bit
    ):
        folded.detections.add((signal.detection, day))
    for mention in cell.mentions:
        key = id_of(mention.key)
        if known.add_key(KeyDay(key, day, {cell.resource: bit})):
            folded.shards.add((day, shard_of(key)))


def puts(known: Known, folded: Folded, lifetime: Lifetime) -> Iterator[Put]:
    """The records to write of what has grown.

    Activity comes last: once it is stored, a redelivery finds nothing new in it, and so would not
    teach the baseline what a crash between two batches had kept from being written.
    """
    for day, shard in sorted(folded.shards):
        yield Put(known.shard(day, shard), lifetime.day(day))
    for detection, day in sorted(folded.detections):
        yield Put(known.baseline_day(detection, day), lifetime.day(day))
    for entity, day in sorted(folded.days):
        activity = known.activities[entity, day]
        if activity is not None:
            yield Put(activity, lifetime.day(day))
