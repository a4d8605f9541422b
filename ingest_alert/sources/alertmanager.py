"""Alerts of a Prometheus Alertmanager webhook, for detections that people write themselves.

Labels and annotations are read by name: `tactic`, `technique`, `severity`, `summary`, …; the
webhook's envelope is opened into its alerts.
"""

from collections.abc import Mapping
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.estate import Estate
from ingest_alert.fields import Fields, spelled
from ingest_alert.observables import Observables, details, without_port
from ingest_alert.resources import no_resource, resource_among
from shared.alert import Alert, Finding, Resource, digest
from shared.attack import find_techniques
from shared.severity import Severity

NAME: Final = "alertmanager"

_SEVERITIES: Final = {
    "page": Severity.Critical,
    "emergency": Severity.Critical,
    "major": Severity.High,
    "error": Severity.High,
    "warning": Severity.Medium,
    "minor": Severity.Low,
    "none": Severity.Informational,
    "ok": Severity.Informational,
}
"""What Alertmanager users write beside the usual words."""
_RESOURCES: Final = ("resource_id", "resourceid", "resource", "arn", "azure_resource_id")
_HOSTS: Final = ("host", "hostname", "nodename", "node", "computer", "vm", "instance")
_ACCOUNTS: Final = ("user", "username", "account", "user_name", "upn", "principal")
_ADDRESSES: Final = ("src_ip", "source_ip", "client_ip", "remote_ip", "dest_ip", "dst_ip", "ip")
_HASHES: Final = ("sha256", "sha1", "md5", "hash", "file_hash")


def recognise(payload: Mapping[str, Any]) -> bool:
    """Whether it has labels and the time when they began to hold."""
    return isinstance(payload.get("labels"), dict) and "startsAt" in payload


def parse(payload: Mapping[str, Any], estate: Estate) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(NAME, payload, estate)
    alert = Fields(payload, draft)
    labels, annotations = alert.sub("labels"), alert.sub("annotations")
    fingerprint = alert.text("fingerprint") or _fingerprint(labels)
    began = alert.text("startsat")
    draft.source_id = f"{fingerprint}-{began}"
    draft.identity = (NAME, fingerprint, began)
    draft.alert_type = labels.text("alertname")
    draft.title = (
        annotations.text("summary", "title")
        or draft.alert_type
        or labels.need_text("alertname", "alertname")
    )
    draft.description = annotations.text("description", "message")
    draft.vendor = labels.text("vendor") or "Prometheus"
    draft.product = labels.text("product") or "Alertmanager"
    draft.tenant = labels.text("tenant", "tenant_id")
    draft.status = alert.text("status")
    _read_times(draft, alert)
    _read_severity(draft, labels.text("severity", "priority"))
    _read_kind(draft, labels)
    _read_attack(draft, labels, annotations)
    names = ("remediation", "action", "runbook", "runbook_url")
    draft.remediation = tuple(text for name in names if (text := annotations.text(name)))
    draft.set_link(alert.text("generatorurl"))
    observables = Observables(draft)
    resource = _read_observables(labels, observables)
    draft.resource = resource or resource_among(draft) or no_resource(draft, _name(labels))
    return draft.alert()


def _fingerprint(labels: Fields) -> str:
    return digest(*(f"{name}={labels.text(name)}" for name in sorted(labels.names)))[:16]


def _name(labels: Fields) -> str:
    return labels.text("instance", "service", "job", "namespace")


def _read_times(draft: Draft, alert: Fields) -> None:
    draft.start = alert.need_time("startsAt", "startsat")
    ended = alert.time("endsat")
    if draft.status.lower() == "resolved":
        draft.end = ended
    draft.generated = draft.start
    draft.modified = draft.end


def _read_severity(draft: Draft, word: str) -> None:
    known = _SEVERITIES.get(word.lower())
    if known is not None:
        draft.severity = known
    else:
        draft.set_severity(word)


def _read_kind(draft: Draft, labels: Fields) -> None:
    """The kind of finding that a label states; the watchdog, which always fires, is health."""
    word = labels.text("finding").lower()
    if word in list(Finding):
        draft.finding = Finding(word)
    elif draft.alert_type in _WATCHDOGS:
        draft.finding = Finding.HEALTH


_WATCHDOGS: Final = frozenset({"Watchdog", "DeadMansSwitch", "InfoInhibitor"})


def _read_attack(draft: Draft, labels: Fields, annotations: Fields) -> None:
    tactics: list[object] = []
    techniques: list[str] = []
    for part in (labels, annotations):
        for name in ("tactic", "tactics", "mitre_tactic", "mitre_tactics", "attack_tactic"):
            tactics += part.list(name)
        for name in ("technique", "techniques", "mitre_technique", "mitre_techniques", "mitre_id"):
            techniques += find_techniques(spelled(part.list(name)))
    draft.set_attack(tactics, techniques)


def _read_observables(labels: Fields, observables: Observables) -> Resource | None:
    resource = observables.resource(labels.text(*_RESOURCES))
    host = without_port(labels.text(*_HOSTS))
    named = observables.address(host) if host.replace(".", "").isdigit() or ":" in host else None
    if named is None or named.key is None:
        observables.host(host)
    pod, namespace = labels.text("pod", "pod_name"), labels.text("namespace")
    if pod:
        name = f"{namespace}/{pod}" if namespace else pod
        observables.add("container", name, details(("type", "pod")))
    observables.add("container", labels.text("container_id"))
    for name in _ACCOUNTS:
        observables.account(labels.text(name), host=host)
    for name in _ADDRESSES:
        observables.address(labels.text(name))
    for name in _HASHES:
        observables.hash(labels.text(name))
    observables.domain(labels.text("domain"))
    observables.url(labels.text("url"))
    return resource
