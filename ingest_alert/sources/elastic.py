"""Elastic Security alerts, with nested fields or dotted names, of the present and older stacks.

`kibana.alert.*` tells of the alert, the Elastic Common Schema of what happened; `signal.*` is what
`kibana.alert.*` was called up to version 7.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.estate import Estate
from ingest_alert.fields import Fields, lines_of, spelled
from ingest_alert.observables import Observables, details
from ingest_alert.resources import no_resource, resource_among
from shared.alert import Alert
from shared.attack import find_techniques

NAME: Final = "elastic"

_DEEPEST: Final = 8


def recognise(payload: Mapping[str, Any]) -> bool:
    """Whether it has the alert's own fields, in either spelling."""
    kibana = payload.get("kibana")
    if isinstance(kibana, dict) and "alert" in kibana:
        return True
    signal = payload.get("signal")
    if isinstance(signal, dict) and "rule" in signal:
        return True
    return any(name in payload for name in ("kibana.alert.rule.name", "kibana.alert.uuid"))


def parse(payload: Mapping[str, Any], estate: Estate) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(NAME, payload, estate)
    alert = Fields(dict(_dotted(payload, "", 0)), draft)
    draft.source_id = alert.text("kibana.alert.uuid", "_id", "signal.group.id", "event.id")
    if not draft.source_id:
        alert.need_text("kibana.alert.uuid")
    draft.identity = (NAME, draft.source_id)
    rule = "kibana.alert.rule." if "kibana.alert.rule.name" in alert.names else "signal.rule."
    draft.title = alert.text(f"{rule}name") or alert.need_text("kibana.alert.rule.name")
    draft.alert_type = alert.text(f"{rule}rule_id", f"{rule}uuid", f"{rule}id") or draft.title
    draft.description = alert.text("kibana.alert.reason", f"{rule}description")
    draft.vendor, draft.product = "Elastic", "Elastic Security"
    draft.status = alert.text("kibana.alert.workflow_status", "signal.status")
    draft.set_severity(alert.text("kibana.alert.severity", f"{rule}severity"))
    _read_times(draft, alert)
    _read_threat(draft, alert, rule)
    draft.set_link(alert.text("kibana.alert.url"))
    draft.remediation = lines_of([alert.text(f"{rule}note", f"{rule}parameters.note")])
    draft.tenant = alert.text("organization.id", "cloud.account.id")
    observables = Observables(draft)
    _read_host(alert, observables)
    _read_network(alert, observables)
    _read_files(alert, observables)
    draft.resource = resource_among(draft) or no_resource(
        draft, alert.text("observer.name", "agent.name")
    )
    return draft.alert()


def _dotted(value: Mapping[str, Any], path: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Nested objects as dotted names; what already is dotted stays."""
    for name, item in value.items():
        whole = f"{path}.{name}" if path else name
        if isinstance(item, dict) and depth < _DEEPEST:
            yield from _dotted(item, whole, depth + 1)
        else:
            yield whole, item


def _read_times(draft: Draft, alert: Fields) -> None:
    stamp = alert.instant("@timestamp", "kibana.alert.start", "timestamp")
    first = alert.instant(
        "kibana.alert.original_time", "signal.original_time", "kibana.alert.start"
    )
    draft.start = stamp if first is None else first
    if draft.start is None:
        draft.start = alert.need_instant("@timestamp", "event.created")
    draft.end = alert.instant("kibana.alert.end")
    draft.generated = stamp
    draft.modified = alert.instant(
        "kibana.alert.workflow_status_updated_at", "kibana.alert.last_detected"
    )


def _read_threat(draft: Draft, alert: Fields, rule: str) -> None:
    tactics: list[str] = []
    techniques: list[str] = []
    for name in (f"{rule}threat", f"{rule}parameters.threat", "threat"):
        for entry in alert.items(name):
            tactic = entry.sub("tactic")
            tactics += filter(None, [tactic.text("id", "name")])
            techniques += find_techniques(spelled(entry.list("technique")))
    for name in ("threat.tactic.id", "threat.tactic.name"):
        tactics += alert.texts(name) if not tactics else ()
    for name in ("threat.technique.id", "threat.technique.subtechnique.id"):
        techniques += find_techniques(spelled(alert.list(name)))
    draft.set_attack(tactics, techniques)


def _read_host(alert: Fields, observables: Observables) -> None:
    host = alert.text("host.name", "host.hostname")
    observables.host(
        host,
        ("os", alert.text("host.os.full", "host.os.name")),
        ("hostId", alert.text("host.id", "agent.id")),
    )
    observables.addresses(alert.texts("host.ip"), ("role", "own"))
    for name in ("user", "user.target", "user.effective"):
        observables.account(
            alert.text(f"{name}.email") or alert.text(f"{name}.name"),
            ("sid", alert.text(f"{name}.id")),
            domain="" if alert.text(f"{name}.email") else alert.text(f"{name}.domain"),
            host=host,
        )
    pod, namespace = alert.text("kubernetes.pod.name"), alert.text("kubernetes.namespace")
    if pod:
        observables.add("container", f"{namespace}/{pod}" if namespace else pod)
    image = alert.text("container.image.name")
    observables.add("container", alert.text("container.id"), details(("image", image)))
    observables.resource(alert.text("cloud.resource.id", "aws.cloudtrail.resources.arn"))


def _read_network(alert: Fields, observables: Observables) -> None:
    for role in ("source", "destination"):
        place = alert.text(f"{role}.geo.country_name")
        for text in alert.texts(f"{role}.ip"):
            observables.address(text, ("role", role), ("location", place))
        observables.domain(alert.text(f"{role}.domain"))
    observables.domain(alert.text("dns.question.name"))
    observables.url(
        alert.text("url.full", "url.original") if alert.text("url.scheme", "url.full") else ""
    )
    observables.address(alert.text("client.ip"))


def _read_files(alert: Fields, observables: Observables) -> None:
    image = alert.text("process.executable")
    command = alert.text("process.command_line") or " ".join(alert.texts("process.args")) or image
    observables.process(
        command,
        ("image", image),
        ("parent", alert.text("process.parent.executable", "process.parent.name")),
        ("processId", alert.text("process.pid")),
    )
    for name, path in (
        ("process", image),
        ("file", alert.text("file.path", "file.name")),
        ("dll", alert.text("dll.path")),
    ):
        hashes = [alert.text(f"{name}.hash.{kind}") for kind in ("sha256", "sha1", "md5")]
        observables.file(path, hashes)
