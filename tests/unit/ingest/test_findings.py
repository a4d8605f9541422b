"""What kind of finding each is, and what is passed is dismissed as it comes."""

from typing import Any

import pytest

from shared.alert import Finding, alert_document, status_of
from tests.unit.ingest import sampling
from tests.unit.ingest.sampling import parse_one

ATTACK, POSTURE, VULNERABILITY, HEALTH = Finding


def asff(**fields: Any) -> dict[str, Any]:
    own = {"ProductArn": "arn:aws:x::product/aws/x", "Workflow": {"Status": "NEW"}}
    return {**sampling.value("security_hub"), **own, **fields}


def ocsf(**fields: Any) -> dict[str, Any]:
    return {
        "class_uid": 2004,
        "severity_id": 2,
        "time": 1_772_445_600_000,
        "finding_info": {"uid": "f-1", "title": "Odd"},
        **fields,
    }


def scc(kind: str) -> dict[str, Any]:
    sample = sampling.value("google_scc")
    return {**sample, "finding": {**sample["finding"], "findingClass": kind}}


def wazuh(rule: dict[str, Any], **fields: Any) -> dict[str, Any]:
    sample = sampling.value("wazuh")
    return {**sample, "rule": {"id": "1", "level": 5, "description": "Odd", **rule}, **fields}


def falco(**fields: Any) -> dict[str, Any]:
    return {**sampling.value("falco"), **fields}


def alertmanager(**labels: str) -> dict[str, Any]:
    return {"labels": {"alertname": "Odd", **labels}, "startsAt": "2026-03-02T10:00:00Z"}


CASES: list[Any] = [
    ("a native alert", sampling.native(), ATTACK, "Active"),
    ("asff: tactics", asff(), ATTACK, "Active"),
    ("asff: a failed check", asff(Compliance={"Status": "FAILED"}), POSTURE, "Active"),
    ("asff: a passed check", asff(Compliance={"Status": "PASSED"}), POSTURE, "Dismissed"),
    (
        "asff: a passed check that somebody works on",
        asff(Compliance={"Status": "PASSED"}, Workflow={"Status": "NOTIFIED"}),
        POSTURE,
        "InProgress",
    ),
    (
        "asff: a type of check",
        asff(Types=["Software and Configuration Checks/AWS Security Best Practices"]),
        POSTURE,
        "Active",
    ),
    ("asff: vulnerabilities", asff(Vulnerabilities=[{"Id": "CVE-1"}]), VULNERABILITY, "Active"),
    (
        "asff: a type of vulnerability",
        asff(Types=["Software and Configuration Checks/Vulnerabilities/CVE"]),
        VULNERABILITY,
        "Active",
    ),
    ("ocsf: a detection", ocsf(), ATTACK, "Active"),
    ("ocsf: an incident", ocsf(class_uid=2005), ATTACK, "Active"),
    ("ocsf: a vulnerability", ocsf(class_uid=2002), VULNERABILITY, "Active"),
    (
        "ocsf: a failed check",
        ocsf(class_uid=2003, compliance={"status": "FAILED"}),
        POSTURE,
        "Active",
    ),
    (
        "ocsf: a passed check",
        ocsf(class_uid=2003, compliance={"status_id": 1}),
        POSTURE,
        "Dismissed",
    ),
    (
        "ocsf: a passed check by its code",
        ocsf(class_uid=2003, compliance={"control": "x"}, status_code="PASSED"),
        POSTURE,
        "Dismissed",
    ),
    (
        "ocsf: the older class, a check",
        ocsf(class_uid=2001, compliance={"x": 1}),
        POSTURE,
        "Active",
    ),
    (
        "ocsf: the older class, a vulnerability",
        ocsf(class_uid=2001, vulnerabilities=[{"x": 1}]),
        VULNERABILITY,
        "Active",
    ),
    ("scc: a threat", scc("THREAT"), ATTACK, "Active"),
    ("scc: a misconfiguration", scc("MISCONFIGURATION"), POSTURE, "Active"),
    ("scc: a vulnerability", scc("VULNERABILITY"), VULNERABILITY, "Active"),
    ("scc: its own fault", scc("SCC_ERROR"), HEALTH, "Active"),
    ("falco: a rule", falco(), ATTACK, "Active"),
    ("falco: its own events", falco(source="internal"), HEALTH, "Active"),
    ("falco: dropped events", falco(rule="Falco internal: syscall event drop"), HEALTH, "Active"),
    ("wazuh: a rule", wazuh({"groups": ["syslog"]}), ATTACK, "Active"),
    ("wazuh: a changed file", wazuh({"id": "550", "groups": ["ossec"]}), ATTACK, "Active"),
    (
        "wazuh: a vulnerability",
        wazuh({"groups": ["vulnerability-detector"]}),
        VULNERABILITY,
        "Active",
    ),
    (
        "wazuh: a passed check",
        wazuh({"groups": ["sca"]}, data={"sca": {"check": {"result": "passed"}}}),
        POSTURE,
        "Dismissed",
    ),
    ("wazuh: an agent that is gone", wazuh({"id": "504", "groups": ["ossec"]}), HEALTH, "Active"),
    ("alertmanager: a rule", alertmanager(), ATTACK, "Active"),
    ("alertmanager: a label", alertmanager(finding="posture"), POSTURE, "Active"),
    ("alertmanager: the watchdog", alertmanager(alertname="Watchdog"), HEALTH, "Active"),
]


@pytest.mark.parametrize(
    ("message", "finding", "status"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_each_finding_is_of_its_kind(message: Any, finding: Finding, status: str) -> None:
    alert = parse_one(message)
    assert (alert.finding, status_of(alert.status)) == (finding, status)
    assert alert_document(alert, received=0)["finding"] == finding.value
