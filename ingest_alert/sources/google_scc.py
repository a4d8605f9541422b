"""Findings of Google Security Command Center: notifications (`finding` beside `resource`), the
lists of the API, and findings alone.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.fields import Fields, lines_of
from ingest_alert.resources import no_resource, resource_among
from ingest_alert.things import Things, details
from shared.alert import Alert, Finding, Resource
from shared.attack import find_techniques, technique_named

NAME: Final = "google-scc"

_OWNER: Final = re.compile(r"^(?:organizations|projects|folders)/[^/]+")
_INSTANCE: Final = "compute.googleapis.com/"


def recognise(payload: Mapping[str, Any]) -> bool:
    """Whether it has a finding's resource name, in the notification or bare."""
    finding = payload.get("finding")
    bare = finding if isinstance(finding, dict) else payload
    name = bare.get("name")
    return isinstance(name, str) and "/findings/" in name and "category" in bare


def parse(payload: Mapping[str, Any]) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(NAME, payload)
    whole = Fields(payload, draft)
    finding = whole.sub("finding") if isinstance(payload.get("finding"), dict) else whole
    name = finding.text("canonicalname", "name")
    draft.source_id = finding.text("name")
    draft.identity = (NAME, name.rpartition("/findings/")[2] or name)
    draft.title = finding.need_text("category", "category")
    draft.alert_type = draft.title
    draft.description = finding.text("description")
    draft.vendor = "Google"
    draft.product = finding.text("parentdisplayname") or "Security Command Center"
    draft.set_severity(finding.text("severity").replace("SEVERITY_UNSPECIFIED", ""))
    muted = finding.text("mute").upper() == "MUTED"
    draft.status = "MUTED" if muted else finding.text("state")
    draft.finding = _KINDS.get(finding.text("findingclass").upper(), Finding.ATTACK)
    draft.start = finding.need_instant("eventTime", "eventtime", "createtime")
    draft.generated = finding.instant("createtime")
    draft.modified = finding.instant("eventtime")
    draft.remediation = lines_of([finding.text("nextsteps")])
    draft.set_link(finding.text("externaluri"))
    _read_attack(draft, finding.sub("mitreattack"))
    owner = _OWNER.match(finding.text("name"))
    draft.tenant = owner[0] if owner else ""
    things = Things(draft)
    resource = _read_resource(finding, whole.sub("resource"), things)
    _read_access(finding, things)
    _read_data(finding, things)
    _read_indicators(finding, things)
    _read_processes(finding, things)
    _read_kubernetes(finding, things)
    draft.resource = resource or resource_among(draft.entities) or no_resource(draft, draft.tenant)
    return draft.alert()


_KINDS: Final = {
    "VULNERABILITY": Finding.VULNERABILITY,
    "MISCONFIGURATION": Finding.POSTURE,
    "OBSERVATION": Finding.POSTURE,
    "POSTURE_VIOLATION": Finding.POSTURE,
    "TOXIC_COMBINATION": Finding.POSTURE,
    "CHOKEPOINT": Finding.POSTURE,
    "EXTERNAL_EXPOSURE": Finding.POSTURE,
    "SENSITIVE_DATA_RISK": Finding.POSTURE,
    "SECRET": Finding.POSTURE,
    "SCC_ERROR": Finding.HEALTH,
}
"""Classes of findings that are no threats."""


def _read_attack(draft: Draft, attack: Fields) -> None:
    tactics = [
        text.replace("_", " ")
        for name in ("primarytactic", "additionaltactics")
        for text in attack.texts(name)
        if text != "TACTIC_UNSPECIFIED"
    ]
    techniques: list[str] = []
    for name in ("primarytechniques", "additionaltechniques"):
        for text in attack.texts(name):
            techniques += find_techniques(text) or filter(None, [technique_named(text)])
    draft.set_attack(tactics, techniques)


def _read_resource(finding: Fields, resource: Fields, things: Things) -> Resource | None:
    identifier = finding.text("resourcename") or resource.text("name")
    shown = resource.text("displayname") or identifier.rpartition("/")[2]
    kind = resource.text("type")
    if _INSTANCE in identifier and "/instances/" in identifier:
        things.host(resource.text("displayname"), ("type", kind or "compute instance"))
    project = resource.text("projectdisplayname", "project_display_name")
    things.other(project, "project")
    return things.resource(identifier, name=shown, kind=kind)


def _read_access(finding: Fields, things: Things) -> None:
    for access in (finding.sub("access"), *finding.items("access")):
        place = access.sub("calleripgeo").text("regioncode")
        things.account(
            access.text("principalemail", "username", "principalsubject"),
            ("method", access.text("methodname")),
        )
        things.address(access.text("callerip"), ("location", place), ("role", "caller"))
        for delegate in access.items("serviceaccountdelegationinfo"):
            things.account(delegate.text("principalemail"), ("role", "delegate"))
    things.account(finding.sub("database").text("username"), ("type", "database user"))
    for binding in finding.items("iambindings"):
        member = binding.text("member")
        if member.startswith(("user:", "serviceAccount:")):
            things.account(member.partition(":")[2], ("role", binding.text("role")))
    for connection in finding.items("connections"):
        things.address(connection.text("sourceip"), ("role", "source"))
        things.address(connection.text("destinationip"), ("role", "destination"))


def _read_data(finding: Fields, things: Things) -> None:
    """What was taken, and where it went."""
    moved = finding.sub("exfiltration")
    for name in ("sources", "targets"):
        for item in moved.items(name):
            things.resource(item.text("name"))


def _read_indicators(finding: Fields, things: Things) -> None:
    indicator = finding.sub("indicator")
    things.addresses(indicator.texts("ipaddresses"), ("role", "indicator"))
    for name in indicator.texts("domains"):
        things.domain(name)
    for url in indicator.texts("uris"):
        things.url(url)
    for signature in indicator.items("signatures"):
        for detection in signature.at("memoryhashsignature").items("detections"):
            things.other(detection.text("binary"), "binary")


def _read_processes(finding: Fields, things: Things) -> None:
    for process in finding.items("processes"):
        binary = process.sub("binary")
        arguments = " ".join(process.texts("args"))
        things.process(arguments or process.text("name"), ("image", binary.text("path")))
        things.file(binary.text("path"), [binary.text("sha256")])
    for file in finding.items("files"):
        things.file(file.text("path"), [file.text("sha256")])


def _read_kubernetes(finding: Fields, things: Things) -> None:
    containers = list(finding.items("containers"))
    for pod in finding.sub("kubernetes").items("pods"):
        place = [text for text in (pod.text("ns"), pod.text("name")) if text]
        things.add("container", "/".join(place), details(("type", "pod")))
        containers += pod.items("containers")
    for container in containers:
        things.other(container.text("name"), "container")
        things.other(container.text("uri"), "container image")
