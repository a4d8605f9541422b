"""Identity: which incident an episode goes on as.

A matching by shared evidence: pairs in the order of how much they share, ties broken by age and
then by id, each incident and each episode at most once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Final, TypeAlias

from correlate.model.cell import Cell
from shared.alert import digest

CellId: TypeAlias = tuple[str, int, str]

ID_DIGITS: Final = 20
MOST_CANDIDATES: Final = 1_000


def shared(
    evidence: Sequence[Set[CellId]], holders: Mapping[CellId, Iterable[str]]
) -> list[Counter[str]]:
    """How many evidence cells each episode shares with each incident."""
    return [
        Counter(name for cell in sorted(cells) for name in holders.get(cell, ()))
        for cells in evidence
    ]


def match(
    overlaps: Sequence[Mapping[str, int]],
    created: Mapping[str, int],
    preferred: Mapping[int, str],
) -> dict[int, str]:
    """The incident that each episode (by number) goes on as; those that go on as none are left out.

    `preferred` says which of them people chose the id for; they come first, the latest last.
    """
    found: dict[int, str] = {}
    for number, name in preferred.items():
        if name in created and name not in found.values():
            found[number] = name
    pairs = sorted(
        (-cells, created[name], name, number)
        for number, overlap in enumerate(overlaps)
        for name, cells in overlap.items()
        if name in created
    )
    used = set(found.values())
    for _, _, name, number in pairs:
        if number not in found and name not in used:
            found[number] = name
            used.add(name)
    return found


def candidates(organisation: str, evidence: Iterable[Cell]) -> Iterator[str]:
    """The ids that a new incident may have, the first of them that nobody has or had.

    Each is that of an evidence cell's first alert, the earliest first; where all of them have been
    used, digests of the earliest and a number.
    """
    firsts = sorted({cell.first for cell in evidence})[:MOST_CANDIDATES]
    for point in firsts:
        yield f"{organisation}-{point.alert[:ID_DIGITS]}"
    for number in range(MOST_CANDIDATES):
        yield f"{organisation}-{digest(firsts[0].alert, str(number))[:ID_DIGITS]}"
