"""The alert as this service knows it, whatever its source: made by a parser, stored as a document.

Its identity is deterministic. `id` is a digest of the organisation and the source's own identity: a
redelivered or doubled alert is the same document, whatever resource or evidence a version of it
names first. The partition it lives in follows from the id, so any alert is one point read away.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from shared.entities import Entity, key_id, key_kind
from shared.killchain import Tactic
from shared.severity import Severity
from shared.signals import signal_id
from shared.times import format_time

ORGANISATION: Final = "main"
"""The organisation of everything where no other is named."""

STATUSES: Final = ("Active", "InProgress", "Resolved", "Dismissed")
"""The states that people give alerts and incidents; the last two close them."""

_SOURCE_STATUSES: Final = {
    "inprogress": "InProgress",
    "acknowledged": "InProgress",
    "notified": "InProgress",
    "resolved": "Resolved",
    "closed": "Resolved",
    "truepositive": "Resolved",
    "inactive": "Resolved",
    "dismissed": "Dismissed",
    "suppressed": "Dismissed",
    "ignored": "Dismissed",
    "falsepositive": "Dismissed",
    "archived": "Dismissed",
    "muted": "Dismissed",
    "passed": "Dismissed",
}
_BETWEEN_WORDS: Final = str.maketrans("", "", " _-")


def status_of(source_status: str) -> str:
    """The state an alert starts in: `Active` unless the source says that it is handled.

    Spaces, hyphens and underscores between words do not matter.
    """
    return _SOURCE_STATUSES.get(source_status.lower().translate(_BETWEEN_WORDS), "Active")


@dataclass(frozen=True, slots=True)
class Resource:
    """What an alert is about: an ARM id where there is one, else the host, account, … named.

    `key` is its entity key (`resource:…`, `host:…`), `name` is short and for people, `type` is the
    kind of thing in the source's words (`Microsoft.Compute/virtualMachines`, `host`).
    """

    key: str
    id: str
    name: str
    type: str


class Finding(StrEnum):
    """What a tool found: only attacks are what incidents are made of.

    `health` is what a sensor says of itself; posture is a check of a configuration, passed or not.
    """

    ATTACK = "attack"
    POSTURE = "posture"
    VULNERABILITY = "vulnerability"
    HEALTH = "health"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. Times are milliseconds since 1970, `start` ≤ `end`; `original` is untouched.

    `identity` is what the source identifies the alert by, as parts; `source` names the format that
    was read. `generated` is when the source made the alert, `modified` when it last changed it,
    None where it does not tell. `keys` are the distinct keys of the resource and the entities, the
    resource's first. `notes` tell, in sentences, what the parser could not use.
    """

    source: str
    source_id: str
    identity: tuple[str, ...]
    title: str
    description: str
    alert_type: str
    severity: Severity
    tactics: tuple[Tactic, ...]
    techniques: tuple[str, ...]
    start: int
    end: int
    generated: int
    resource: Resource
    entities: tuple[Entity, ...]
    vendor: str
    product: str
    tenant: str
    status: str
    remediation: tuple[str, ...]
    link: str
    original: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    modified: int | None = None
    finding: Finding = Finding.ATTACK
    organisation: str = ORGANISATION

    @property
    def id(self) -> str:
        """The id: 24 hex digits of the organisation and the source's identity."""
        return digest(self.organisation, *self.identity)[:24]

    @property
    def entity(self) -> str:
        """The id of the resource's key: 32 hex digits."""
        return key_id(self.resource.key)

    @property
    def sid(self) -> str:
        """The id of its signal, see `shared.signals`."""
        return signal_id(
            self.detection, self.severity.name, (tactic.name for tactic in self.tactics)
        )

    @property
    def keys(self) -> tuple[str, ...]:
        """Distinct keys, the resource's first, the others sorted."""
        others = {entity.key for entity in self.entities if entity.key is not None}
        others.discard(self.resource.key)
        return (self.resource.key, *sorted(others))

    @property
    def detection(self) -> str:
        """What tells one detection from another: the type, unless a product uses it for all."""
        return detection_of(self.alert_type, self.title)


CATCH_ALL_TYPES: Final = frozenset(
    {
        "",
        "windowsdefenderatp",
        "mcasalert",
        "mcas_alert_anomaly_detection",
        "scheduledalert",
        "customalertrule",
        "microsoft 365 defender",
        "wazuh",
        "suricata",
        "falco",
    }
)
"""Alert types that a product gives to everything it raises (seen in real `SecurityAlert` rows)."""


def detection_of(alert_type: str, title: str) -> str:
    """The alert type, or the title where the type is one constant for a whole product."""
    return title if alert_type.strip().lower() in CATCH_ALL_TYPES else alert_type


def digest(*parts: str) -> str:
    """64 hex digits of the parts; where one part ends and the next begins matters."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def bucket_of(alert_id: str, buckets: int) -> str:
    """The partition of `alerts` that an alert lives in, of so many.

    Raises ValueError where the id does not begin with eight hex digits.
    """
    return str(int(alert_id[:8], 16) % buckets)


def alert_document(alert: Alert, *, received: int) -> dict[str, Any]:
    """The alert as stored in the `alerts` container. `received` is when the service read it."""
    return {
        "id": alert.id,
        "type": "alert",
        "alertId": alert.id,
        "organisation": alert.organisation,
        "entity": alert.entity,
        "sid": alert.sid,
        "source": alert.source,
        "sourceAlertId": alert.source_id,
        "title": alert.title,
        "description": alert.description,
        "alertType": alert.alert_type,
        "detection": alert.detection,
        "severity": alert.severity.name,
        "severityRank": int(alert.severity),
        "tactics": [tactic.name for tactic in alert.tactics],
        "techniques": list(alert.techniques),
        "finding": alert.finding.value,
        "startTimeUtc": format_time(alert.start),
        "endTimeUtc": format_time(alert.end),
        "generatedTimeUtc": format_time(alert.generated),
        "modifiedTimeUtc": format_time(
            alert.generated if alert.modified is None else alert.modified
        ),
        "receivedTimeUtc": format_time(received),
        "updatedUtc": format_time(received),
        "resource": {
            "key": alert.resource.key,
            "id": alert.resource.id,
            "name": alert.resource.name,
            "type": alert.resource.type,
        },
        "entities": [_entity_document(entity) for entity in alert.entities],
        "keys": list(alert.keys),
        "vendor": alert.vendor,
        "product": alert.product,
        "tenant": alert.tenant,
        "sourceStatus": alert.status,
        "remediationSteps": list(alert.remediation),
        "link": alert.link,
        "notes": list(alert.notes),
        "original": alert.original,
        "status": status_of(alert.status),
        "triage": {},
        "search": search_text(alert),
    }


def _entity_document(entity: Entity) -> dict[str, Any]:
    document: dict[str, Any] = {"kind": entity.kind, "value": entity.value}
    if entity.key is not None:
        document["key"] = entity.key
    if entity.fields:
        document["fields"] = dict(entity.fields)
    return document


SEARCH_LIMIT: Final = 2_000


def search_text(alert: Alert) -> str:
    """What a text search looks through, in lower case: title, resource, entities, description."""
    parts = (
        alert.title,
        alert.resource.id,
        alert.resource.name,
        *(entity.value for entity in alert.entities),
        alert.source_id,
        alert.description,
    )
    return "\n".join(dict.fromkeys(part for part in parts if part)).lower()[:SEARCH_LIMIT]


def counter_id(entity: str, hour: int, sid: str) -> str:
    """The id of what counts a resource's alerts of one signal that start in one hour."""
    return f"n-{entity}-{hour}-{sid}"


def kinds_of(keys: tuple[str, ...]) -> frozenset[str]:
    """The entity kinds among keys."""
    return frozenset(map(key_kind, keys))
