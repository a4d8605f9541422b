"""Findings in the Open Cybersecurity Schema Framework: Detection Finding (2004), Security Finding
(2001, older), and the other classes of its category that describe one finding.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.estate import Estate
from ingest_alert.fields import Fields
from ingest_alert.observables import Observables, details
from ingest_alert.resources import no_resource, resource_among, resource_of_entity
from ingest_alert.sides import attacked_side
from ingest_alert.sources import aws_guardduty, aws_security_hub
from shared.alert import Alert, Finding, Resource
from shared.attack import find_techniques, technique_named
from shared.entities import Entity
from shared.killchain import parse_tactics
from shared.severity import Severity

NAME: Final = "ocsf"

_SEVERITIES: Final = {
    "1": Severity.Informational,
    "2": Severity.Low,
    "3": Severity.Medium,
    "4": Severity.High,
    "5": Severity.Critical,
    "6": Severity.Critical,
}
_STATUSES: Final = {
    "1": "New",
    "2": "In Progress",
    "3": "Suppressed",
    "4": "Resolved",
    "5": "Archived",
}
_INCIDENT: Final = "2005"
_STATUSES_OF_INCIDENT: Final = _STATUSES | {"3": "In Progress", "5": "Closed"}
"""The third is *on hold* of an incident."""

_OBSERVABLES: Final[dict[str, Callable[[Observables, str], object]]] = {
    "1": lambda observables, value: observables.host(value),
    "2": lambda observables, value: observables.address(value),
    "4": lambda observables, value: observables.account(value),
    "5": lambda observables, value: observables.account(value),
    "6": lambda observables, value: observables.url(value),
    "8": lambda observables, value: observables.hash(value),
    "10": lambda observables, value: observables.resource(value),
}
"""By `type_id`: host name, address, user name, mail address, URL, hash, resource id."""
_OBSERVABLE_NAMES: Final = {
    "hostname": "1",
    "ip": "2",
    "ip address": "2",
    "user name": "4",
    "user.name": "4",
    "email address": "5",
    "url string": "6",
    "hash": "8",
    "resource uid": "10",
}


def recognise(payload: Mapping[str, Any]) -> bool:
    """Whether it is of OCSF's category of findings."""
    if "class_uid" not in payload:
        return False
    return "finding_info" in payload or "finding" in payload or "finding_info_list" in payload


def parse(payload: Mapping[str, Any], estate: Estate) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(NAME, payload, estate)
    event = Fields(payload, draft)
    finding = event.sub("finding_info") or event.sub("finding")
    metadata = event.sub("metadata")
    product = metadata.sub("product")
    if not finding:
        finding = _of_incident(event)
    draft.source_id = _own_id(event, finding, metadata)
    draft.vendor, draft.product = product.text("vendor_name"), product.text("name")
    draft.identity = _identity(draft, product.text("uid"))
    draft.title = _title(event, finding)
    draft.description = finding.text("desc") or event.text("message")
    draft.alert_type = _type_of(event, finding)
    _read_severity(draft, event)
    statuses = _STATUSES_OF_INCIDENT if event.text("class_uid") == _INCIDENT else _STATUSES
    draft.status = statuses.get(event.text("status_id", "state_id")) or event.text(
        "status", "state"
    )
    _read_kind(draft, event)
    _read_times(draft, event, finding)
    _read_attacks(draft, event, finding)
    remediation = event.sub("remediation") or finding.sub("remediation")
    draft.remediation = tuple(
        text
        for text in (
            remediation.text("desc"),
            *remediation.texts("references"),
            *remediation.texts("kb_articles"),
        )
        if text
    )
    draft.set_link(finding.text("src_url"))
    account = event.at("cloud", "account")
    draft.tenant = metadata.text("tenant_uid") or account.text("uid")
    observables = Observables(draft)
    resource = _read_resources(event, observables) or _read_device(event.sub("device"), observables)
    seen = _read_evidences(event, observables, estate)
    _read_observables(event, observables)
    draft.resource = resource or seen or resource_among(draft) or no_resource(draft, draft.tenant)
    return draft.alert()


def _of_incident(event: Fields) -> Fields:
    """What an incident has for a finding: the first of those that it lists."""
    listed = event.items("finding_info_list")
    return listed[0] if listed else event.inner({}, "finding_info")


def _own_id(event: Fields, finding: Fields, metadata: Fields) -> str:
    if event.text("class_uid") == _INCIDENT:
        return metadata.text("uid", "correlation_uid") or finding.need_text("uid", "uid")
    return finding.text("uid") or metadata.text("uid") or finding.need_text("uid", "uid")


def _title(event: Fields, finding: Fields) -> str:
    """The title; an incident's own words go before those of what it is made of."""
    if event.text("class_uid") == _INCIDENT:
        return event.text("message", "desc") or finding.need_text("title", "title")
    return finding.text("title") or event.text("message") or finding.need_text("title")


def _identity(draft: Draft, product_uid: str) -> tuple[str, ...]:
    """The identity; a finding of Amazon's, as Security Lake keeps it, is the one that it is there.

    Of GuardDuty the id is the end of an ARN, of the other products the ARN that ASFF has as `Id`.
    """
    own = draft.source_id.lower()
    vendor, product = draft.vendor.lower(), draft.product.lower()
    if vendor in _AMAZON or own.startswith("arn:aws"):
        if "guardduty" in product or "guardduty" in own or product_uid.endswith("guardduty"):
            return (aws_guardduty.FAMILY, own.rpartition("/")[2])
        return (aws_security_hub.NAME, own)
    return (NAME, vendor, product, draft.source_id)


_AMAZON: Final = frozenset({"aws", "amazon", "amazon web services"})


def _type_of(event: Fields, finding: Fields) -> str:
    analytic = finding.sub("analytic") or event.sub("analytic")
    types = finding.texts("types")
    named = analytic.text("name", "uid") or event.at("rule").text("name", "uid")
    return named or (types[0] if len(types) == 1 and ":" in types[0] else "")


def _read_severity(draft: Draft, event: Fields) -> None:
    known = _SEVERITIES.get(event.text("severity_id"))
    if known is not None:
        draft.severity = known
    else:
        draft.set_severity(event.text("severity"))


_KINDS: Final = {
    "2002": Finding.VULNERABILITY,
    "2003": Finding.POSTURE,
    "2007": Finding.POSTURE,
    "2008": Finding.POSTURE,
}
"""Classes of the category of findings that tell of no attack: vulnerabilities, compliance, the
posture of applications, and the analysis of rights."""
_PASSED: Final = frozenset({"pass", "passed", "not_available"})


def _read_kind(draft: Draft, event: Fields) -> None:
    """The kind of finding; a check that is passed needs nobody."""
    compliance = event.sub("compliance")
    draft.finding = _KINDS.get(event.text("class_uid"), Finding.ATTACK)
    if draft.finding is Finding.ATTACK and event.list("vulnerabilities"):
        draft.finding = Finding.VULNERABILITY
    elif draft.finding is Finding.ATTACK and compliance:
        draft.finding = Finding.POSTURE
    result = compliance.text("status", "status_code") or event.text("status_code")
    passed = result.lower() in _PASSED or compliance.text("status_id") == "1"
    if draft.finding is Finding.POSTURE and passed and draft.status.lower() in ("", "new"):
        draft.status = "Passed"


def _read_times(draft: Draft, event: Fields, finding: Fields) -> None:
    first = finding.instant("first_seen_time", "first_seen_time_dt")
    if first is None:
        first = event.instant("start_time", "start_time_dt")
    if first is None:
        first = finding.instant("created_time", "created_time_dt")
    draft.start = first if first is not None else event.need_instant("time", "time", "time_dt")
    last = finding.instant("last_seen_time", "last_seen_time_dt")
    draft.end = last if last is not None else event.instant("end_time", "end_time_dt")
    created = finding.instant("created_time", "created_time_dt")
    draft.generated = created if created is not None else event.instant("time", "time_dt")
    modified = finding.instant("modified_time", "modified_time_dt")
    draft.modified = modified if modified is not None else event.instant("time", "time_dt")


def _read_attacks(draft: Draft, event: Fields, finding: Fields) -> None:
    tactics: list[str] = []
    techniques: list[str] = []
    for attack in (*event.items("attacks"), *finding.items("attacks")):
        for tactic in (attack.sub("tactic"), *attack.items("tactics")):
            tactics += [tactic.text("uid", "name")]
        for name in ("technique", "sub_technique"):
            stated = attack.sub(name)
            techniques += find_techniques(stated.text("uid")) or filter(
                None, [technique_named(stated.text("name"))]
            )
    draft.set_attack([word for word in tactics if word] or _of_types(finding), techniques)


def _of_types(finding: Fields) -> list[str]:
    """The tactics among types as AWS writes them: `TTPs/Initial Access/…`."""
    parts = [text.split("/") for text in finding.texts("types")]
    named = [each[1].partition(":")[0] for each in parts if len(each) > 1 and each[0] == "TTPs"]
    return [word for word in named if parse_tactics(word)[0]]


def _read_resources(event: Fields, observables: Observables) -> Resource | None:
    """Add the resources that the finding lists; gives the first that ties."""
    first = None
    for item in (*event.items("resources"), *event.items("resource")):
        found = _read_resource(item, observables)
        first = first or found
        owner = item.sub("owner")
        observables.account(owner.text("name", "email_addr", "uid"))
    return first


def _read_resource(item: Fields, observables: Observables) -> Resource | None:
    identifier = item.text("uid") or item.text("name")
    kind, name = item.text("type"), item.text("name")
    if _is_global(identifier):
        return observables.resource(identifier, name=name, kind=kind)
    plain = kind.lower()
    if plain in _MACHINES:
        named = observables.host(name or identifier, ("deviceId", item.text("uid")))
    elif plain in _PEOPLE:
        named = observables.account(name or identifier)
    elif plain in _NETWORK:
        named = observables.address(name or identifier)
    elif item.text("uid"):
        return observables.resource(identifier, name=name, kind=kind)
    else:
        named = observables.other(identifier, kind or "resource")
    return None if named is None else resource_of_entity(named)


_MACHINES: Final = frozenset(
    {"endpoint", "host", "computer", "device", "server", "workstation", "virtual machine"}
)
"""The types of resource that are machines, whose name then is a host's."""
_PEOPLE: Final = frozenset({"user", "account", "user account", "identity"})
_NETWORK: Final = frozenset({"ip", "ip address", "ipaddress"})


def _is_global(identifier: str) -> bool:
    """Whether an id is one of a cloud's own, which no other customer has."""
    return identifier.startswith(("arn:", "/subscriptions/", "//"))


def _read_device(device: Fields, observables: Observables) -> Resource | None:
    """Add a device and what it says of itself; gives it where it ties."""
    named = observables.host(
        device.text("hostname", "name", "fqdn") or device.text("instance_uid", "uid"),
        ("os", device.at("os").text("name")),
        ("deviceId", device.text("uid")),
    )
    observables.address(device.text("ip"), ("role", "own"))
    observables.account(device.at("owner").text("name"))
    container = device.sub("container")
    observables.add("container", container.text("uid", "name"))
    return None if named is None else resource_of_entity(named)


def _read_evidences(event: Fields, observables: Observables, estate: Estate) -> Resource | None:
    """Add what the evidence and the event name; gives what the finding is about.

    That is, where it lists no resource: the device of the evidence, else the end of ours.
    """
    about = ends = None
    for evidence in (*event.items("evidences"), event):
        _read_actor(evidence.sub("actor"), observables)
        _read_process(evidence.sub("process"), observables)
        _read_file(evidence.sub("file"), observables)
        ends = _read_endpoints(evidence, observables, estate) or ends
        observables.account(evidence.at("user").text("name", "email_addr", "uid"))
        observables.url(evidence.at("url").text("url_string", "text"))
        observables.domain(evidence.at("query").text("hostname"))
        _read_mail(evidence.sub("email"), observables)
        observables.add("container", evidence.at("container").text("uid", "name"))
        if evidence is not event:
            about = about or _read_device(evidence.sub("device"), observables)
    for malware in event.items("malware"):
        observables.other(malware.text("name"), "malware")
    return about or ends


def _read_mail(mail: Fields, observables: Observables) -> None:
    for address in mail.texts("to"):
        observables.add("mailbox", address, details(("subject", mail.text("subject"))))
        observables.account(address)
    observables.add("mailbox", mail.text("from"), details(("role", "sender")))


def _read_actor(actor: Fields, observables: Observables) -> None:
    user = actor.sub("user") or actor.at("session", "user")
    observables.account(
        user.text("email_addr", "name", "uid"),
        ("type", user.text("type")),
        domain=user.text("domain"),
    )
    _read_process(actor.sub("process"), observables)


def _read_process(process: Fields, observables: Observables) -> None:
    file = process.sub("file")
    observables.process(
        process.text("cmd_line", "name"),
        ("image", file.text("path", "name")),
        ("processId", process.text("pid")),
    )
    _read_file(file, observables)
    _read_file(process.at("parent_process", "file"), observables)


def _read_file(file: Fields, observables: Observables) -> None:
    hashes = [item.text("value") for item in (*file.items("hashes"), *file.items("fingerprints"))]
    observables.file(file.text("path", "name"), hashes)


def _read_endpoints(evidence: Fields, observables: Observables, estate: Estate) -> Resource | None:
    """Add both ends of a connection; gives the one that is ours, else the one that was attacked."""
    ends = [
        _read_endpoint(evidence.sub(name), observables, name[:3])
        for name in ("src_endpoint", "dst_endpoint")
    ]
    (source, its_host), (target, target_host) = ends
    about = attacked_side(estate, source, target)
    if about is None:
        about = target_host or its_host
    else:
        about = (its_host if about is source else target_host) or about
    return None if about is None else resource_of_entity(about)


def _read_endpoint(
    endpoint: Fields, observables: Observables, role: str
) -> tuple[Entity | None, Entity | None]:
    """Add an end of a connection; gives its address, and its name where it has one."""
    location = endpoint.sub("location")
    place = ", ".join(filter(None, (location.text("city"), location.text("country"))))
    address = observables.address(endpoint.text("ip"), ("role", role), ("location", place))
    named = observables.host(endpoint.text("hostname", "name"))
    observables.domain(endpoint.text("domain"))
    return address, None if named is None or named.kind != "host" else named


def _read_observables(event: Fields, observables: Observables) -> None:
    for observable in event.items("observables"):
        value = observable.text("value")
        kind = observable.text("type_id")
        if kind not in _OBSERVABLES:
            kind = _OBSERVABLE_NAMES.get(observable.text("type").lower(), "") or (
                _OBSERVABLE_NAMES.get(observable.text("name").lower(), "")
            )
        reader = _OBSERVABLES.get(kind)
        if reader is not None and value and value != observable.text("name"):
            reader(observables, value)
