"""What correlation must come to, worked out plainly from all alerts at once.

Written apart from the engine: of it, only the policy's numbers and the shapes of its results are
used, none of its sessions, unions or joins.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from correlate.evidence import (
    MOST_ALERTS,
    MOST_DETECTIONS,
    MOST_HOURS,
    MOST_NAMED,
    MOST_PRODUCTS,
    MOST_STEPS,
    Activity,
    DetectionKey,
    Evidence,
    Named,
    Sighting,
)
from correlate.observation import Observation
from correlate.policy import Policy
from shared.entities import key_id, key_kind
from shared.severity import Severity
from shared.times import HOUR

Interval = tuple[int, int]


@dataclass(frozen=True)
class Expected:
    """One component: its alerts' ids, its evidence, and the sessions of each resource."""

    alerts: frozenset[str]
    evidence: Evidence
    sessions: dict[str, tuple[Interval, ...]]


@dataclass
class ByHand:
    """What people decided: sessions that belong together, and resources that are kept apart.

    A session is told by its resource and an instant inside it. A cut is told by a key, an interval
    of the key's activity, the resource, and a name: of one name they are tied to one another.
    """

    links: list[list[tuple[str, int]]] = field(default_factory=list)
    cuts: list[tuple[str, Interval, str, str]] = field(default_factory=list)

    def side(self, key: str, during: Interval, resource: str) -> str:
        """The name under which a key's activity keeps a resource apart; empty where it does not."""
        return max(
            (
                name
                for of, (start, end), whom, name in self.cuts
                if of == key and whom == resource and start <= during[1] and during[0] <= end
            ),
            default="",
        )


def components_of(
    alerts: Iterable[Observation], policy: Policy, by_hand: ByHand | None = None
) -> list[Expected]:
    """The components of all alerts, whatever their order and number of deliveries."""
    decided = by_hand or ByHand()
    unique = {alert.alert_id: alert for alert in alerts}
    sessions = _sessions(unique.values(), policy)
    parent = {name: name for name in unique}

    def find(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    def unite(names: Sequence[str]) -> None:
        for name in names[1:]:
            parent[find(name)] = find(names[0])

    for names in sessions.values():
        unite(names)
    for names in _ties(unique.values(), policy, decided):
        unite(names)
    for link in decided.links:
        unite([names[0] for member in link if (names := _at(sessions, *member))])
    groups: dict[str, list[Observation]] = defaultdict(list)
    for name, alert in unique.items():
        groups[find(name)].append(alert)
    return [_expected(group, sessions, policy) for group in groups.values()]


def _at(sessions: dict[tuple[str, int, int], list[str]], whose: str, instant: int) -> list[str]:
    found = (
        names
        for (resource, start, end), names in sessions.items()
        if resource == whose and start <= instant <= end
    )
    return next(found, [])


def _end(alert: Observation, policy: Policy) -> int:
    return min(alert.end, alert.start + policy.longest_alert_hours * HOUR)


def _cut(
    spans: list[tuple[int, int, str]], grid: int, gap: int
) -> list[tuple[int, int, list[str]]]:
    """Stretches of activity: spans on the grid, together while no pause exceeds the gap."""
    found: list[tuple[int, int, list[str]]] = []
    widened = [
        (start // grid * grid, end // grid * grid + grid - 1, name) for start, end, name in spans
    ]
    for start, end, name in sorted(widened):
        if found and start - found[-1][1] <= gap:
            known = found[-1]
            found[-1] = (known[0], max(known[1], end), [*known[2], name])
        else:
            found.append((start, end, [name]))
    return found


def _sessions(
    alerts: Iterable[Observation], policy: Policy
) -> dict[tuple[str, int, int], list[str]]:
    kind = policy.kinds["resource"]
    grid = max(kind.gap_minutes // 24 // 60, 1) * HOUR
    spans: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for alert in alerts:
        spans[alert.subject.entity].append((alert.start, _end(alert, policy), alert.alert_id))
    return {
        (resource, start, end): names
        for resource, some in spans.items()
        for start, end, names in _cut(some, grid, kind.gap)
    }


def _ties(alerts: Iterable[Observation], policy: Policy, by_hand: ByHand) -> list[list[str]]:
    """The alerts that a shared entity ties together, where it is of few enough resources."""
    spans: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    resources = {}
    for alert in alerts:
        resources[alert.alert_id] = alert.subject.key
        for key in {alert.subject.key, *alert.keys}:
            if key_kind(key) in policy.kinds and key_kind(key) != "resource":
                spans[key].append((alert.start, _end(alert, policy), alert.alert_id))
    ties: list[list[str]] = []
    for key, some in spans.items():
        kind = policy.kinds[key_kind(key)]
        for start, end, names in _cut(some, max(kind.gap_minutes // 24, 1) * 60_000, kind.gap):
            if len({resources[name] for name in names}) > kind.most_resources:
                continue
            sides = defaultdict(list)
            for name in names:
                sides[by_hand.side(key, (start, end), key_id(resources[name]))].append(name)
            ties += sides.values()
    return ties


def _expected(
    group: list[Observation], sessions: dict[tuple[str, int, int], list[str]], policy: Policy
) -> Expected:
    names = frozenset(alert.alert_id for alert in group)
    covered: dict[str, list[Interval]] = defaultdict(list)
    for (resource, start, end), held in sessions.items():
        if held[0] in names:
            covered[resource].append((start, end))
    return Expected(
        names,
        evidence_of_all(group, policy),
        {resource: tuple(sorted(some)) for resource, some in covered.items()},
    )


def evidence_of_all(alerts: Sequence[Observation], policy: Policy) -> Evidence:
    """The evidence of alerts: each bounded set is the smallest of all there is."""
    ends = {alert.alert_id: _end(alert, policy) for alert in alerts}
    return Evidence(
        first=min(alert.start for alert in alerts),
        last=max(ends.values()),
        severity=max(alert.severity for alert in alerts),
        detections=_detections(alerts),
        resources=_resources(alerts, ends),
        entities=_entities(alerts, ends),
        products=set(sorted({alert.product for alert in alerts})[:MOST_PRODUCTS]),
        steps=_steps(alerts),
    )


def _sighting(alert: Observation) -> Sighting:
    return (alert.start, alert.alert_id, alert.subject.name, alert.title)


def _detections(alerts: Sequence[Observation]) -> dict[DetectionKey, Activity]:
    by_key = defaultdict(list)
    for alert in alerts:
        if alert.stages:
            by_key[alert.detection, alert.stages].append(alert)
    kept = []
    for deepest in {key[1][-1] for key in by_key}:
        kept += sorted(key for key in by_key if key[1][-1] == deepest)[:MOST_DETECTIONS]
    return {key: _activity(by_key[key]) for key in kept}


def _activity(alerts: list[Observation]) -> Activity:
    hours = defaultdict(list)
    for alert in alerts:
        hours[alert.start // HOUR].append(alert.start)
    return Activity(
        max(alert.severity for alert in alerts),
        max(alert.start for alert in alerts),
        tuple(min(hours[hour]) for hour in sorted(hours)[:MOST_HOURS]),
        tuple(sorted(map(_sighting, alerts))[:MOST_ALERTS]),
    )


def _resources(alerts: Sequence[Observation], ends: dict[str, int]) -> dict[str, Named]:
    by_key = defaultdict(list)
    for alert in alerts:
        by_key[alert.subject.key].append(alert)
    return {
        key: Named(
            min((each.subject.id, each.subject.name, each.subject.type) for each in by_key[key]),
            min(each.start for each in by_key[key]),
            max(ends[each.alert_id] for each in by_key[key]),
            max(each.severity for each in by_key[key]),
            {seen[1]: seen for seen in sorted(map(_sighting, by_key[key]))[:MOST_ALERTS]},
        )
        for key in sorted(by_key)[:MOST_NAMED]
    }


def _entities(alerts: Sequence[Observation], ends: dict[str, int]) -> dict[str, Named]:
    by_key = defaultdict(list)
    for alert in alerts:
        for key, name in zip(alert.keys, alert.names, strict=True):
            by_key[key].append((name, alert))
    return {key: _entity(key, by_key[key], ends) for key in sorted(by_key)[:MOST_NAMED]}


def _entity(key: str, named: list[tuple[str, Observation]], ends: dict[str, int]) -> Named:
    first: dict[str, Sighting] = {}
    for _, alert in named:
        seen = _sighting(alert)
        first[alert.subject.key] = min(seen, first.get(alert.subject.key, seen))
    return Named(
        min((name, name, key_kind(key)) for name, _ in named),
        min(alert.start for _, alert in named),
        max(ends[alert.alert_id] for _, alert in named),
        max(alert.severity for _, alert in named),
        {resource: first[resource] for resource in sorted(first)[:MOST_ALERTS]},
    )


def _steps(alerts: Sequence[Observation]) -> dict[str, tuple[Severity, int]]:
    ranks = defaultdict(list)
    for alert in alerts:
        for step in alert.remediation if alert.stages else ():
            ranks[step].append((alert.severity, -alert.start))
    return {step: max(ranks[step]) for step in sorted(ranks)[:MOST_STEPS]}
