"""Alerts in Azure Monitor's common schema, whatever the kind of signal."""

from collections.abc import Mapping
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.estate import Estate
from ingest_alert.fields import Fields, lines_of, spelled
from ingest_alert.observables import Observables
from ingest_alert.resources import most_specific, no_resource, resource_among
from shared.alert import Alert, Finding
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

_OF_HEALTH: Final = frozenset({"resourcehealth", "servicehealth"})


def recognise(payload: Mapping[str, Any]) -> bool:
    """Whether it names the schema."""
    schema = payload.get("schemaId")
    return isinstance(schema, str) and schema.lower() == _SCHEMA


def parse(payload: Mapping[str, Any], estate: Estate) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(NAME, payload, estate)
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
    if draft.product.lower().replace(" ", "") in _OF_HEALTH:
        draft.finding = Finding.HEALTH
    known = _SEVERITIES.get(essentials.text("severity").lower())
    if known is not None:
        draft.severity = known
    else:
        draft.set_severity(essentials.text("severity"))
    draft.start = essentials.need_instant("firedDateTime", "fireddatetime")
    draft.end = essentials.instant("resolveddatetime")
    draft.modified = draft.end
    draft.set_link(essentials.text("investigationlink"))
    own = tuple(
        part
        for part in (
            data.sub("customproperties"),
            *(context.sub(name) for name in ("properties", "labels", "annotations")),
        )
        if part
    )
    draft.remediation = lines_of(context.sub("properties").texts("remediationsteps"))
    _read_attack(draft, own)
    observables = Observables(draft)
    named = _read_targets(essentials, observables)
    _read_own(own, context, observables)
    arm = most_specific(sorted(observables.arm_ids, key=_is_workspace))
    if arm is None or not arm.host:
        for name in named:
            observables.host(name)
    draft.resource = (
        (None if arm is None else arm.resource) or resource_among(draft) or no_resource(draft, "")
    )
    return draft.alert()


def _is_workspace(arm_id: str) -> bool:
    """Whether it is where logs are kept, which is seldom what they tell of."""
    return "/workspaces/" in arm_id.lower()


def _read_targets(essentials: Fields, observables: Observables) -> list[str]:
    """Add the targets and the items that are resources; gives the other items that are machines.

    The items are machines when machines' logs are watched.
    """
    for target in essentials.texts("alerttargetids"):
        observables.resource(target)
    machines = []
    for item in essentials.texts("configurationitems"):
        if item.startswith("/"):
            observables.resource(item)
        elif "log" in essentials.text("signaltype").lower():
            machines.append(item)
    return machines


def _read_attack(draft: Draft, own: tuple[Fields, ...]) -> None:
    tactics: list[object] = []
    techniques: list[str] = []
    for part in own:
        for name in ("tactic", "tactics", "intent"):
            tactics += part.list(name)
        for name in ("technique", "techniques"):
            techniques += find_techniques(spelled(part.list(name)))
    draft.set_attack(tactics, techniques)


def _read_own(own: tuple[Fields, ...], context: Fields, observables: Observables) -> None:
    """What the rule's own properties and an activity-log record say of accounts and addresses."""
    for part in own:
        observables.account(part.text("user", "username", "account", "userprincipalname"))
        observables.address(part.text("ip", "ipaddress", "sourceip", "clientip"))
        compromised = part.text("compromisedentity")
        if observables.resource(compromised if compromised.startswith("/") else "") is None:
            observables.host(compromised)
        observables.host(part.text("host", "hostname", "computer"))
    observables.account(context.text("caller"))
    observables.address(context.at("authorization").text("clientip") or context.text("callerip"))
    observables.address(context.sub("claims").text("ipaddr"), ("role", "caller"))
    observables.address(context.sub("httprequest").text("clientipaddress"), ("role", "caller"))
    for allof in context.sub("condition").items("allof"):
        for dimension in allof.items("dimensions"):
            _read_dimension(dimension.text("name").lower(), dimension.text("value"), observables)


def _read_dimension(name: str, value: str, observables: Observables) -> None:
    """A column by which a rule counts, where its name says what it holds."""
    if name in ("computer", "host", "hostname"):
        observables.host(value)
    elif name == "_resourceid":
        observables.resource(value)
    elif name in ("account", "user", "username", "userprincipalname"):
        observables.account(value)
    elif name.endswith(("ip", "ipaddress")):
        observables.address(value)
