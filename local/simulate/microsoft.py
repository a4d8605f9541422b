"""Steps as Microsoft's products write alerts: ARM, Event Hub, `SecurityAlert` rows, Graph."""

import json

from local.simulate.step import Alert, Stamp, Step, without_empty

_CLOUD = {"vendorName": "Microsoft", "productName": "Microsoft Defender for Cloud"}


def arm(step: Step, stamp: Stamp) -> Alert:
    """Defender for Cloud's API."""
    return {
        "name": stamp.id,
        "type": "Microsoft.Security/Locations/alerts",
        "properties": without_empty(
            {
                "systemAlertId": stamp.id,
                "alertType": step.detection,
                "alertDisplayName": step.title,
                "description": f"{step.title} on {_about(step)}.",
                "severity": step.severity,
                "intent": step.tactic or "Unknown",
                "techniques": _listed(step.technique),
                "status": "Active",
                "startTimeUtc": stamp.time,
                "endTimeUtc": stamp.time,
                "timeGeneratedUtc": stamp.later,
                **_CLOUD,
                "compromisedEntity": _about(step),
                "resourceIdentifiers": _identifiers(step, stamp),
                "entities": _entities(step),
                "remediationSteps": _listed(step.advice),
            }
        ),
    }


def event_hub(step: Step, stamp: Stamp) -> Alert:
    """Defender for Cloud's continuous export."""
    properties = arm(step, stamp)["properties"]
    renamed = {"startTimeUtc": "StartTimeUtc", "timeGeneratedUtc": "TimeGenerated"}
    exported = {renamed.get(name, _pascal(name)): value for name, value in properties.items()}
    return exported | {
        "Status": "New",
        "ResourceIdentifiers": [_capital(each) for each in _identifiers(step, stamp)],
        "Entities": [_capital(each) for each in _entities(step)],
    }


def table_row(step: Step, stamp: Stamp) -> Alert:
    """A row of the `SecurityAlert` table: much of it is JSON in strings."""
    at = stamp.time.replace("T", " ").replace("Z", "000+00:00")
    return {
        "Type": "SecurityAlert",
        "TenantId": stamp.tenant,
        "SystemAlertId": stamp.id,
        "AlertType": step.detection,
        "AlertName": step.title,
        "DisplayName": step.title,
        "Description": f"{step.title} on {_about(step)}.",
        "AlertSeverity": step.severity,
        "Tactics": step.tactic,
        "Techniques": json.dumps(_listed(step.technique)),
        "Status": "New",
        "StartTime": at,
        "EndTime": at,
        "TimeGenerated": at,
        "VendorName": "Microsoft",
        "ProductName": "Microsoft Defender for Endpoint",
        "CompromisedEntity": _about(step),
        "ResourceId": step.resource,
        "Entities": json.dumps([_capital(each) for each in _entities(step)]),
        "RemediationSteps": json.dumps(_listed(step.advice)),
        "ExtendedProperties": "{}",
    }


def graph(step: Step, stamp: Stamp) -> Alert:
    """Microsoft Graph's `alert_v2`."""
    return {
        "id": stamp.id,
        "providerAlertId": stamp.id,
        "tenantId": stamp.tenant,
        "title": step.title,
        "detectorId": step.detection,
        "description": f"{step.title} on {_about(step)}.",
        "severity": step.severity.lower(),
        "status": "new",
        "category": step.tactic,
        "mitreTechniques": _listed(step.technique),
        "serviceSource": "microsoftDefenderForEndpoint",
        "createdDateTime": stamp.later,
        "lastUpdateDateTime": stamp.later,
        "firstActivityDateTime": stamp.time,
        "lastActivityDateTime": stamp.time,
        "recommendedActions": step.advice,
        "evidence": _evidence(step),
    }


def _evidence(step: Step) -> list[Alert]:
    kinds = {
        "device": step.host and {"deviceDnsName": step.host, "lastIpAddress": step.own_address},
        "user": step.account and {"userAccount": _user(step)},
        "ip": step.address and {"ipAddress": step.address},
        "file": step.sha256 and {"fileDetails": {"fileName": "file", "sha256": step.sha256}},
    }
    return [
        {"@odata.type": f"#microsoft.graph.security.{kind}Evidence", **fields}
        for kind, fields in kinds.items()
        if isinstance(fields, dict)
    ]


def _user(step: Step) -> Alert:
    return {"accountName": step.account, "domainName": step.domain}


def _entities(step: Step) -> list[Alert]:
    named = [
        {"type": "host", "hostName": step.host},
        {"type": "account", "name": step.account, "ntDomain": step.domain},
        {"type": "ip", "address": step.address},
        {"type": "filehash", "algorithm": step.sha256 and "SHA256", "value": step.sha256},
    ]
    return [entity for entity in map(without_empty, named) if set(entity) - {"type", "ntDomain"}]


def _identifiers(step: Step, stamp: Stamp) -> list[Alert]:
    azure = [{"type": "AzureResource", "azureResourceId": step.resource}] if step.resource else []
    tenant = [{"type": "AAD", "aadTenantId": stamp.tenant}] if stamp.tenant else []
    return azure + tenant


def _about(step: Step) -> str:
    return step.resource.rpartition("/")[2] or step.host or step.account


def _listed(text: str) -> list[str]:
    return [text] if text else []


def _pascal(name: str) -> str:
    return name[:1].upper() + name[1:]


def _capital(fields: Alert) -> Alert:
    return {
        {"ntDomain": "NTDomain"}.get(name, _pascal(name)): text for name, text in fields.items()
    }
