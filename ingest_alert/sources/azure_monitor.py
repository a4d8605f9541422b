"""Alerts in Azure Monitor's common schema, whatever the kind of signal."""

from collections.abc import Mapping
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.fields import Fields, spelled
from ingest_alert.resources import most_specific, no_resource, resource_among
from ingest_alert.things import Things
from shared.alert import Alert
from shared.attack import find_techniques
from shared.severity import Severity

NAME: Final = "azure-monitor"

_SCHEMA: Final = "azuremonitorcommonalertschema"
_SEVERITIES: Final = {
    "sev0": Severity.Critical,
    "sev1": Severity.High,
    "sev2": Severity.Medium,
    "sev3": Severity.Low,
    "sev4": Severity.Informational,
}


def recognise(payload: Mapping[str, Any]) -> bool:
    """Whether it names the schema."""
    schema = payload.get("schemaId")
    return isinstance(schema, str) and schema.lower() == _SCHEMA


def parse(payload: Mapping[str, Any]) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(NAME, payload)
    data = Fields(payload, draft).sub("data")
    essentials, context = data.sub("essentials"), data.sub("alertcontext")
    draft.source_id = essentials.text("alertid", "originalertid") or essentials.need_text("alertId")
    draft.identity = (NAME, draft.source_id.lower())
    draft.title = essentials.need_text("alertRule", "alertrule")
    draft.alert_type = draft.title
    draft.description = essentials.text("description")
    draft.vendor, draft.product = (
        "Microsoft",
        essentials.text("monitoringservice") or "Azure Monitor",
    )
    draft.status = essentials.text("monitorcondition")
    known = _SEVERITIES.get(essentials.text("severity").lower())
    if known is not None:
        draft.severity = known
    else:
        draft.set_severity(essentials.text("severity"))
    draft.start = essentials.need_instant("firedDateTime", "fireddatetime")
    draft.end = essentials.instant("resolveddatetime")
    draft.modified = draft.end
    draft.set_link(essentials.text("investigationlink"))
    own = (data.sub("customproperties"), context.sub("properties"))
    _read_attack(draft, own)
    things = Things(draft)
    targets = essentials.texts("alerttargetids")
    for target in targets:
        things.resource(target)
    _read_own(own, context, things)
    arm = most_specific(targets)
    named = essentials.texts("configurationitems")
    if arm is None or not arm.host:
        for name in named if _names_machines(essentials) else ():
            things.host(name)
    draft.resource = (
        (None if arm is None else arm.resource)
        or resource_among(draft.entities)
        or no_resource(draft, named[0] if named else "")
    )
    return draft.alert()


def _names_machines(essentials: Fields) -> bool:
    """Whether the configuration items are machines: they are when machines' logs are watched."""
    return "log" in essentials.text("signaltype").lower()


def _read_attack(draft: Draft, own: tuple[Fields, ...]) -> None:
    tactics: list[object] = []
    techniques: list[str] = []
    for part in own:
        for name in ("tactic", "tactics", "intent"):
            tactics += part.list(name)
        for name in ("technique", "techniques"):
            techniques += find_techniques(spelled(part.list(name)))
    draft.set_attack(tactics, techniques)


def _read_own(own: tuple[Fields, ...], context: Fields, things: Things) -> None:
    """What the rule's own properties and an activity-log record say of accounts and addresses."""
    for part in own:
        things.account(part.text("user", "username", "account", "userprincipalname"))
        things.address(part.text("ip", "ipaddress", "sourceip", "clientip"))
        things.host(part.text("host", "hostname", "computer"))
    things.account(context.text("caller"))
    things.address(context.at("authorization").text("clientip") or context.text("callerip"))
    for allof in context.sub("condition").items("allof"):
        for dimension in allof.items("dimensions"):
            if dimension.text("name").lower() in ("computer", "host", "hostname"):
                things.host(dimension.text("value"))
