"""What clients see of documents, and what they never see."""

from typing import Any

from http_api.views import alert_detail, alert_row, incident_detail, incident_row

INCIDENT: dict[str, Any] = {
    "id": "i-1",
    "type": "incident",
    "incidentId": "i-1",
    "visible": True,
    "title": "Multi-stage attack on web",
    "severity": "High",
    "severityRank": 3,
    "confidence": "high",
    "confidenceRank": 3,
    "score": 70,
    "status": "Active",
    "triage": {"classification": "TruePositive", "secret": "no"},
    "resources": [{"key": f"host:{n}", "id": n, "name": n, "type": "host"} for n in "abcd"],
    "resourceCount": 4,
    "description": "What happened",
    "evidence": {"much": 1},
    "members": [],
    "verdict": "high",
    "search": "multi-stage",
    "keys": ["host:a"],
    "_etag": '"e-1"',
    "_rid": "x",
    "ttl": 5,
}
ALERT: dict[str, Any] = {
    "id": "a-1",
    "type": "alert",
    "alertId": "p-a-1",
    "resourceKey": "p",
    "sourceAlertId": "2518",
    "title": "Brute force",
    "severity": "Low",
    "severityRank": 1,
    "status": "Active",
    "resource": {"key": "host:a", "id": "a", "name": "a", "type": "host"},
    "tactics": ["InitialAccess"],
    "original": {"any": "thing"},
    "triage": {"history": [{"atUtc": "t", "by": "b", "what": "comment", "x": 1}]},
    "search": "brute force",
    "keys": ["host:a"],
    "_etag": '"e-2"',
    "_ts": 1,
}
INTERNAL = {"evidence", "members", "verdict", "search", "keys", "_rid", "_ts", "_etag", "ttl"}
INTERNAL |= {"severityRank", "confidenceRank", "visible", "type", "id", "resourceKey"}


def test_an_incident_in_a_list_names_three_resources() -> None:
    view = incident_row(INCIDENT)
    assert [each["name"] for each in view["resources"]] == ["a", "b", "c"]
    assert view["resourceCount"] == 4
    assert view["etag"] == '"e-1"'
    assert view["labels"] == []
    assert "description" not in view


def test_an_incident_in_detail_has_all_its_resources_and_its_history() -> None:
    history = [{"atUtc": "t", "by": "b", "what": "status", "id": "h-1", "_etag": "x"}]
    view = incident_detail(INCIDENT, history)
    assert len(view["resources"]) == 4
    assert view["history"] == [{"atUtc": "t", "by": "b", "what": "status"}]
    assert view["classification"] == "TruePositive"
    assert view["triage"] == {"classification": "TruePositive"}


def test_what_to_do_is_told_by_alert_and_each_step_once() -> None:
    advice = [
        {"alertId": "a-1", "steps": ["Isolate it.", "Reset the password."]},
        {"alertId": "a-2", "steps": ["Isolate it."]},
    ]
    view = incident_detail({**INCIDENT, "remediationSteps": advice}, [])
    assert view["remediation"] == advice
    assert view["remediationSteps"] == ["Isolate it.", "Reset the password."]


def test_an_alert_in_a_list_has_the_sources_own_id() -> None:
    view = alert_row(ALERT)
    assert view["systemAlertId"] == "2518"
    assert view["resource"] == {"id": "a", "name": "a", "type": "host"}
    assert "original" not in view


def test_an_alert_in_detail_names_its_incident() -> None:
    view = alert_detail({**ALERT, "incident": INCIDENT}, "")
    assert view["incident"] == {
        "incidentId": "i-1",
        "title": "Multi-stage attack on web",
        "severity": "High",
        "status": "Active",
        "confidence": "high",
    }
    assert view["original"] == {"any": "thing"}
    assert view["triage"] == {"history": [{"atUtc": "t", "by": "b", "what": "comment"}]}


def test_an_alert_without_an_incident_says_why() -> None:
    view = alert_detail({**ALERT, "incident": None}, "It stands alone.")
    assert view["incident"] is None
    assert view["incidentReason"] == "It stands alone."


def test_what_is_the_services_own_stays_inside() -> None:
    for view in (
        incident_row(INCIDENT),
        incident_detail(INCIDENT, []),
        alert_row(ALERT),
        alert_detail({**ALERT, "incident": INCIDENT, "part": "context"}, ""),
    ):
        assert not INTERNAL & view.keys()
