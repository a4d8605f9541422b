"""Wazuh alerts, as the manager writes them and as its indexer gives them back.

Alerts of agent 000 are the manager's own, or of machines that send it their logs: then the log line
names the machine.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.estate import Estate
from ingest_alert.fields import Fields, spelled
from ingest_alert.observables import Observables, details
from ingest_alert.resources import no_resource, resource_among
from ingest_alert.sources.aws import read_action
from ingest_alert.sources.graph_alert import read_evidence
from shared.alert import Alert, Finding
from shared.attack import find_techniques, technique_named
from shared.severity import Severity

NAME: Final = "wazuh"

_MANAGER: Final = "000"
_SEVERITIES: Final = ((15, Severity.Critical), (12, Severity.High), (7, Severity.Medium))
"""The least rule level of each, as Wazuh's own dashboards have it; below is low."""
_ADDRESSES: Final = (
    ("source", ("srcip", "src_ip")),
    ("destination", ("dstip", "dst_ip", "dest_ip")),
)
_CLOUDS: Final = frozenset({"aws", "azure", "office365", "gcp", "ms-graph", "github", "docker"})
_USERS: Final = ("srcuser", "dstuser", "user")


def recognise(payload: Mapping[str, Any]) -> bool:
    """Whether it has a rule with a level, and an agent or a manager."""
    rule = payload.get("rule")
    return (
        isinstance(rule, dict) and "level" in rule and ("agent" in payload or "manager" in payload)
    )


def parse(payload: Mapping[str, Any], estate: Estate) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(NAME, payload, estate)
    event = Fields(payload, draft)
    rule, data = event.sub("rule"), event.sub("data")
    manager = event.sub("manager").text("name")
    draft.source_id = event.need_text("id", "id", "_id")
    draft.identity = (NAME, manager.lower(), draft.source_id, rule.text("id"))
    draft.title = rule.text("description") or rule.need_text("description", "id")
    signature = data.sub("alert").text("signature_id")
    draft.alert_type = "/".join(text for text in ("wazuh", rule.text("id"), signature) if text)
    draft.description = event.text("full_log")
    draft.vendor = draft.product = "Wazuh"
    _read_severity(draft, rule)
    _read_kind(draft, rule, data)
    draft.start = event.need_instant("timestamp", "timestamp", "@timestamp")
    _read_attack(draft, rule.sub("mitre"))
    observables = Observables(draft)
    host = _read_host(event, observables)
    _read_data(data, observables, host)
    if "win" in data.names:
        _read_windows(data.at("win", "eventdata"), observables, host)
    if _is_of_a_cloud(data):
        _read_cloud(data, observables)
    check = event.sub("syscheck")
    hashes = [check.text(f"{kind}_after") for kind in ("sha256", "sha1", "md5")]
    observables.file(check.text("path"), hashes)
    observables.account(check.at("audit", "user").text("name"), host=host)
    draft.resource = resource_among(draft) or no_resource(draft, manager)
    return draft.alert()


def _read_severity(draft: Draft, rule: Fields) -> None:
    level = rule.text("level")
    if not (level.isascii() and level.isdigit()):
        draft.set_severity(level)
        return
    number = int(level)
    draft.severity = next(
        (severity for least, severity in _SEVERITIES if number >= least), Severity.Low
    )


_KINDS: Final = {
    "vulnerability-detector": Finding.VULNERABILITY,
    "sca": Finding.POSTURE,
    "ciscat": Finding.POSTURE,
    "oscap": Finding.POSTURE,
    "agent_flooding": Finding.HEALTH,
}
"""Rule groups of Wazuh's modules that watch for no attacks."""
_OWN_RULES: Final = frozenset({*range(200, 208), *range(500, 508)})
"""The rules by which the manager tells of itself and its agents: started, stopped, disconnected."""


def _read_kind(draft: Draft, rule: Fields, data: Fields) -> None:
    """The kind of finding; a check that is passed needs nobody."""
    groups = [_KINDS[each] for each in rule.texts("groups") if each in _KINDS]
    number = rule.text("id")
    if groups:
        draft.finding = groups[0]
    elif number.isascii() and number.isdigit() and int(number) in _OWN_RULES:
        draft.finding = Finding.HEALTH
    if draft.finding is Finding.POSTURE:
        check = data.at("sca", "check")
        if check.text("result", "status").lower() == "passed":
            draft.status = "passed"


def _read_attack(draft: Draft, mitre: Fields) -> None:
    techniques = list(find_techniques(spelled(mitre.list("id"))))
    if not techniques:
        techniques = [technique_named(name) for name in mitre.texts("technique")]
    draft.set_attack(mitre.list("tactic"), filter(None, techniques))


def _is_of_a_cloud(data: Fields) -> bool:
    """Whether the manager only fetched it: then it is not what the alert is about."""
    return not _CLOUDS.isdisjoint(data.names)


def _read_host(event: Fields, observables: Observables) -> str:
    agent = event.sub("agent")
    named = event.sub("predecoder").text("hostname")
    name = agent.text("name") or event.sub("manager").text("name")
    if agent.text("id") == _MANAGER and named:
        observables.host(named)
        return named
    if agent.text("id") == _MANAGER and _is_of_a_cloud(event.sub("data")):
        observables.other(name, "manager")
        return ""
    observables.host(name, ("agentId", agent.text("id")))
    observables.address(agent.text("ip").removesuffix("any"), ("role", "own"))
    return name


def _read_data(data: Fields, observables: Observables, host: str) -> None:
    for role, names in _ADDRESSES:
        observables.address(data.text(*names), ("role", role))
    for name in _USERS:
        user = data.get(name)
        if isinstance(user, str):
            observables.account(user.strip("<> "), host=host)
    if not _PROTOCOLS.isdisjoint(data.names):
        observables.domain(data.sub("http").text("hostname"))
        observables.domain(data.sub("tls").text("sni"))
        observables.domain(data.sub("dns").text("rrname"))
    if not _DOMAINS.isdisjoint(data.names):
        for name in sorted(_DOMAINS):
            observables.domain(_bare_domain(data.text(name)))
    address = data.text("url")
    if "://" in address:
        observables.url(address)
    if "integration" in data.names:
        _read_integration(data, observables)
    hashes = [data.text(kind) for kind in ("sha256", "sha1", "md5")]
    observables.file(data.text("file", "filename", "path"), hashes)
    scanned = data.at("virustotal", "source")
    observables.file(scanned.text("file"), [scanned.text("sha1"), scanned.text("md5")])
    audit = data.sub("audit")
    observables.process(audit.text("command", "exe"), ("image", audit.text("exe")))


_DOMAINS: Final = frozenset({"domain", "dns_domain", "dstdomain", "query", "hostname"})
_PROTOCOLS: Final = frozenset({"http", "tls", "dns"})


def _bare_domain(text: str) -> str:
    """A text that is a domain, "" for any other: rules put much under these names."""
    return text if "." in text and not _NOT_OF_DOMAINS.search(text) else ""


_NOT_OF_DOMAINS: Final = re.compile(r"[^\w.\-*]")


def _read_integration(data: Fields, observables: Observables) -> None:
    """What an integration looked up, which stands under its name: the flagged address or domain."""
    found = data.sub(data.text("integration").lower())
    if not found:
        return
    asked = found.sub("source")
    for part in (found, asked):
        observables.address(part.text("srcip", "ip", "ipaddress", "src_ip", "indicator"))
        observables.domain(_bare_domain(part.text("domain", "hostname", "value")))
        url = part.text("url", "value")
        observables.url(url if "://" in url else "")
        observables.hash(part.text("sha256", "md5"))


def _read_windows(event: Fields, observables: Observables, host: str) -> None:
    for name in ("subject", "target"):
        user = event.text(f"{name}username")
        observables.account(
            user,
            ("sid", event.text(f"{name}usersid", f"{name}sid")),
            domain=event.text(f"{name}domainname"),
            host=host,
        )
    for name in ("user", "sourceuser"):
        observables.account(event.text(name), host=host)
    for name in ("ipaddress", "sourceip", "destinationip"):
        observables.address(event.text(name))
    image = event.text("image", "newprocessname", "sourceimage")
    observables.process(event.text("commandline") or image, ("image", image))
    hashes = [part.partition("=")[2] for part in event.text("hashes").split(",")]
    observables.file(image, [text for text in hashes if text])
    observables.domain(event.text("queryname"))


def _read_cloud(data: Fields, observables: Observables) -> None:
    aws = data.sub("aws")
    observables.address(aws.text("sourceipaddress", "source_ip_address"), ("role", "source"))
    for named in aws.items("resources"):
        observables.resource(named.text("arn"), kind=named.text("type"))
    bucket = aws.sub("requestparameters").text("bucketname")
    observables.resource(f"arn:aws:s3:::{bucket}" if bucket else "", kind="AWS::S3::Bucket")
    identity = aws.sub("useridentity")
    observables.account(identity.text("username", "principalid"))
    observables.host(
        aws.at("resource", "instancedetails").text("instanceid"), ("type", "EC2 instance")
    )
    read_action(aws.at("service", "action"), observables)
    called = data.at("gcp", "protopayload")
    observables.account(called.sub("authenticationinfo").text("principalemail"))
    observables.address(called.sub("requestmetadata").text("callerip"), ("role", "source"))
    labels = data.at("gcp", "resource", "labels")
    observables.host(labels.text("instance_id"), ("type", "compute instance"))
    office = data.sub("office365")
    observables.account(office.text("userid"))
    observables.address(office.text("clientip"), ("role", "source"))
    observables.account(data.sub("github").text("actor"), ("role", "actor"))
    observables.resource(data.sub("github").text("repo"), kind="repository")
    azure = data.sub("azure")
    observables.resource(azure.text("resourceid"))
    observables.account(azure.text("identity", "caller", "userprincipalname"))
    observables.address(azure.text("calleripaddress", "ipaddress"), ("role", "caller"))
    container = data.sub("docker")
    shown = container.at("actor", "attributes")
    extra = details(("name", shown.text("name")), ("image", shown.text("image")))
    observables.add("container", container.at("actor").text("id"), extra)
    for evidence in data.sub("ms-graph").items("evidence"):
        read_evidence(evidence, observables)
