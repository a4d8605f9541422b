"""Steps as Amazon GuardDuty and tools that speak OCSF write findings."""

from typing import Final

from local.simulate.naming import AMAZON, POST_CUSTOMER, device_id
from local.simulate.step import Alert, Stamp, Step, spaced, without_empty

REGION: Final = "eu-west-1"
_NUMBERS: Final = {"Informational": 1, "Low": 2, "Medium": 3, "High": 4, "Critical": 5}
_GUARDDUTY: Final = {"Informational": 1.0, "Low": 2.0, "Medium": 5.0, "High": 8.0, "Critical": 9.0}


def guardduty(step: Step, stamp: Stamp) -> Alert:
    """EventBridge's event with the finding; its type says the tactic, so `step.tactic` must too."""
    return {
        "version": "0",
        "id": stamp.id,
        "detail-type": "GuardDuty Finding",
        "source": "aws.guardduty",
        "account": AMAZON,
        "time": stamp.later,
        "region": REGION,
        "detail": {
            "schemaVersion": "2.0",
            "accountId": AMAZON,
            "region": REGION,
            "partition": "aws",
            "id": _finding_id(stamp),
            "type": step.detection,
            "title": step.title,
            "description": f"{step.title}.",
            "severity": _GUARDDUTY[step.severity],
            "createdAt": stamp.later,
            "updatedAt": stamp.later,
            "resource": _resource(step),
            "service": {
                "serviceName": "guardduty",
                "eventFirstSeen": stamp.time,
                "eventLastSeen": stamp.time,
                "archived": False,
                "action": _action(step),
            },
        },
    }


def _finding_id(stamp: Stamp) -> str:
    return stamp.id.replace("-", "")


def _resource(step: Step) -> Alert:
    key = {"userName": step.account, "userType": "IAMUser"} if step.account else {}
    resource: Alert = {"accessKeyDetails": key}
    if ":s3:" in step.resource:
        bucket = {"arn": step.resource, "name": step.resource.rpartition(":")[2]}
        resource |= {"resourceType": "S3Bucket", "s3BucketDetails": [bucket]}
    elif step.host:
        instance = {
            "instanceId": f"i-0{device_id('ec2', step.host, 16)}",
            "tags": [{"key": "Name", "value": step.host}],
        }
        resource |= {"resourceType": "Instance", "instanceDetails": instance}
    else:
        resource |= {"resourceType": "AccessKey"}
    return without_empty(resource)


def _action(step: Step) -> Alert:
    remote = {"remoteIpDetails": {"ipAddressV4": step.address}} if step.address else {}
    return {"actionType": "AWS_API_CALL", "awsApiCallAction": remote}


def ocsf(step: Step, stamp: Stamp) -> Alert:
    """A Detection Finding (2004) of a tool that watches clouds and machines."""
    product = {"name": "Cloud Watch Post", "vendor_name": "Example"}
    return _detection_finding(step, stamp, stamp.id, product, POST_CUSTOMER)


def security_lake(step: Step, stamp: Stamp) -> Alert:
    """GuardDuty's finding as Security Lake keeps it, in OCSF."""
    product = {"name": "GuardDuty", "vendor_name": "AWS"}
    return _detection_finding(step, stamp, _finding_id(stamp), product, "")


def _detection_finding(
    step: Step, stamp: Stamp, identifier: str, product: Alert, tenant: str
) -> Alert:
    attack = without_empty(
        {
            "tactic": {"name": spaced(step.tactic)} if step.tactic else {},
            "technique": {"uid": step.technique} if step.technique else {},
        }
    )
    finding = {
        "uid": identifier,
        "title": step.title,
        "desc": f"{step.title}.",
        "analytic": {"name": step.detection, "type_id": 1},
        "first_seen_time": stamp.at,
        "last_seen_time": stamp.at,
        "created_time": stamp.at,
        "attacks": [attack] if attack else [],
    }
    return without_empty(
        {
            "class_uid": 2004,
            "category_uid": 2,
            "activity_id": 1,
            "time": stamp.at,
            "severity_id": _NUMBERS[step.severity],
            "status_id": 1,
            "metadata": without_empty(
                {"version": "1.3.0", "product": product, "tenant_uid": tenant}
            ),
            "finding_info": without_empty(finding),
            "cloud": {} if step.host else {"provider": "AWS", "account": {"uid": AMAZON}},
            "device": {"hostname": step.host, "ip": step.own_address} if step.host else {},
            "resources": [{"uid": step.resource}] if step.resource else [],
            "evidences": _evidences(step),
            "remediation": {"desc": step.advice} if step.advice else {},
        }
    )


def _evidences(step: Step) -> list[Alert]:
    evidence = without_empty(
        {
            "src_endpoint": {"ip": step.address} if step.address else {},
            "actor": {"user": {"name": step.account}} if step.account else {},
            "container": {"uid": step.container} if step.container else {},
        }
    )
    return [evidence] if evidence else []
