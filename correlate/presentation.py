"""A component as an incident: the fields that lists and the detail view show."""

from typing import Any, Final

from correlate.assessment import Verdict
from correlate.evidence import Evidence, Named
from correlate.explanation import kill_chain, why
from correlate.narrative import description_of, remediation_of, title_of
from correlate.ports import Root
from correlate.sessions import Interval
from shared.times import format_time

CONFIDENCE_RANKS: Final = {"low": 1, "medium": 2, "high": 3}
MOST_SEARCHED: Final = 4_000


def present(root: Root, verdict: Verdict) -> dict[str, Any]:
    """What is shown of a component; see the incident document in `docs/architecture.md`.

    One that no longer lines up at all, but that people have seen, is shown with low confidence.
    """
    evidence = root.evidence
    first, last = span_of(evidence, root.period)
    shown = {
        "title": title_of(evidence, verdict, root.involved),
        "description": description_of(verdict, (first, last), root.alerts, root.involved),
        "severity": verdict.severity.name,
        "severityRank": int(verdict.severity),
        "confidence": verdict.confidence or "low",
        "confidenceRank": CONFIDENCE_RANKS[verdict.confidence or "low"],
        "score": verdict.score,
        "firstActivityUtc": format_time(first),
        "lastActivityUtc": format_time(last),
        "stages": [step.stage.name for step in verdict.chain],
        "killChain": kill_chain(evidence, verdict),
        "resources": _resources(evidence, first, last),
        "resourceCount": root.involved,
        "entities": [
            {"kind": named.identity[2], "value": named.identity[1], "key": key}
            for key, named in sorted(evidence.entities.items())
        ],
        "keys": sorted({*evidence.resources, *evidence.entities}),
        "alertCount": root.alerts,
        "sources": sorted(evidence.products),
        "remediationSteps": remediation_of(evidence),
        "why": why(evidence, verdict, root.links),
    }
    return {**shown, "search": _search(shown)}


def span_of(evidence: Evidence, period: Interval | None) -> Interval:
    """The first and the last instant of an incident: of its evidence, cut to its period."""
    if period is None:
        return evidence.first, evidence.last
    return max(evidence.first, period[0]), min(evidence.last, period[1])


def _resources(evidence: Evidence, first: int, last: int) -> list[dict[str, Any]]:
    """The examples active between two instants: the worst first, then the earliest."""
    active = [
        (key, named)
        for key, named in evidence.resources.items()
        if named.first <= last and named.last >= first
    ]
    ranked = sorted(active, key=_worst_first)
    return [
        {
            "key": key,
            "id": named.identity[0],
            "name": named.identity[1],
            "type": named.identity[2],
            "firstUtc": format_time(named.first),
            "lastUtc": format_time(named.last),
            "severity": named.severity.name,
        }
        for key, named in ranked
    ]


def _worst_first(item: tuple[str, Named]) -> tuple[int, int, str]:
    return (-item[1].severity, item[1].first, item[0])


def _search(shown: dict[str, Any]) -> str:
    parts = [
        shown["title"],
        *(each["id"] for each in shown["resources"]),
        *(each["name"] for each in shown["resources"]),
        *(each["value"] for each in shown["entities"]),
        *(name for stage in shown["killChain"] for name in stage["detections"]),
        shown["description"],
    ]
    return "\n".join(dict.fromkeys(parts)).lower()[:MOST_SEARCHED]
