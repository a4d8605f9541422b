"""Joining components: which sessions stay apart, and the root that holds all their evidence."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from correlate.assessment import Verdict
from correlate.components import Component
from correlate.evidence import evidence_of
from correlate.observation import Observation
from correlate.ports import Interval, Note, Root
from correlate.snapshot import Snapshot

MOST_ABSORBED: Final = 50
MOST_CUT: Final = 300


def split_closed(
    component: Component, snapshot: Snapshot
) -> tuple[Component, list[tuple[Root, Component]]]:
    """The component without what belongs to incidents that people closed, and those parts.

    A closed incident takes in what happened inside it, and is joined to nothing else.
    """
    opened = Component()
    closed: dict[str, tuple[Root, Component]] = {}
    for key, session in component.sessions.items():
        ends = {node: snapshot.root_of(node) for node in session.nodes}
        shut = {node: end for node, end in ends.items() if isinstance(end, Root) and end.closed}
        part = opened
        if len(shut) == len(ends):
            root = min(shut.values(), key=lambda each: each.id)
            part = closed.setdefault(root.id, (root, Component()))[1]
        nodes = tuple(node for node in session.nodes if node not in shut)
        part.sessions[key] = replace(session, nodes=nodes) if nodes else session
        if key in component.observations:
            part.observations[key] = component.observations[key]
    return opened, [closed[name] for name in sorted(closed)]


def with_alerts(component: Component, alerts: Iterable[Observation]) -> Component:
    """The component with stored alerts that stood for their component without a record."""
    observations = {key: list(seen) for key, seen in component.observations.items()}
    for alert in alerts:
        for key, session in component.sessions.items():
            if key[0] == alert.subject.entity and alert.alert_id in session.nodes:
                observations.setdefault(key, []).append(alert)
    return Component(component.sessions, observations)


def join_roots(
    winner: str, component: Component, base: Root | None, losers: list[Root], now: int
) -> Root:
    """The winner's root with all evidence joined; what people did to the losers is kept."""
    joined = [*([base] if base else []), *losers]
    seen = [each for observations in component.observations.values() for each in observations]
    parts = [root.evidence for root in joined] + ([evidence_of(seen)] if seen else [])
    evidence = parts[0].copy()
    for part in parts[1:]:
        evidence.absorb(part)
    follows = [root.follows for root in joined if root.follows] + [
        session.follows for session in component.sessions.values() if session.follows
    ]
    return Root(
        id=winner,
        evidence=evidence,
        alerts=base.alerts if base else 0,
        resources=base.resources if base else 0,
        involved=base.involved if base else 0,
        created=min((root.created for root in joined), default=now),
        people=merge_people([root.people for root in joined]),
        confidence=base.confidence if base else None,
        visible=any(root.visible for root in joined),
        follows=min(follows, default=None),
        absorbed=_absorbed(joined, losers),
        etag=base.etag if base else None,
    )


def period_of(verdict: Verdict, resources: int) -> Interval | None:
    """When the attack happened: the alerts of that time make the incident, not days of noise.

    One that covers very many resources is not cut: every change would count them all anew.
    """
    return verdict.period if resources <= MOST_CUT else None


def _absorbed(joined: list[Root], losers: list[Root]) -> tuple[str, ...]:
    """The visible incidents that were absorbed, the smallest ids where there are many."""
    names = {name for root in joined for name in root.absorbed}
    names |= {loser.id for loser in losers if loser.visible}
    return tuple(sorted(names)[:MOST_ABSORBED])


def merge_people(all_people: list[Mapping[str, Any]]) -> dict[str, Any]:
    """What people said of incidents that are joined: nobody's work is lost.

    Work in progress stays so; the first owner in the order given stays; labels are united.
    """
    merged: dict[str, Any] = {}
    for people in all_people:
        for name, value in people.items():
            if value is not None and merged.get(name) in (None, "", {}, "Active"):
                merged[name] = value
    labels = sorted({label for people in all_people for label in people.get("labels") or ()})
    return {**merged, "labels": labels} if labels else merged


def verdict_notes(base: Root | None, verdict: Verdict, now: int) -> tuple[Note, ...]:
    """The history entry for a verdict that changed on an incident that people may have seen."""
    if base is None or not base.visible or base.confidence == verdict.confidence:
        return ()
    ranks = {None: 0, "low": 1, "medium": 2, "high": 3}
    up = ranks[verdict.confidence] > ranks[base.confidence]
    what = "upgraded" if up else "downgraded"
    return (Note(f"h-{now:015d}-{what}", what, base.confidence, verdict.confidence, verdict.rule),)
