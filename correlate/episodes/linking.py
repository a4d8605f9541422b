"""Linking: which cells belong together, directly or through others."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from correlate.baseline.rarity import level
from correlate.baseline.snapshot import Snapshot
from correlate.model.cell import Cell
from correlate.model.sets import Sets
from correlate.policy import Policy
from correlate.verdict.ties import Link, Tie, links_among, ties_of

Apart = Callable[[Cell, Cell], bool]


def never(_one: Cell, _other: Cell) -> bool:
    """Nothing is kept apart."""
    return False


Snapshots = Callable[[Cell], Snapshot]
"""The snapshot that a cell's links are seen by."""


def components(
    cells: Sequence[Cell], snapshot: Snapshots, policy: Policy, apart: Apart = never
) -> list[list[Cell]]:
    """The cells that links connect, each group in the order of `cells`."""
    by_key: dict[str, list[Tie]] = {}
    for number, cell in enumerate(cells):
        for tie in ties_of(number, cell, snapshot(cell), policy):
            by_key.setdefault(tie.key, []).append(tie)
    levels = [level(snapshot(cell).rarity(cell)) for cell in cells]
    parted = None if apart is never else _on_ties(cells, apart)
    sets = Sets(len(cells))
    for ties in by_key.values():
        if len(ties) > 1:
            for link in _links(ties, levels, cells, snapshot, parted):
                sets.join(link.one.cell, link.other.cell)
    return [[cells[number] for number in group] for group in sets.groups()]


def _on_ties(cells: Sequence[Cell], apart: Apart) -> Callable[[Tie, Tie], bool]:
    return lambda one, other: apart(cells[one.cell], cells[other.cell])


def _links(
    ties: Sequence[Tie],
    levels: Sequence[int],
    cells: Sequence[Cell],
    snapshot: Snapshots,
    apart: Callable[[Tie, Tie], bool] | None,
) -> Iterator[Link]:
    """The links of one key, at each level of rarity: the rarer two are, the longer they hold."""
    for at in sorted({_coarse(levels[tie.cell]) for tie in ties}):
        rare = [tie for tie in ties if levels[tie.cell] >= at]
        if len(rare) > 1:
            yield from links_among(rare, partial(_crowding, cells, snapshot, at), apart)


def _crowding(cells: Sequence[Cell], snapshot: Snapshots, at: int, tie: Tie) -> float:
    return snapshot(cells[tie.cell]).chances.crowding(at)


def _coarse(at: int) -> int:
    """Every fourth level: a rarity of one."""
    return at // 4 * 4
