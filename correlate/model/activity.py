"""Activity: what is known of one resource on one day (UTC), and of one key on one day.

Both join. They hold enough to compute everything of an incident without reading an alert again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from correlate.model.cell import Cell
from correlate.model.cell import join as join_cells

HOURS: Final = 24
"""Hours of a day: the day of a cell is `hour // HOURS`."""
MOST_RESOURCES: Final = 1_024
"""Resources that one key's day keeps: those with the smallest ids, which are digests."""


class Count(NamedTuple):
    """How many alerts of a cell a partition of the store holds, by its counter's version."""

    version: int
    alerts: int


@dataclass(frozen=True, slots=True)
class Subject:
    """A resource as people know it. `entity` is the id of its `key`, see `shared.entities`."""

    entity: str
    key: str
    id: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Activity:
    """What one resource did on one day (days since 1970).

    `cells` by (hour, signal id); `counts` by (hour, signal id, partition of `alerts`): of two
    counts of one counter, the later version holds.
    """

    subject: Subject
    day: int
    cells: Mapping[tuple[int, str], Cell] = field(default_factory=dict)
    counts: Mapping[tuple[int, str, str], Count] = field(default_factory=dict)

    @property
    def id(self) -> tuple[str, int]:
        """What tells activities apart: the resource's entity, the day."""
        return self.subject.entity, self.day

    def alerts(self, hour: int, sid: str) -> int:
        """How many alerts a cell holds, as far as they have been counted."""
        return sum(
            count.alerts
            for (at, signal, _), count in self.counts.items()
            if at == hour and signal == sid
        )


def join(one: Activity, other: Activity) -> Activity:
    """Everything that two activities of one resource and day know."""
    cells = dict(one.cells)
    for key, cell in other.cells.items():
        known = cells.get(key)
        cells[key] = cell if known is None else join_cells(known, cell)
    counts = dict(one.counts)
    for name, count in other.counts.items():
        counts[name] = max(count, counts.get(name, count))
    subject = max(one.subject, other.subject, key=lambda each: (each.name, each.id, each.type))
    return Activity(subject, one.day, cells, counts)


@dataclass(frozen=True, slots=True)
class KeyDay:
    """Which resources a key was named with on one day: a bit for each hour, by entity id."""

    key: str
    day: int
    resources: Mapping[str, int] = field(default_factory=dict)


def join_keys(one: KeyDay, other: KeyDay) -> KeyDay:
    """Everything that two of them know of one key and day; the smallest ids where many."""
    resources = dict(one.resources)
    for resource, hours in other.resources.items():
        resources[resource] = resources.get(resource, 0) | hours
    if len(resources) > MOST_RESOURCES:
        kept = sorted(resources)[:MOST_RESOURCES]
        resources = {resource: resources[resource] for resource in kept}
    return KeyDay(one.key, one.day, resources)
