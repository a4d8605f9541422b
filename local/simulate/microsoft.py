"""Steps as Microsoft's products write alerts: ARM, Event Hub, `SecurityAlert` rows, Graph."""

import json
from typing import Final
from uuid import UUID, uuid5

from local.simulate.naming import (
    DIRECTORY,
    DNS_DOMAIN,
    MAIL_DOMAIN,
    RESOURCE_GROUP,
    SUBSCRIPTION,
    WORKSPACE,
    device_id,
    fqdn,
    object_id,
    sid,
    upn,
)
from local.simulate.step import Alert, Stamp, Step, without_empty

_CLOUD: Final = {"vendorName": "Microsoft", "productName": "Microsoft Defender for Cloud"}
_LOCATION: Final = "westeurope"
_LAST_TICK: Final = 3_155_378_975_999_999_999
_TICKS_TO_1970: Final = 621_355_968_000_000_000
_TICKS_A_MILLISECOND: Final = 10_000


def arm(step: Step, stamp: Stamp) -> Alert:
    """Defender for Cloud's API."""
    name = cloud_id(stamp.id, stamp.at)
    return {
        "id": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}/providers/"
        f"Microsoft.Security/locations/{_LOCATION}/alerts/{name}",
        "name": name,
        "type": "Microsoft.Security/Locations/alerts",
        "properties": without_empty(
            {
                "systemAlertId": name,
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
                "resourceIdentifiers": _identifiers(step),
                "entities": _entities(step),
                "remediationSteps": _listed(step.advice),
            }
        ),
    }


def cloud_id(guid: str, at: int) -> str:
    """An id as Defender for Cloud makes them: ticks left of .NET's time, and a GUID."""
    return f"{_LAST_TICK - _TICKS_TO_1970 - at * _TICKS_A_MILLISECOND}_{guid}"


def event_hub(step: Step, stamp: Stamp) -> Alert:
    """Defender for Cloud's continuous export."""
    properties = arm(step, stamp)["properties"]
    renamed = {"startTimeUtc": "StartTimeUtc", "timeGeneratedUtc": "TimeGenerated"}
    exported = {renamed.get(name, _pascal(name)): value for name, value in properties.items()}
    return exported | {
        "Status": "New",
        "ResourceIdentifiers": [_capital(each) for each in _identifiers(step)],
        "Entities": [_capital(each) for each in _entities(step)],
    }


def table_row(step: Step, stamp: Stamp) -> Alert:
    """A row of the `SecurityAlert` table in a workspace: much of it is JSON in strings.

    Defender for Endpoint's alerts have one type, and the product's own id beside the row's.
    """
    at = stamp.time.replace("T", " ").replace("Z", "000+00:00")
    return {
        "Type": "SecurityAlert",
        "TenantId": WORKSPACE,
        "WorkspaceSubscriptionId": SUBSCRIPTION,
        "WorkspaceResourceGroup": RESOURCE_GROUP,
        "SystemAlertId": str(uuid5(UUID(WORKSPACE), stamp.id)),
        "VendorOriginalId": _endpoint_id(stamp),
        "ProviderName": "MDATP",
        "VendorName": "Microsoft",
        "ProductName": "Microsoft Defender Advanced Threat Protection",
        "AlertType": "WindowsDefenderAtp",
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
        "CompromisedEntity": fqdn(step.host) if step.host else _about(step),
        "ResourceId": step.resource,
        "Entities": json.dumps([_capital(each) for each in _entities(step)]),
        "RemediationSteps": json.dumps(_listed(step.advice)),
        "ExtendedProperties": json.dumps({"MicrosoftDefenderAtp.Category": step.tactic}),
    }


def graph(step: Step, stamp: Stamp) -> Alert:
    """Microsoft Graph's `alert_v2`, of Defender for Endpoint."""
    name = f"da{_endpoint_id(stamp)}"
    return {
        "id": name,
        "providerAlertId": _endpoint_id(stamp),
        "tenantId": DIRECTORY,
        "title": step.title,
        "detectorId": step.detection,
        "description": f"{step.title} on {_about(step)}.",
        "severity": step.severity.lower(),
        "status": "new",
        "category": step.tactic,
        "mitreTechniques": _listed(step.technique),
        "serviceSource": "microsoftDefenderForEndpoint",
        "detectionSource": "microsoftDefenderForEndpoint",
        "productName": "Microsoft Defender for Endpoint",
        "createdDateTime": stamp.later,
        "lastUpdateDateTime": stamp.later,
        "firstActivityDateTime": stamp.time,
        "lastActivityDateTime": stamp.time,
        "recommendedActions": step.advice,
        "evidence": _evidence(step),
    }


def _endpoint_id(stamp: Stamp) -> str:
    """The id that Defender for Endpoint gives an alert, in every channel."""
    return f"{stamp.id}_1"


def _evidence(step: Step) -> list[Alert]:
    kinds = {
        "device": step.host and _device(step),
        "user": step.account and {"userAccount": _user(step)},
        "ip": step.address and {"ipAddress": step.address},
        "file": step.sha256 and {"fileDetails": {"fileName": "file", "sha256": step.sha256}},
    }
    return [
        {"@odata.type": f"#microsoft.graph.security.{kind}Evidence", **fields}
        for kind, fields in kinds.items()
        if isinstance(fields, dict)
    ]


def _device(step: Step) -> Alert:
    return {
        "deviceDnsName": fqdn(step.host),
        "hostName": step.host,
        "ntDomain": step.domain,
        "mdeDeviceId": device_id("defender", step.host, 40),
        "lastIpAddress": step.own_address,
    }


def _user(step: Step) -> Alert:
    if not step.domain:
        return {"accountName": step.account}
    return {
        "accountName": step.account,
        "domainName": step.domain,
        "userPrincipalName": upn(step.account),
        "userSid": sid(step.account),
        "azureAdUserId": object_id(step.account),
    }


def _entities(step: Step) -> list[Alert]:
    named = [_host(step), _account(step), {"type": "ip", "address": step.address}, _hash(step)]
    return [each for each in map(without_empty, named) if set(each) - {"type"}]


def _host(step: Step) -> Alert:
    azure = step.resource if step.resource.endswith(f"/virtualMachines/{step.host}") else ""
    domain = DNS_DOMAIN if step.host else ""
    return {"type": "host", "hostName": step.host, "dnsDomain": domain, "azureID": azure}


def _account(step: Step) -> Alert:
    named: Alert = {"type": "account", "name": step.account}
    if step.account and step.domain:
        named |= {"ntDomain": step.domain, "upnSuffix": MAIL_DOMAIN, "sid": sid(step.account)}
        named |= {"aadUserId": object_id(step.account)}
    return named


def _hash(step: Step) -> Alert:
    algorithm = "SHA256" if step.sha256 else ""
    return {"type": "filehash", "algorithm": algorithm, "value": step.sha256}


def _identifiers(step: Step) -> list[Alert]:
    tenant = {"type": "AAD", "aadTenantId": DIRECTORY}
    if not step.resource:
        return [tenant]
    return [
        {
            "type": "AzureResource",
            "azureResourceId": step.resource,
            "azureResourceTenantId": DIRECTORY,
        },
        tenant,
    ]


def _about(step: Step) -> str:
    return step.resource.rpartition("/")[2] or step.host or step.account


def _listed(text: str) -> list[str]:
    return [text] if text else []


def _pascal(name: str) -> str:
    return name[:1].upper() + name[1:]


_SPELLED_OTHERWISE: Final = {"ntDomain": "NTDomain", "upnSuffix": "UPNSuffix"}


def _capital(fields: Alert) -> Alert:
    return {_SPELLED_OTHERWISE.get(name, _pascal(name)): text for name, text in fields.items()}
