"""What the spellings of Microsoft's security alerts share: one reading for all of them.

Defender for Cloud's ARM alert (`alertDisplayName`), its export to Event Hub and to workflow
automation (`AlertDisplayName`) and the rows of the `SecurityAlert` table (`DisplayName`, with
lists as JSON in texts) name the same facts. Their identity is the same too, so that an alert that
comes by two ways, or by a later version of the API, is one alert.
"""

from functools import lru_cache
from typing import Final

from ingest_alert.draft import Draft, tactics_in
from ingest_alert.fields import Fields, lines_of, spelled
from ingest_alert.microsoft_entities import read_entities
from ingest_alert.microsoft_identity import identity_of
from ingest_alert.observables import plain_entity
from ingest_alert.resources import (
    ArmResource,
    most_specific,
    no_resource,
    read_arm_id,
    resource_among,
    resource_of_entity,
)
from shared.alert import Alert, Resource
from shared.attack import find_techniques
from shared.entities import entity

_TITLE: Final = ("alertdisplayname", "displayname", "alertname", "alerttype")
_START: Final = (
    "starttimeutc",
    "starttime",
    "detectedtimeutc",
)
_LATER: Final = (
    "endtimeutc",
    "endtime",
    "timegeneratedutc",
    "timegenerated",
    "reportedtimeutc",
)
"""What stands for the start of an alert that states none."""
_GENERATED: Final = ("timegeneratedutc", "timegenerated", "reportedtimeutc")
_PROCESSED: Final = ("processingendtimeutc", "processingendtime", "processingend")
_NAMED_IN_PROPERTIES: Final = {
    "attacker ip": "address",
    "attacker source ip": "address",
    "client ip address": "address",
    "client ip": "address",
    "source ip": "address",
    "source address": "address",
    "ip address": "address",
    "client principal name": "account",
    "account upn": "account",
}
"""Extended properties that name an entity, for alerts whose entities leave it out."""


def fill(draft: Draft, fields: Fields, own_id: str = "") -> Alert:
    """The alert whose facts are in `fields`; `own_id` is its ARM name, used where no id is stated.

    Raises AlertError when id, title or time are missing, or a time cannot be read.
    """
    identifier = fields.text("systemalertid") or own_id or fields.text("instanceid")
    if not identifier:
        identifier = fields.need_text("systemAlertId", "vendororiginalid", "provideralertid")
    draft.source_id = identifier
    draft.title = fields.text(*_TITLE) or fields.need_text("alertDisplayName")
    draft.alert_type = fields.text("alerttype", "alertname")
    is_plain = _SELDOM.isdisjoint(fields.names)
    products_id = "" if is_plain else _products_id(fields)
    draft.identity = identity_of(products_id or identifier, draft.title)
    draft.description = fields.text("description")
    draft.set_severity(fields.text("severity", "alertseverity", "reportedseverity"))
    draft.status = fields.text("status", "state", "alertstatus")
    draft.vendor = fields.text("vendorname", "providername")
    draft.product = fields.text("productname", "productcomponentname", "providername")
    _read_times(draft, fields)
    if is_plain:
        draft.set_attack(fields.get("intent"))
        draft.resource = _read_observables(draft, fields, None, [])
    else:
        _read_seldom(draft, fields)
    return draft.alert()


_RESOURCES: Final = ("azureresourceid", "associatedresource", "resourceid")
_TENANTS: Final = ("azureresourcetenantid", "aadtenantid", "tenantid")
_SELDOM: Final = frozenset(
    {
        *_RESOURCES,
        *_TENANTS,
        "vendororiginalid",
        "provideralertid",
        "alerturi",
        "alertlink",
        "remediationsteps",
        "extendedproperties",
        "tactics",
        "killchainintent",
        "techniques",
        "subtechniques",
        "resourceidentifiers",
    }
)
"""What a plain alert has none of; looking for all of it at once spares looking for each."""


def _read_seldom(draft: Draft, fields: Fields) -> None:
    draft.set_link(fields.text("alerturi", "alertlink"))
    draft.remediation = lines_of(fields.texts("remediationsteps"))
    properties = fields.sub("extendedproperties")
    _read_attack(draft, fields, properties)
    identifiers = fields.items("resourceidentifiers")
    draft.tenant = _tenant(fields, identifiers)
    stated = [item.text("azureresourceid", "resourceid") for item in identifiers]
    stated += [fields.text(name) for name in _RESOURCES]
    draft.resource = _read_observables(draft, fields, properties, stated)


def _products_id(fields: Fields) -> str:
    """The id that the product gave an alert which another service hands on, "" where it is its own.

    Sentinel gives each row an id; an alert of its own rules has no other that channels share.
    """
    identifier = fields.text("vendororiginalid", "provideralertid")
    if not identifier:
        return ""
    makers = (fields.text(name).lower() for name in ("providername", "productname"))
    return "" if any(maker in _SENTINEL for maker in makers) else identifier


_SENTINEL: Final = frozenset(
    {
        "customalertrule",
        "asi scheduled alerts",
        "asi nrt alerts",
        "asi fusion alerts",
        "azure sentinel",
        "microsoft sentinel",
        "internaldemo",
    }
)
"""How the rows of Sentinel's own rules name who made them."""


def _read_times(draft: Draft, fields: Fields) -> None:
    draft.start = fields.need_time("startTimeUtc", *_START, otherwise=_LATER)
    draft.end = fields.time("endtimeutc", "endtime")
    generated = fields.time(*_GENERATED)
    processed = fields.time(*_PROCESSED)
    draft.generated = processed if generated is None else generated
    if processed is not None and generated is not None:
        draft.modified = max(generated, processed)


def _read_attack(draft: Draft, fields: Fields, properties: Fields) -> None:
    techniques = (
        *_techniques(fields.get("techniques")),
        *_techniques(fields.get("subtechniques")),
    )
    if properties and not techniques:
        techniques = find_techniques(properties.text("mitretechniques", "mitre techniques"))
    tactics = fields.get("intent") or fields.get("tactics") or fields.get("killchainintent")
    if properties and (not tactics or not tactics_in(tactics)[0]):
        tactics = _category(properties) or tactics
    draft.set_attack(tactics, techniques)


def _techniques(value: object) -> tuple[str, ...]:
    """The technique ids in a field's value; what plain lists of texts hold comes again."""
    if not value:
        return ()
    if isinstance(value, list) and set(map(type, value)) == {str}:
        return _techniques_in(tuple(value))
    return find_techniques(spelled(value))


@lru_cache(maxsize=1_024)
def _techniques_in(texts: tuple[str, ...]) -> tuple[str, ...]:
    return find_techniques(spelled(texts))


def _category(properties: Fields) -> str:
    """A tactic that stands only in a product's category: `MicrosoftDefenderAtp.Category`."""
    for name in properties.names:
        if name.endswith(("category", "intent", "tactics")):
            text = properties.text(name)
            if tactics_in(text)[0]:
                return text
    return ""


def _read_observables(
    draft: Draft, fields: Fields, properties: Fields | None, stated: list[str]
) -> Resource:
    """Add the entities, and choose the resource; `stated` are the ARM ids that the alert states.

    The resource is the first that there is of: the most specific ARM id; the host named as
    compromised; the first host; a resource group or subscription; what is named as compromised; an
    entity of another kind.
    """
    stated += read_entities(draft, fields, "entities")
    if properties:
        _read_properties(draft, properties)
    arm = most_specific(stated) if stated else None
    if arm is not None and arm.depth == 2:
        _add_machine(draft, arm)
        return arm.resource
    compromised = fields.text("compromisedentity")
    if compromised.lower() == "compromisedentity":
        compromised = ""  # what Defender for Identity writes through the connector of Defender XDR
    return (
        _host(draft, compromised)
        or (None if arm is None else arm.resource)
        or _compromised(draft, compromised)
        or resource_among(draft)
        or no_resource(draft, _workspace(fields))
    )


def _tenant(fields: Fields, identifiers: list[Fields]) -> str:
    for item in identifiers:
        tenant = item.text("aadtenantid", "azureresourcetenantid")
        if tenant:
            return tenant.lower()
    return fields.text(*_TENANTS).lower()


def _add_machine(draft: Draft, arm: ArmResource) -> None:
    """A machine's name, so that alerts of tools that know only names meet it."""
    if arm.host:
        draft.add(plain_entity("host", arm.host))


def _host(draft: Draft, compromised: str) -> Resource | None:
    """The host named as compromised, else the first one named."""
    first = None
    key = plain_entity("host", compromised).key
    for host in draft.entities:
        if host.kind == "host" and host.key is not None:
            if host.key == key:
                return resource_of_entity(host)
            first = first or host
    return None if first is None else resource_of_entity(first)


def _compromised(draft: Draft, compromised: str) -> Resource | None:
    """What `compromisedEntity` names: an ARM id, an address, an account, else a host."""
    arm = read_arm_id(compromised)
    if arm is not None:
        _add_machine(draft, arm)
        return arm.resource
    for kind in ("address", "account", "host"):
        if kind == "account" and "@" not in compromised and "\\" not in compromised:
            continue
        named = plain_entity(kind, compromised)
        if named.key is not None:
            draft.add(named)
            return resource_of_entity(named)
    return None


def _read_properties(draft: Draft, properties: Fields) -> None:
    """Entities that stand only in the extended properties, under names that are known."""
    for name in properties.names:
        kind = _NAMED_IN_PROPERTIES.get(name)
        if kind is not None:
            named = plain_entity(kind, properties.text(name))
            if named.key is not None:
                draft.add(named)
    user, domain = properties.text("user name"), properties.text("domain name")
    if user and all(other.kind != "account" for other in draft.entities):
        draft.add(entity("account", user, domain=domain))


def _workspace(fields: Fields) -> str:
    return fields.text(
        "workspaceresourcegroup", "workspacesubscriptionid", "workspaceid", "tenantid"
    )
