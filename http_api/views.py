"""Documents as clients see them. What is correlation's own never leaves here."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from shared.store.queries import Document

_RESOURCES_IN_A_LIST: Final = 3

_INCIDENT_IN_A_LIST: Final = (
    "incidentId",
    "title",
    "severity",
    "confidence",
    "score",
    "status",
    "classification",
    "assignedTo",
    "labels",
    "stages",
    "resources",
    "resourceCount",
    "alertCount",
    "evidenceCount",
    "contextCount",
    "expected",
    "firstActivityUtc",
    "lastActivityUtc",
    "createdUtc",
    "updatedUtc",
    "sources",
)
_INCIDENT_IN_DETAIL: Final = (
    "description",
    "killChain",
    "entities",
    "why",
    "follows",
    "absorbed",
)
_ALERT_IN_A_LIST: Final = (
    "alertId",
    "title",
    "severity",
    "status",
    "classification",
    "assignedTo",
    "labels",
    "tactics",
    "techniques",
    "alertType",
    "startTimeUtc",
    "endTimeUtc",
    "receivedTimeUtc",
    "updatedUtc",
    "source",
    "vendor",
    "product",
    "suppressedBy",
    "part",
)
_ALERT_IN_DETAIL: Final = (
    "description",
    "detection",
    "generatedTimeUtc",
    "entities",
    "tenant",
    "sourceStatus",
    "remediationSteps",
    "link",
    "notes",
    "original",
)
INCIDENT_ROW: Final = (*_INCIDENT_IN_A_LIST, "incidentKind", "etag")
INCIDENT_DETAIL: Final = (
    *INCIDENT_ROW,
    *_INCIDENT_IN_DETAIL,
    "remediation",
    "remediationSteps",
    "triage",
    "history",
)
ALERT_ROW: Final = (*_ALERT_IN_A_LIST, "systemAlertId", "resource", "incident", "etag")
ALERT_DETAIL: Final = (*ALERT_ROW, *_ALERT_IN_DETAIL, "triage", "incidentReason")
FEED_ROW: Final = tuple(dict.fromkeys(("kind", *INCIDENT_ROW, *ALERT_ROW)))
"""The fields of each view, which can be selected."""
_REJECTED_IN_A_LIST: Final = (
    "atUtc",
    "reason",
    "message",
    "errors",
    "source",
    "messageId",
    "status",
    "bodyBytes",
)
_REJECTED_IN_DETAIL: Final = ("body", "bodyBase64", "bodyCut")
_HISTORY: Final = ("atUtc", "by", "what", "from", "to", "comment", "decision")


def etag_of(document: Document) -> str:
    """The version of a document, without the quotes that the store puts around it."""
    return str(document.get("_etag", "")).strip('"')


def _pick(document: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: document[name] for name in names if document.get(name) is not None}


def incident_row(document: Document) -> dict[str, Any]:
    """An incident as lists show it."""
    view = _pick(document, _INCIDENT_IN_A_LIST)
    view["labels"] = document.get("labels") or []
    if "kind" in document:
        view["incidentKind"] = document["kind"]
    view["resources"] = [
        _pick(resource, ("id", "name", "type"))
        for resource in document.get("resources", [])[:_RESOURCES_IN_A_LIST]
    ]
    return view | {"etag": f'"{etag_of(document)}"'}


def incident_detail(document: Document, history: Iterable[Document]) -> dict[str, Any]:
    """Everything that is shown of an incident. `history` is oldest first."""
    triage = document.get("triage", {})
    return {
        **incident_row({**document, "classification": triage.get("classification")}),
        **_pick(document, _INCIDENT_IN_DETAIL),
        "resources": document.get("resources", []),
        "remediation": document.get("remediationSteps", []),
        "remediationSteps": remediation_steps(document),
        "triage": _pick(triage, ("classification", "classificationReason", "closedUtc")),
        "history": [_pick(entry, _HISTORY) for entry in history],
    }


def remediation_steps(document: Document) -> list[str]:
    """What the sources of an incident's alerts advise, each text once, whichever alert it is of."""
    advice = document.get("remediationSteps", [])
    return list(dict.fromkeys(step for of_alert in advice for step in of_alert["steps"]))


def incident_mention(document: Document) -> dict[str, Any]:
    """An incident as an alert of it names it."""
    names = ("incidentId", "title", "severity", "status", "confidence")
    return _pick(document, names)


def alert_row(document: Document) -> dict[str, Any]:
    """An alert as lists show it, with its incident where that was looked up."""
    view = {
        **_pick(document, _ALERT_IN_A_LIST),
        "systemAlertId": document.get("sourceAlertId", ""),
        "labels": document.get("labels") or [],
        "resource": _pick(document.get("resource", {}), ("id", "name", "type")),
        "etag": f'"{etag_of(document)}"',
    }
    if "incident" in document:
        incident = document["incident"]
        view["incident"] = incident_mention(incident) if incident else None
    return view


def alert_detail(document: Document, incident_reason: str) -> dict[str, Any]:
    """Everything that is shown of an alert; `incident_reason` is why it is in no incident."""
    triage = document.get("triage", {})
    shown = {
        **alert_row({**document, "classification": triage.get("classification")}),
        **_pick(document, _ALERT_IN_DETAIL),
        "resource": _pick(document.get("resource", {}), ("key", "id", "name", "type")),
        "triage": {
            **_pick(triage, ("classification", "classificationReason", "closedUtc")),
            "history": [_pick(entry, _HISTORY) for entry in triage.get("history", [])],
        },
    }
    return shown | {"incidentReason": incident_reason} if incident_reason else shown


def rejected_row(document: Document) -> dict[str, Any]:
    """A rejection as lists show it; its public id has the day of its message first."""
    public_id = f"{document['day']}-{document['id']}"
    return {"id": public_id, **_pick(document, _REJECTED_IN_A_LIST)}


def rejected_detail(document: Document) -> dict[str, Any]:
    """A rejection whole: with its body, and what was done about it, oldest first."""
    names = ("atUtc", "what", "reason", "message")
    return {
        **rejected_row(document),
        **_pick(document, _REJECTED_IN_DETAIL),
        "history": [_pick(entry, names) for entry in document.get("history", [])],
    }
