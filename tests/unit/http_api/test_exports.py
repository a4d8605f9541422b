"""An incident in other tools' formats."""

import json
import re
import uuid
from typing import Any

import pytest

from http_api.exporting import FORMATS, file_name, render
from http_api.exports.markdown import markdown
from http_api.exports.navigator import navigator
from http_api.exports.ocsf import ocsf
from http_api.exports.stix import stix

INCIDENT: dict[str, Any] = {
    "incidentId": "p-1",
    "title": "Attack on web01 | <b>bold</b>",
    "description": "What happened.",
    "severity": "High",
    "confidence": "medium",
    "score": 60,
    "status": "Resolved",
    "assignedTo": "anna",
    "labels": ["vip"],
    "triage": {
        "classification": "TruePositive",
        "classificationReason": "seen",
        "closedUtc": "2026-11-21T00:00:00.000Z",
    },
    "createdUtc": "2026-11-20T08:00:00.000Z",
    "updatedUtc": "2026-11-21T00:00:00.000Z",
    "firstActivityUtc": "2026-11-20T07:00:00.000Z",
    "lastActivityUtc": "2026-11-20T09:00:00.000Z",
    "stages": ["InitialAccess", "Impact"],
    "killChain": [
        {
            "stage": "InitialAccess",
            "title": "Initial Access",
            "tacticId": "TA0001",
            "firstUtc": "2026-11-20T07:00:00.000Z",
            "detections": ["VM_Login"],
        }
    ],
    "resources": [{"key": "host:web01", "id": "web01", "name": "web01", "type": "host"}],
    "resourceCount": 3,
    "alertCount": 7,
    "entities": [
        {"kind": "account", "value": "anna", "key": "account:anna"},
        {"kind": "address", "value": "2001:db8::1", "key": "address:2001:db8::1"},
        {"kind": "address", "value": "no address"},
        {"kind": "file", "value": "a" * 64, "key": f"file:{'a' * 64}"},
        {"kind": "domain", "value": "evil.example", "key": "domain:evil.example"},
        {"kind": "container", "value": "c-1", "key": "container:c-1"},
    ],
    "remediationSteps": [{"alertId": "a-1", "steps": ["Isolate the machine."]}],
    "why": {"links": [{"text": "web01 and db01 share the account anna, 5 minutes apart"}]},
}
ALERTS: list[dict[str, Any]] = [
    {
        "alertId": f"p-{number}",
        "title": "Login [odd]",
        "alertType": "VM_Login",
        "severity": "High",
        "startTimeUtc": "2026-11-20T07:00:00.000Z",
        "endTimeUtc": "2026-11-20T07:01:00.000Z",
        "tactics": ["InitialAccess"],
        "techniques": ["T1078"],
        "resource": {"name": "web01"},
        "product": "Defender for Cloud",
        "source": "defender_arm",
    }
    for number in range(2)
]


def test_a_report_tells_the_story_with_nothing_taken_as_markup() -> None:
    text = markdown(INCIDENT, ALERTS)
    assert text.startswith("# Attack on web01 \\| \\<b\\>bold\\</b\\>\n")
    assert "| Classification | TruePositive |" in text
    assert "- **Initial Access** (TA0001), 2026-11-20T07:00:00.000Z: VM\\_Login" in text
    assert "- and 2 more" in text
    assert "share the account anna" in text
    assert "| 2026-11-20T07:00:00.000Z | High | Login \\[odd\\] | web01 |" in text
    assert text.endswith("and 5 more\n")


def test_a_line_break_in_a_title_starts_no_new_line() -> None:
    text = markdown({**INCIDENT, "title": "a\n# b"}, [])
    assert text.splitlines()[0] == "# a \\# b"


def test_a_report_of_nothing_but_a_title_leaves_sections_out() -> None:
    bare: dict[str, Any] = {
        "killChain": [],
        "why": None,
        "remediationSteps": [],
        "resourceCount": 1,
    }
    text = markdown({**INCIDENT, **bare}, [])
    assert "## Kill chain" not in text
    assert "## Alerts" not in text


def test_a_layer_scores_techniques_by_their_alerts() -> None:
    layer = navigator(INCIDENT, ALERTS)
    assert layer["domain"] == "enterprise-attack"
    assert [(t["techniqueID"], t["tactic"], t["score"]) for t in layer["techniques"]] == [
        ("T1078", "initial-access", 2)
    ]
    assert layer["gradient"]["maxValue"] == 2


def test_a_technique_whose_tactics_the_alert_does_not_name_is_marked_under_all() -> None:
    layer = navigator(INCIDENT, [{**ALERTS[0], "tactics": ["Impact"]}])
    assert {t["tactic"] for t in layer["techniques"]} == {
        "initial-access",
        "persistence",
        "privilege-escalation",
        "defense-evasion",
    }


def test_a_finding_has_what_its_class_requires() -> None:
    finding = ocsf(INCIDENT, ALERTS)
    required = {
        "activity_id": 3,
        "category_uid": 2,
        "class_uid": 2005,
        "type_uid": 200503,
        "severity_id": 4,
        "status_id": 4,
        "confidence_id": 2,
        "verdict_id": 2,
    }
    assert {name: finding[name] for name in required} == required
    assert finding["time"] == 1795219200000
    assert len(finding["finding_info_list"]) == 2
    assert finding["attacks"][0]["tactic"] == {"name": "Initial Access", "uid": "TA0001"}
    assert finding["assignee"] == {"name": "anna"}


@pytest.mark.parametrize(
    ("changes", "activity"),
    [
        ({"triage": {}}, 2),
        ({"triage": {}, "updatedUtc": INCIDENT["createdUtc"]}, 1),
        ({}, 3),
    ],
    ids=["updated", "created", "closed"],
)
def test_what_happened_to_a_finding(changes: dict[str, Any], activity: int) -> None:
    assert ocsf({**INCIDENT, **changes}, [])["activity_id"] == activity


def test_a_bundle_is_well_formed() -> None:
    bundle = stix(INCIDENT, ALERTS)
    objects = {each["id"]: each for each in bundle["objects"]}
    assert len(objects) == len(bundle["objects"])
    for name, each in objects.items():
        kind, _, number = name.partition("--")
        assert kind == each["type"]
        assert uuid.UUID(number).version == 5
        assert each["spec_version"] == "2.1"
        if each["type"] == "relationship":
            assert {each["source_ref"], each["target_ref"]} <= objects.keys()
            assert each["modified"] >= each["created"]


def test_a_bundle_holds_what_took_part() -> None:
    kinds = [each["type"] for each in stix(INCIDENT, ALERTS)["objects"]]
    assert kinds.count("incident") == 1
    assert kinds.count("attack-pattern") == 2
    assert kinds.count("identity") == 2
    observables = {"user-account", "ipv6-addr", "file", "domain-name"}
    assert observables <= set(kinds)
    assert kinds.count("relationship") == 2 + 1 + len(observables)


def test_observables_have_the_ids_of_the_specification() -> None:
    """This value and its id stand in the specification, as an example of identifiers."""
    found = stix({**INCIDENT, "entities": [{"kind": "address", "value": "198.51.100.3"}]}, [])
    (address,) = [each for each in found["objects"] if each["type"] == "ipv4-addr"]
    assert address["id"] == "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"


def test_the_same_incident_gives_the_same_bundle() -> None:
    assert stix(INCIDENT, ALERTS) == stix(INCIDENT, ALERTS)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_be_written(name: str) -> None:
    body = render(name, INCIDENT, ALERTS)
    assert body
    if FORMATS[name].ending.endswith("json"):
        json.loads(body)


def test_a_file_has_a_name_that_every_system_takes() -> None:
    name = file_name("stix", {"incidentId": 'a/b"..\\c'})
    assert re.fullmatch(r"[A-Za-z0-9.-]+", name)
