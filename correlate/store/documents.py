"""Records to documents and back. `docs/architecture.md` tells what each field is.

Each document carries `organisation` and `type`; what expires carries `ttl`, computed as it is
written.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Final, TypeAlias

from correlate.model.activity import Activity, Count, KeyDay, Subject
from correlate.model.cell import Cell, Interval, Mention, Point, Signal
from correlate.model.coverage import Coverage, Span
from correlate.model.decision import Decision, Piece, Request
from correlate.model.episode import Confidence, Kind
from correlate.model.incident import Incident, Note, Redirect
from correlate.model.news import (
    ALERTS,
    CONTINUE,
    DECISION,
    PERSON,
    News,
    Recount,
    Seed,
)
from correlate.store.port import Aside, BaselineDay, Head, KeyShard, Put, Record, record_id
from shared.killchain import Tactic
from shared.severity import Severity
from shared.times import SECOND, format_time, parse_time

Document: TypeAlias = dict[str, Any]

_OWN: Final = frozenset(
    {
        *("id", "incidentId", "type", "organisation", "kind", "createdUtc", "updatedUtc"),
        *("confidence", "confidenceRank", "coveredCount", "follows", "absorbed", "visible"),
        *("withdrawn", "forming", "byHand", "ttl"),
        *("title", "description", "severity", "severityRank", "score", "expected"),
        *("firstActivityUtc", "lastActivityUtc", "stages", "killChain", "resources"),
        *("resourceCount", "entities", "keys", "alertCount", "evidenceCount", "contextCount"),
        *("sources", "remediationSteps", "why", "search"),
    }
)
"""Fields of an incident that are correlation's; all others belong to people."""
_NOT_SHOWN: Final = frozenset(
    {
        *("id", "incidentId", "type", "organisation", "createdUtc", "updatedUtc", "coveredCount"),
        *("follows", "absorbed", "visible", "withdrawn", "forming", "byHand", "ttl"),
    }
)


def document_of(put: Put, organisation: str, now: int) -> Document:
    """The document of a record that is written at an instant."""
    document = {
        "id": record_id(put.record),
        "organisation": organisation,
        **_body(put.record),
    }
    if put.expires is not None:
        document["ttl"] = max(1, -(-(put.expires - now) // SECOND))
    return document


def _body(record: Record) -> Document:  # noqa: PLR0911 - one for each type
    match record:
        case Activity():
            return {"type": "activity", **activity_document(record)}
        case KeyShard():
            return {"type": "key", **_shard_document(record)}
        case BaselineDay():
            return {"type": "baseline", **_baseline_document(record)}
        case Coverage():
            return {"type": "coverage", **_coverage_document(record)}
        case Incident():
            return {"type": "incident", **_incident_document(record)}
        case Redirect():
            return {"type": "redirect", "incidentId": record.id, "parent": record.parent}
        case Decision():
            return {"type": "decision", **_decision_document(record)}
        case Note():
            return {"type": "history", **_note_document(record)}
        case Aside():
            return {"type": "aside", **asdict(record), "seed": list(record.seed)}


def record_of(document: Mapping[str, Any]) -> Record:
    """The record in a document. Raises KeyError or ValueError where it is none."""
    return _READERS[document["type"]](document)


def head_document(head: Head, organisation: str) -> Document:
    """The document of the fence."""
    return {
        "id": "head",
        "organisation": organisation,
        "type": "head",
        "epoch": head.epoch,
        "batch": head.batch,
    }


def head_of(document: Mapping[str, Any]) -> Head:
    """The fence in its document."""
    return Head(document["epoch"], document["batch"], document["_etag"])


def size_of(record: Record) -> int:  # noqa: PLR0911 - one for each type
    """About how many bytes the document of a record has, rather too many than too few."""
    match record:
        case Activity():
            return activity_size(record)
        case KeyShard():
            named = sum(len(each.resources) for each in record.keys.values())
            return 200 + 50 * len(record.keys) + 50 * named
        case BaselineDay():
            return 300 + 50 * len(record.resources)
        case Coverage():
            cells = sum(len(hours) for span in record.spans for hours in span.evidence.values())
            return 1_000 + 400 * len(record.spans) + 30 * cells
        case Incident():
            return 2_000 + len(repr(record.shown)) + len(repr(record.people))
        case Decision():
            return 2_000 + 200 * (len(record.kept) + sum(map(len, record.apart)))
        case _:
            return 2_000


def activity_size(activity: Activity) -> int:
    """About how many bytes the document of an activity has."""
    mentions = sum(len(cell.mentions) for cell in activity.cells.values())
    return 1_000 + 250 * len(activity.cells) + 100 * mentions + 70 * len(activity.counts)


# Activity.


def activity_document(activity: Activity) -> Document:
    """A day of a resource; signals and texts stand once, and cells name them by number."""
    signals: dict[Signal, int] = {}
    texts: dict[str, int] = {}
    cells = [
        {"hour": hour, "sid": sid, "is": _cell_document(cell, signals, texts)}
        for (hour, sid), cell in sorted(activity.cells.items())
    ]
    subject = activity.subject
    return {
        "entity": subject.entity,
        "day": activity.day,
        "resource": _resource(subject),
        "cells": cells,
        "signals": [
            [
                each.detection,
                each.severity.name,
                [stage.name for stage in each.stages],
                each.product,
            ]
            for each in signals
        ],
        "texts": list(texts),
        "counts": [
            [hour, sid, partition, *count]
            for (hour, sid, partition), count in sorted(activity.counts.items())
        ],
    }


def _cell_document(cell: Cell, signals: dict[Signal, int], texts: dict[str, int]) -> list[Any]:
    def text(value: str) -> int:
        return texts.setdefault(value, len(texts))

    return [
        signals.setdefault(cell.signal, len(signals)),
        *cell.first,
        *cell.last,
        cell.end,
        text(cell.title),
        [text(step) for step in cell.steps],
        [[text(each.key), text(each.name), *each.at] for each in cell.mentions],
    ]


def activity_of(document: Mapping[str, Any]) -> Activity:
    """The activity in a document."""
    texts = document["texts"]
    signals = [
        Signal(detection, Severity[severity], tuple(Tactic[each] for each in stages), product)
        for detection, severity, stages, product in document["signals"]
    ]
    subject = _subject(document["entity"], document["resource"])
    cells = {
        (each["hour"], each["sid"]): _cell(
            subject.entity, each["hour"], each["sid"], each["is"], signals, texts
        )
        for each in document["cells"]
    }
    counts = {
        (hour, sid, partition): Count(version, alerts)
        for hour, sid, partition, version, alerts in document["counts"]
    }
    return Activity(subject, document["day"], cells, counts)


def _cell(
    entity: str, hour: int, sid: str, row: list[Any], signals: list[Signal], texts: list[str]
) -> Cell:
    signal, first, first_id, last, last_id, end, title, steps, mentions = row
    return Cell(
        entity,
        hour,
        sid,
        signals[signal],
        Point(first, first_id),
        Point(last, last_id),
        end,
        texts[title],
        tuple(texts[each] for each in steps),
        tuple(
            Mention(texts[key], texts[name], Point(at, alert)) for key, name, at, alert in mentions
        ),
    )


def _resource(subject: Subject) -> Document:
    return {"key": subject.key, "id": subject.id, "name": subject.name, "type": subject.type}


def _subject(entity: str, resource: Mapping[str, str]) -> Subject:
    return Subject(entity, resource["key"], resource["id"], resource["name"], resource["type"])


# Baseline.


def _shard_document(shard: KeyShard) -> Document:
    return {
        "day": shard.day,
        "shard": shard.shard,
        "keys": {key: dict(each.resources) for key, each in shard.keys.items()},
    }


def _shard(document: Mapping[str, Any]) -> KeyShard:
    day = document["day"]
    keys = {key: KeyDay(key, day, hours) for key, hours in document["keys"].items()}
    return KeyShard(day, document["shard"], keys)


def _baseline_document(record: BaselineDay) -> Document:
    return {
        "detection": record.detection,
        "day": record.day,
        "severity": record.severity.name,
        "staged": record.staged,
        "resources": dict(record.resources),
    }


def _baseline(document: Mapping[str, Any]) -> BaselineDay:
    return BaselineDay(
        document["detection"],
        document["day"],
        Severity[document["severity"]],
        document["staged"],
        document["resources"],
    )


# Coverage.


def _coverage_document(coverage: Coverage) -> Document:
    spans = coverage.spans
    return {
        "entity": coverage.entity,
        "resource": _resource(coverage.subject),
        "intervals": [_span_document(span) for span in spans],
        "incidents": list(coverage.incidents),
        "start": format_time(spans[0].interval.first.start) if spans else "",
        "end": format_time(spans[-1].interval.last.start) if spans else "",
        "held": coverage.held,
    }


def _span_document(span: Span) -> Document:
    return {
        "first": _place(span.interval.first),
        "last": _place(span.interval.last),
        "incident": span.incident,
        "evidence": {sid: list(hours) for sid, hours in span.evidence.items()},
        "evidenceCount": span.evidence_count,
        "contextCount": span.context_count,
    }


def _place(point: Point) -> list[str]:
    return [format_time(point.start), point.alert]


def _point(place: list[str]) -> Point:
    return Point(parse_time(place[0]), place[1])


def _coverage(document: Mapping[str, Any]) -> Coverage:
    spans = tuple(
        Span(
            Interval(_point(each["first"]), _point(each["last"])),
            each["incident"],
            {sid: tuple(hours) for sid, hours in each["evidence"].items()},
            each["evidenceCount"],
            each["contextCount"],
        )
        for each in document["intervals"]
    )
    return Coverage(_subject(document["entity"], document["resource"]), spans, document["held"])


# Incidents.


def _incident_document(incident: Incident) -> Document:
    return {
        **incident.people,
        **incident.shown,
        "incidentId": incident.id,
        "kind": incident.kind.value,
        "confidence": incident.confidence.value,
        "createdUtc": format_time(incident.created),
        "updatedUtc": format_time(incident.updated),
        "coveredCount": incident.covered,
        **({"follows": incident.follows} if incident.follows else {}),
        "absorbed": list(incident.absorbed),
        "visible": incident.visible,
        "withdrawn": incident.withdrawn,
        **({"forming": True} if incident.forming else {}),
        **({"byHand": True} if incident.hand else {}),
    }


def _incident(document: Mapping[str, Any]) -> Incident:
    return Incident(
        id=document["id"],
        kind=Kind(document["kind"]),
        created=parse_time(document["createdUtc"]),
        updated=parse_time(document["updatedUtc"]),
        confidence=Confidence(document["confidence"]),
        shown={
            name: value
            for name, value in document.items()
            if name in _OWN and name not in _NOT_SHOWN
        },
        covered=document["coveredCount"],
        people={
            name: value
            for name, value in document.items()
            if name not in _OWN and not name.startswith("_")
        },
        follows=document.get("follows"),
        absorbed=tuple(document["absorbed"]),
        visible=document["visible"],
        withdrawn=document["withdrawn"],
        forming=document.get("forming", False),
        hand=document.get("byHand", False),
        etag=document.get("_etag"),
    )


def _note_document(note: Note) -> Document:
    return {
        "incidentId": note.incident,
        "atUtc": format_time(note.at),
        "by": note.by,
        "what": note.what,
        **({"from": note.before} if note.before else {}),
        **({"to": note.after} if note.after else {}),
        **({"comment": note.comment} if note.comment else {}),
        **({"decision": note.decision} if note.decision else {}),
    }


def _note(document: Mapping[str, Any]) -> Note:
    return Note(
        document["id"],
        document["incidentId"],
        parse_time(document["atUtc"]),
        document["by"],
        document["what"],
        document.get("from", ""),
        document.get("to", ""),
        document.get("comment", ""),
        document.get("decision", ""),
    )


# Decisions.


def request_document(request: Request) -> Document:
    """What somebody asked for."""
    return {
        "name": request.name,
        "kind": request.kind,
        "incidentId": request.incident,
        "with": list(request.others),
        "resources": list(request.resources),
        "alerts": list(request.alerts),
        "undoes": request.undoes,
        "by": request.by,
        "atUtc": format_time(request.at),
        "comment": request.comment,
    }


def request_of(document: Mapping[str, Any]) -> Request:
    """The request in a document, as the API posts it."""
    return Request(
        document["name"],
        document["kind"],
        document["incidentId"],
        tuple(document.get("with") or ()),
        tuple(document.get("resources") or ()),
        tuple(document.get("alerts") or ()),
        document.get("undoes") or "",
        document["by"],
        parse_time(document["atUtc"]),
        document.get("comment") or "",
    )


def _decision_document(decision: Decision) -> Document:
    return {
        **request_document(decision.request),
        "seq": decision.number,
        "kept": [_piece_document(each) for each in decision.kept],
        "apart": [[_piece_document(each) for each in side] for side in decision.apart],
        "state": decision.state,
        "outcome": decision.outcome,
        "splitOff": list(decision.split_off),
        "refusal": decision.refusal,
        "voided": decision.voided,
    }


def _piece_document(piece: Piece) -> list[Any]:
    return [piece.entity, _place(piece.interval.first), _place(piece.interval.last)]


def _piece(row: list[Any]) -> Piece:
    return Piece(row[0], Interval(_point(row[1]), _point(row[2])))


def _decision(document: Mapping[str, Any]) -> Decision:
    return Decision(
        request_of(document),
        document["seq"],
        tuple(_piece(each) for each in document["kept"]),
        tuple(tuple(_piece(each) for each in side) for side in document["apart"]),
        document["state"],
        document["outcome"],
        tuple(document["splitOff"]),
        document["refusal"],
        document["voided"],
    )


def _aside(document: Mapping[str, Any]) -> Aside:
    return Aside(Seed(*document["seed"]), document["reason"], document["done"])


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any]], Record]]] = {
    "activity": activity_of,
    "key": _shard,
    "baseline": _baseline,
    "coverage": _coverage,
    "incident": _incident,
    "redirect": lambda document: Redirect(document["id"], document["parent"]),
    "decision": _decision,
    "history": _note,
    "aside": _aside,
}


# News.


def news_document(news: News) -> Document:
    """The document of a piece of news."""
    document: Document = {
        "id": news.id,
        "type": "news",
        "organisation": news.organisation,
        "kind": news.kind,
    }
    if news.kind == ALERTS:
        document["activities"] = [activity_document(each) for each in news.activities]
        document["recounts"] = [each._asdict() for each in news.recounts]
    elif news.kind == PERSON:
        document["incidentId"] = news.incident
    elif news.kind == DECISION and news.request is not None:
        document["decision"] = request_document(news.request)
        document["tries"] = news.tries
    elif news.kind == CONTINUE:
        document["seeds"] = [list(seed) for seed in news.seeds]
        document["tries"] = news.tries
    else:
        document["hour"] = news.hour
        document["after"] = news.after
    return document


def news_of(document: Mapping[str, Any]) -> News:
    """The news in a document. Raises KeyError, TypeError or ValueError where it is none."""
    decision = document.get("decision")
    return News(
        document["id"],
        document["organisation"],
        document["kind"],
        tuple(activity_of(each) for each in document.get("activities", ())),
        tuple(Recount(**each) for each in document.get("recounts", ())),
        document.get("incidentId", ""),
        None if decision is None else request_of(decision),
        document.get("hour", 0),
        document.get("after", ""),
        tuple(Seed(entity, day) for entity, day in document.get("seeds", ())),
        document.get("tries", 0),
    )
