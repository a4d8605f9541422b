"""Known courses of attack: which pattern of the policy an episode follows."""

from collections.abc import Sequence

from correlate.model.cell import Cell
from correlate.policy import Pattern, Policy
from correlate.verdict.chain import Step


def followed(steps: Sequence[Step], policy: Policy) -> Pattern | None:
    """The first pattern whose stages a chain has and which names one of its alerts."""
    stages = {step.stage for step in steps}
    for pattern in policy.patterns:
        if stages.issuperset(pattern.tactics) and any(
            pattern.names(step.cell.signal.detection, step.cell.title) for step in steps
        ):
            return pattern
    return None


def known(cells: Sequence[Cell], policy: Policy) -> tuple[Pattern, tuple[Cell, ...]] | None:
    """The pattern that makes an incident by itself, and the cells that it names; None without."""
    for pattern in sorted(policy.by_itself, key=lambda each: each.incident != "high"):
        named = tuple(cell for cell in cells if pattern.names(cell.signal.detection, cell.title))
        stages = {stage for cell in cells for stage in cell.signal.stages}
        if named and stages.issuperset(pattern.tactics):
            return pattern, named
    return None
