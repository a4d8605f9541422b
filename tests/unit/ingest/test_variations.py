"""What tools vary between versions, products and kinds of signal: each is read for what it says."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.unit.ingest.sampling import faults, parse_one

SUB = "/subscriptions/11111111-2222-3333-4444-555555555555"
VM = f"{SUB}/resourceGroups/Shop/providers/Microsoft.Compute/virtualMachines/web07"
VM_KEY = f"resource:{VM.lower()}"
WORKSPACE = f"{SUB}/resourceGroups/Logs/providers/Microsoft.OperationalInsights/workspaces/main"
HASH = "8963a19fb992ad9a76576c5638fd68292cffb9aaac29eb8285f9abf6196a7dec"
OTHER_HASH = HASH[::-1]


@dataclass(frozen=True)
class Read:
    """The resource's key, other keys (all of them), tactics and techniques as words."""

    resource: str
    keys: str = ""
    tactics: str = ""
    techniques: str = ""


def suricata(**fields: Any) -> dict[str, Any]:
    plain = {"timestamp": "2026-03-01T10:00:00.5+0000", "flow_id": 7, "event_type": "alert"}
    sides = {"src_ip": "10.1.1.5", "dest_ip": "203.0.113.7", "dest_port": 443}
    alert = {"signature": "Beacon", "signature_id": 9, "severity": 1} | fields.pop("alert", {})
    return plain | sides | {"alert": alert} | fields


def falcon(**fields: Any) -> dict[str, Any]:
    plain = {"composite_id": "c:ind:1", "cid": "c", "display_name": "Rule", "severity": 50}
    return plain | {"created_timestamp": "2026-03-01T10:00:00Z"} | fields


def graph(*evidence: dict[str, Any]) -> dict[str, Any]:
    typed = [
        {**each, "@odata.type": f"#microsoft.graph.security.{each['of']}"} for each in evidence
    ]
    plain = {"id": "g-1", "title": "Odd", "severity": "low", "serviceSource": "x", "tenantId": "t"}
    return plain | {"createdDateTime": "2026-03-01T10:00:00Z", "evidence": typed}


def monitor(context: dict[str, Any], **essentials: Any) -> dict[str, Any]:
    plain = {"alertId": "a-1", "alertRule": "Rule", "severity": "Sev2", "signalType": "Log"}
    more = {"firedDateTime": "2026-03-01T10:00:00Z", "alertTargetIDs": [WORKSPACE]}
    data = {"essentials": plain | more | essentials, "alertContext": context}
    return {"schemaId": "azureMonitorCommonAlertSchema", "data": data}


def ocsf(**fields: Any) -> dict[str, Any]:
    stated = fields.pop("finding_info", {})
    finding = None if stated is None else {"uid": "f-1", "title": "Odd"} | stated
    product = {"name": "Sensor", "vendor_name": "V"}
    plain = {"class_uid": 2004, "time": 1_772_000_000_000, "severity_id": 3}
    return plain | {"metadata": {"product": product}, "finding_info": finding} | fields


def hub(**fields: Any) -> dict[str, Any]:
    plain = {"Id": "h-1", "ProductArn": "arn:p", "AwsAccountId": "1", "Title": "Odd"}
    more = {"CreatedAt": "2026-03-01T10:00:00Z", "Severity": {"Label": "LOW"}, "Types": []}
    return plain | more | {"Resources": [{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::b"}]} | fields


def guardduty(kind: str, resource: dict[str, Any], service: dict[str, Any]) -> dict[str, Any]:
    plain = {"schemaVersion": "2.0", "accountId": "1", "id": "d-1", "type": kind, "title": "Odd"}
    times = {"createdAt": "2026-03-01T10:00:00Z", "updatedAt": "2026-03-01T10:00:00Z"}
    return plain | times | {"severity": 8, "resource": resource, "service": service}


def scc(**fields: Any) -> dict[str, Any]:
    name = "organizations/1/sources/2/locations/global/findings/3ab"
    resource = "//bigquery.googleapis.com/projects/p/datasets/d"
    plain = {"name": name, "resourceName": resource, "category": "Odd", "severity": "HIGH"}
    return {"finding": plain | {"eventTime": "2026-03-01T10:00:00Z"} | fields}


def wazuh(data: dict[str, Any], agent: str = "003", **fields: Any) -> dict[str, Any]:
    rule = {"level": 9, "description": "Odd", "id": "5"}
    plain = {"timestamp": "2026-03-01T10:00:00.1+0000", "id": "1.1", "rule": rule, "data": data}
    return plain | {"agent": {"id": agent, "name": "box"}, "manager": {"name": "box"}} | fields


def falco(source: str, **output: Any) -> dict[str, Any]:
    plain = {"rule": "Odd", "priority": "Notice", "time": "2026-03-01T10:00:00Z", "output": "o"}
    return plain | {"hostname": "falco-0", "source": source, "output_fields": output}


def streamed(kind: str, **event: Any) -> dict[str, Any]:
    metadata = {"eventType": kind, "eventCreationTime": 1_772_359_200_000}
    return {"metadata": metadata, "event": event}


VARIATIONS = [
    pytest.param(
        suricata(alert={"metadata": {"mitre_attack": ["t1190"]}}),
        Read("address:10.1.1.5", "address:203.0.113.7", "InitialAccess", "T1190"),
        id="suricata: technique in small letters, in one field",
    ),
    pytest.param(
        suricata(dest_ip="10.1.1.53", dest_port=53, dns={"queries": [{"rrname": "evil.example"}]}),
        Read("address:10.1.1.5", "address:10.1.1.53 domain:evil.example"),
        id="suricata: a query is about the side that asks, names are listed as in version 8",
    ),
    pytest.param(
        falcon(
            type="correlation-detection",
            host_names=["ws1.corp.example"],
            user_names=["ann"],
            source_ips=["10.1.1.5"],
            destination_ips=["203.0.113.7"],
            source_hosts=["chat.example"],
        ),
        Read("host:ws1", "account:ann address:10.1.1.5 address:203.0.113.7"),
        id="crowdstrike: a correlation rule's detection has no device",
    ),
    pytest.param(
        falcon(
            type="automated-lead",
            device={"device_id": "d"},
            threatgraph_indicators=[{"hostname": "ws2.corp.example", "host_id": "d"}],
            mitre_attack=[{"pattern_id": 1}, {"tactic_id": "TA0002", "technique_id": "T1203"}],
        ),
        Read("host:ws2", "", "Execution", "T1203"),
        id="crowdstrike: a lead names its host among its indicators",
    ),
    pytest.param(
        graph({"of": "deviceEvidence", "deviceDnsName": "web07", "vmMetadata": {"resourceId": VM}}),
        Read(VM_KEY, "host:web07"),
        id="graph: a device in Azure is its resource",
    ),
    pytest.param(
        graph(
            {"of": "fileHashEvidence", "algorithm": "sha256", "value": HASH},
            {"of": "cloudLogonSessionEvidence", "account": {"userPrincipalName": "a@b.example"}},
            {
                "of": "dnsEvidence",
                "domainName": "e.example",
                "hostIpAddress": {"ipAddress": "9.9.9.7"},
            },
            {"of": "submissionMailEvidence", "recipient": "r@b.example", "sender": "s@e.example"},
            {
                "of": "teamsMessageEvidence",
                "senderFromAddress": "x@e.example",
                "recipients": ["r@b.example"],
            },
            {"of": "kubernetesPodEvidence", "name": "p", "containers": [{"containerId": "c1"}]},
        ),
        Read(
            "account:a@b.example",
            f"account:r@b.example account:x@e.example address:9.9.9.7 container:c1"
            f" container:p domain:e.example file:{HASH} mailbox:r@b.example"
            " mailbox:s@e.example",
        ),
        id="graph: evidence of less common types",
    ),
    pytest.param(
        monitor(
            {
                "eventSource": "Security",
                "properties": {"compromisedEntity": "web07", "intent": '["Execution"]'},
            },
            signalType="Activity Log",
            alertTargetIDs=[VM],
        ),
        Read(VM_KEY, "host:web07", "Execution"),
        id="azure-monitor: a security event of the activity log",
    ),
    pytest.param(
        monitor(
            {
                "caller": "ann@b.example",
                "claims": '{"ipaddr": "203.0.113.8"}',
                "httpRequest": '{"clientIpAddress": "203.0.113.9"}',
            },
            alertTargetIDs=[VM],
        ),
        Read(VM_KEY, "account:ann@b.example address:203.0.113.8 address:203.0.113.9 host:web07"),
        id="azure-monitor: who did it is JSON in a text",
    ),
    pytest.param(
        monitor(
            {
                "condition": {
                    "allOf": [
                        {
                            "dimensions": [
                                {"name": "SourceIP", "value": "203.0.113.8"},
                                {"name": "Account", "value": "CORP\\ann"},
                                {"name": "_ResourceId", "value": VM},
                            ]
                        }
                    ]
                }
            }
        ),
        Read(
            VM_KEY,
            f"account:ann@corp address:203.0.113.8 host:web07 resource:{WORKSPACE.lower()}",
        ),
        id="azure-monitor: the machine and not the workspace that keeps its logs",
    ),
    pytest.param(
        monitor({"labels": {"tactic": "Impact"}, "annotations": {"technique": "T1496"}}),
        Read(f"resource:{WORKSPACE.lower()}", "", "Impact", "T1496"),
        id="azure-monitor: labels of a Prometheus rule",
    ),
    pytest.param(
        monitor({}, configurationItems=[VM]),
        Read(VM_KEY, f"host:web07 resource:{WORKSPACE.lower()}"),
        id="azure-monitor: a configuration item that is an ARM id",
    ),
    pytest.param(
        ocsf(
            finding_info={
                "attacks": [
                    {
                        "tactics": [{"name": "Credential Access"}],
                        "technique": {"name": "OS Credential Dumping"},
                    }
                ]
            },
            resources=[{"type": "endpoint", "name": "WS3", "uid": "77"}],
            evidences=[
                {
                    "process": {
                        "parent_process": {"file": {"path": "/x", "hashes": [{"value": HASH}]}}
                    },
                    "email": {"from": "s@e.example", "to": ["r@b.example"]},
                }
            ],
        ),
        Read(
            "host:ws3",
            f"account:r@b.example file:{HASH} mailbox:r@b.example mailbox:s@e.example",
            "CredentialAccess",
            "T1003",
        ),
        id="ocsf: a technique by name, an endpoint as resource, a mail and a parent as evidence",
    ),
    pytest.param(
        ocsf(
            finding_info={"types": ["TTPs/Initial Access/Odd:EC2-Logon"]}, device={"hostname": "w"}
        ),
        Read("host:w", "", "InitialAccess"),
        id="ocsf: a tactic among AWS's types",
    ),
    pytest.param(
        hub(
            Network={
                "SourceIpV6": "2001:db8::1",
                "SourceDomain": "a.example",
                "DestinationDomain": "e.example",
            },
            Threats=[{"Name": "Miner", "FilePaths": [{"FilePath": "/x", "Hash": HASH}]}],
        ),
        Read(
            "resource:arn:aws:s3:::b",
            f"address:2001:db8::1 domain:a.example domain:e.example file:{HASH}",
        ),
        id="aws-security-hub: IPv6, both domains, and the files of a threat",
    ),
    pytest.param(
        guardduty(
            "Execution:Runtime/NewBinaryExecuted",
            {
                "s3BucketDetails": [
                    {"arn": "arn:b", "s3ObjectDetails": [{"key": "x", "hash": HASH}]}
                ]
            },
            {"runtimeDetails": {"context": {"modifyingProcess": {"executableSha256": OTHER_HASH}}}},
        ),
        Read("resource:arn:b", f"file:{HASH} file:{OTHER_HASH}", "Execution"),
        id="aws-guardduty: an object's hash, and the process that wrote the binary",
    ),
    pytest.param(
        scc(
            access={"serviceAccountDelegationInfo": [{"principalEmail": "sa@p.example"}]},
            database={"userName": "dba"},
            exfiltration={"targets": [{"name": "//storage.googleapis.com/elsewhere"}]},
            mitreAttack={"primaryTactic": "EXFILTRATION", "primaryTechniques": ["T1567"]},
        ),
        Read(
            "resource://bigquery.googleapis.com/projects/p/datasets/d",
            "account:dba account:sa@p.example resource://storage.googleapis.com/elsewhere",
            "Exfiltration",
            "T1567",
        ),
        id="google-scc: version 2 of the API, and where data went",
    ),
    pytest.param(
        wazuh({"win": {"eventdata": {"sourceImage": "C:\\t\\m.exe", "sourceUser": "CORP\\ann"}}}),
        Read("host:box", "account:ann@corp"),
        id="wazuh: who opened another process",
    ),
    pytest.param(
        wazuh({"virustotal": {"source": {"file": "/x", "sha1": HASH[:40]}}}),
        Read("host:box", f"file:{HASH[:40]}"),
        id="wazuh: what VirusTotal scanned",
    ),
    pytest.param(
        wazuh({"office365": {"UserId": "ann@b.example"}}, agent="000"),
        Read("account:ann@b.example"),
        id="wazuh: a log that the manager fetched is not about the manager",
    ),
    pytest.param(
        wazuh(
            {
                "gcp": {
                    "protoPayload": {
                        "authenticationInfo": {"principalEmail": "ann@b.example"},
                        "requestMetadata": {"callerIp": "203.0.113.8"},
                    }
                }
            },
            agent="000",
        ),
        Read("account:ann@b.example", "address:203.0.113.8"),
        id="wazuh: an audit log of Google Cloud",
    ),
    pytest.param(
        falco("okta", **{"okta.actor.alternateid": "ann@b.example", "okta.client.ip": "9.9.9.7"}),
        Read("account:ann@b.example", "address:9.9.9.7"),
        id="falco: a plugin's event is not about the machine that read it",
    ),
    pytest.param(
        streamed(
            "XdrDetectionSummaryEvent",
            DetectId="c:ind:x",
            Name="Brute force, then a shell",
            Severity=90,
            HostNames="ws3,ws4",
            IPv4Addresses="10.1.1.6, 10.1.1.7",
            Tactics="Initial Access,Execution",
            TechniqueIds="T1566.001,T1203",
        ),
        Read(
            "host:ws3",
            "address:10.1.1.6 address:10.1.1.7 host:ws4",
            "InitialAccess Execution",
            "T1566.001 T1203",
        ),
        id="crowdstrike: a detection over several sources",
    ),
    pytest.param(
        streamed(
            "IncidentSummaryEvent",
            IncidentID="inc:a:b",
            HostID="4a5b6c",
            IncidentStartTime=1_772_359_200,
            IncidentEndTime=1_772_359_260,
            FineScore=6.5,
            State="open",
        ),
        Read("host:4a5b6c"),
        id="crowdstrike: an incident",
    ),
    pytest.param(
        ocsf(
            class_uid=2005,
            finding_info=None,
            finding_info_list=[{"uid": "f-1", "title": "One of them"}],
            metadata={"uid": "i-1", "product": {"name": "Hub", "vendor_name": "V"}},
            attacks=[{"tactic": {"uid": "TA0002"}}],
            observables=[{"type_id": 1, "value": "ws5"}],
        ),
        Read("host:ws5", "", "Execution"),
        id="ocsf: an incident",
    ),
    pytest.param(
        wazuh({"integration": "abuse", "abuse": {"source": {"srcip": "203.0.113.80"}}}),
        Read("host:box", "address:203.0.113.80"),
        id="wazuh: an integration tells of the address that it looked up",
    ),
    pytest.param(
        wazuh({"query": "c2.example", "domain": "not a domain"}),
        Read("host:box", "domain:c2.example"),
        id="wazuh: a domain that was asked for",
    ),
    pytest.param(
        wazuh({"github": {"actor": "mia", "repo": "corp/shop"}}, agent="000"),
        Read("resource:corp/shop", "account:mia"),
        id="wazuh: the manager only fetched the log",
    ),
    pytest.param(
        wazuh({"docker": {"Actor": {"ID": HASH, "Attributes": {"name": "shop"}}}}, agent="000"),
        Read(f"container:{HASH[:12]}"),
        id="wazuh: a container",
    ),
    pytest.param(
        scc(
            resourceName="//cloudresourcemanager.googleapis.com/projects/9",
            sourceProperties={
                "properties": {
                    "attempts": [{"sourceIp": "203.0.113.81", "username": "root", "vmName": "vm-1"}]
                },
                "affectedResources": [
                    {"gcpResourceName": "//cloudresourcemanager.googleapis.com/projects/9"}
                ],
            },
        ),
        Read(
            "host:vm-1",
            "account:root@vm-1 address:203.0.113.81"
            " resource://cloudresourcemanager.googleapis.com/projects/9",
        ),
        id="google-scc: a detector's own properties name the machine",
    ),
    pytest.param(
        falco("syscall", **{"user.name": "ann"}),
        Read("host:falco-0", "account:ann"),
        id="falco: a system call is",
    ),
]


@pytest.mark.parametrize(("payload", "expected"), VARIATIONS)
def test_a_variation_is_read_for_what_it_says(payload: dict[str, Any], expected: Read) -> None:
    alert = parse_one(payload)
    found = Read(
        alert.resource.key,
        " ".join(alert.keys[1:]),
        " ".join(tactic.name for tactic in alert.tactics),
        " ".join(alert.techniques),
    )
    assert found == expected


def test_an_event_that_is_no_detection_is_refused_by_name() -> None:
    assert faults(streamed("AuthActivityAuditEvent", UserId="mia")) == [
        ("metadata.eventType", "'AuthActivityAuditEvent' is no detection: only those are read")
    ]


def test_a_lead_lasts_as_long_as_its_signals_and_is_told_by_its_kind() -> None:
    lead = falcon(
        type="automated-lead",
        display_name="ws2 at 2026-03-01T10:00:00Z",
        signal_start_timestamp="2026-03-01T09:00:00Z",
        signal_end_timestamp="2026-03-01T09:30:00Z",
    )
    alert = parse_one(lead)
    assert alert.end - alert.start == 30 * 60_000
    assert alert.alert_type == "automated-lead"
