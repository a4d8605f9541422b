"""Noise without attacks: what fired is dealt anew among the cells of each day.

Each cell keeps its resource, its hour and its keys, and gets the signal of another cell of that
day. So resources stay as loud and days as busy as they were, and what meets, meets by chance.
"""

from collections.abc import Iterable
from dataclasses import replace
from random import Random

from correlate.model.cell import Cell, join


def permuted(cells: Iterable[Cell], seed: int) -> list[Cell]:
    """The cells with their signals dealt anew, the same for the same seed."""
    chance = Random(seed)  # noqa: S311 - not secret
    by_day: dict[int, list[Cell]] = {}
    for cell in sorted(cells, key=lambda cell: cell.id):
        by_day.setdefault(cell.hour // 24, []).append(cell)
    found: dict[tuple[str, int, str], Cell] = {}
    for _, own in sorted(by_day.items()):
        signals = [(cell.sid, cell.signal, cell.title) for cell in own]
        chance.shuffle(signals)
        for cell, (sid, signal, title) in zip(own, signals, strict=True):
            dealt = replace(cell, sid=sid, signal=signal, title=title)
            known = found.get(dealt.id)
            found[dealt.id] = dealt if known is None else join(known, dealt)
    return list(found.values())
