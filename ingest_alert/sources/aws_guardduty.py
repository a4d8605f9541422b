"""Amazon GuardDuty findings: as the API lists them (`Type`), as it exports them (`type`), and as
EventBridge delivers them (in `detail`); attack sequences included.
"""

from collections.abc import Mapping
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.estate import Estate
from ingest_alert.fields import Fields
from ingest_alert.observables import Observables, details
from ingest_alert.resources import no_resource, resource_among, resource_of_entity
from ingest_alert.sources.aws import (
    guardduty_tactics,
    read_action,
    severity_of_number,
)
from ingest_alert.sources.aws_sequence import read_sequence
from shared.alert import Alert, Resource

NAME: Final = "aws-guardduty"
FAMILY: Final = "aws-guardduty"


def recognise(payload: Mapping[str, Any]) -> bool:
    """Whether it is GuardDuty's event, or has a finding's own fields."""
    if (
        payload.get("source") == "aws.guardduty"
        or payload.get("detail-type") == "GuardDuty Finding"
    ):
        return isinstance(payload.get("detail"), dict)
    arn = payload.get("arn", payload.get("Arn"))
    if isinstance(arn, str) and ":guardduty:" in arn and "/finding/" in arn:
        return True
    return ("service" in payload and "resource" in payload and "schemaVersion" in payload) or (
        "Service" in payload and "Resource" in payload and "SchemaVersion" in payload
    )


def parse(payload: Mapping[str, Any], estate: Estate) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(NAME, payload, estate)
    detail = payload.get("detail")
    inner = isinstance(detail, dict)
    finding = (
        Fields(detail, draft, name="detail") if isinstance(detail, dict) else Fields(payload, draft)
    )
    draft.source_id = finding.need_text("id", "id")
    draft.identity = (FAMILY, draft.source_id.lower())
    draft.alert_type = finding.text("type")
    draft.title = finding.text("title") or draft.alert_type or finding.need_text("title")
    draft.description = finding.text("description")
    draft.vendor, draft.product = "AWS", "GuardDuty"
    draft.tenant = finding.text("accountid") or (
        Fields(payload, draft).text("account") if inner else ""
    )
    service = finding.sub("service")
    draft.status = "Archived" if service.text("archived").lower() == "true" else ""
    _read_severity(draft, finding)
    _read_times(draft, finding, service)
    _link(draft, finding)
    observables = Observables(draft)
    draft.set_attack(guardduty_tactics(draft.alert_type))
    sequence = service.at("detection", "sequence")
    resource = read_sequence(sequence, draft, observables) if sequence else None
    resource = resource or _read_resource(finding, observables)
    read_action(service.sub("action"), observables)
    _read_runtime(service, observables)
    draft.resource = resource or resource_among(draft) or no_resource(draft, draft.tenant)
    return draft.alert()


def _read_severity(draft: Draft, finding: Fields) -> None:
    text = finding.text("severity")
    try:
        draft.severity = severity_of_number(float(text))
    except ValueError:
        draft.set_severity(text)


def _read_times(draft: Draft, finding: Fields, service: Fields) -> None:
    created, updated = finding.instant("createdat"), finding.instant("updatedat")
    first = service.instant("eventfirstseen")
    draft.start = (
        first if first is not None else finding.need_instant("createdAt", "createdat", "updatedat")
    )
    last = service.instant("eventlastseen")
    draft.end = last if last is not None else updated
    draft.generated = created if created is not None else updated
    draft.modified = updated


def _link(draft: Draft, finding: Fields) -> None:
    region = finding.text("region")
    if region and draft.source_id:
        draft.set_link(
            f"https://{region}.console.aws.amazon.com/guardduty/home"
            f"?region={region}#/findings?macros=current&fId={draft.source_id}"
        )


def _read_resource(finding: Fields, observables: Observables) -> Resource | None:
    """The resource of the stated kind; the others that the finding describes are entities."""
    resource = finding.sub("resource")
    kind = resource.text("resourcetype").lower()
    place = _place(finding)
    found = {
        "instance": _instance(resource, observables, place),
        "accesskey": _user(resource, observables),
        "s3bucket": _bucket(resource, observables),
        "ekscluster": _cluster(resource, observables, "eksclusterdetails"),
        "kubernetescluster": _cluster(resource, observables, "eksclusterdetails"),
        "ecscluster": _cluster(resource, observables, "ecsclusterdetails"),
        "container": _container(resource.sub("containerdetails"), observables),
        "rdsdbinstance": _database(resource, observables),
        "lambda": _function(resource, observables),
        "ebsvolume": _volume(resource, observables),
    }
    _read_kubernetes(resource.sub("kubernetesdetails"), observables)
    chosen = found.get(kind)
    return chosen or next((each for each in found.values() if each is not None), None)


def _place(finding: Fields) -> str:
    partition = finding.text("partition") or "aws"
    return f"arn:{partition}:ec2:{finding.text('region')}:{finding.text('accountid')}"


def _instance(resource: Fields, observables: Observables, place: str) -> Resource | None:
    instance = resource.sub("instancedetails")
    identifier = instance.text("instanceid")
    if not identifier:
        return None
    tags = {tag.text("key"): tag.text("value") for tag in instance.items("tags")}
    found = observables.resource(
        f"{place}:instance/{identifier}",
        name=tags.get("Name", identifier),
        kind="AWS::EC2::Instance",
    )
    observables.host(identifier, ("type", "EC2 instance"))
    for interface in instance.items("networkinterfaces"):
        observables.host(interface.text("privatednsname"))
        observables.address(interface.text("publicip"), ("role", "own"))
        observables.address(interface.text("privateipaddress"), ("role", "own"))
    return found


def _user(resource: Fields, observables: Observables) -> Resource | None:
    key = resource.sub("accesskeydetails")
    name = key.text("username") or key.text("principalid")
    extra = (
        ("type", key.text("usertype")),
        ("accessKeyId", key.text("accesskeyid")),
        ("principalId", key.text("principalid")),
    )
    named = observables.account(name, *extra)
    found = None if named is None else resource_of_entity(named)
    if found is None and key.text("accesskeyid"):
        named = observables.account(key.text("accesskeyid"), *extra)
        found = None if named is None else resource_of_entity(named)
    return None if found is None else Resource(found.key, found.id, found.name, "AWS::IAM::User")


def _bucket(resource: Fields, observables: Observables) -> Resource | None:
    first = None
    for bucket in resource.items("s3bucketdetails"):
        found = observables.resource(
            bucket.text("arn") or bucket.text("name"),
            name=bucket.text("name"),
            kind="AWS::S3::Bucket",
        )
        first = first or found
        for item in bucket.items("s3objectdetails"):
            observables.file(item.text("objectarn", "key"), [item.text("hash")])
    return first


def _cluster(resource: Fields, observables: Observables, name: str) -> Resource | None:
    cluster = resource.sub(name)
    for container in cluster.sub("taskdetails").items("containers"):
        _container(container, observables)
    kind = "AWS::EKS::Cluster" if name.startswith("eks") else "AWS::ECS::Cluster"
    return observables.resource(cluster.text("arn"), name=cluster.text("name"), kind=kind)


def _container(container: Fields, observables: Observables) -> Resource | None:
    extra = details(("name", container.text("name")), ("image", container.text("image")))
    named = observables.add("container", container.text("id") or container.text("name"), extra)
    return None if named is None else resource_of_entity(named)


def _database(resource: Fields, observables: Observables) -> Resource | None:
    instance = resource.sub("rdsdbinstancedetails")
    observables.account(resource.sub("rdsdbuserdetails").text("user"))
    return observables.resource(
        instance.text("dbinstancearn") or instance.text("dbinstanceidentifier"),
        name=instance.text("dbinstanceidentifier"),
        kind="AWS::RDS::DBInstance",
    )


def _function(resource: Fields, observables: Observables) -> Resource | None:
    function = resource.sub("lambdadetails")
    return observables.resource(
        function.text("functionarn"),
        name=function.text("functionname"),
        kind="AWS::Lambda::Function",
    )


def _volume(resource: Fields, observables: Observables) -> Resource | None:
    first = None
    volumes = resource.sub("ebsvolumedetails")
    for volume in (*volumes.items("scannedvolumedetails"), *volumes.items("skippedvolumedetails")):
        found = observables.resource(volume.text("volumearn"), kind="AWS::EC2::Volume")
        first = first or found
    return first


def _read_kubernetes(kubernetes: Fields, observables: Observables) -> None:
    user = kubernetes.sub("kubernetesuserdetails")
    observables.account(user.text("username"), ("type", "Kubernetes user"))
    workload = kubernetes.sub("kubernetesworkloaddetails")
    place = [text for text in (workload.text("namespace"), workload.text("name")) if text]
    observables.add("container", "/".join(place), details(("type", workload.text("type"))))
    for container in workload.items("containers"):
        _container(container, observables)


def _read_runtime(service: Fields, observables: Observables) -> None:
    process = service.at("runtimedetails", "process")
    observables.process(
        process.text("commandline", "cmdline", "executablepath", "name"),
        ("image", process.text("executablepath")),
        ("user", process.text("user")),
    )
    observables.file(process.text("executablepath"), [process.text("executablesha256")])
    modifying = service.at("runtimedetails", "context", "modifyingprocess")
    observables.file(modifying.text("executablepath"), [modifying.text("executablesha256")])
    detections = service.at("ebsvolumescandetails", "scandetections")
    for threat in detections.sub("threatdetectedbyname").items("threatnames"):
        observables.other(threat.text("name"), "malware")
        for path in threat.items("filepaths"):
            observables.file(path.text("filepath", "filename"), [path.text("hash")])
    for threat in service.at("malwarescandetails").items("threats"):
        observables.other(threat.text("name"), "malware")
        for path in threat.items("itempaths"):
            observables.file(path.text("nesteditempath"), [path.text("hash")])
