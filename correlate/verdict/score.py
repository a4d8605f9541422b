"""The score: where an incident stands in the list, from 0 to 100; chance weighs most."""

from collections.abc import Sequence
from math import log10
from typing import Final, NamedTuple

from correlate.model.cell import Cell
from correlate.model.episode import Confidence
from correlate.policy import Policy
from correlate.verdict.words import number
from shared.killchain import Tactic
from shared.severity import Severity

BASE: Final = {Confidence.HIGH: 40.0, Confidence.MEDIUM: 10.0, Confidence.LOW: 0.0}
MOST_ORDERS: Final = 12.0
"""Orders of magnitude that chance can fall short of the budget and still count."""


class Part(NamedTuple):
    """Points of the score, and what for."""

    points: float
    reason: str


def score_of(
    confidence: Confidence,
    expected: float,
    stages: Sequence[Tactic],
    severity: Severity,
    resources: int,
    policy: Policy,
    *,
    criticality: int = 0,
    pattern: str = "",
) -> tuple[Part, ...]:
    """The parts of the score; the numbers are those of the chain's own alerts."""
    orders = min(max(log10(policy.chance.budget / max(expected, 1e-30)), 0.0), MOST_ORDERS)
    parts = [
        Part(BASE[confidence], f"{confidence.value} confidence"),
        Part(2.0 * orders, "how seldom chance would make as much"),
        Part(2.0 * severity, f"{severity.name} severity alerts"),
    ]
    if stages:
        parts.append(Part(0.5 * max(stages), f"reached {max(stages).title}"))
        parts.append(Part(1.0 * min(len(stages), 6), f"{len(stages)} stages in forward order"))
    if resources > 1:
        parts.append(Part(0.2 * min(resources, 5), f"steps on {number(resources, 'resource')}"))
    if criticality:
        parts.append(Part(2.0 * criticality, "a critical resource"))
    if pattern:
        parts.append(Part(3.0, f"matches the pattern {pattern}"))
    return tuple(parts)


def total(parts: Sequence[Part]) -> float:
    """The score, with one decimal."""
    return round(min(sum(part.points for part in parts), 100.0), 1)


def severity_of(cells: Sequence[Cell], stages: Sequence[Tactic]) -> Severity:
    """The worst severity of the cells; a level up from three stages, two where they reach deep.

    Deep is lateral movement or beyond: the attacker has left the first machine or acts on his aim.
    """
    worst = max((cell.signal.severity for cell in cells), default=Severity.Informational)
    levels = (len(stages) >= 3) + (
        len(stages) >= 4 and max(stages, default=Tactic.Reconnaissance) >= Tactic.LateralMovement
    )
    return Severity(min(worst + levels, Severity.Critical))
