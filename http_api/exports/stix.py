"""A STIX 2.1 bundle: the incident, what was attacked, who and what took part, and how.

The same incident always gives the same ids. Those of observables follow from their values, as the
specification wants (section 2.9), so that they meet those of other sources.
"""

import ipaddress
import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Final

from http_api.exports.navigator import short_name
from shared.attack import tactics_of
from shared.killchain import Tactic
from shared.store.queries import Document

_OBSERVABLES: Final = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
_OURS: Final = uuid.uuid5(uuid.NAMESPACE_OID, "alerts-to-incidents")
_CHAIN: Final = "mitre-attack"
_CONFIDENCES: Final = {"low": 15, "medium": 50, "high": 85}
_BY_VALUE: Final = {"domain": "domain-name", "url": "url", "mailbox": "email-addr"}
_HASHES: Final = {32: "MD5", 40: "SHA-1", 64: "SHA-256", 128: "SHA-512"}


def stix(incident: Document, alerts: list[Document]) -> dict[str, Any]:
    """The bundle."""
    common = _common(incident)
    author = _identity("Alerts to incidents", "system", common)
    root = _incident(incident, common, author["id"])
    parts = [
        *_patterns(incident, alerts, common),
        *(_resource(each, common) for each in incident["resources"]),
        *_observables(incident["entities"]),
    ]
    distinct = {part["id"]: part for part in parts}
    relations = [_relation(root, part, common) for part in distinct.values()]
    bundle_id = uuid.uuid5(_OURS, f"bundle {incident['incidentId']} {incident['updatedUtc']}")
    return {
        "type": "bundle",
        "id": f"bundle--{bundle_id}",
        "objects": [author, root, *distinct.values(), *relations],
    }


def _common(incident: Document) -> dict[str, Any]:
    created, modified = incident["createdUtc"], incident["updatedUtc"]
    return {"spec_version": "2.1", "created": created, "modified": max(created, modified)}


def _named(kind: str, name: str) -> str:
    return f"{kind}--{uuid.uuid5(_OURS, f'{kind} {name}')}"


def _identity(name: str, identity_class: str, common: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "identity",
        "id": _named("identity", name),
        **common,
        "name": name,
        "identity_class": identity_class,
    }


def _incident(incident: Document, common: Mapping[str, Any], author: str) -> dict[str, Any]:
    labels = [incident["status"], *incident.get("labels", [])]
    return {
        "type": "incident",
        "id": _named("incident", incident["incidentId"]),
        **common,
        "created_by_ref": author,
        "name": incident["title"],
        "description": incident["description"],
        "confidence": _CONFIDENCES[incident["confidence"]],
        "labels": labels,
        "external_references": [
            {"source_name": "alerts-to-incidents", "external_id": incident["incidentId"]}
        ],
    }


def _patterns(
    incident: Document, alerts: list[Document], common: Mapping[str, Any]
) -> Iterable[dict[str, Any]]:
    """An attack pattern for each technique, and for each stage that none of them serves."""
    techniques = sorted({each for alert in alerts for each in alert["techniques"]})
    for technique in techniques:
        yield _pattern(technique, technique, tactics_of([technique]), common)
    served = set(tactics_of(techniques))
    for stage in incident["stages"]:
        tactic = Tactic[stage]
        if tactic not in served:
            yield _pattern(tactic.title, tactic.attack_id, (tactic,), common)


def _pattern(
    name: str, attack_id: str, tactics: Iterable[Tactic], common: Mapping[str, Any]
) -> dict[str, Any]:
    phases = [{"kill_chain_name": _CHAIN, "phase_name": short_name(each)} for each in tactics]
    return {
        "type": "attack-pattern",
        "id": _named("attack-pattern", attack_id),
        **common,
        "name": name,
        "external_references": [{"source_name": _CHAIN, "external_id": attack_id}],
        **({"kill_chain_phases": phases} if phases else {}),
    }


def _resource(resource: Document, common: Mapping[str, Any]) -> dict[str, Any]:
    found = _identity(resource["name"], "system", common)
    return found | {
        "id": _named("identity", resource["key"]),
        "description": f"{resource['type']} {resource['id']}",
    }


def _observables(entities: Iterable[Document]) -> Iterable[dict[str, Any]]:
    """Those entities that STIX has an observable for."""
    for entity in entities:
        kind, value = entity["kind"], entity["value"]
        if kind == "address" and (found := _address(value)):
            yield found
        elif kind == "account":
            yield _observable("user-account", {"account_login": value})
        elif kind in _BY_VALUE:
            yield _observable(_BY_VALUE[kind], {"value": value})
        elif kind == "file" and (found := _file(value)):
            yield found


def _address(value: str) -> dict[str, Any] | None:
    try:
        address = ipaddress.ip_address(value.strip())
    except ValueError:
        return None
    return _observable(f"ipv{address.version}-addr", {"value": str(address)})


def _file(value: str) -> dict[str, Any] | None:
    digest = value.rpartition(":")[2].strip().lower()
    algorithm = _HASHES.get(len(digest))
    return _observable("file", {"hashes": {algorithm: digest}}) if algorithm else None


def _observable(kind: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    contributing = json.dumps(properties, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    made = uuid.uuid5(_OBSERVABLES, contributing)
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{made}", **properties}


def _relation(
    source: Mapping[str, Any], target: Mapping[str, Any], common: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "type": "relationship",
        "id": _named("relationship", f"{source['id']} {target['id']}"),
        **common,
        "relationship_type": "related-to",
        "source_ref": source["id"],
        "target_ref": target["id"],
    }
