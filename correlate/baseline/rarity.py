"""Rarity: minus the natural logarithm of the chance to see something in twelve hours.

The grid is what counts over many events are kept on: quarters, so that a rarity read from it is
never more than a quarter too small, and never too large.
"""

from math import exp, expm1, log
from typing import Final

STRETCH: Final = 12
"""Hours over which rarity is told: an event is a detection on a resource in so many hours."""
STEP: Final = 0.25
LEVELS: Final = 80
"""Levels of the grid: rarities from 0 to 20; what is rarer counts as the last."""


def rarity_of(rate: float) -> float:
    """The rarity of what happens at a rate an hour."""
    return -log(-expm1(-STRETCH * rate)) if rate > 0 else LEVELS * STEP


def rate_of(rarity: float) -> float:
    """The rate an hour of what has a rarity."""
    return -log(-expm1(-rarity)) / STRETCH if rarity > 0 else 1.0


def chance_of(rarity: float) -> float:
    """The chance to see it in twelve hours."""
    return exp(-rarity)


def level(rarity: float) -> int:
    """The grid's level at or below a rarity."""
    return min(max(int(rarity / STEP), 0), LEVELS - 1)
