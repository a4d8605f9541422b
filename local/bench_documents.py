"""Made-up incidents and alerts of a realistic size, for the benchmark of the API."""

import random
from typing import Any, Final

from shared.alert import Alert, Resource, alert_document, partition_of
from shared.entities import entity, key_id
from shared.killchain import Tactic
from shared.severity import Severity
from shared.times import DAY, HOUR, MINUTE, format_time, parse_time

START: Final = parse_time("2026-10-25T00:00:00Z")
PERIOD: Final = 27 * DAY
_STATUSES: Final = ("Active", "Active", "Active", "InProgress", "Resolved", "Dismissed")
_CONFIDENCES: Final = ("high", "medium", "low")
_SENTENCE: Final = "A process that is seldom seen reached out to an address nobody knows. "


def resource(number: int) -> Resource:
    """A virtual machine."""
    name = f"web{number:04d}"
    arm_id = f"/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/{name}"
    return Resource(f"resource:{arm_id.lower()}", arm_id, name, "Microsoft.Compute/virtualMachines")


def alert_batch(resource_number: int, count: int, dice: random.Random) -> list[dict[str, Any]]:
    """Alerts of one resource."""
    return [_alert(resource_number, number, dice) for number in range(count)]


def _alert(resource_number: int, number: int, dice: random.Random) -> dict[str, Any]:
    start = START + dice.randrange(PERIOD)
    tactics = tuple(sorted(dice.sample(list(Tactic), 2)))
    alert = Alert(
        source="defender_arm",
        source_id=f"2518-{resource_number}-{number}",
        identity=("bench", str(resource_number), str(number)),
        title=f"Suspicious process {number % 40} executed",
        description=_SENTENCE * 5,
        alert_type=f"VM_Process{number % 40}",
        severity=dice.choice(list(Severity)),
        tactics=tactics,
        techniques=("T1059", "T1078"),
        start=start,
        end=start + dice.randrange(HOUR),
        generated=start + MINUTE,
        resource=resource(resource_number),
        entities=(
            entity("account", f"user{dice.randrange(5_000)}@corp.example"),
            entity("address", f"10.{dice.randrange(256)}.{dice.randrange(256)}.9"),
        ),
        vendor="Microsoft",
        product="Defender for Cloud",
        tenant="",
        status=dice.choice(_STATUSES),
        remediation=("Isolate the machine.", "Reset the account's password."),
        link="https://portal.example/alerts/1",
        original={"properties": {"number": number, "text": _SENTENCE * 15}},
    )
    return alert_document(alert, received=start + 2 * MINUTE)


def incident_documents(
    number: int, resource_number: int, dice: random.Random
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """An incident, the resource that it covers, and that resource's sessions."""
    incident_id = f"{number:024x}"
    covered = resource(resource_number)
    first, last = START, START + dice.randrange(DAY, PERIOD)
    severity = dice.choice(list(Severity))
    rank = dice.choice((1, 2, 3))
    stages = [tactic.name for tactic in sorted(dice.sample(list(Tactic), 4))]
    named = {"key": covered.key, "id": covered.id, "name": covered.name, "type": covered.type}
    root = {
        "id": incident_id,
        "incidentId": incident_id,
        "type": "incident",
        "visible": True,
        "title": f"Multi-stage attack on {covered.name}",
        "description": _SENTENCE * 8,
        "severity": severity.name,
        "severityRank": int(severity),
        "confidence": _CONFIDENCES[3 - rank],
        "confidenceRank": rank,
        "score": dice.randrange(100),
        "status": dice.choice(_STATUSES),
        "labels": [],
        "triage": {},
        "firstActivityUtc": format_time(first + dice.randrange(DAY)),
        "lastActivityUtc": format_time(last),
        "createdUtc": format_time(last),
        "updatedUtc": format_time(last),
        "stages": stages,
        "killChain": [{"stage": stage, "detections": [_SENTENCE]} for stage in stages],
        "resources": [named] * 5,
        "resourceCount": 5,
        "entities": [{"kind": "account", "value": "anna", "key": "account:anna"}] * 10,
        "keys": [covered.key, "account:anna"],
        "alertCount": 100,
        "sources": ["Defender for Cloud"],
        "remediationSteps": [_SENTENCE] * 4,
        "why": {"rule": "stages", "links": [_SENTENCE] * 6},
        "absorbed": [],
        "evidence": {"detections": [_SENTENCE * 2] * 20},
        "verdict": "high",
        "search": f"multi-stage attack on {covered.name}".lower(),
    }
    spans = [[format_time(first), format_time(first + PERIOD)]]
    member = {
        "id": f"m-{partition_of(covered.key)}",
        "incidentId": incident_id,
        "type": "member",
        "resource": named,
        "resourceKey": partition_of(covered.key),
        "intervals": spans,
        "start": spans[0][0],
        "end": spans[0][1],
        "alertCount": 100,
    }
    sessions = [{"start": spans[0][0], "end": spans[0][1], "nodes": [incident_id]}]
    entity_document = {
        "id": key_id(covered.key),
        "key": covered.key,
        "sessions": sessions,
        "ties": [],
    }
    return root, member, entity_document
