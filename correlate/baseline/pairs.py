"""Pairs: how often one detection follows another on a resource."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from correlate.baseline.content import Detection
from correlate.baseline.hours import HOURS


@dataclass(frozen=True, slots=True)
class Pair:
    """Resource-days of the first, of the second, and of the first followed by the second."""

    first: Mapping[str, int]
    then: Mapping[str, int]
    both: Mapping[str, int]

    def without(self, own: Collection[str]) -> tuple[int, int, int]:
        """The three counts, without those of some resources."""
        return (
            _rest(self.first, own),
            _rest(self.then, own),
            _rest(self.both, own),
        )


def _rest(counts: Mapping[str, int], own: Collection[str]) -> int:
    return counts.get("", 0) - sum(counts.get(entity, 0) for entity in own)


def pair_of(first: Detection, then: Detection, scale: int) -> Pair:
    """How often the second follows the first within so many hours, in the same hour or later.

    The sum over all resources is kept under the empty name.
    """
    both: dict[str, int] = {"": 0}
    for entity in first.entities.keys() & then.entities.keys():
        met = _met(first.entities[entity], then.entities[entity], scale)
        if met:
            both[entity] = met
            both[""] += met
    return Pair(_days(first), _days(then), both)


def _days(detection: Detection) -> dict[str, int]:
    counts = {entity: len(days) for entity, days in detection.entities.items()}
    counts[""] = sum(counts.values())
    return counts


def _met(first: Mapping[int, int], then: Mapping[int, int], scale: int) -> int:
    found = 0
    for day, bits in first.items():
        after = then.get(day, 0) | then.get(day + 1, 0) << HOURS
        if after and _smear(bits, scale) & after:
            found += 1
    return found


def _smear(bits: int, by: int) -> int:
    """The bits, and each of the next `by` after any of them."""
    done = 0
    while done < by:
        step = min(done + 1, by - done)
        bits |= bits << step
        done += step
    return bits
