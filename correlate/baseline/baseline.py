"""The baseline of one organisation: which detection fired where in which hours, and which keys.

It is folded cell by cell, joins (order and repetition do not matter), and gives snapshots, which
later cells do not change.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from correlate.baseline.content import Content, Detection
from correlate.baseline.hours import HOURS
from correlate.baseline.snapshot import Snapshot
from correlate.model.activity import KeyDay, join_keys
from correlate.policy import Policy
from shared.severity import Severity
from shared.times import HOUR

LEAST_SNAPSHOTS: Final = 4
MOST_SNAPSHOTS: Final = 32
"""Snapshots kept for being asked for again: verdicts of old episodes each have one of their own."""
MOST_IN_SNAPSHOTS: Final = 400_000
"""Keys, and resources of detections, in all snapshots that are kept: fewer of them where large."""


@dataclass(slots=True)
class _Kept:
    """A detection as it grows. Days are replaced, never changed: snapshots share them."""

    severity: Severity
    staged: bool
    entities: dict[str, Mapping[int, int]] = field(default_factory=dict)


class Baseline:
    """Everything that is known of an organisation's usual alerts; grows, and forgets by day."""

    def __init__(self) -> None:
        self._detections: dict[str, _Kept] = {}
        self._keys: dict[str, Mapping[int, Mapping[str, int]]] = {}
        self._state = 0
        self._changed: dict[int, int] = {}
        """By day: the state that came of the last change to it."""
        self._whole = 0
        """The state that came of the last change to what is of no day."""
        self._snapshots: OrderedDict[tuple[int, int, int], Snapshot] = OrderedDict()

    def add(
        self, detection: str, severity: Severity, staged: bool, entity: str, day: int, hours: int
    ) -> bool:
        """Take in that a detection fired on a resource in hours of a day; True if that is news."""
        kept = self._detections.get(detection)
        if kept is None:
            kept = self._detections[detection] = _Kept(severity, staged)
        days = kept.entities.get(entity, {})
        known = days.get(day, 0)
        grown = known | hours
        worst, ever = max(kept.severity, severity), kept.staged or staged
        if grown == known and worst == kept.severity and ever == kept.staged:
            return False
        if (worst, ever) != (kept.severity, kept.staged):
            kept.severity, kept.staged = worst, ever
            self._whole = self._state + 1
        kept.entities[entity] = {**days, day: grown}
        self._change(day)
        return True

    def add_key(self, key_day: KeyDay) -> bool:
        """Take in which resources a key was named with on a day; True if that is news."""
        days = self._keys.get(key_day.key, {})
        known = days.get(key_day.day, {})
        resources = join_keys(KeyDay(key_day.key, key_day.day, known), key_day).resources
        if resources == known:
            return False
        self._keys[key_day.key] = {**days, key_day.day: resources}
        self._change(key_day.day)
        return True

    def _change(self, day: int) -> None:
        self._state += 1
        self._changed[day] = self._state

    def _state_at(self, day: int) -> int:
        """The state that came of the last change that matters to what is as of a day."""
        changes = (state for changed, state in self._changed.items() if changed <= day + 1)
        return max(self._whole, max(changes, default=0))

    def forget_before(self, day: int) -> None:
        """Forget all days before one."""
        for name, kept in list(self._detections.items()):
            for entity, days in list(kept.entities.items()):
                if min(days) < day:
                    left = {each: bits for each, bits in days.items() if each >= day}
                    if left:
                        kept.entities[entity] = left
                    else:
                        del kept.entities[entity]
            if not kept.entities:
                del self._detections[name]
        for key, key_days in list(self._keys.items()):
            if min(key_days) < day:
                rest = {each: found for each, found in key_days.items() if each >= day}
                if rest:
                    self._keys[key] = rest
                else:
                    del self._keys[key]
        self._state += 1
        self._whole = self._state

    def on(self, detection: str, day: int) -> Mapping[str, int]:
        """The resources of a detection on a day, with the hours, as they are stored."""
        kept = self._detections.get(detection)
        if kept is None:
            return {}
        return {entity: days[day] for entity, days in sorted(kept.entities.items()) if day in days}

    def description(self, detection: str) -> tuple[Severity, bool]:
        """The worst severity of a detection, and whether it ever stated a stage."""
        kept = self._detections[detection]
        return kept.severity, kept.staged

    def detections(self) -> Iterator[str]:
        """The names of the detections, in order."""
        yield from sorted(self._detections)

    def snapshot(self, as_of: int, policy: Policy) -> Snapshot:
        """What the hours before `as_of` (milliseconds) say; whole hours, `as_of`'s own included."""
        hour = as_of // HOUR
        name = (hour, self._state_at(hour // HOURS), id(policy))
        found = self._snapshots.get(name)
        if found is None:
            found = self._snapshots[name] = Snapshot(self._content(hour), policy)
            while len(self._snapshots) > self._most_snapshots():
                self._snapshots.popitem(last=False)
        self._snapshots.move_to_end(name)
        return found

    def _most_snapshots(self) -> int:
        size = len(self._keys) + sum(len(kept.entities) for kept in self._detections.values())
        return min(max(MOST_IN_SNAPSHOTS // max(size, 1), LEAST_SNAPSHOTS), MOST_SNAPSHOTS)

    def _content(self, hour: int) -> Content:
        return Content(
            {
                name: Detection(kept.severity, kept.staged, dict(kept.entities))
                for name, kept in sorted(self._detections.items())
            },
            dict(self._keys),
            hour,
        )


def day_of(instant: int) -> int:
    """The day since 1970 of an instant in milliseconds."""
    return instant // (HOUR * HOURS)
