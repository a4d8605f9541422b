"""Evidence: what is known of a component, as a join-semilattice.

`join` is commutative, associative and idempotent, so redelivery, reordering and replay change
nothing. Every set is bounded by keeping its smallest members under an order on something that never
changes (a name, an hour): what was once dropped can never be needed again, which keeps the three
laws exact.

Bounds: at most `MOST_DETECTIONS` detections for each set of stages' deepest stage, `MOST_HOURS`
hours and `MOST_ALERTS` alerts a detection, `MOST_NAMED` resources and entities, `MOST_STEPS`
remediation steps, `MOST_PRODUCTS` products; observations carry texts that are cut.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Any, Final, NamedTuple, TypeAlias

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
    """When one detection was active: the first instant in each of its earliest hours, ascending.

    `instants` and `alerts` are replaced as wholes, so that copies share them until one changes.
    """

    severity: Severity
    last: int
    instants: tuple[int, ...]
    alerts: tuple[Sighting, ...]

    def copy(self) -> "Activity":
        """A copy that can be changed."""
        return Activity(self.severity, self.last, self.instants, self.alerts)

    def absorb(self, other: "Activity") -> None:
        """Join another activity of the same detection into this one."""
        self.severity = max(self.severity, other.severity)
        self.last = max(self.last, other.last)
        if other.instants != self.instants:
            self.instants = _first_of_hours((*self.instants, *other.instants))
        if other.alerts != self.alerts:
            self.alerts = tuple(sorted({*self.alerts, *other.alerts})[:MOST_ALERTS])

    def add(self, observation: Observation) -> bool:
        """Join one more alert of this detection; False where at most the last instant changes."""
        start, changed = observation.start, False
        if observation.severity > self.severity:
            self.severity, changed = observation.severity, True
        if start > self.last:
            self.last = start
        instants = self.instants
        index = bisect_left(instants, start // HOUR * HOUR)
        if index < len(instants):
            if start < instants[index]:
                self.instants, changed = _first_of_hours((*instants, start)), True
        elif index < MOST_HOURS:
            self.instants, changed = (*instants, start), True
        alerts = self.alerts
        if len(alerts) < MOST_ALERTS or start <= alerts[-1][0]:
            self.alerts = tuple(sorted({*alerts, sighting(observation)})[:MOST_ALERTS])
            changed = True
        return changed


def _first_of_hours(instants: Iterable[int]) -> tuple[int, ...]:
    """The first instant in each of the earliest hours, ascending."""
    first = {instant // HOUR: instant for instant in sorted(instants, reverse=True)}
    return tuple(sorted(first.values())[:MOST_HOURS])


def sighting(observation: Observation) -> Sighting:
    """The few facts of an alert that explanations name."""
    return (
        observation.start,
        observation.alert_id,
        observation.subject.name,
        observation.title,
    )


class Detection(NamedTuple):
    """A detection with the stages that its alerts state, and what an activity says but the last."""

    name: str
    stages: tuple[Tactic, ...]
    severity: Severity
    instants: tuple[int, ...]
    alerts: tuple[Sighting, ...]


class Stated:
    """The detections of an evidence in order, as a key that is cheap to look up."""

    __slots__ = ("_hash", "detections")

    def __init__(self, detections: tuple[Detection, ...]) -> None:
        self.detections = detections
        self._hash = hash(detections)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stated) and self.detections == other.detections


@dataclass(slots=True)
class Named:
    """A resource or an entity that evidence names: its texts, when it was seen, how bad.

    `identity` is id, name and type; of two spellings of one thing the smaller is kept. `alerts` are
    the earliest alerts that show a tie: of a resource its first ones; of an entity the first on
    each of the smallest resources, by the resource's key.
    """

    identity: tuple[str, str, str]
    first: int
    last: int
    severity: Severity
    alerts: dict[str, Sighting] = field(default_factory=dict)

    def copy(self) -> "Named":
        """A copy that can be changed."""
        return Named(self.identity, self.first, self.last, self.severity, dict(self.alerts))

    def absorb(self, other: "Named") -> None:
        """Join what another evidence says of the same thing, but for the alerts."""
        self.identity = min(self.identity, other.identity)
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)
        self.severity = max(self.severity, other.severity)


def _first_alerts(alerts: dict[str, Sighting], alert: Sighting) -> None:
    """Keep a resource's earliest alerts, by alert id."""
    if len(alerts) >= MOST_ALERTS and alert >= max(alerts.values()):
        return
    alerts[alert[1]] = alert
    while len(alerts) > MOST_ALERTS:
        del alerts[max(alerts.values())[1]]


def _first_on(alerts: dict[str, Sighting], resource: str, alert: Sighting) -> None:
    """Keep an entity's earliest alert on each of the smallest resources."""
    known = alerts.get(resource)
    if known is not None:
        if alert < known:
            alerts[resource] = alert
    elif len(alerts) < MOST_ALERTS or resource < max(alerts):
        alerts[resource] = alert
        _keep_smallest(alerts, MOST_ALERTS)


@dataclass(slots=True)
class Evidence:
    """What is known of a component. Change it only through `add` and `absorb`.

    `first` and `last` span all alerts; `detections` holds those that state a stage.
    """

    first: int
    last: int
    severity: Severity
    detections: dict[DetectionKey, Activity] = field(default_factory=dict)
    resources: dict[str, Named] = field(default_factory=dict)
    entities: dict[str, Named] = field(default_factory=dict)
    products: set[str] = field(default_factory=set)
    steps: dict[str, tuple[Severity, int]] = field(default_factory=dict)
    _stated: Stated | None = field(default=None, init=False, compare=False, repr=False)

    @property
    def stated(self) -> Stated:
        """What the detections state; made again only when that changes."""
        if self._stated is None:
            self._stated = Stated(
                tuple(
                    Detection(name, stages, each.severity, each.instants, each.alerts)
                    for (name, stages), each in sorted(self.detections.items())
                )
            )
        return self._stated

    def add(self, observation: Observation) -> None:
        """Join one alert."""
        start, end, severity = observation.start, observation.end, observation.severity
        if start < self.first:
            self.first = start
        if end > self.last:
            self.last = end
        if severity > self.severity:
            self.severity = severity
        if observation.stages:
            self._add_activity(observation)
        self._add_named(observation)
        if observation.product not in self.products:
            self.products.add(observation.product)
            _keep_smallest_set(self.products, MOST_PRODUCTS)
        if observation.stages:
            for step in observation.remediation:
                self._add_step(step, (severity, -start))

    def _add_activity(self, observation: Observation) -> None:
        key = (observation.detection, observation.stages)
        activity = self.detections.get(key)
        if activity is not None:
            if activity.add(observation):
                self._stated = None
            return
        self._stated = None
        self.detections[key] = Activity(
            observation.severity,
            observation.start,
            (observation.start,),
            (sighting(observation),),
        )
        _bound_detections(self.detections, key[1][-1])

    def _add_named(self, observation: Observation) -> None:
        subject, severity = observation.subject, observation.severity
        start, end = observation.start, observation.end
        identity = (subject.id, subject.name, subject.type)
        named = _see(self.resources, subject.key, identity, start, end, severity)
        if named is not None and (
            len(named.alerts) < MOST_ALERTS or start <= max(named.alerts.values())[0]
        ):
            _first_alerts(named.alerts, sighting(observation))
        for key, name in zip(observation.keys, observation.names, strict=True):
            named = _see(self.entities, key, (name, name, key_kind(key)), start, end, severity)
            if named is not None:
                known = named.alerts.get(subject.key)
                if known is None or start <= known[0]:
                    _first_on(named.alerts, subject.key, sighting(observation))

    def _add_step(self, step: str, rank: tuple[Severity, int]) -> None:
        known = self.steps.get(step)
        if known is None:
            self.steps[step] = rank
            _keep_smallest(self.steps, MOST_STEPS)
        elif rank > known:
            self.steps[step] = rank

    def absorb(self, other: "Evidence") -> None:
        """Join another evidence into this one."""
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)
        self.severity = max(self.severity, other.severity)
        self._stated = None
        for key, activity in other.detections.items():
            known = self.detections.get(key)
            if known is None:
                self.detections[key] = activity.copy()
                _bound_detections(self.detections, key[1][-1])
            else:
                known.absorb(activity)
        _absorb_named(self.resources, other.resources, _join_resource)
        _absorb_named(self.entities, other.entities, _join_entity)
        self.products |= other.products
        _keep_smallest_set(self.products, MOST_PRODUCTS)
        for step, rank in other.steps.items():
            self._add_step(step, rank)

    def copy(self) -> "Evidence":
        """A copy that can be changed."""
        copied = Evidence(
            self.first,
            self.last,
            self.severity,
            {key: activity.copy() for key, activity in self.detections.items()},
            {key: named.copy() for key, named in self.resources.items()},
            {key: named.copy() for key, named in self.entities.items()},
            set(self.products),
            dict(self.steps),
        )
        copied._stated = self._stated
        return copied


def evidence_of(observations: Iterable[Observation]) -> Evidence:
    """The evidence of some alerts, at least one."""
    evidence: Evidence | None = None
    for observation in observations:
        if evidence is None:
            evidence = Evidence(observation.start, observation.end, observation.severity)
        evidence.add(observation)
    if evidence is None:
        raise ValueError("evidence needs an alert")
    return evidence


def join(one: Evidence, other: Evidence) -> Evidence:
    """The join of two evidences; neither is changed."""
    joined = one.copy()
    joined.absorb(other)
    return joined


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


def _absorb_named(
    mine: dict[str, Named], theirs: Mapping[str, Named], join_one: Callable[[Named, Named], None]
) -> None:
    for key, thing in theirs.items():
        known = mine.get(key)
        if known is not None:
            known.absorb(thing)
            join_one(known, thing)
        else:
            mine[key] = thing.copy()
    _keep_smallest(mine, MOST_NAMED)


def _join_resource(mine: Named, theirs: Named) -> None:
    for alert in theirs.alerts.values():
        _first_alerts(mine.alerts, alert)


def _join_entity(mine: Named, theirs: Named) -> None:
    for resource, alert in theirs.alerts.items():
        _first_on(mine.alerts, resource, alert)


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
