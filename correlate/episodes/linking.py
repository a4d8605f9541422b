"""Linking: which cells belong together, directly or through others."""

from collections.abc import Callable, Iterator, Sequence

from correlate.baseline.snapshot import Snapshot
from correlate.model.cell import Cell
from correlate.model.sets import Sets
from correlate.policy import Policy
from correlate.verdict.ties import Link, Tie, links_among, ties_of

Apart = Callable[[Cell, Cell], bool]


def never(_one: Cell, _other: Cell) -> bool:
    """Nothing is kept apart."""
    return False


def links(
    cells: Sequence[Cell], snapshot: Callable[[Cell], Snapshot], policy: Policy, apart: Apart
) -> Iterator[Link]:
    """The links between rare cells, each with the next one that shares a key."""
    by_key: dict[str, list[Tie]] = {}
    for number, cell in enumerate(cells):
        for tie in ties_of(number, cell, snapshot(cell), policy):
            by_key.setdefault(tie.key, []).append(tie)
    for ties in by_key.values():
        if len(ties) > 1:
            yield from links_among(
                ties, lambda one, other: apart(cells[one.cell], cells[other.cell])
            )


def components(
    cells: Sequence[Cell], snapshot: Callable[[Cell], Snapshot], policy: Policy, apart: Apart
) -> list[list[Cell]]:
    """The cells that links connect, in their order."""
    sets = Sets(len(cells))
    for link in links(cells, snapshot, policy, apart):
        sets.join(link.one.cell, link.other.cell)
    return [[cells[number] for number in group] for group in sets.groups()]
