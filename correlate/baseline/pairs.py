"""Pairs: on which resources one detection follows another."""

from collections.abc import Mapping

from correlate.baseline.hours import HOURS

Entities = Mapping[str, Mapping[int, int]]
"""The hours of each day as bits, by resource."""


def followed(first: Entities, then: Entities, scale: int) -> frozenset[str]:
    """The resources on which the second follows the first within so many hours.

    The same hour counts: what is in it is in no order.
    """
    both = first.keys() & then.keys()
    return frozenset(entity for entity in both if _met(first[entity], then[entity], scale))


def _met(first: Mapping[int, int], then: Mapping[int, int], scale: int) -> bool:
    for day, bits in first.items():
        after = then.get(day, 0) | then.get(day + 1, 0) << HOURS
        if after and _smear(bits, scale) & after:
            return True
    return False


def _smear(bits: int, by: int) -> int:
    """The bits, and each of the next `by` after any of them."""
    done = 0
    while done < by:
        step = min(done + 1, by - done)
        bits |= bits << step
        done += step
    return bits
