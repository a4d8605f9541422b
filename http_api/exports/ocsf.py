"""An Incident Finding (class 2005) of the Open Cybersecurity Schema Framework, version 1.3."""

from typing import Any, Final

from shared.killchain import Tactic
from shared.store.queries import Document
from shared.times import parse_time

VERSION: Final = "1.3.0"
_CLASS: Final = 2005
_CATEGORY: Final = 2
_SEVERITIES: Final = {"Informational": 1, "Low": 2, "Medium": 3, "High": 4, "Critical": 5}
_STATUSES: Final = {"Active": 1, "InProgress": 2, "Resolved": 4, "Dismissed": 5}
_CONFIDENCES: Final = {"low": 1, "medium": 2, "high": 3}
_VERDICTS: Final = {
    "FalsePositive": 1,
    "TruePositive": 2,
    "BenignPositive": 5,
    "Undetermined": 7,
}
_OBSERVABLES: Final = {
    "host": 1,
    "address": 2,
    "account": 4,
    "mailbox": 5,
    "url": 6,
    "file": 8,
}
"""The kinds of observables that have a type of their own; others are of type 99."""
_CREATED: Final = 1
_UPDATED: Final = 2
_CLOSED: Final = 3


def ocsf(incident: Document, alerts: list[Document]) -> dict[str, Any]:
    """The finding; times are milliseconds since 1970."""
    triage = incident.get("triage", {})
    activity = _activity(incident)
    classification = triage.get("classification")
    finding: dict[str, Any] = {
        "class_uid": _CLASS,
        "category_uid": _CATEGORY,
        "activity_id": activity,
        "type_uid": _CLASS * 100 + activity,
        "time": parse_time(incident["updatedUtc"]),
        "start_time": parse_time(incident["firstActivityUtc"]),
        "end_time": parse_time(incident["lastActivityUtc"]),
        "severity_id": _SEVERITIES[incident["severity"]],
        "severity": incident["severity"],
        "status_id": _STATUSES[incident["status"]],
        "status": incident["status"],
        "confidence_id": _CONFIDENCES[incident["confidence"]],
        "confidence_score": incident["score"],
        "desc": incident["description"],
        "message": incident["title"],
        "metadata": {
            "version": VERSION,
            "uid": incident["incidentId"],
            "product": {"name": "Alerts to incidents", "vendor_name": "Alerts to incidents"},
            "labels": incident.get("labels", []),
        },
        "finding_info_list": [_finding(alert) for alert in alerts],
        "attacks": [_attack(stage) for stage in incident["stages"]],
        "observables": [_observable(entity) for entity in incident["entities"]],
        "count": incident["alertCount"],
    }
    if classification:
        finding |= {"verdict_id": _VERDICTS[classification], "verdict": classification}
    if reason := triage.get("classificationReason"):
        finding["comment"] = reason
    if owner := incident.get("assignedTo"):
        finding["assignee"] = {"name": owner}
    return finding


def _activity(incident: Document) -> int:
    if incident.get("triage", {}).get("closedUtc"):
        return _CLOSED
    return _CREATED if incident["createdUtc"] == incident["updatedUtc"] else _UPDATED


def _finding(alert: Document) -> dict[str, Any]:
    return {
        "uid": alert["alertId"],
        "title": alert["title"],
        "first_seen_time": parse_time(alert["startTimeUtc"]),
        "last_seen_time": parse_time(alert["endTimeUtc"]),
        "types": [alert["alertType"]],
        "data_sources": [alert["product"] or alert["source"]],
        "attacks": [
            *(_attack(tactic) for tactic in alert["tactics"]),
            *({"technique": {"uid": technique}} for technique in alert["techniques"]),
        ],
    }


def _attack(stage: str) -> dict[str, Any]:
    tactic = Tactic[stage]
    return {"tactic": {"name": tactic.title, "uid": tactic.attack_id}}


def _observable(entity: Document) -> dict[str, Any]:
    return {
        "name": entity["kind"],
        "type_id": _OBSERVABLES.get(entity["kind"], 99),
        "value": entity["value"],
    }
