"""Steps as tools on hosts and networks write alerts: Wazuh, Suricata, Falco, Elastic and others."""

from typing import Final

from local.simulate.naming import (
    AMAZON,
    CUSTOMER,
    DNS_DOMAIN,
    agent_number,
    device_id,
    sid,
)
from local.simulate.step import Alert, Stamp, Step, snake, spaced, without_empty

_LEVELS: Final = {"Informational": 3, "Low": 5, "Medium": 8, "High": 12, "Critical": 15}
_IDS: Final = {"Informational": 4, "Low": 3, "Medium": 2, "High": 1, "Critical": 1}
_PRIORITIES: Final = {
    "Informational": "Informational",
    "Low": "Notice",
    "Medium": "Warning",
    "High": "Error",
    "Critical": "Critical",
}


def wazuh(step: Step, stamp: Stamp) -> Alert:
    """A Wazuh alert; `step.detection` is the rule's number."""
    mitre = {"tactic": [spaced(step.tactic)], "id": [step.technique] if step.technique else []}
    return {
        "timestamp": stamp.time.replace("Z", "+0000"),
        "id": f"{stamp.at // 1_000}.{int(stamp.id[:8], 16)}",
        "rule": without_empty(
            {
                "level": _LEVELS[step.severity],
                "id": step.detection,
                "description": step.title,
                "mitre": without_empty(mitre) if step.tactic else {},
            }
        ),
        "agent": without_empty(
            {"id": agent_number(step.host), "name": step.host, "ip": step.own_address}
        ),
        "manager": {"name": f"wazuh.{DNS_DOMAIN}"},
        "data": without_empty({"srcip": step.address, "dstuser": step.account}),
        "full_log": f"{step.title} on {step.host}",
    }


def suricata(step: Step, stamp: Stamp) -> Alert:
    """An EVE record of traffic from `address` to `own_address`; `detection` is the signature's id.

    What the host itself begins (command and control, mining) goes the other way.
    """
    ends = (step.address, step.own_address)
    if step.tactic in ("CommandAndControl", "Impact", "Exfiltration"):
        ends = ends[::-1]
    metadata = {"mitre_tactic_name": [spaced(step.tactic).replace(" ", "_")]} if step.tactic else {}
    return {
        "timestamp": stamp.time.replace("Z", "+0000"),
        "host": f"sensor-1.{DNS_DOMAIN}",
        "flow_id": int(stamp.id[:12].replace("-", ""), 16),
        "event_type": "alert",
        "src_ip": ends[0],
        "src_port": 40_000 + stamp.at % 20_000,
        "dest_ip": ends[1],
        "dest_port": 443,
        "proto": "TCP",
        "alert": {
            "action": "allowed",
            "signature_id": int(step.detection),
            "signature": step.title,
            "category": "Misc activity",
            "severity": _IDS[step.severity],
            "metadata": metadata,
        },
    }


def falco(step: Step, stamp: Stamp) -> Alert:
    """A Falco event, in a container or on the node itself."""
    namespace, _, pod = step.container.partition("/")
    output = {
        "container.id": stamp.id[-12:] if pod else "host",
        "k8s.ns.name": namespace,
        "k8s.pod.name": pod,
        "user.name": step.account,
        "fd.rip": step.address,
    }
    tags = [f"mitre_{snake(step.tactic)}" if step.tactic else "", step.technique]
    return {
        "uuid": stamp.id,
        "time": stamp.time,
        "rule": step.title,
        "priority": _PRIORITIES[step.severity],
        "output": f"{step.title} (node={step.host} pod={pod or '<NA>'})",
        "hostname": step.host,
        "source": "syscall",
        "tags": [tag for tag in tags if tag],
        "output_fields": without_empty(output),
    }


def elastic(step: Step, stamp: Stamp) -> Alert:
    """An Elastic Security alert with dotted names."""
    threat = {
        "framework": "MITRE ATT&CK",
        "tactic": {"name": spaced(step.tactic)},
        "technique": [{"id": step.technique}] if step.technique else [],
    }
    return without_empty(
        {
            "@timestamp": stamp.later,
            "kibana.alert.uuid": stamp.id,
            "kibana.alert.rule.name": step.title,
            "kibana.alert.rule.rule_id": step.detection,
            "kibana.alert.severity": step.severity.lower(),
            "kibana.alert.original_time": stamp.time,
            "kibana.alert.workflow_status": "open",
            "kibana.alert.rule.threat": [threat] if step.tactic else [],
            "kibana.alert.rule.note": step.advice,
            "cloud.account.id": "" if step.host else AMAZON,
            "host.name": step.host,
            "host.id": device_id("elastic", step.host, 32) if step.host else "",
            "host.ip": [step.own_address] if step.own_address else [],
            "user.name": step.account,
            "user.domain": step.domain,
            "source.ip": step.address,
            "process.hash.sha256": step.sha256,
        }
    )


def crowdstrike(step: Step, stamp: Stamp) -> Alert:
    """An alert of CrowdStrike Falcon's API."""
    aid = device_id("falcon", step.host, 32)
    return without_empty(
        {
            "composite_id": f"{CUSTOMER}:ind:{aid}:{stamp.id}",
            "cid": CUSTOMER,
            "created_timestamp": stamp.later,
            "updated_timestamp": stamp.later,
            "timestamp": stamp.time,
            "name": step.detection,
            "display_name": step.title,
            "description": f"{step.title}.",
            "severity_name": step.severity,
            "tactic": spaced(step.tactic),
            "technique_id": step.technique,
            "status": "new",
            "device": without_empty(
                {
                    "device_id": aid,
                    "cid": CUSTOMER,
                    "hostname": step.host,
                    "machine_domain": DNS_DOMAIN,
                    "local_ip": step.own_address,
                }
            ),
            "user_name": step.account,
            "logon_domain": step.domain,
            "user_id": sid(step.account) if step.domain else "",
            "sha256": step.sha256,
        }
    )


def alertmanager(step: Step, stamp: Stamp) -> Alert:
    """A webhook of a Prometheus Alertmanager with one alert."""
    namespace, _, pod = step.container.partition("/")
    labels = {
        "alertname": step.detection,
        "severity": step.severity.lower(),
        "tactic": spaced(step.tactic),
        "technique": step.technique,
        "node": step.host,
        "namespace": namespace,
        "pod": pod,
        "src_ip": step.address,
    }
    return {
        "receiver": "security",
        "status": "firing",
        "version": "4",
        "alerts": [
            {
                "status": "firing",
                "labels": without_empty(labels),
                "annotations": without_empty({"summary": step.title, "action": step.advice}),
                "startsAt": stamp.time,
                "endsAt": "0001-01-01T00:00:00Z",
                "fingerprint": stamp.id.replace("-", "")[:16],
            }
        ],
    }
