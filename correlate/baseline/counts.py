"""Counts of a snapshot: hours and half-days with each detection, by resource and over the fleet."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Final

from correlate.baseline.content import Content, Detection
from correlate.baseline.hours import HALF, HOURS, MORNING, hours_of

Half = tuple[int, int, int]
"""A half-day (since 1970) with a detection on a resource: its first hour, its hours active."""
NOTHING: Final[Mapping[str, Mapping[int, int]]] = {}


class Counts:
    """`hours` is T, the hours of history from `start`; `resources` is N, `others` N - 1."""

    def __init__(self, content: Content) -> None:
        self.detections = content.within()
        self.halves: dict[str, dict[str, Sequence[Half]]] = {}
        self.spread: dict[str, dict[int, int]] = {}
        self.total: dict[str, int] = {}
        for name, each in self.detections.items():
            self.halves[name], self.spread[name], self.total[name] = _halves(each)
        seen = [
            hour
            for entities in self.halves.values()
            for own in entities.values()
            for _, hour, _ in (own[0], own[-1])
        ]
        self.start = min(seen, default=content.hour)
        end = max(seen, default=content.hour) // HALF * HALF + HALF
        self.hours = max(min(content.hour + 1, end) - self.start, 1)
        entities = set().union(*(each.entities for each in self.detections.values()))
        self.resources = max(len(entities), 1)
        self.others = max(self.resources - 1, 1)
        self._by_hour: dict[str, Mapping[int, list[str]]] = {}

    def entities(self, name: str) -> Mapping[str, Mapping[int, int]]:
        """The days of each resource on which a detection fired."""
        known = self.detections.get(name)
        return NOTHING if known is None else known.entities

    def away(self, name: str, entity: str) -> int:
        """Hours with a detection on other resources."""
        own = sum(count for _, _, count in self.halves.get(name, {}).get(entity, ()))
        return self.total.get(name, 0) - own

    def now(self, name: str, half: int, entity: str) -> int:
        """On how many other resources a detection fired in a half-day, or in one beside it."""
        counts = self.spread.get(name)
        if counts is None:
            return 0
        most = max(counts.get(half - 1, 0), counts.get(half, 0), counts.get(half + 1, 0))
        return max(most - (entity in self.halves[name]), 0)

    def by_hour(self, name: str) -> Mapping[int, Collection[str]]:
        """The resources of a detection by hour."""
        index = self._by_hour.get(name)
        if index is None:
            found: dict[int, list[str]] = {}
            for entity, days in self.entities(name).items():
                for day, bits in days.items():
                    for hour in hours_of(day, bits):
                        found.setdefault(hour, []).append(entity)
            index = self._by_hour[name] = found
        return index

    @cached_property
    def all_by_staged(self) -> float:
        """How many cells there are for each one of a detection that states stages."""
        staged = sum(self.total[name] for name, each in self.detections.items() if each.staged)
        return (sum(self.total.values()) + 1) / (staged + 1)


def _halves(detection: Detection) -> tuple[dict[str, Sequence[Half]], dict[int, int], int]:
    """A detection's half-days by resource, in order; on how many resources in each; its hours."""
    found: dict[str, Sequence[Half]] = {}
    spread: dict[int, int] = {}
    total = 0
    for entity, days in detection.entities.items():
        own: list[Half] = []
        for day, bits in days.items():
            half, first = 2 * day, day * HOURS
            if low := bits & MORNING:
                own.append((half, first + (low & -low).bit_length() - 1, low.bit_count()))
                spread[half] = spread.get(half, 0) + 1
            if high := bits >> HALF:
                half, first = half + 1, first + HALF
                own.append((half, first + (high & -high).bit_length() - 1, high.bit_count()))
                spread[half] = spread.get(half, 0) + 1
            total += bits.bit_count()
        if len(days) > 1:
            own.sort()
        found[entity] = own
    return found, spread, total
