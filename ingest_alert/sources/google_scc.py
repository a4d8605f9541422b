"""Findings of Google Security Command Center: notifications (`finding` beside `resource`), the
lists of the API, and findings alone.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.estate import Estate
from ingest_alert.fields import Fields, lines_of
from ingest_alert.observables import Observables, details
from ingest_alert.resources import no_resource, resource_among
from shared.alert import Alert, Finding, Resource
from shared.attack import find_techniques, technique_named

NAME: Final = "google-scc"

_OWNER: Final = re.compile(r"^(?:organizations|projects|folders)/[^/]+")
_INSTANCE: Final = "compute.googleapis.com/"
_PROJECTS: Final = "//cloudresourcemanager.googleapis.com/"
"""Projects, folders and organisations: a finding seldom is about the whole of one."""


def recognise(payload: Mapping[str, Any]) -> bool:
    """Whether it has a finding's resource name, in the notification or bare."""
    finding = payload.get("finding")
    bare = finding if isinstance(finding, dict) else payload
    name = bare.get("name")
    return isinstance(name, str) and "/findings/" in name and "category" in bare


def parse(payload: Mapping[str, Any], estate: Estate) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(NAME, payload, estate)
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
    observables = Observables(draft)
    resource = _read_resource(finding, whole.sub("resource"), observables)
    _read_access(finding, observables)
    _read_data(finding, observables)
    _read_indicators(finding, observables)
    affected = _read_source_properties(finding.sub("sourceproperties"), observables)
    _read_processes(finding, observables)
    _read_kubernetes(finding, observables)
    if resource is None or _PROJECTS in resource.id:
        resource = affected or resource_among(draft, ("host",)) or resource
    draft.resource = resource or resource_among(draft) or no_resource(draft, draft.tenant)
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


def _read_resource(finding: Fields, resource: Fields, observables: Observables) -> Resource | None:
    identifier = finding.text("resourcename") or resource.text("name")
    shown = resource.text("displayname") or identifier.rpartition("/")[2]
    kind = resource.text("type")
    if _INSTANCE in identifier and "/instances/" in identifier:
        observables.host(resource.text("displayname"), ("type", kind or "compute instance"))
    project = resource.text("projectdisplayname", "project_display_name")
    observables.other(project, "project")
    return observables.resource(identifier, name=shown, kind=kind)


def _read_access(finding: Fields, observables: Observables) -> None:
    for access in (finding.sub("access"), *finding.items("access")):
        place = access.sub("calleripgeo").text("regioncode")
        observables.account(
            access.text("principalemail", "username", "principalsubject"),
            ("method", access.text("methodname")),
        )
        observables.address(access.text("callerip"), ("location", place), ("role", "caller"))
        for delegate in access.items("serviceaccountdelegationinfo"):
            observables.account(delegate.text("principalemail"), ("role", "delegate"))
    observables.account(finding.sub("database").text("username"), ("type", "database user"))
    for binding in finding.items("iambindings"):
        member = binding.text("member")
        if member.startswith(("user:", "serviceAccount:")):
            observables.account(member.partition(":")[2], ("role", binding.text("role")))
    for connection in finding.items("connections"):
        observables.address(connection.text("sourceip"), ("role", "source"))
        observables.address(connection.text("destinationip"), ("role", "destination"))


def _read_data(finding: Fields, observables: Observables) -> None:
    """What was taken, and where it went."""
    moved = finding.sub("exfiltration")
    for name in ("sources", "targets"):
        for item in moved.items(name):
            observables.resource(item.text("name"))


def _read_indicators(finding: Fields, observables: Observables) -> None:
    indicator = finding.sub("indicator")
    observables.addresses(indicator.texts("ipaddresses"), ("role", "indicator"))
    for name in indicator.texts("domains"):
        observables.domain(name)
    for url in indicator.texts("uris"):
        observables.url(url)
    for signature in indicator.items("signatures"):
        for detection in signature.at("memoryhashsignature").items("detections"):
            observables.other(detection.text("binary"), "binary")


def _read_source_properties(source: Fields, observables: Observables) -> Resource | None:
    """What detectors put beside the finding's own fields; gives the first resource they affect."""
    own = source.sub("properties") or source
    observables.account(own.text("principalemail"), ("role", "caller"))
    observables.account(own.sub("sensitiverolegrant").text("principalemail"), ("role", "caller"))
    observables.address(own.text("callerip", "ip"), ("role", "caller"))
    observables.addresses(own.texts("ips"), ("role", "indicator"))
    for name in own.texts("domains"):
        observables.domain(name)
    connection = own.sub("ipconnection")
    observables.address(connection.text("srcip"), ("role", "source"))
    observables.address(connection.text("destip"), ("role", "destination"))
    for attempt in (*own.items("attempts"), *own.items("loginattempts")):
        observables.address(attempt.text("sourceip"), ("role", "source"))
        observables.host(attempt.text("vmname"))
        observables.account(attempt.text("username"), host=attempt.text("vmname"))
    instance = own.text("instancedetails", "sourceinstancedetails")
    observables.host(instance.rpartition("/instances/")[2], ("type", "compute instance"))
    found = [
        observables.resource(item.text("gcpresourcename"))
        for item in source.items("affectedresources")
    ]
    return next((each for each in found if each is not None and _PROJECTS not in each.id), None)


def _read_processes(finding: Fields, observables: Observables) -> None:
    for process in finding.items("processes"):
        binary = process.sub("binary")
        arguments = " ".join(process.texts("args"))
        observables.process(arguments or process.text("name"), ("image", binary.text("path")))
        observables.file(binary.text("path"), [binary.text("sha256")])
    for file in finding.items("files"):
        observables.file(file.text("path"), [file.text("sha256")])


def _read_kubernetes(finding: Fields, observables: Observables) -> None:
    containers = list(finding.items("containers"))
    for pod in finding.sub("kubernetes").items("pods"):
        place = [text for text in (pod.text("ns"), pod.text("name")) if text]
        observables.add("container", "/".join(place), details(("type", "pod")))
        containers += pod.items("containers")
    for container in containers:
        observables.other(container.text("name"), "container")
        observables.other(container.text("uri"), "container image")
