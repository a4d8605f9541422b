"""Sample incidents and alerts of our own writing, in the shapes of the API, always the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from shared.killchain import Tactic
from shared.severity import Severity

NOW: Final = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""When the samples pretend to be looked at."""

_GROUP: Final = "/subscriptions/5f0c5b1e-3d0a-4f5e-9a76-1c9f0d5b7a11/resourceGroups/shop"

Document = dict[str, Any]


def utc(moment: datetime) -> str:
    """The API's form of an instant."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Shot:
    """One kind of alert in an attack: when (minutes from its start), what, where, how often."""

    minute: float
    title: str
    tactic: Tactic
    severity: Severity
    resource: str
    account: str = ""
    address: str = ""
    times: int = 1
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Attack:
    """An incident to be: who did what where."""

    id: str
    title: str
    description: str
    start: datetime
    shots: tuple[Shot, ...]
    steps: tuple[str, ...]
    status: str = "Active"
    owner: str = ""
    labels: tuple[str, ...] = ()
    classification: str = ""
    history: tuple[Document, ...] = ()
    pattern: tuple[str, ...] = ()


def machine(name: str) -> Document:
    """A virtual machine as alerts name it."""
    kind = _type(name)
    path = f"{_GROUP}/providers/{kind}/{name}"
    return {"key": f"resource:{path.lower()}", "id": path, "name": name, "type": kind}


def _type(name: str) -> str:
    for start, kind in (
        ("st", "Microsoft.Storage/storageAccounts"),
        ("aks", "Microsoft.ContainerService/managedClusters"),
        ("kv", "Microsoft.KeyVault/vaults"),
        ("sql", "Microsoft.Sql/servers"),
    ):
        if name.startswith(start):
            return kind
    return "Microsoft.Compute/virtualMachines"


def alerts_of(attack: Attack) -> list[Document]:
    """The alerts of an attack, oldest first."""
    made = []
    for number, shot in enumerate(attack.shots):
        for repeat in range(shot.times):
            at = attack.start + timedelta(minutes=shot.minute + repeat * 3.7)
            made.append(_alert(f"{attack.id[:6]}{number:02}{repeat:05}", shot, at, attack))
    return sorted(made, key=lambda alert: (alert["startTimeUtc"], alert["alertId"]))


def _alert(name: str, shot: Shot, at: datetime, attack: Attack | None) -> Document:
    resource = machine(shot.resource)
    entities = [{"kind": "resource", "value": shot.resource, "key": resource["key"]}]
    if shot.account:
        entities.append(
            {
                "kind": "account",
                "value": shot.account,
                "key": f"account:{shot.account}",
                "fields": {"domain": "contoso"},
            }
        )
    if shot.address:
        entities.append(
            {"kind": "address", "value": shot.address, "key": f"address:{shot.address}"}
        )
    steps = list(attack.steps) if attack else ["Look at what else happened on this resource."]
    detail = shot.detail or f"{shot.title} was seen on {shot.resource}."
    identity = f"{name:0<24}"
    return {
        "alertId": f"{abs_hash(shot.resource)}-{identity}",
        "systemAlertId": f"2518-{identity}",
        "title": shot.title,
        "severity": shot.severity.name,
        "status": attack.status if attack and attack.status != "InProgress" else "Active",
        "labels": [],
        "tactics": [shot.tactic.name],
        "techniques": _TECHNIQUES.get(shot.tactic, []),
        "alertType": f"VM_{''.join(word.title() for word in shot.title.split()[:3])}",
        "resource": resource,
        "startTimeUtc": utc(at),
        "endTimeUtc": utc(at + timedelta(minutes=2)),
        "source": "defender",
        "vendor": "Microsoft",
        "product": "Defender for Cloud",
        "description": detail,
        "entities": entities,
        "remediationSteps": steps,
        "link": f"https://portal.azure.com/#alert/{identity}",
        "notes": [],
        "original": {
            "properties": {"alertDisplayName": shot.title, "severity": shot.severity.name}
        },
        "triage": {"history": []},
        "incidentId": attack.id if attack else None,
    }


_TECHNIQUES: Final = {
    Tactic.CredentialAccess: ["T1110"],
    Tactic.InitialAccess: ["T1078"],
    Tactic.Execution: ["T1059"],
    Tactic.LateralMovement: ["T1021"],
    Tactic.Exfiltration: ["T1041"],
}


def abs_hash(text: str) -> str:
    """20 hex digits that stand for a text."""
    value = 0
    for character in text:
        value = (value * 131 + ord(character)) % (1 << 80)
    return f"{value:020x}"


def incident_of(attack: Attack) -> Document:
    """The incident that an attack makes."""
    alerts = alerts_of(attack)
    stages = sorted({shot.tactic for shot in attack.shots})
    severity = max(shot.severity for shot in attack.shots)
    names = list(dict.fromkeys(alert["resource"]["name"] for alert in alerts))
    high = len(stages) >= 3
    return {
        "incidentId": attack.id,
        "title": attack.title,
        "severity": severity.name,
        "confidence": "high" if high else "medium",
        "score": round(30.0 + 10 * len(stages) + 1.5 * severity, 1),
        "status": attack.status,
        **({"classification": attack.classification} if attack.classification else {}),
        **({"assignedTo": attack.owner} if attack.owner else {}),
        "labels": list(attack.labels),
        "stages": [stage.name for stage in stages],
        "resources": [_seen(name, alerts) for name in names],
        "resourceCount": len(names),
        "alertCount": len(alerts),
        "firstActivityUtc": alerts[0]["startTimeUtc"],
        "lastActivityUtc": alerts[-1]["endTimeUtc"],
        "createdUtc": alerts[-1]["startTimeUtc"],
        "updatedUtc": alerts[-1]["endTimeUtc"],
        "sources": ["Defender for Cloud"],
        "description": attack.description,
        "killChain": [_step(stage, alerts) for stage in stages],
        "entities": _entities(alerts),
        "remediationSteps": list(attack.steps),
        "why": _why(attack, alerts, stages, high=high),
        "absorbed": [],
        "triage": {"classification": attack.classification} if attack.classification else {},
        "history": list(attack.history),
    }


def _seen(name: str, alerts: Sequence[Document]) -> Document:
    mine = [alert for alert in alerts if alert["resource"]["name"] == name]
    worst = max(Severity[alert["severity"]] for alert in mine)
    return {
        **machine(name),
        "firstUtc": mine[0]["startTimeUtc"],
        "lastUtc": mine[-1]["endTimeUtc"],
        "severity": worst.name,
    }


def mention(alert: Document) -> Document:
    """An alert as explanations name it."""
    return {
        "alertId": alert["alertId"],
        "title": alert["title"],
        "resource": alert["resource"]["name"],
        "atUtc": alert["startTimeUtc"],
    }


def _step(stage: Tactic, alerts: Iterable[Document]) -> Document:
    mine = [alert for alert in alerts if stage.name in alert["tactics"]]
    return {
        "stage": stage.name,
        "title": stage.title,
        "tacticId": stage.attack_id,
        "phase": stage.phase,
        "firstUtc": mine[0]["startTimeUtc"],
        "lastUtc": mine[-1]["startTimeUtc"],
        "severity": max(Severity[alert["severity"]] for alert in mine).name,
        "detections": sorted({alert["alertType"] for alert in mine}),
        "counted": True,
        "background": False,
        "firstAlert": mention(mine[0]),
    }


def _entities(alerts: Iterable[Document]) -> list[Document]:
    found = {entity["key"]: entity for alert in alerts for entity in alert["entities"]}
    return [found[key] for key in sorted(found)]


def _why(
    attack: Attack, alerts: Sequence[Document], stages: Sequence[Tactic], *, high: bool
) -> Document:
    depth = stages[-1]
    return {
        "rule": f"{len(stages)} stages in forward order within 6 hours, by as many detections that"
        f" are not background ({3 if high else 2} or more give"
        f" {'high' if high else 'medium'} confidence)",
        "window": {
            "startUtc": alerts[0]["startTimeUtc"],
            "endUtc": alerts[-1]["startTimeUtc"],
            "length": "1.9 hours",
        },
        "pattern": {"name": attack.pattern[0], "title": attack.pattern[1]}
        if attack.pattern
        else None,
        "stages": [],
        "links": _links(alerts),
        "score": {
            "total": round(30.0 + 10 * len(stages) + 4.5, 1),
            "parts": [
                {
                    "points": 60.0 if high else 30.0,
                    "reason": f"{'high' if high else 'medium'} confidence",
                },
                {"points": 2.0 * len(stages), "reason": f"{len(stages)} stages in forward order"},
                {"points": 0.5 * depth, "reason": f"reached {depth.title}"},
            ],
        },
        "background": ["Fail2banNoise"] if high else [],
    }


def _links(alerts: Sequence[Document]) -> list[Document]:
    """For each entity that two resources share, the first alert on each of two of them."""
    links = []
    for entity in _entities(alerts):
        if entity["kind"] == "resource":
            continue
        first: dict[str, Document] = {}
        for alert in alerts:
            if entity["key"] in [each["key"] for each in alert["entities"]]:
                first.setdefault(alert["resource"]["name"], alert)
        if len(first) > 1:
            links.append(_link(entity, list(first.values())[:2]))
    return links


def _link(entity: Document, pair: Sequence[Document]) -> Document:
    one, other = map(mention, pair)
    apart = datetime.fromisoformat(other["atUtc"]) - datetime.fromisoformat(one["atUtc"])
    return {
        "key": entity["key"],
        "kind": entity["kind"],
        "value": entity["value"],
        "alerts": [one, other],
        "betweenSeconds": int(apart.total_seconds()),
        "text": f"{one['resource']} and {other['resource']} share the {entity['kind']}"
        f" {entity['value']}, {int(apart.total_seconds() // 60)} minutes apart",
    }


def lone(name: str, shot: Shot, at: datetime) -> Document:
    """An alert that is part of no incident."""
    return _alert(name, shot, at, None)
