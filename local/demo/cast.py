"""Who plays: the resources, accounts and addresses of the sample company, and alert makers.

The alerts are our own writing in three real formats: Defender for Cloud's ARM alert, its Event Hub
export, and the `SecurityAlert` table row.
"""

import json
from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from shared.times import MINUTE, format_time

SUBSCRIPTION: Final = "3f1c6a52-7f0e-4c6d-9a53-5b1f8e2d7c10"
GROUP: Final = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shop-rg/providers"
ATTACKER: Final = "203.0.113.77"
SERVICE_ACCOUNT: Final = "svc-shop"


def machine(name: str) -> str:
    """The ARM id of a virtual machine."""
    return f"{GROUP}/Microsoft.Compute/virtualMachines/{name}"


def storage(name: str) -> str:
    """The ARM id of a storage account."""
    return f"{GROUP}/Microsoft.Storage/storageAccounts/{name}"


@dataclass(frozen=True, slots=True)
class Happening:
    """One alert to be: `minute` counts from the start of the story."""

    minute: float
    title: str
    alert_type: str
    severity: str
    intent: str
    resource: str
    entities: tuple[dict[str, Any], ...] = ()
    remediation: tuple[str, ...] = ()
    text: str = ""


def host(name: str) -> dict[str, Any]:
    """A host entity."""
    return {"type": "host", "hostName": name}


def account(name: str) -> dict[str, Any]:
    """An account entity of the sample company's domain."""
    return {"type": "account", "name": name, "ntDomain": "CONTOSO"}


def address(value: str) -> dict[str, Any]:
    """An address entity."""
    return {"type": "ip", "address": value}


def _id(happening: Happening, start: int) -> str:
    parts = (happening.title, happening.resource, str(happening.minute), str(start))
    return str(uuid5(NAMESPACE_URL, "/".join(parts)))


def _when(happening: Happening, start: int) -> str:
    return format_time(start + int(happening.minute * MINUTE))


def arm_alert(happening: Happening, start: int) -> dict[str, Any]:
    """The alert as Defender for Cloud's API gives it; `start` is the story's first instant."""
    at = _when(happening, start)
    identifier = _id(happening, start)
    return {
        "id": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Security/alerts/{identifier}",
        "name": identifier,
        "type": "Microsoft.Security/Locations/alerts",
        "properties": {
            "systemAlertId": identifier,
            "alertType": happening.alert_type,
            "alertDisplayName": happening.title,
            "description": happening.text or happening.title,
            "severity": happening.severity,
            "intent": happening.intent,
            "status": "Active",
            "startTimeUtc": at,
            "endTimeUtc": at,
            "timeGeneratedUtc": at,
            "vendorName": "Microsoft",
            "productName": "Microsoft Defender for Cloud",
            "compromisedEntity": happening.resource.rpartition("/")[2],
            "resourceIdentifiers": [
                {"type": "AzureResource", "azureResourceId": happening.resource}
            ],
            "entities": list(happening.entities),
            "remediationSteps": list(happening.remediation),
        },
    }


def export_alert(happening: Happening, start: int) -> dict[str, Any]:
    """The alert as continuous export to an event hub writes it."""
    at = _when(happening, start)
    return {
        "SystemAlertId": _id(happening, start),
        "AlertType": happening.alert_type,
        "AlertDisplayName": happening.title,
        "Description": happening.text or happening.title,
        "Severity": happening.severity,
        "Intent": happening.intent,
        "Status": "New",
        "StartTimeUtc": at,
        "EndTimeUtc": at,
        "TimeGenerated": at,
        "VendorName": "Microsoft",
        "ProductName": "Microsoft Defender for Cloud",
        "CompromisedEntity": happening.resource.rpartition("/")[2],
        "AzureResourceId": happening.resource,
        "ResourceIdentifiers": [{"Type": "AzureResource", "AzureResourceId": happening.resource}],
        "Entities": [_pascal(entity) for entity in happening.entities],
        "RemediationSteps": list(happening.remediation),
    }


def table_row(happening: Happening, start: int) -> dict[str, Any]:
    """The alert as a row of the `SecurityAlert` table: much of it is JSON in strings."""
    at = _when(happening, start).replace("T", " ").replace("Z", "000+00:00")
    return {
        "Type": "SecurityAlert",
        "SystemAlertId": _id(happening, start),
        "AlertType": happening.alert_type,
        "AlertName": happening.title,
        "DisplayName": happening.title,
        "Description": happening.text or happening.title,
        "AlertSeverity": happening.severity,
        "Tactics": happening.intent,
        "Status": "New",
        "StartTime": at,
        "EndTime": at,
        "TimeGenerated": at,
        "VendorName": "Microsoft",
        "ProductName": "Microsoft Defender for Endpoint",
        "CompromisedEntity": happening.resource.rpartition("/")[2],
        "ResourceId": happening.resource,
        "Entities": json.dumps([_pascal(entity) for entity in happening.entities]),
        "RemediationSteps": json.dumps(list(happening.remediation)),
        "ExtendedProperties": "{}",
    }


def _pascal(entity: dict[str, Any]) -> dict[str, Any]:
    spelt = {"ntDomain": "NTDomain"}
    return {spelt.get(name, name[0].upper() + name[1:]): value for name, value in entity.items()}
