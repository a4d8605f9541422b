"""Events as alerts in the native format: the shape in which Defender for Cloud's API gives them."""

from random import Random
from typing import Final
from uuid import UUID

from local.simulate.enterprise.catalogue import SCANS, Detection
from local.simulate.enterprise.events import Event
from local.simulate.enterprise.population import Population, Resource
from local.simulate.microsoft import cloud_id
from local.simulate.naming import DIRECTORY, DOMAIN
from local.simulate.play import Labelled
from local.simulate.step import Alert
from shared.times import MINUTE, format_time

_ADMINISTRATOR: Final = 0.12
"""How often an administrator did what an account is named for."""
_SERVICE: Final = 0.4
"""How often a service did on a server; else it has an account of its own."""
_THROUGH_GATEWAY: Final = 0.7
_TOOL: Final = 0.1
_SCAN_NAMES: Final = frozenset(each.name for each in SCANS)


def native(event: Event, population: Population, chance: Random) -> Labelled:
    """The alert of an event; which account and addresses it names is drawn by `chance`."""
    at, detection, resource = event
    identifier = cloud_id(str(UUID(int=chance.getrandbits(128), version=4)), at)
    time = format_time(at)
    properties: Alert = {
        "systemAlertId": identifier,
        "alertType": detection.name,
        "alertDisplayName": detection.title,
        "description": f"{detection.title}, on {resource.name}.",
        "severity": detection.severity,
        "intent": detection.tactic or "Unknown",
        "status": "Active",
        "startTimeUtc": time,
        "endTimeUtc": time,
        "timeGeneratedUtc": format_time(at + MINUTE),
        "vendorName": "Example",
        "productName": detection.product,
        "compromisedEntity": resource.name,
        "entities": _entities(detection, resource, population, chance),
    }
    identifiers = [{"type": "AAD", "aadTenantId": DIRECTORY}]
    if resource.azure:
        identifiers.insert(0, {"type": "AzureResource", "azureResourceId": resource.azure})
    properties["resourceIdentifiers"] = identifiers
    alert = {
        "name": identifier,
        "type": "Microsoft.Security/Locations/alerts",
        "properties": properties,
    }
    return Labelled(at, identifier, alert, None)


def _entities(
    detection: Detection, resource: Resource, population: Population, chance: Random
) -> list[Alert]:
    shared, sees = population.shared, detection.sees
    if not resource.address and sees != "traffic":
        sees = "log-on"
    found = [_host(resource)] if resource.address else []
    if sees == "process":
        found.append(_account(resource, population, chance))
        if chance.random() < _TOOL:
            found.append(_file(chance.choice(shared.tools)))
    elif sees == "traffic":
        inside = detection.name in _SCAN_NAMES
        other = shared.scanner if inside else population.outside.draw(chance)
        found += _addresses(resource.address, other)
    elif sees == "lookup":
        found += _addresses(resource.address, chance.choice(shared.resolvers))
    elif sees == "web":
        found += _addresses(resource.address, shared.proxy)
    elif sees == "log-on":
        found.append(_account(resource, population, chance))
        through = chance.random() < _THROUGH_GATEWAY
        found += _addresses(shared.gateway if through else population.outside.draw(chance))
    return found


def _host(resource: Resource) -> Alert:
    return {"type": "host", "hostName": resource.name}


def _addresses(*addresses: str) -> list[Alert]:
    return [{"type": "ip", "address": each} for each in addresses if each]


def _file(sha256: str) -> Alert:
    return {"type": "filehash", "algorithm": "SHA256", "value": sha256}


def _account(resource: Resource, population: Population, chance: Random) -> Alert:
    """The owner, an administrator, a service that runs everywhere, or the machine's own service."""
    shared, drawn = population.shared, chance.random()
    if drawn < _ADMINISTRATOR:
        name = chance.choice(shared.administrators)
    elif resource.owner:
        name = resource.owner
    elif drawn < _ADMINISTRATOR + _SERVICE:
        name = chance.choice(shared.services)
    else:
        name = f"run-{resource.name}"
    return {"type": "account", "name": name, "ntDomain": DOMAIN}
