"""Waves: one detection, new or rare, on many resources within hours is one incident of its own."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from correlate.baseline.snapshot import Snapshot
from correlate.model.cell import Cell
from correlate.model.sets import Sets
from correlate.policy import Policy
from shared.times import DAY


def waves(
    cells: Iterable[Cell], snapshot: Callable[[Cell], Snapshot], policy: Policy
) -> list[list[Cell]]:
    """The waves among cells, each in order of time; those on mostly the same resources are one."""
    by_detection: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.signal.stages and snapshot(cell).outbreaks.around(cell.signal.detection, cell.hour):
            by_detection.setdefault(cell.signal.detection, []).append(cell)
    parts = [
        part
        for _, own in sorted(by_detection.items())
        for part in _stretches(sorted(own, key=lambda cell: (cell.first, cell.id)))
        if len({cell.resource for cell in part}) >= policy.wave.resources
    ]
    return _joined(parts)


def _stretches(cells: Sequence[Cell]) -> Iterable[list[Cell]]:
    part: list[Cell] = []
    for cell in cells:
        if part and cell.first.start - part[-1].last.start > DAY:
            yield part
            part = []
        part.append(cell)
    if part:
        yield part


def _joined(parts: Sequence[list[Cell]]) -> list[list[Cell]]:
    sets = Sets(len(parts))
    reach = [{cell.resource for cell in part} for part in parts]
    for number, part in enumerate(parts):
        for other in range(number):
            if 2 * len(reach[number] & reach[other]) >= min(
                len(reach[number]), len(reach[other])
            ) and _near(part, parts[other]):
                sets.join(number, other)
    return [
        sorted((cell for number in group for cell in parts[number]), key=_by_time)
        for group in sets.groups()
    ]


def _near(one: Sequence[Cell], other: Sequence[Cell]) -> bool:
    return (
        one[0].first.start - other[-1].last.start <= DAY
        and other[0].first.start - one[-1].last.start <= DAY
    )


def _by_time(cell: Cell) -> tuple[object, ...]:
    return cell.first, cell.id


def by_resource(cells: Iterable[Cell]) -> Mapping[str, list[Cell]]:
    """Cells by resource, in order of time."""
    found: dict[str, list[Cell]] = {}
    for cell in sorted(cells, key=_by_time):
        found.setdefault(cell.resource, []).append(cell)
    return found
