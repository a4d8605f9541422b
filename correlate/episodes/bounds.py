"""Bounds of an episode: what lasts too long, or is on too many resources, is cut at its pauses."""

from collections.abc import Iterator, Sequence

from correlate.model.cell import Cell
from correlate.policy import Policy
from shared.times import DAY


def bounded(cells: Sequence[Cell], policy: Policy) -> Iterator[list[Cell]]:
    """Parts within the bounds, cut at the longest pauses; `cells` in order of time."""
    parts = [list(cells)]
    while parts:
        part = parts.pop()
        if _fits(part, policy):
            yield part
            continue
        cut = max(
            range(1, len(part)),
            key=lambda place: (part[place].first.start - part[place - 1].first.start, -place),
        )
        parts += [part[cut:], part[:cut]]


def _fits(cells: Sequence[Cell], policy: Policy) -> bool:
    if len(cells) < 2:
        return True
    lasted = cells[-1].first.start - cells[0].first.start
    return (
        lasted <= policy.bounds.days * DAY
        and len({cell.resource for cell in cells}) <= policy.bounds.resources
    )
