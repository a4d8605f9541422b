"""Cores: of very many linked cells, those that belong to the chain that stands out.

Where nothing is known yet, or much is rare at once, links at the lowest rarity run through a whole
fleet. A chain in it is then no reason to call all of that one attack.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from correlate.baseline.rarity import STEP, level
from correlate.baseline.snapshot import Snapshot
from correlate.episodes.linking import Apart, components
from correlate.model.cell import Cell
from correlate.policy import Policy
from correlate.verdict.chain import Chain

MOST_TIMES: Final = 3
"""Of the resources that a chain was found on: those that links add by other detections at most."""
_EVERY: Final = 4
"""Levels of the grid between two that are looked at: a rarity of one."""


def core(
    chain: Chain,
    cells: Sequence[Cell],
    snapshot: Callable[[Cell], Snapshot],
    policy: Policy,
    apart: Apart,
) -> list[Cell]:
    """What links to a chain, from its own rarity down to where links would run through the fleet.

    What the chain's own detections reach is never too far: a worm has many hosts. In the order of
    `cells`; all of them where links run through nothing.
    """
    rarities = {cell.id: snapshot(cell).rarity(cell) for cell in cells}
    chosen, names = chain.group, {step.cell.signal.detection for step in chain.steps}
    most = MOST_TIMES * _resources(cell for cell in cells if cell.id in chosen)
    for at in range(level(min(step.rarity for step in chain.steps)), -_EVERY, -_EVERY):
        rare = [cell for cell in cells if rarities[cell.id] >= max(at, 0) * STEP]
        groups = components(rare, snapshot, policy, apart)
        grown = [cell for group in groups for cell in group if not chosen.isdisjoint(_ids(group))]
        if _resources(cell for cell in grown if cell.signal.detection not in names) > most:
            break
        chosen |= _ids(grown)
    return [cell for cell in cells if cell.id in chosen]


def _resources(cells: Iterable[Cell]) -> int:
    return len({cell.resource for cell in cells})


def _ids(cells: Sequence[Cell]) -> set[tuple[str, int, str]]:
    return {cell.id for cell in cells}
