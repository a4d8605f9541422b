"""Why an incident is one: its links, its stages, the rule that made it one, its score."""

from collections.abc import Iterable
from typing import Any, Final

from correlate.assessment import Verdict, window_hours
from correlate.decisions import Link, decision_key
from correlate.evidence import Activity, Evidence, Named, Sighting
from correlate.narrative import duration, in_words
from shared.entities import key_kind
from shared.killchain import Tactic
from shared.times import format_time

MOST_SHARED_LINKS: Final = 10
MOST_RESOURCE_LINKS: Final = 5


def why(evidence: Evidence, verdict: Verdict, by_hand: Iterable[Link] = ()) -> dict[str, Any]:
    """The explanation of a verdict, as the API gives it; `by_hand` are the joins of people."""
    return {
        "rule": verdict.rule,
        "window": None
        if verdict.window is None
        else {
            "startUtc": format_time(verdict.window[0]),
            "endUtc": format_time(verdict.window[1]),
            "length": window_hours(verdict.window),
        },
        "pattern": None
        if verdict.pattern is None
        else {"name": verdict.pattern.name, "title": verdict.pattern.title},
        "stages": [
            {
                "stage": step.stage.name,
                "firstUtc": format_time(step.first),
                "detection": step.detection,
                "alert": None if step.alert is None else _alert(step.alert),
            }
            for step in verdict.chain
        ],
        "links": [*map(_joined_by_hand, by_hand), *links(evidence)],
        "score": {
            "total": verdict.score,
            "parts": [{"points": part.points, "reason": part.reason} for part in verdict.parts],
        },
        "background": list(verdict.background),
    }


def _joined_by_hand(link: Link) -> dict[str, Any]:
    return {
        "key": decision_key(link.decision),
        "kind": "hand",
        "value": link.by,
        "alerts": [],
        "atUtc": format_time(link.at),
        "text": f"joined by an analyst ({link.by}) on {in_words(link.at)}",
    }


def links(evidence: Evidence) -> list[dict[str, Any]]:
    """What ties the alerts together: shared entities first, then resources' own alerts."""
    shared = [
        _link(key, named)
        for key, named in sorted(evidence.entities.items())
        if len(named.alerts) > 1
    ]
    own = [
        _link(key, named)
        for key, named in sorted(evidence.resources.items())
        if len(named.alerts) > 1
    ]
    return [*shared[:MOST_SHARED_LINKS], *own[:MOST_RESOURCE_LINKS]]


def _link(key: str, named: Named) -> dict[str, Any]:
    one, other = sorted(named.alerts.values())[:2]
    between = other[0] - one[0]
    return {
        "key": key,
        "kind": key_kind(key),
        "value": named.identity[1],
        "alerts": [_alert(one), _alert(other)],
        "betweenSeconds": between // 1000,
        "text": _text(key, named, one, other, duration(between)),
    }


def _text(key: str, named: Named, one: Sighting, other: Sighting, apart: str) -> str:
    if one[2] == other[2]:
        return f"“{one[3]}” and “{other[3]}” are both on {one[2]}, {apart} apart"
    kind = key_kind(key)
    return f"{one[2]} and {other[2]} share the {kind} {named.identity[1]}, {apart} apart"


def _alert(alert: Sighting) -> dict[str, str]:
    return {
        "alertId": alert[1],
        "title": alert[3],
        "resource": alert[2],
        "atUtc": format_time(alert[0]),
    }


def kill_chain(evidence: Evidence, verdict: Verdict) -> list[dict[str, Any]]:
    """Every stage reached, in kill-chain order, whether or not it is part of the chain."""
    by_stage: dict[Tactic, list[tuple[str, Activity]]] = {}
    for (name, stages), activity in sorted(evidence.detections.items()):
        for stage in stages:
            by_stage.setdefault(stage, []).append((name, activity))
    in_chain = {step.stage for step in verdict.chain}
    return [
        _stage(stage, by_stage[stage], verdict, counted=stage in in_chain)
        for stage in sorted(by_stage)
    ]


def _stage(
    stage: Tactic, seen: list[tuple[str, Activity]], verdict: Verdict, *, counted: bool
) -> dict[str, Any]:
    step = next((step for step in verdict.chain if step.stage == stage), None)
    earliest = min(alert for _, activity in seen for alert in activity.alerts)
    alert = step.alert if step is not None and step.alert is not None else earliest
    names = sorted({name for name, _ in seen})
    return {
        "stage": stage.name,
        "title": stage.title,
        "tacticId": stage.attack_id,
        "phase": stage.phase,
        "firstUtc": format_time(step.first if step is not None else earliest[0]),
        "lastUtc": format_time(max(activity.last for _, activity in seen)),
        "severity": max(activity.severity for _, activity in seen).name,
        "detections": names,
        "counted": counted,
        "background": all(name in verdict.background for name in names),
        "firstAlert": _alert(alert),
    }
