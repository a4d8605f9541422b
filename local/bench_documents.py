"""Made-up incidents and alerts of a realistic size, for the benchmark of the API."""

import random
from collections.abc import Iterable, Iterator
from typing import Any, Final

from shared.alert import ORGANISATION, Alert, Resource
from shared.alert_versions import Keeping, document_to_store
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
    document, _ = document_to_store(alert, Keeping(), received=start + 2 * MINUTE)
    return document


def incident_document(number: int, resource_number: int, dice: random.Random) -> dict[str, Any]:
    """An incident on one resource."""
    incident_id = f"{ORGANISATION}-{number:020x}"
    covered = resource(resource_number)
    first, last = START, START + dice.randrange(DAY, PERIOD)
    severity = dice.choice(list(Severity))
    rank = dice.choice((1, 2, 3))
    stages = [tactic.name for tactic in sorted(dice.sample(list(Tactic), 4))]
    named = {"key": covered.key, "id": covered.id, "name": covered.name, "type": covered.type}
    return {
        "id": incident_id,
        "organisation": ORGANISATION,
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
        "evidenceCount": 50,
        "contextCount": 50,
        "kind": "attack",
        "expected": 0.01,
        "sources": ["Defender for Cloud"],
        "remediationSteps": [_SENTENCE] * 4,
        "why": {"rule": "stages", "links": [_SENTENCE] * 6},
        "absorbed": [],
        "search": f"multi-stage attack on {covered.name}".lower(),
    }


def coverage_documents(incidents: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What incidents cover of their resources, one after the other, as disjoint intervals."""
    by_resource: dict[str, list[dict[str, Any]]] = {}
    for incident in incidents:
        by_resource.setdefault(incident["resources"][0]["key"], []).append(incident)
    for key, covering in by_resource.items():
        share = PERIOD // len(covering)
        intervals = [
            {
                "first": [format_time(START + number * share), ""],
                "last": [format_time(START + (number + 1) * share - 1), "g"],
                "incident": incident["id"],
                "evidence": {},
                "evidenceCount": 50,
                "contextCount": 50,
            }
            for number, incident in enumerate(covering)
        ]
        yield {
            "id": f"c-{key_id(key)}",
            "organisation": ORGANISATION,
            "type": "coverage",
            "entity": key_id(key),
            "resource": covering[0]["resources"][0],
            "incidents": [incident["id"] for incident in covering],
            "intervals": intervals,
        }
