"""Evidence: what is known of a component, as a join-semilattice.

`join` is commutative, associative and idempotent, so redelivery, reordering and replay change
nothing. Every set is bounded by keeping its smallest members under an order on something that never
changes (a name, an hour): what was once dropped can never be needed again, which keeps the three
laws exact.

Bounds: at most `MOST_DETECTIONS` detections for each set of stages' deepest stage, `MOST_HOURS`
hours and `MOST_ALERTS` alerts a detection, `MOST_NAMED` resources and entities, `MOST_STEPS`
remediation steps, `MOST_PRODUCTS` products; observations carry texts that are cut.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Any, Final, TypeAlias

from correlate.observation import Observation
from shared.entities import key_kind
from shared.killchain import Tactic
from shared.severity import Severity
from shared.times import HOUR

MOST_DETECTIONS: Final = 8
MOST_HOURS: Final = 26
"""A detection active in 26 separate hours is spread over more than a day: background, whatever
follows, so no later hour is needed."""
MOST_ALERTS: Final = 2
MOST_NAMED: Final = 20
MOST_STEPS: Final = 12
MOST_PRODUCTS: Final = 10

Sighting: TypeAlias = tuple[int, str, str, str]
"""One alert: its instant, its id, the name of its resource, its title."""
DetectionKey: TypeAlias = tuple[str, tuple[Tactic, ...]]
"""A detection with the stages that its alerts state."""


@dataclass(slots=True)
class Activity:
    """When one detection was active: the first instant in each of its earliest hours."""

    severity: Severity
    last: int
    hours: dict[int, int]
    alerts: list[Sighting]

    def copy(self) -> "Activity":
        """A copy that can be changed."""
        return Activity(self.severity, self.last, dict(self.hours), list(self.alerts))

    def absorb(self, other: "Activity") -> None:
        """Join another activity of the same detection into this one."""
        self.severity = max(self.severity, other.severity)
        self.last = max(self.last, other.last)
        for hour, instant in other.hours.items():
            known = self.hours.get(hour)
            if known is None or instant < known:
                self.hours[hour] = instant
        self._bound_hours()
        for alert in other.alerts:
            self._see(alert)

    def add(self, observation: Observation) -> None:
        """Join one more alert of this detection."""
        start = observation.start
        if observation.severity > self.severity:
            self.severity = observation.severity
        if start > self.last:
            self.last = start
        hour = start // HOUR
        known = self.hours.get(hour)
        if known is None or start < known:
            self.hours[hour] = start
            self._bound_hours()
        alerts = self.alerts
        if len(alerts) < MOST_ALERTS or start <= alerts[-1][0]:
            self._see(sighting(observation))

    def _bound_hours(self) -> None:
        while len(self.hours) > MOST_HOURS:
            del self.hours[max(self.hours)]

    def _see(
    things: dict[str, Named],
    key: str,
    identity: tuple[str, str, str],
    first: int,
    last: int,
    severity: Severity,
) -> Named | None:
    """The thing with that key, seen once more; None where the bound leaves it out."""
    known = things.get(key)
    if known is None:
        if len(things) >= MOST_NAMED and key > max(things):
            return None
        known = things[key] = Named(identity, first, last, severity)
        _keep_smallest(things, MOST_NAMED)
        return known
    if first < known.first:
        known.first = first
    if last > known.last:
        known.last = last
    if severity > known.severity:
        known.severity = severity
    if identity < known.identity:
        known.identity = identity
    return known


def _absorb_named(mine: dict[str, Named], theirs: Mapping[str, Named]) -> None:
    for key, thing in theirs.items():
        known = mine.get(key)
        if known is not None:
            known.absorb(thing)
        else:
            mine[key] = thing.copy()
    _keep_smallest(mine, MOST_NAMED)


def _alerts_in(things: Mapping[str, Named], key: str) -> Iterable[tuple[str, Sighting]]:
    thing = things.get(key)
    return thing.alerts.items() if thing is not None else ()


def _bound_detections(detections: dict[DetectionKey, Activity], stage: Tactic) -> None:
    """Keep the smallest detections among those whose deepest stage is the given one."""
    keys = [key for key in detections if key[1][-1] == stage]
    if len(keys) > MOST_DETECTIONS:
        keys.sort()
        for key in keys[MOST_DETECTIONS:]:
            del detections[key]


def _keep_smallest(things: dict[str, Any], most: int) -> None:
    if len(things) > most:
        kept = set(nsmallest(most, things))
        for key in [key for key in things if key not in kept]:
            del things[key]


def _keep_smallest_set(things: set[str], most: int) -> None:
    if len(things) > most:
        things.intersection_update(nsmallest(most, things))


def evidence_document(evidence: Evidence) -> dict[str, Any]:
    """The evidence as a JSON object, in an order that depends on its content alone."""
    return {
        "first": evidence.first,
        "last": evidence.last,
        "severity": int(evidence.severity),
        "detections": [
            {
                "detection": name,
                "stages": [int(stage) for stage in stages],
                "severity": int(activity.severity),
                "last": activity.last,
                "hours": _pack(activity.hours.values()),
                "alerts": [list(alert) for alert in activity.alerts],
            }
            for (name, stages), activity in sorted(evidence.detections.items())
        ],
        "resources": _named_document(evidence.resources),
        "entities": _named_document(evidence.entities),
        "products": sorted(evidence.products),
        "steps": [[step, int(rank[0]), rank[1]] for step, rank in sorted(evidence.steps.items())],
    }


def _named_document(things: Mapping[str, Named]) -> list[list[Any]]:
    return [
        [
            key,
            *thing.identity,
            thing.first,
            thing.last,
            int(thing.severity),
            [[name, *alert] for name, alert in sorted(thing.alerts.items())],
        ]
        for key, thing in sorted(things.items())
    ]


def evidence_from(document: Mapping[str, Any]) -> Evidence:
    """The evidence in a JSON object that `evidence_document` made."""
    return Evidence(
        document["first"],
        document["last"],
        Severity(document["severity"]),
        {
            (entry["detection"], tuple(Tactic(stage) for stage in entry["stages"])): Activity(
                Severity(entry["severity"]),
                entry["last"],
                _unpack(entry["hours"]),
                [(alert[0], alert[1], alert[2], alert[3]) for alert in entry["alerts"]],
            )
            for entry in document["detections"]
        },
        _named_from(document["resources"]),
        _named_from(document["entities"]),
        set(document["products"]),
        {step: (Severity(severity), start) for step, severity, start in document["steps"]},
    )


def _named_from(rows: Iterable[list[Any]]) -> dict[str, Named]:
    return {
        key: Named(
            (identifier, name, kind),
            first,
            last,
            Severity(severity),
            {row[0]: (row[1], row[2], row[3], row[4]) for row in alerts},
        )
        for key, identifier, name, kind, first, last, severity, alerts in rows
    }


_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def _pack(instants: Iterable[int]) -> str:
    """Ascending instants as differences in base 36: a third of the size of plain numbers."""
    packed, last = [], 0
    for instant in sorted(instants):
        packed.append(_base36(instant - last))
        last = instant
    return ",".join(packed)


def _base36(number: int) -> str:
    sign, rest, digits = ("-" if number < 0 else ""), abs(number), ""
    while rest or not digits:
        rest, digit = divmod(rest, 36)
        digits = _DIGITS[digit] + digits
    return sign + digits


def _unpack(text: str) -> dict[int, int]:
    """The instants of a packed text, by hour."""
    instants: dict[int, int] = {}
    last = 0
    for difference in text.split(","):
        last += int(difference, 36)
        instants[last // HOUR] = last
    return instants
