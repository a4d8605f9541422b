"""One hand-written message for each format that is a mapping file, and what is read of it."""

from dataclasses import dataclass
from typing import Any, Final

HASH: Final = "8963a19fb992ad9a76576c5638fd68292cffb9aaac29eb8285f9abf6196a7dec"
AT: Final = "2026-03-02T10:00:00Z"


@dataclass(frozen=True)
class Facts:
    """What an alert is read as: words with spaces between them, the resource's key first."""

    title: str
    severity: str
    keys: str
    tactics: str = ""
    techniques: str = ""
    status: str = "Active"
    finding: str = "attack"


def streamed(table: str, **properties: Any) -> dict[str, Any]:
    row = {"AlertId": "da638000000000000001_7", "Timestamp": AT, **properties}
    return {"category": f"AdvancedHunting-{table}", "tenantId": "t", "time": AT, "properties": row}


MESSAGES: Final[dict[str, tuple[Any, Facts]]] = {
    "defender-xdr-incident": (
        {
            "incidentId": 9,
            "incidentName": "Multi-stage incident",
            "alerts": [
                {
                    "alertId": "da638000000000000001_7",
                    "providerAlertId": "da638000000000000001_7",
                    "serviceSource": "MicrosoftDefenderForEndpoint",
                    "title": "Credential dump",
                    "severity": "High",
                    "status": "InProgress",
                    "category": "CredentialAccess",
                    "mitreTechniques": ["T1003.001"],
                    "creationTime": AT,
                    "firstActivity": AT,
                    "devices": [{"deviceDnsName": "web01.corp.example", "mdatpDeviceId": "d1"}],
                    "entities": [
                        {"entityType": "User", "accountName": "mia", "domainName": "CORP"},
                        {
                            "entityType": "File",
                            "fileName": "dump.exe",
                            "filePath": "C:\\Temp",
                            "sha256": HASH,
                        },
                    ],
                }
            ],
        },
        Facts(
            "Credential dump",
            "High",
            f"host:web01 account:mia@corp file:{HASH}",
            "CredentialAccess",
            "T1003.001",
            "InProgress",
        ),
    ),
    "defender-xdr-streaming": (
        {
            "records": [
                streamed(
                    "AlertInfo",
                    Title="Odd sign-in",
                    Category="InitialAccess",
                    Severity="Medium",
                    AttackTechniques='["Cloud Accounts (T1078.004)"]',
                ),
                streamed("AlertEvidence", DeviceName="web02", DeviceId="d2"),
                streamed("AlertEvidence", AccountUpn="mia@corp.example", RemoteIP="203.0.113.4"),
            ]
        },
        Facts(
            "Odd sign-in",
            "Medium",
            "host:web02 account:mia@corp.example address:203.0.113.4",
            "InitialAccess",
            "T1078.004",
        ),
    ),
    "defender-endpoint-alert": (
        {
            "value": [
                {
                    "id": "da638000000000000001_8",
                    "incidentId": 9,
                    "machineId": "m1",
                    "computerDnsName": "lap-1.corp.example",
                    "title": "Suspicious script",
                    "severity": "Low",
                    "status": "New",
                    "category": "Execution",
                    "alertCreationTime": AT,
                    "firstEventTime": AT,
                    "lastEventTime": AT,
                    "relatedUser": {"userName": "kim", "domainName": "CORP"},
                    "evidence": [{"entityType": "Ip", "ipAddress": "203.0.113.5"}],
                }
            ]
        },
        Facts(
            "Suspicious script",
            "Low",
            "host:lap-1 account:kim@corp address:203.0.113.5",
            "Execution",
        ),
    ),
    "entra-risk-detection": (
        {
            "id": "a" * 64,
            "riskEventType": "unfamiliarFeatures",
            "riskLevel": "medium",
            "riskState": "atRisk",
            "detectedDateTime": AT,
            "activityDateTime": AT,
            "ipAddress": "203.0.113.6",
            "userPrincipalName": "mia@corp.example",
            "location": {"city": "Oslo", "countryOrRegion": "NO"},
        },
        Facts(
            "Unfamiliar sign-in properties",
            "Medium",
            "account:mia@corp.example address:203.0.113.6",
            "InitialAccess",
        ),
    ),
    "sentinelone-threat": (
        {
            "id": "1",
            "agentRealtimeInfo": {"agentComputerName": "SRV-7", "agentOsName": "linux"},
            "agentDetectionInfo": {"agentIpV4": "10.0.0.7"},
            "threatInfo": {
                "threatId": "1",
                "threatName": "miner",
                "classification": "Trojan",
                "confidenceLevel": "malicious",
                "incidentStatus": "resolved",
                "identifiedAt": AT,
                "createdAt": AT,
                "sha256": HASH,
                "filePath": "/tmp/miner",  # noqa: S108 - where the sample says it is
            },
            "indicators": [
                {"tactics": [{"name": "Execution", "techniques": [{"name": "T1059"}]}]},
            ],
        },
        Facts(
            "Trojan: miner",
            "High",
            f"host:srv-7 address:10.0.0.7 file:{HASH}",
            "Execution",
            "T1059",
            "Resolved",
        ),
    ),
    "sentinelone-alert": (
        {
            "alertInfo": {
                "alertId": "2",
                "createdAt": AT,
                "incidentStatus": "Unresolved",
                "dstIp": "203.0.113.8",
            },
            "ruleInfo": {"id": "r", "name": "T1059 in a shell", "severity": "Critical"},
            "agentDetectionInfo": {"name": "srv-8", "osName": "linux"},
            "sourceProcessInfo": {"user": "NT AUTHORITY\\SYSTEM", "commandline": "sh -c x"},
            "targetProcessInfo": {"tgtFileModifiedAt": "1970-01-01T00:00:00Z"},
        },
        Facts(
            "T1059 in a shell", "Critical", "host:srv-8 address:203.0.113.8", "Execution", "T1059"
        ),
    ),
    "cortex-xdr": (
        {
            "alert_id": "7",
            "external_id": "ab",
            "name": "Disabled a security tool",
            "severity": "low",
            "resolution_status": "STATUS_010_NEW",
            "detection_timestamp": 1_772_445_600_000,
            "event_timestamp": [1_772_445_600_000],
            "host_name": "ws-9",
            "host_ip": ["10.0.0.9"],
            "user_name": ["CORP\\bob"],
            "action_remote_ip": ["203.0.113.9"],
            "mitre_tactic_id_and_name": ["TA0005 - Defense Evasion"],
            "mitre_technique_id_and_name": ["T1562 - Impair Defenses"],
        },
        Facts(
            "Disabled a security tool",
            "Low",
            "host:ws-9 account:bob@corp address:10.0.0.9 address:203.0.113.9",
            "DefenseEvasion",
            "T1562",
        ),
    ),
    "wiz-issue": (
        {
            "id": "w-1",
            "type": "TOXIC_COMBINATION",
            "createdAt": AT,
            "severity": "HIGH",
            "status": "REJECTED",
            "sourceRule": {
                "id": "wc-1",
                "name": "Open to all",
                "resolutionRecommendation": "Close",
            },
            "entitySnapshot": {
                "providerId": "arn:aws:s3:::shop",
                "name": "shop",
                "nativeType": "bucket",
                "type": "BUCKET",
            },
        },
        Facts(
            "Open to all",
            "High",
            "resource:arn:aws:s3:::shop",
            status="Dismissed",
            finding="posture",
        ),
    ),
    "wiz-detection": (
        {
            "id": "wd-1",
            "threatId": "t-1",
            "title": "Port probed",
            "severity": "HIGH",
            "createdAt": AT,
            "timeframe": {"start": AT, "end": AT},
            "mitreTactics": ["TA0043"],
            "mitreTechniques": ["TA0043-T1595"],
            "primaryResource": {"externalId": "i-0a", "name": "gw", "nativeType": "EC2 Instance"},
            "resources": [{"type": "VIRTUAL_MACHINE", "externalId": "i-0a", "name": "gw"}],
            "actors": [{"type": "NETWORK_ADDRESS", "name": "203.0.113.21"}],
        },
        Facts(
            "Port probed",
            "High",
            "resource:i-0a address:203.0.113.21 host:gw host:i-0a",
            "Reconnaissance",
            "T1595",
        ),
    ),
    "wiz-webhook": (
        {
            "issue": {"id": "wi-1", "created": AT, "severity": "LOW", "status": "OPEN"},
            "control": {"id": "wc-id-7", "name": "Key is old"},
            "resource": {"type": "virtualMachine", "name": "vm-7", "subscriptionId": "s"},
            "trigger": {"ruleName": "r"},
        },
        Facts("Key is old", "Low", "host:vm-7 resource:s/virtualmachine/vm-7", finding="posture"),
    ),
    "trend-vision-one": (
        {
            "id": "WB-1",
            "workbenchLink": "https://portal.example/wb",
            "model": "Credential dump",
            "severity": "high",
            "investigationStatus": "In Progress",
            "createdDateTime": AT,
            "impactScope": {
                "entities": [
                    {"entityType": "account", "entityValue": "CORP\\mia"},
                    {"entityType": "host", "entityValue": {"name": "PC-1", "ips": ["10.0.0.10"]}},
                ]
            },
            "matchedRules": [{"matchedFilters": [{"mitreTechniqueIds": ["V9.T1003"]}]}],
            "indicators": [{"type": "url", "value": "http://evil.example/a"}],
        },
        Facts(
            "Credential dump",
            "High",
            "host:pc-1 account:mia@corp address:10.0.0.10 url:http://evil.example/a",
            "CredentialAccess",
            "T1003",
            "InProgress",
        ),
    ),
    "google-secops": (
        {
            "id": "de_1",
            "type": "RULE_DETECTION",
            "detectionTime": AT,
            "createdTime": AT,
            "detection": {
                "ruleName": "odd_login",
                "ruleId": "ru_1",
                "alertState": "ALERTING",
                "severity": "MEDIUM",
                "ruleLabels": [{"key": "mitre", "value": "T1078"}],
            },
            "event": {
                "principal": {"hostname": "ws-11", "ip": ["10.0.0.11"]},
                "target": {"user": {"userid": "mia"}},
            },
        },
        Facts(
            "odd_login",
            "Medium",
            "host:ws-11 account:mia address:10.0.0.11",
            "InitialAccess Persistence PrivilegeEscalation DefenseEvasion",
            "T1078",
        ),
    ),
    "splunk-notable": (
        {
            "event_id": "n@@1",
            "search_name": "Access - Brute Force - Rule",
            "rule_title": "Brute force",
            "urgency": "high",
            "status_label": "New",
            "_time": "1772445600.123",
            "src": "203.0.113.12",
            "dest": "db-1",
            "user": "mia",
            "annotations.mitre_attack": ["T1110"],
        },
        Facts(
            "Brute force",
            "High",
            "host:db-1 account:mia address:203.0.113.12",
            "CredentialAccess",
            "T1110",
        ),
    ),
    "splunk-webhook": (
        {
            "sid": "s1",
            "search_name": "Beacon",
            "results_link": "https://splunk.example/s1",
            "result": {"_time": "1772445600", "severity": "medium", "src_ip": "10.0.0.13"},
        },
        Facts("Beacon", "Medium", "address:10.0.0.13"),
    ),
    "okta": (
        {
            "uuid": "u-1",
            "published": AT,
            "eventType": "security.threat.detected",
            "displayMessage": "Request from suspicious actor",
            "severity": "WARN",
            "actor": {"type": "User", "alternateId": "mia@corp.example", "id": "00u1"},
            "client": {"ipAddress": "203.0.113.14"},
        },
        Facts(
            "Request from suspicious actor",
            "Medium",
            "account:mia@corp.example address:203.0.113.14",
        ),
    ),
    "datadog-signal": (
        {
            "id": "dd-1",
            "type": "signal",
            "attributes": {
                "message": "Impossible travel",
                "timestamp": AT,
                "tags": ["tactic:TA0001-initial-access", "technique:T1078", "host:web-15"],
                "custom": {
                    "workflow": {"rule": {"id": "r", "name": "Travel"}},
                    "status": "high",
                    "usr": {"id": "mia@corp.example"},
                },
            },
        },
        Facts(
            "Impossible travel",
            "High",
            "host:web-15 account:mia@corp.example",
            "InitialAccess",
            "T1078",
        ),
    ),
    "zeek-notice": (
        {
            "ts": 1_772_445_600.5,
            "uid": "C1",
            "note": "Scan::Port_Scan",
            "msg": "203.0.113.16 scanned 15 ports of 10.0.0.16",
            "src": "203.0.113.16",
            "dst": "10.0.0.16",
            "actions": ["Notice::ACTION_LOG"],
        },
        Facts("Scan::Port_Scan", "Medium", "address:10.0.0.16 address:203.0.113.16"),
    ),
    "sigma-zircolite": (
        {
            "title": "Whoami as SYSTEM",
            "id": "80167ada",
            "rule_level": "high",
            "tags": ["attack.privilege_escalation", "attack.t1033"],
            "count": 1,
            "matches": [
                {
                    "Computer": "dc1.corp.example",
                    "SystemTime": AT,
                    "User": "NT AUTHORITY\\SYSTEM",
                    "CommandLine": "whoami",
                    "Image": "C:\\a\\whoami.exe",
                    "Hashes": f"MD5=1,SHA256={HASH.upper()}",
                }
            ],
        },
        Facts("Whoami as SYSTEM", "High", f"host:dc1 file:{HASH}", "PrivilegeEscalation", "T1033"),
    ),
    "sigma-chainsaw": (
        {
            "group": "Sigma",
            "name": "Log cleared",
            "id": "d99b79d2",
            "level": "medium",
            "timestamp": "2026-03-02T10:00:00+00:00",
            "tags": ["attack.defense_evasion", "attack.t1070.001"],
            "document": {
                "kind": "evtx",
                "data": {"Event": {"System": {"Computer": "dc2"}, "EventData": {}}},
            },
        },
        Facts("Log cleared", "Medium", "host:dc2", "DefenseEvasion", "T1070.001"),
    ),
    "sigma-hayabusa": (
        {
            "Timestamp": "2026-03-02 10:00:00.000 +00:00",
            "Computer": "ws-17",
            "Level": "crit",
            "RuleTitle": "Mimikatz",
            "MitreTactics": ["CredAccess"],
            "MitreTags": ["T1003"],
            "Details": {"Cmdline": "mimikatz", "User": "CORP\\mia"},
        },
        Facts("Mimikatz", "Critical", "host:ws-17 account:mia@corp", "CredentialAccess", "T1003"),
    ),
    "stix-sighting": (
        {
            "type": "bundle",
            "id": "bundle--1",
            "objects": [
                {
                    "type": "indicator",
                    "id": "indicator--1",
                    "name": "C2 of a botnet",
                    "pattern": "[ipv4-addr:value = '203.0.113.18']",
                    "kill_chain_phases": [{"phase_name": "command-and-control"}],
                },
                {
                    "type": "identity",
                    "id": "identity--1",
                    "identity_class": "system",
                    "name": "ws-18",
                },
                {
                    "type": "sighting",
                    "id": "sighting--1",
                    "created": AT,
                    "first_seen": AT,
                    "confidence": 90,
                    "sighting_of_ref": "indicator--1",
                    "where_sighted_refs": ["identity--1"],
                },
            ],
        },
        Facts("C2 of a botnet", "High", "host:ws-18 address:203.0.113.18", "CommandAndControl"),
    ),
    "cef": (
        (
            "<134>Mar  2 10:00:00 gw1 CEF:0|Acme|Wall|1.0|100|Port scan \\| wide|7|"
            "rt=Mar 02 2026 10:00:00 src=203.0.113.19 dst=10.0.0.19 dhost=web-19 duser=mia"
            " cs1Label=Tactic cs1=Discovery msg=it looked at a\\=b"
        ),
        Facts(
            "Port scan | wide",
            "High",
            "host:web-19 account:mia address:10.0.0.19 address:203.0.113.19",
            "Discovery",
        ),
    ),
    "leef": (
        (
            "LEEF:2.0|Acme|Sense|1.0|malware-seen|^|devTime=2026-03-02T10:00:00Z^src=10.0.0.20"
            "^dst=203.0.113.20^usrName=mia^sev=9"
        ),
        Facts(
            "malware-seen",
            "Critical",
            "address:10.0.0.20 account:mia address:203.0.113.20",
        ),
    ),
}
