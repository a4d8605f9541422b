"""What lists and the detail view show of an incident; the fields of its document."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from correlate.model.activity import Subject
from correlate.model.cell import Cell
from correlate.model.coverage import Span
from correlate.model.episode import Confidence, Kind, Verdict
from correlate.reconcile.laying import firsts
from shared.entities import key_kind
from shared.severity import Severity
from shared.times import format_time

RANKS: Final = {Confidence.LOW: 1, Confidence.MEDIUM: 2, Confidence.HIGH: 3}
MOST_RESOURCES: Final = 50
MOST_ENTITIES: Final = 50
MOST_SEARCHED: Final = 4_000
MOST_SOURCES: Final = 20


def present(
    kind: Kind,
    verdict: Verdict,
    evidence: Sequence[Cell],
    laid: Mapping[str, Sequence[Span]],
    subjects: Mapping[str, Subject],
) -> dict[str, Any]:
    """The fields of a document; `laid` are the spans by resource, `subjects` the resources."""
    first, last = firsts(laid)
    spans = [span for each in laid.values() for span in each]
    resources = _resources(evidence, laid, subjects)
    entities = _entities(evidence)
    inside = sum(span.evidence_count for span in spans)
    outside = sum(span.context_count for span in spans)
    shown = {
        "kind": kind.value,
        "title": verdict.title,
        "description": verdict.description,
        "severity": verdict.severity.name,
        "severityRank": int(verdict.severity),
        "confidence": verdict.confidence.value,
        "confidenceRank": RANKS[verdict.confidence],
        "score": verdict.score,
        "expected": verdict.expected,
        "firstActivityUtc": format_time(first),
        "lastActivityUtc": format_time(last),
        "stages": [stage.name for stage in verdict.stages],
        "killChain": [dict(step) for step in verdict.kill_chain],
        "resources": resources,
        "resourceCount": len(laid),
        "entities": entities,
        "keys": sorted({each["key"] for each in (*resources, *entities)}),
        "alertCount": inside + outside,
        "evidenceCount": inside,
        "contextCount": outside,
        "sources": sorted({cell.signal.product for cell in evidence})[:MOST_SOURCES],
        "remediationSteps": list(verdict.remediation),
        "why": None if verdict.why is None else dict(verdict.why),
    }
    return {**plain(shown), "search": _search(shown)}


def plain(value: Any) -> Any:
    """A value as it comes back from a document: dictionaries, lists, texts and numbers."""
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return str(value) if isinstance(value, StrEnum) else value


def _resources(
    evidence: Iterable[Cell],
    laid: Mapping[str, Sequence[Span]],
    subjects: Mapping[str, Subject],
) -> list[dict[str, Any]]:
    """The resources with the worst evidence first, then the earliest."""
    worst: dict[str, Severity] = {}
    for cell in evidence:
        worst[cell.resource] = max(
            worst.get(cell.resource, cell.signal.severity), cell.signal.severity
        )
    ranked = sorted(
        laid,
        key=lambda entity: (
            -worst.get(entity, -1),
            laid[entity][0].interval.first,
            entity,
        ),
    )
    return [
        {
            "key": subjects[entity].key,
            "id": subjects[entity].id,
            "name": subjects[entity].name,
            "type": subjects[entity].type,
            "firstUtc": format_time(laid[entity][0].interval.first.start),
            "lastUtc": format_time(laid[entity][-1].interval.last.start),
            "severity": worst.get(entity, Severity.Informational).name,
        }
        for entity in ranked[:MOST_RESOURCES]
    ]


def _entities(evidence: Iterable[Cell]) -> list[dict[str, Any]]:
    """What the evidence names beside its resources: named by most resources first."""
    named: dict[str, tuple[set[str], str]] = {}
    for cell in evidence:
        for mention in cell.mentions:
            resources, name = named.setdefault(mention.key, (set(), mention.name))
            resources.add(cell.resource)
            named[mention.key] = resources, min(name, mention.name)
    ranked = sorted(named, key=lambda key: (-len(named[key][0]), key))
    return [
        {"kind": key_kind(key), "value": named[key][1], "key": key}
        for key in ranked[:MOST_ENTITIES]
    ]


def _search(shown: Mapping[str, Any]) -> str:
    parts = [
        shown["title"],
        *(each["id"] for each in shown["resources"]),
        *(each["name"] for each in shown["resources"]),
        *(each["value"] for each in shown["entities"]),
        *(name for step in shown["killChain"] for name in step.get("detections", ())),
        shown["description"],
    ]
    return "\n".join(dict.fromkeys(parts)).lower()[:MOST_SEARCHED]
