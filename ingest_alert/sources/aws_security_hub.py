"""AWS Security Hub findings in the AWS Security Finding Format (ASFF), of any product.

A GuardDuty finding that also comes by itself is the same alert: its id is the end of the ARN here.
"""

from collections.abc import Mapping
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.estate import Estate
from ingest_alert.fields import Fields
from ingest_alert.observables import Observables
from ingest_alert.resources import no_resource, resource_among, resource_of_entity
from ingest_alert.sources import aws_guardduty
from ingest_alert.sources.aws import guardduty_tactics, read_action, severity_of_number
from ingest_alert.sources.aws_sequence import read_sequence
from shared.alert import Alert, Finding, Resource
from shared.killchain import parse_tactics

NAME: Final = "aws-security-hub"

_TACTICS_OF_EFFECT: Final = {
    "data exfiltration": "Exfiltration",
    "data destruction": "Impact",
    "denial of service": "Impact",
    "resource consumption": "Impact",
}
_DETECTIONS: Final = ("ttps", "effects", "unusual behaviors", "unusual behaviour")
_KINDS: Final = {"AwsIamUser": "AWS::IAM::User", "AwsIamAccessKey": "AWS::IAM::User"}


def recognise(payload: Mapping[str, Any]) -> bool:
    """Whether it has the fields that ASFF demands of every finding."""
    return "ProductArn" in payload and "AwsAccountId" in payload


def parse(payload: Mapping[str, Any], estate: Estate) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(NAME, payload, estate)
    finding = Fields(payload, draft)
    own_id = finding.need_text("Id", "id")
    guardduty = finding.text("productarn").endswith("/guardduty")
    draft.source_id = own_id
    draft.identity = (
        (aws_guardduty.FAMILY, own_id.rpartition("/")[2].lower())
        if guardduty
        else (NAME, own_id.lower())
    )
    draft.title = finding.need_text("Title", "title")
    draft.description = finding.text("description")
    types = finding.texts("types") or finding.sub("findingproviderfields").texts("types")
    draft.alert_type = _type_of(types, finding.text("generatorid"))
    draft.vendor = finding.text("companyname") or "AWS"
    draft.product = finding.text("productname") or ("GuardDuty" if guardduty else "Security Hub")
    draft.tenant = finding.text("awsaccountid")
    _read_severity(draft, finding.sub("severity"))
    _read_status(draft, finding)
    draft.finding = _finding(finding, types)
    _read_times(draft, finding)
    recommendation = finding.at("remediation", "recommendation")
    draft.remediation = tuple(
        text for text in (recommendation.text("text"), recommendation.text("url")) if text
    )
    draft.set_link(finding.text("sourceurl"))
    observables = Observables(draft)
    draft.set_attack(_tactics(types, guardduty=guardduty))
    sequence = finding.at("detection", "sequence")
    resource = read_sequence(sequence, draft, observables) if sequence else None
    resource = _read_resources(finding, observables) or resource
    read_action(finding.sub("action"), observables)
    _read_details(finding, observables)
    draft.resource = resource or resource_among(draft) or no_resource(draft, draft.tenant)
    return draft.alert()


def _type_of(types: tuple[str, ...], generator: str) -> str:
    """The last part of a type that names a detection; else the rule that made the finding."""
    for text in types:
        parts = text.split("/")
        if len(parts) > 1 and parts[0].strip().lower() in _DETECTIONS:
            return parts[-1]
    return generator or (types[0] if types else "")


def _tactics(types: tuple[str, ...], *, guardduty: bool) -> list[str]:
    """The tactics among the parts of the types, `TTPs/Initial Access/…`."""
    found: list[str] = []
    for text in types:
        for part in text.split("/")[1:2]:
            known, _ = parse_tactics(part.partition(":")[0])
            found += [tactic.name for tactic in known]
            found += [_TACTICS_OF_EFFECT.get(part.strip().lower(), "")]
    found = [word for word in found if word]
    if guardduty and not found:
        found = [guardduty_tactics(text.rpartition("/")[2]) for text in types]
    return found


def _read_severity(draft: Draft, severity: Fields) -> None:
    label = severity.text("label", "original")
    normalized = severity.text("normalized")
    if label or not normalized:
        draft.set_severity(label)
        return
    try:
        draft.severity = severity_of_number(float(normalized) / 10)
    except ValueError:
        draft.set_severity(normalized)


def _read_status(draft: Draft, finding: Fields) -> None:
    """A check that is passed needs nobody, and a record that is archived neither."""
    status = finding.sub("workflow").text("status") or finding.text("workflowstate")
    archived = finding.text("recordstate").upper() == "ARCHIVED"
    check = finding.sub("compliance").text("status").upper()
    if status.upper() not in ("", "NEW"):
        draft.status = status
    elif check in _PASSED:
        draft.status = "PASSED"
    else:
        draft.status = "ARCHIVED" if archived else status


_PASSED: Final = frozenset({"PASSED", "NOT_AVAILABLE"})
"""Results of a check that ask nothing of anybody; the other, not passed, are FAILED and WARNING."""


def _finding(finding: Fields, types: tuple[str, ...]) -> Finding:
    """What kind it is, by the parts that only one kind has, else by its types."""
    named = " ".join(types).lower()
    if finding.list("vulnerabilities") or "vulnerabilities" in named:
        return Finding.VULNERABILITY
    if finding.sub("compliance") or (
        named and not any(word in named for word in (*_DETECTIONS, "sensitive data"))
    ):
        return Finding.POSTURE
    return Finding.ATTACK


def _read_times(draft: Draft, finding: Fields) -> None:
    draft.start = finding.need_instant("CreatedAt", "firstobservedat", "createdat", "updatedat")
    draft.end = finding.instant("lastobservedat", "updatedat")
    draft.generated = finding.instant("createdat")
    draft.modified = finding.instant("updatedat")


def _read_resources(finding: Fields, observables: Observables) -> Resource | None:
    first = None
    for item in finding.items("resources"):
        identifier, kind = item.text("id"), item.text("type")
        found = _account_resource(item, observables) if kind in _KINDS else None
        if found is None and kind != "AwsAccount":
            name = item.sub("tags").text("name")
            found = observables.resource(identifier, name=name, kind=kind)
        first = first or found
        _read_instance(item.at("details", "awsec2instance"), identifier, observables)
    return first


def _account_resource(item: Fields, observables: Observables) -> Resource | None:
    details = item.sub("details")
    key = details.sub("awsiamaccesskey")
    name = key.text("username", "principalname") or details.sub("awsiamuser").text("username")
    named = observables.account(
        name or item.text("id").rpartition("/")[2], ("accessKeyId", key.text("accesskeyid"))
    )
    found = None if named is None else resource_of_entity(named)
    kind = _KINDS[item.text("type")]
    return None if found is None else Resource(found.key, found.id, found.name, kind)


def _read_instance(instance: Fields, identifier: str, observables: Observables) -> None:
    if instance:
        observables.host(identifier.rpartition("/")[2], ("type", "EC2 instance"))
        observables.addresses(instance.texts("ipv4addresses"), ("role", "own"))


def _read_details(finding: Fields, observables: Observables) -> None:
    network = finding.sub("network")
    for name in ("sourceipv4", "sourceipv6"):
        observables.address(network.text(name), ("role", "source"))
    for name in ("destinationipv4", "destinationipv6"):
        observables.address(network.text(name), ("role", "destination"))
    for name in ("sourcedomain", "destinationdomain"):
        observables.domain(network.text(name))
    process = finding.sub("process")
    observables.process(process.text("name", "path"), ("image", process.text("path")))
    for malware in finding.items("malware"):
        observables.other(malware.text("name"), "malware")
    for threat in finding.items("threats"):
        observables.other(threat.text("name"), "malware")
        for path in threat.items("filepaths"):
            observables.file(path.text("filepath", "filename"), [path.text("hash")])
    for indicator in finding.items("threatintelindicators"):
        _read_indicator(indicator.text("type").upper(), indicator.text("value"), observables)


def _read_indicator(kind: str, value: str, observables: Observables) -> None:
    if kind.startswith("IPV"):
        observables.address(value)
    elif kind == "DOMAIN":
        observables.domain(value)
    elif kind.startswith("HASH"):
        observables.hash(value)
    elif kind == "URL":
        observables.url(value)
