"""CrowdStrike Falcon detections, in the shapes in which they are handed over.

Event streams wrap them (`metadata`, `event`); data replicators and log shippers flatten that; the
APIs give alerts (`composite_id`) and, before those, detections with their `behaviors`.
"""

from collections.abc import Mapping
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.errors import AlertError, FieldError
from ingest_alert.estate import Estate
from ingest_alert.fields import Fields
from ingest_alert.observables import Observables
from ingest_alert.resources import no_resource, resource_among
from shared.alert import Alert, Finding
from shared.attack import find_techniques, technique_named
from shared.severity import Severity

NAME: Final = "crowdstrike"

_TELLING: Final = (
    *("CompositeId", "DetectId", "composite_id", "detection_id"),
    *("IncidentID", "IdentityProtectionIncidentId", "MobileDetectionId"),
)
_ID: Final = (
    *("compositeid", "composite_id", "detectid", "detection_id"),
    *("incidentid", "identityprotectionincidentid", "mobiledetectionid"),
)
_INCIDENT: Final = "IncidentSummaryEvent"
"""An incident of Falcon's own, which is only told to exist: a score, times and a host's id."""
_LEAD: Final = "automated-lead"
_POSTURE: Final = "insecure security posture"
_OWN_TACTICS: Final = frozenset(
    {
        "malware",
        "exploit",
        "post-exploit",
        "machine learning",
        "custom intelligence",
        "falcon overwatch",
        "falcon intel",
        "falcon detection method",
        "ai powered ioa",
        _POSTURE,
    }
)
"""Falcon's own objectives, which are no tactics of ATT&CK."""


def recognise(payload: Mapping[str, Any]) -> bool:
    """Whether it has a detection's own id, or is another event of the event streams."""
    event = payload.get("event")
    if isinstance(event, dict):
        metadata = payload.get("metadata")
        is_streamed = isinstance(metadata, dict) and "eventType" in metadata
        if is_streamed or any(name in event for name in _TELLING):
            return True
    return any(name in payload for name in _TELLING)


def parse(payload: Mapping[str, Any], estate: Estate) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(NAME, payload, estate)
    event = payload.get("event")
    wrapped = isinstance(event, dict) and not any(name in payload for name in _TELLING)
    fields = Fields(event, draft, name="event") if wrapped and event else Fields(payload, draft)
    metadata = Fields(payload, draft).sub("metadata") if wrapped else Fields({}, draft)
    behaviors = fields.items("behaviors")
    main = behaviors[0] if behaviors else fields
    draft.source_id = fields.text(*_ID)
    if not draft.source_id and metadata.text("eventtype"):
        reason = f"{metadata.text('eventtype')!r} is no detection: only those are read"
        raise AlertError(NAME, (FieldError("metadata.eventType", reason),))
    if not draft.source_id:
        fields.need_text("CompositeId", *_ID)
    draft.identity = (NAME, draft.source_id.lower())
    draft.description = fields.text("description", "detectdescription") or main.text("description")
    draft.title = _title(fields, main, draft, metadata.text("eventtype"))
    draft.alert_type = _type(fields, main)
    draft.vendor = "CrowdStrike"
    draft.product = (
        ", ".join(fields.texts("source_products")) or fields.text("sourceproducts") or "Falcon"
    )
    draft.status = fields.text("status", "state")
    draft.tenant = fields.text("cid", "customeridstring") or metadata.text("customeridstring")
    _read_severity(draft, fields, behaviors)
    _read_times(draft, fields, main, metadata)
    _read_attack(draft, [fields, *behaviors])
    draft.set_link(fields.text("falconhostlink", "falcon_host_link"))
    observables = Observables(draft)
    host = _read_device(fields, observables)
    for part in (fields, *behaviors):
        _read_part(part, observables, host)
    _read_correlated(fields, observables)
    _read_summary(fields, observables)
    draft.resource = resource_among(draft) or no_resource(draft, draft.tenant)
    return draft.alert()


def _type(fields: Fields, main: Fields) -> str:
    """The name with the technique: a name alone, such as `NGAV`, stands for whole engines.

    An automated lead is named after a host and a time, which tell no two detections apart.
    """
    if fields.text("type") == _LEAD:
        return _LEAD
    if fields.text("incidentid"):
        return "incident"
    name = main.text("scenario") or fields.text("name", "detectname", "display_name")
    technique = main.text("technique")
    return f"{name} ({technique})" if name and technique else name or technique


def _title(fields: Fields, main: Fields, draft: Draft, event: str) -> str:
    if event == _INCIDENT:
        return "Falcon incident"
    names = ("display_name", "detectname", "name", "incidentdescription")
    return (
        fields.text(*names)
        or main.text("display_name", "scenario", "tactic")
        or draft.description
        or fields.need_text("Name")
    )


def _read_severity(draft: Draft, fields: Fields, behaviors: list[Fields]) -> None:
    word = fields.text("severityname", "severity_name", "max_severity_displayname")
    if word:
        draft.set_severity(word)
        return
    score = fields.text("finescore")
    if score and not fields.text("severity"):
        draft.severity = _severity_of_score(score)
        return
    numbers = [fields.text("severity", "max_severity")]
    numbers += [behavior.text("severity") for behavior in behaviors]
    known = [int(text) for text in numbers if text.isascii() and text.isdigit()]
    if known:
        draft.severity = _severity_of_number(max(known))
    else:
        draft.set_severity(numbers[0])


def _severity_of_score(text: str) -> Severity:
    """The scale of incidents, up to 10, whose parts the console calls by these names."""
    score = float(text) if text.replace(".", "", 1).isdecimal() else 0.0
    for least, severity in ((8, Severity.Critical), (6, Severity.High), (4, Severity.Medium)):
        if score >= least:
            return severity
    return Severity.Low


def _severity_of_number(number: int) -> Severity:
    """Up to 5 the older scale (1 informational to 5 critical), above it the one up to 100."""
    if number <= 5:
        return Severity(max(number - 1, 0))
    return Severity(min(number // 20, 4))


def _read_times(draft: Draft, fields: Fields, main: Fields, metadata: Fields) -> None:
    created = fields.instant("created_timestamp", "utctimestamp", "timestamp")
    if created is None:
        created = metadata.instant("eventcreationtime")
    first = fields.instant(
        "first_behavior",
        "starttimeepoch",
        "start_time",
        "incidentstarttime",
        "starttime",
        "contexttimestamp",
        "signal_start_timestamp",
        "context_timestamp",
    )
    if first is None:
        first = main.instant("timestamp", "processstarttime")
    draft.start = created if first is None else first
    if draft.start is None:
        draft.start = fields.need_instant("timestamp", "p_event_time")
    draft.end = fields.instant(
        *("last_behavior", "endtimeepoch", "end_time", "signal_end_timestamp"),
        *("incidentendtime", "endtime"),
    )
    if draft.end is None:
        draft.end = created
    draft.generated = created
    draft.modified = fields.instant("updated_timestamp", "date_updated")


def _read_attack(draft: Draft, parts: list[Fields]) -> None:
    tactics: list[str] = []
    techniques: list[str] = []
    for part in parts:
        for name in ("tactic", "tactics", "tactic_id", "tactic_ids", "tacticids"):
            tactics += _listed(part, name)
        for entry in part.items("mitre_attack"):
            tactics += [entry.text("tactic_id", "tactic")]
            techniques += find_techniques(entry.text("technique_id"))
        for name in ("technique_id", "technique_ids", "techniqueids"):
            techniques += find_techniques(" ".join(part.texts(name)))
        for text in (*part.texts("technique"), *_listed(part, "techniques")):
            techniques += find_techniques(text) or filter(None, [technique_named(text)])
    own = [word for word in tactics if word.lower() in _OWN_TACTICS or word.startswith("CST")]
    if tactics and all(word.lower() == _POSTURE for word in tactics):
        draft.finding = Finding.POSTURE
    for word in own:
        draft.note(f"{word!r} is an objective of Falcon's own, no tactic of ATT&CK.")
    draft.set_attack([word for word in tactics if word not in own], techniques)


def _listed(fields: Fields, name: str) -> list[str]:
    """The texts of a field that holds a list, or a text with commas as event streams have."""
    return [word.strip() for text in fields.texts(name) for word in text.split(",") if word.strip()]


def _read_device(fields: Fields, observables: Observables) -> str:
    device = fields.sub("device")
    name = fields.text("computername", "hostname") or device.text("hostname")
    observables.host(
        name,
        ("os", device.text("os_version", "platform_name")),
        (
            "deviceId",
            fields.text("agentidstring", "sensorid", "agent_id") or device.text("device_id"),
        ),
        ("domain", fields.text("machinedomain") or device.text("machine_domain")),
        ("mac", fields.text("macaddress") or device.text("mac_address")),
    )
    for part, names in (
        (fields, ("localip", "localipv6", "local_ip")),
        (device, ("local_ip", "external_ip", "connection_ip")),
    ):
        observables.addresses((part.text(each) for each in names), ("role", "own"))
    return name


def _read_correlated(fields: Fields, observables: Observables) -> None:
    """What leads and the detections of correlation rules name, which have no device.

    Their hosts on the way may be anybody's, such as a cloud service's: they are shown.
    """
    for indicator in fields.items("threatgraph_indicators"):
        observables.host(indicator.text("hostname"), ("deviceId", indicator.text("host_id")))
    for name in fields.texts("host_names"):
        observables.host(name)
    for name in fields.texts("user_names"):
        observables.account(name)
    for role, addresses, hosts in (
        ("source", "source_ips", "source_hosts"),
        ("destination", "destination_ips", "destination_hosts"),
    ):
        observables.addresses(fields.texts(addresses), ("role", role))
        for name in fields.texts(hosts):
            observables.other(name, f"{role} host")


def _read_summary(fields: Fields, observables: Observables) -> None:
    """What event streams list of a detection over several sources, and of an incident."""
    for name in _listed(fields, "hostnames"):
        observables.host(name)
    for name in (*_listed(fields, "users"), *_listed(fields, "emailaddresses")):
        observables.account(name)
    for name in _listed(fields, "domainnames"):
        observables.domain(name)
    for kind in ("ipv4addresses", "ipv6addresses"):
        observables.addresses(_listed(fields, kind))
    for kind in ("sha256hashes", "md5hashes"):
        for text in _listed(fields, kind):
            observables.hash(text)
    observables.host(fields.text("hostid"), ("type", "agent id"))


def _read_part(part: Fields, observables: Observables, host: str) -> None:
    user = part.text("username", "user_name", "sourceaccountname", "source_account_name")
    domain = part.text("logondomain", "logon_domain", "machinedomain", "sourceaccountdomain")
    observables.account(
        part.text("user_principal", "sourceaccountupn", "source_account_upn"), host=host
    )
    observables.account(
        user,
        ("sid", part.text("user_id", "usersid", "source_account_object_sid")),
        domain=domain,
        host=host,
    )
    observables.host(part.text("source_endpoint_host_name", "sourceendpointhostname"))
    observables.address(
        part.text("sourceendpointipaddress", "source_endpoint_address_ip4", "originsourceipaddress")
    )
    path = part.text("filepath", "imagefilename")
    name = part.text("filename")
    observables.process(
        part.text("commandline", "cmdline"),
        ("image", path),
        ("processId", part.text("processid", "local_process_id")),
    )
    where = path if not name or path.endswith(name) else f"{path}{name}"
    hashes = [part.text("sha256string", "sha256"), part.text("md5string", "md5")]
    observables.file(where, [*hashes, part.text("sha1string", "sha1")])
    if part.text("ioctype", "ioc_type").lower() == "domain":
        observables.domain(part.text("iocvalue", "ioc_value"))
    for access in part.items("networkaccesses"):
        observables.address(access.text("remoteaddress"), ("role", "remote"))
    for query in part.items("dnsrequests"):
        observables.domain(query.text("domainname"))
