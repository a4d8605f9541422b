"""Reach: what has to be known to see everything that links to a cell directly."""

from dataclasses import dataclass

from correlate.baseline.keys import id_of
from correlate.baseline.snapshot import Snapshot
from correlate.model.cell import Cell
from correlate.policy import Policy
from correlate.verdict.ties import RESOURCE
from shared.entities import key_kind
from shared.times import DAY


@dataclass(frozen=True, slots=True)
class Reach:
    """`days`: activity to load, by (entity, day). `keys`: (key id, first day, last day).

    A key's days name resources; their activity on those days is to be loaded as well.
    """

    days: tuple[tuple[str, int], ...]
    keys: tuple[tuple[str, int, int], ...]


def neighbours(cell: Cell, snapshot: Snapshot, policy: Policy) -> Reach:
    """What may link to a cell; nothing where it does not link itself."""
    if not snapshot.links(cell):
        return Reach((), ())
    first, last = _days(cell, policy.kinds[RESOURCE].gap)
    days = {(cell.resource, day) for day in range(first, last + 1)}
    first, last = _days(cell, policy.longest_gap)
    keys = {(cell.resource, first, last)}
    for mention in cell.mentions:
        rules = policy.kinds.get(key_kind(mention.key))
        if rules is not None and snapshot.commonness.weight(mention, cell.hour) > 0:
            first, last = _days(cell, rules.gap)
            keys.add((id_of(mention.key), first, last))
            days.update((id_of(mention.key), day) for day in range(first, last + 1))
    return Reach(tuple(sorted(days)), tuple(sorted(keys)))


def outbreak(cell: Cell, snapshot: Snapshot) -> tuple[tuple[str, ...], range]:
    """The resources of the outbreak that a cell is part of, and the days that may belong to it."""
    if not cell.signal.stages:
        return (), range(0)
    first, last = _days(cell, DAY)
    return snapshot.outbreaks.around(cell.signal.detection, cell.hour), range(first, last + 1)


def _days(cell: Cell, gap: int) -> tuple[int, int]:
    return (cell.first.start - gap) // DAY, (cell.last.start + gap) // DAY
