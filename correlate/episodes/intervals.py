"""Intervals: from which alert to which alert an episode runs on each of its resources."""

from collections.abc import Iterable, Mapping, Sequence

from correlate.model.cell import Cell, Interval


def intervals(
    evidence: Iterable[Cell], others: Mapping[str, Sequence[Cell]], *, joined: bool = True
) -> dict[str, tuple[Interval, ...]]:
    """One interval a resource, cut where evidence of another episode (`others`) lies between.

    Unless `joined`, what lies between two cells is left out as well.
    """
    found: dict[str, list[Interval]] = {}
    for cell in sorted(evidence, key=lambda cell: (cell.resource, cell.first, cell.id)):
        own = found.setdefault(cell.resource, [])
        new = Interval(cell.first, cell.last)
        if own and (new.first <= own[-1].last or joined):
            whole = Interval(own[-1].first, max(own[-1].last, new.last))
            between = (each for each in others.get(cell.resource, ()) if each.last > own[-1].last)
            if new.first <= own[-1].last or not any(each.first < new.first for each in between):
                own[-1] = whole
                continue
        own.append(new)
    return {resource: tuple(own) for resource, own in found.items()}
