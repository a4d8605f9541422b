"""What correlation needs to know of an alert, and nothing more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.alert import Alert
from shared.entities import key_id
from shared.killchain import Tactic
from shared.severity import Severity
from shared.times import parse_time

LONGEST_NAME: Final = 120
LONGEST_ID: Final = 240
LONGEST_STEP: Final = 300
MOST_KEYS: Final = 32
"""An alert that names more entities links by the first of its sorted keys only."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The resource an alert is about. `entity` is the id of its entity document."""

    key: str
    entity: str
    partition: str
    id: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Observation:
    """One alert, as the engine sees it; times are milliseconds since 1970.

    `keys` are the keys that may link it to other resources, without the resource's own. `names`
    are the entities' display texts, in the order of `keys`. Texts are cut to `LONGEST_…`, since
    evidence keeps some of them.
    """

    alert_id: str
    subject: Subject
    start: int
    end: int
    title: str
    detection: str
    stages: tuple[Tactic, ...]
    severity: Severity
    keys: tuple[str, ...]
    names: tuple[str, ...]
    product: str
    remediation: tuple[str, ...]


_subjects: dict[str, Subject] = {}
_MOST_SUBJECTS = 100_000


def _subject(key: str, partition: str, identifier: str, name: str, kind: str) -> Subject:
    """One Subject a resource: a digest is not made again for every alert."""
    identifier, name = identifier[:LONGEST_ID], name[:LONGEST_NAME]
    subject = _subjects.get(key)
    if subject is None or subject.id != identifier or subject.name != name:
        if len(_subjects) >= _MOST_SUBJECTS:
            _subjects.clear()
        subject = _subjects[key] = Subject(
            key, key_id(key), partition, identifier, name, kind[:LONGEST_NAME]
        )
    return subject


def observe(alert: Alert) -> Observation:
    """The observation of an alert that was just parsed."""
    resource = alert.resource
    named = {entity.key: entity.value for entity in alert.entities if entity.key is not None}
    named.pop(resource.key, None)
    keys = tuple(sorted(named)[:MOST_KEYS])
    resource_key = alert.resource_key
    return Observation(
        alert_id=f"{resource_key}-{alert.id}",
        subject=_subject(resource.key, resource_key, resource.id, resource.name, resource.type),
        start=alert.start,
        end=alert.end,
        title=alert.title[:LONGEST_NAME],
        detection=alert.detection[:LONGEST_NAME],
        stages=alert.tactics,
        severity=alert.severity,
        keys=keys,
        names=tuple(named[key][:LONGEST_NAME] for key in keys),
        product=(alert.product or alert.vendor or alert.source)[:LONGEST_NAME],
        remediation=tuple(step[:LONGEST_STEP] for step in alert.remediation),
    )


def observe_document(document: Mapping[str, Any]) -> Observation:
    """The observation of a stored alert.

    Raises KeyError, TypeError or ValueError when the document is not an alert as this service
    stores it.
    """
    resource = document["resource"]
    own = resource["key"]
    named = {entity["key"]: entity["value"] for entity in document["entities"] if entity.get("key")}
    keys = tuple(key for key in document["keys"] if key != own)[:MOST_KEYS]
    return Observation(
        alert_id=document["alertId"],
        subject=_subject(
            own, document["resourceKey"], resource["id"], resource["name"], resource["type"]
        ),
        start=parse_time(document["startTimeUtc"]),
        end=parse_time(document["endTimeUtc"]),
        title=document["title"][:LONGEST_NAME],
        detection=document["detection"][:LONGEST_NAME],
        stages=tuple(Tactic[name] for name in document["tactics"]),
        severity=Severity[document["severity"]],
        keys=keys,
        names=tuple(named.get(key, key.partition(":")[2])[:LONGEST_NAME] for key in keys),
        product=(document["product"] or document["vendor"] or document["source"])[:LONGEST_NAME],
        remediation=tuple(step[:LONGEST_STEP] for step in document["remediationSteps"]),
    )
