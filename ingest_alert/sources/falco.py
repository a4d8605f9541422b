"""Falco events, as its HTTP output and falcosidekick give them.

Tags name tactics as `mitre_persistence` and techniques as `T1543`.
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

NAME: Final = "falco"

_SEVERITIES: Final = {
    "emergency": Severity.Critical,
    "alert": Severity.Critical,
    "critical": Severity.Critical,
    "error": Severity.High,
    "warning": Severity.Medium,
    "notice": Severity.Low,
    "informational": Severity.Informational,
    "info": Severity.Informational,
    "debug": Severity.Informational,
}
_ON_MACHINES: Final = frozenset({"", "syscall", "syscalls"})
"""The sources that watch the machine that Falco runs on; the others are logs of other services."""
_ON_HOST: Final = frozenset({"", "host", "<NA>"})


def recognise(payload: Mapping[str, Any]) -> bool:
    """Whether it has a rule's name, a priority and the output."""
    return (
        "priority" in payload
        and "rule" in payload
        and ("output_fields" in payload or "output" in payload)
    )


def parse(payload: Mapping[str, Any], estate: Estate) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(NAME, payload, estate)
    event = Fields(payload, draft)
    output = event.sub("output_fields")
    host = event.text("hostname")
    draft.title = event.need_text("rule", "rule")
    draft.alert_type = draft.title
    draft.description = event.text("output")
    draft.vendor, draft.product = "Falco", "Falco"
    _read_time(draft, event, output)
    parts = (event.text("time") or output.text("evt.time"), draft.title, host, draft.description)
    draft.source_id = event.text("uuid") or digest(*parts)[:32]
    draft.identity = (NAME, draft.source_id)
    priority = event.text("priority")
    known = _SEVERITIES.get(priority.lower())
    if known is not None:
        draft.severity = known
    else:
        draft.set_severity(priority)
    _read_tags(draft, event)
    if event.text("source").lower() == "internal" or draft.title.startswith("Falco internal"):
        draft.finding = Finding.HEALTH
    observables = Observables(draft)
    place = _read_place(output, observables)
    if event.text("source").lower() in _ON_MACHINES:
        observables.host(host)
    else:
        observables.other(host, "collector")
    _read_process(output, observables, host)
    _read_network(output, observables)
    draft.resource = place or resource_among(draft) or no_resource(draft, host)
    return draft.alert()


def _read_time(draft: Draft, event: Fields, output: Fields) -> None:
    stated = event.instant("time")
    if stated is None:
        stated = output.instant("evt.time", "evt.time.iso8601")
    draft.start = stated if stated is not None else event.need_instant("time", "time")


def _read_tags(draft: Draft, event: Fields) -> None:
    tags = event.texts("tags")
    words = [tag.lower().removeprefix("mitre_") for tag in tags if tag.lower().startswith("mitre_")]
    draft.set_attack(words, find_techniques(spelled(tags)))


def _read_place(output: Fields, observables: Observables) -> Resource | None:
    """Add pod and container; gives the one that the event happened in, None on the host itself."""
    place = None
    pod = _said(output.text("k8s.pod.name", "ka.target.name"))
    namespace = _said(output.text("k8s.ns.name", "ka.target.namespace"))
    if pod:
        name = f"{namespace}/{pod}" if namespace else pod
        named = observables.add("container", name, details(("type", "pod")))
        place = _as_resource(named, "pod")
    container = output.text("container.id")
    if container not in _ON_HOST:
        image = _said(output.text("container.image.repository", "container.image"))
        extra = details(("name", _said(output.text("container.name"))), ("image", image))
        named = observables.add("container", container, extra)
        place = place or _as_resource(named, "container")
    return place


def _as_resource(named: Any, kind: str) -> Resource | None:
    if named is None or named.key is None:
        return None
    return Resource(named.key, named.value, dict(named.fields).get("name", named.value), kind)


def _said(text: str) -> str:
    """Falco writes `<NA>` for what it does not know."""
    return "" if text == "<NA>" else text


def _read_process(output: Fields, observables: Observables, host: str) -> None:
    observables.process(
        _said(output.text("proc.cmdline", "proc.name")),
        ("image", _said(output.text("proc.exepath"))),
        ("parent", _said(output.text("proc.pname"))),
        ("processId", output.text("proc.pid")),
    )
    observables.account(_said(output.text("user.name", "ka.user.name")), host=host)
    observables.account(_said(output.text("user.loginname")), host=host)
    observables.hash(_said(output.text("proc.sha256", "proc.hash.sha256")))
    arn = output.text("ct.user.arn", "ct.resources")
    observables.account(_said(output.text("ct.user")), ("arn", arn))
    observables.account(_said(output.text("okta.actor.alternateid", "github.user", "gcp.user")))


def _read_network(output: Fields, observables: Observables) -> None:
    for name in ("fd.rip", "fd.cip", "fd.sip", "ct.srcip", "okta.client.ip", "gcp.callerip"):
        observables.address(_said(output.text(name)))
    file = _said(output.text("fd.name"))
    if "->" in file:
        observables.addresses(without_port(side) for side in file.split("->"))
    elif file:
        observables.file(file)
