"""What is read of each sample: the facts that lists, filters and correlation stand on."""

from dataclasses import dataclass

import pytest

from shared.alert import status_of
from shared.times import format_time
from tests.unit.ingest import sampling

SUB = "/subscriptions/11111111-2222-3333-4444-555555555555"
WEB01 = f"resource:{SUB}/resourcegroups/shop/providers/microsoft.compute/virtualmachines/web01"
CLUSTERS = (
    f"resource:{SUB}/resourcegroups/shop/providers/microsoft.containerservice/managedclusters"
)
BASTION = "resource:arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc"
DIRECTORY = "aaaaaaaa-9999-0000-0000-000000000001"
WORKSPACE = "dddddddd-0001-4000-8000-000000000001"
GRAPH = "ffffffff-0001-4000-8000-000000000001"


@dataclass(frozen=True)
class Facts:
    """`tactics` and `keys` as words; `keys` are among the alert's, the resource's first."""

    title: str
    alert_type: str
    severity: str
    status: str
    tactics: str
    techniques: str
    start: str
    end: str
    keys: tuple[str, ...]
    product: str


EXPECTED = {
    "defender_2022": Facts(
        "Suspicious download",
        "VM_SuspectDownload",
        "High",
        "Active",
        "Execution",
        "T1059 T1059.004",
        "2026-03-02T10:15:30.123Z",
        "2026-03-02T10:16:00.000Z",
        (
            WEB01,
            "host:web01",
            "account:deploy@shop",
            "address:203.0.113.9",
            "file:" + "c" * 63 + "d",
        ),
        "Microsoft / Microsoft Defender for Cloud",
    ),
    "defender_2015": Facts(
        "Rare process",
        "RareProcess",
        "Low",
        "Dismissed",
        "",
        "",
        "2018-06-01T08:00:00.500Z",
        "2018-06-01T08:00:00.500Z",
        (WEB01, "host:web01", "account:erin@shop", "address:198.51.100.7"),
        "Microsoft / ",
    ),
    "defender_bare": Facts(
        "Port scan",
        "A-Scan",
        "Low",
        "Active",
        "Reconnaissance",
        "",
        "2026-03-02T10:00:00.000Z",
        "2026-03-02T10:00:05.000Z",
        ("host:db01", "address:192.0.2.44"),
        "Own / Own",
    ),
    "defender_export": Facts(
        "New role",
        "K8S_NewRole",
        "Medium",
        "Active",
        "Persistence PrivilegeEscalation",
        "",
        "2026-03-03T01:02:03.400Z",
        "2026-03-03T01:02:04.000Z",
        (
            f"{CLUSTERS}/blue",
            "container:blue/default/shop-7d",
            "account:builder@blue/default",
        ),
        "Microsoft / Microsoft Defender for Cloud",
    ),
    "security_alert_row": Facts(
        "Stolen token used",
        "WindowsDefenderAtp",
        "Medium",
        "Resolved",
        "CredentialAccess",
        "T1550.001",
        "2026-03-04T10:00:00.784Z",
        "2026-03-04T10:05:00.000Z",
        (
            "host:lap-07",
            "account:mia@corp.example",
            "account:mia@corp",
            "address:203.0.113.77",
            "mailbox:mia@corp.example",
            "url:https://login.example",
        ),
        "Microsoft / Microsoft Defender for Endpoint",
    ),
    "sentinel_incident": Facts(
        "Sign-in from a new country",
        "ws_rule-1",
        "Medium",
        "Active",
        "InitialAccess",
        "",
        "2026-03-05T08:00:00.000Z",
        "2026-03-05T08:05:00.000Z",
        ("account:noor@corp.example", "address:198.51.100.23", "file:" + "a" * 31 + "b"),
        "Microsoft / Azure Sentinel",
    ),
    "graph_alert": Facts(
        "Credential dumping",
        "d-77",
        "High",
        "InProgress",
        "CredentialAccess",
        "T1003.001",
        "2026-03-06T10:00:00.000Z",
        "2026-03-06T10:04:00.000Z",
        (
            "host:srv-3",
            "account:kim@corp.example",
            "account:kim@corp",
            "account:svc@corp",
            "address:203.0.113.200",
            "file:" + "1" * 63 + "2",
            f"resource:{SUB}",
        ),
        "Microsoft / Microsoft Defender for Endpoint",
    ),
    "azure_monitor": Facts(
        "Many failed sign-ins",
        "Many failed sign-ins",
        "High",
        "Active",
        "CredentialAccess",
        "T1110",
        "2026-03-07T06:00:00.123Z",
        "2026-03-07T06:00:00.123Z",
        (WEB01.replace("web01", "web02"), "host:web02", "address:198.51.100.99"),
        "Microsoft / Log Alerts V2",
    ),
    "guardduty_event": Facts(
        "203.0.113.50 is guessing SSH passwords of i-0abc.",
        "UnauthorizedAccess:EC2/SSHBruteForce",
        "Low",
        "Active",
        "InitialAccess",
        "",
        "2026-03-07T23:00:00.000Z",
        "2026-03-08T00:05:00.000Z",
        (BASTION, "host:i-0abc", "address:203.0.113.50"),
        "AWS / GuardDuty",
    ),
    "guardduty_sequence": Facts(
        "Credentials of a user may be stolen",
        "AttackSequence:IAM/CompromisedCredentials",
        "Critical",
        "Dismissed",
        "InitialAccess Persistence Discovery",
        "T1078.004 T1098",
        "2026-03-07T00:00:00.000Z",
        "2026-03-09T00:30:00.000Z",
        (
            "resource:arn:aws:iam::123456789012:user/ci-bot",
            "account:ci-bot",
            "address:203.0.113.60",
        ),
        "AWS / GuardDuty",
    ),
    "security_hub": Facts(
        "203.0.113.50 is guessing SSH passwords of i-0abc.",
        "UnauthorizedAccess:EC2-SSHBruteForce",
        "Low",
        "InProgress",
        "InitialAccess",
        "",
        "2026-03-07T23:00:00.000Z",
        "2026-03-08T00:05:00.000Z",
        (BASTION, "host:i-0abc", "address:203.0.113.50"),
        "Amazon / GuardDuty",
    ),
    "ocsf_2004": Facts(
        "Access key exported",
        "KeyExport",
        "Critical",
        "Active",
        "CredentialAccess Exfiltration",
        "T1552 T1552.005",
        "2026-03-08T19:43:20.000Z",
        "2026-03-08T19:51:40.000Z",
        (
            "resource:arn:aws:iam::123456789012:user/ann",
            "account:ann",
            "address:203.0.113.61",
            "host:app-9",
            "file:" + "3" * 63 + "4",
        ),
        "Example / Guard",
    ),
    "ocsf_2001": Facts(
        "Odd module",
        "",
        "Medium",
        "Resolved",
        "Persistence",
        "T1547.006",
        "2026-03-08T20:00:00.000Z",
        "2026-03-08T20:00:00.000Z",
        ("host:edge-1", "address:10.0.0.5"),
        "Example / Old",
    ),
    "crowdstrike_stream": Facts(
        "IntelDetection",
        "IntelDetection (User Execution)",
        "High",
        "Active",
        "Execution",
        "T1204",
        "2026-03-09T23:46:30.000Z",
        "2026-03-09T23:46:40.000Z",
        ("host:lap-9", "account:lee@corp", "file:" + "5" * 63 + "6"),
        "CrowdStrike / Falcon",
    ),
    "crowdstrike_alert": Facts(
        "Recovery turned off",
        "WindowsRecoveryInhibited (Inhibit System Recovery)",
        "Critical",
        "InProgress",
        "Impact",
        "T1490",
        "2026-03-10T00:00:05.000Z",
        "2026-03-10T00:00:10.500Z",
        ("host:srv-1", "address:10.2.3.5", "file:" + "7" * 63 + "8"),
        "CrowdStrike / Falcon",
    ),
    "crowdstrike_detect": Facts(
        "Dump",
        "credential_theft (OS Credential Dumping)",
        "Critical",
        "Active",
        "CredentialAccess",
        "T1003",
        "2026-03-11T00:00:00.000Z",
        "2026-03-11T00:00:05.000Z",
        ("host:lap-10", "account:sam", "file:" + "9" * 63 + "a"),
        "CrowdStrike / Falcon",
    ),
    "wazuh": Facts(
        "Multiple failed sign-ins, then one that worked",
        "wazuh/40112",
        "High",
        "Active",
        "DefenseEvasion CredentialAccess",
        "T1110 T1078",
        "2026-03-12T10:00:00.123Z",
        "2026-03-12T10:00:00.123Z",
        (
            "host:web03",
            "address:203.0.113.70",
            "account:root@web03",
            "account:ida@corp",
            "file:" + "b" * 39 + "c",
        ),
        "Wazuh / Wazuh",
    ),
    "wazuh_syslog": Facts(
        "Login",
        "wazuh/5501",
        "Low",
        "Active",
        "",
        "",
        "2026-03-12T10:00:00.000Z",
        "2026-03-12T10:00:00.000Z",
        ("host:mail", "account:otto"),
        "Wazuh / Wazuh",
    ),
    "suricata": Facts(
        "ET MALWARE Checkin",
        "2030000",
        "High",
        "Active",
        "CommandAndControl",
        "T1071",
        "2026-03-13T10:00:00.123Z",
        "2026-03-13T10:00:00.123Z",
        (
            "address:10.4.4.4",
            "address:203.0.113.80",
            "domain:c2.example",
            "url:http://c2.example/ping",
            "file:" + "e" * 63 + "f",
        ),
        "OISF / Suricata",
    ),
    "suricata_class": Facts(
        "Scan",
        "1",
        "Low",
        "Active",
        "Reconnaissance",
        "",
        "2026-03-13T11:00:00.000Z",
        "2026-03-13T11:00:00.000Z",
        ("address:10.4.4.5", "address:203.0.113.81"),
        "OISF / Suricata",
    ),
    "falco": Facts(
        "Terminal shell in container",
        "Terminal shell in container",
        "Critical",
        "Active",
        "Execution",
        "T1059",
        "2026-03-14T10:00:00.123Z",
        "2026-03-14T10:00:00.123Z",
        (
            "container:prod/shop-1",
            "container:0123456789ab",
            "host:node-2",
            "account:root@node-2",
            "address:203.0.113.90",
        ),
        "Falco / Falco",
    ),
    "elastic": Facts(
        "Shadow copies deleted",
        "r-1",
        "High",
        "InProgress",
        "Impact",
        "T1490",
        "2026-03-15T10:00:00.000Z",
        "2026-03-15T10:00:00.000Z",
        (
            "host:lap-11",
            "address:10.5.5.5",
            "account:zoe@corp",
            "address:203.0.113.91",
            "domain:x.example",
        ),
        "Elastic / Elastic Security",
    ),
    "elastic_nested": Facts(
        "Odd",
        "u",
        "Low",
        "Active",
        "",
        "",
        "2026-03-15T11:00:00.000Z",
        "2026-03-15T11:00:00.000Z",
        ("host:lap-12",),
        "Elastic / Elastic Security",
    ),
    "google_scc": Facts(
        "Persistence: New Key",
        "Persistence: New Key",
        "High",
        "Active",
        "InitialAccess Persistence",
        "T1098",
        "2026-03-16T10:00:00.500Z",
        "2026-03-16T10:00:00.500Z",
        (
            "resource://compute.googleapis.com/projects/shop/zones/z/instances/9",
            "host:vm-9",
            "account:ops@shop.example",
            "address:203.0.113.92",
            "address:198.51.100.50",
            "container:prod/p1",
            "domain:bad.example",
            "file:" + "c" * 63 + "1",
        ),
        "Google / Security Command Center",
    ),
    "alertmanager": Facts(
        "Many denied queries",
        "ManyDenied",
        "Critical",
        "Active",
        "CredentialAccess",
        "T1110",
        "2026-03-17T10:00:00.123Z",
        "2026-03-17T10:00:00.123Z",
        ("host:db02", "account:app", "address:203.0.113.93"),
        "Prometheus / Alertmanager",
    ),
}


@pytest.mark.parametrize("name", sampling.NAMES)
def test_the_facts_of_each_format_are_read(name: str) -> None:
    alert = sampling.alert(name)
    facts = EXPECTED[name]
    assert (
        Facts(
            alert.title,
            alert.alert_type,
            alert.severity.name,
            status_of(alert.status),
            " ".join(tactic.name for tactic in alert.tactics),
            " ".join(alert.techniques),
            format_time(alert.start),
            format_time(alert.end),
            (alert.keys[0], *(key for key in facts.keys if key in alert.keys[1:])),
            f"{alert.vendor} / {alert.product}",
        )
        == facts
    )


@pytest.mark.parametrize("name", sampling.NAMES)
def test_the_original_is_untouched_and_the_resource_has_a_name(name: str) -> None:
    message = sampling.value(name)
    for alert in sampling.alerts(name):
        assert alert.resource.name
        assert alert.resource.type
        assert alert.identity
        assert alert.source_id
        if name not in ("sentinel_incident", "alertmanager"):
            assert alert.original == message


@pytest.mark.parametrize(
    ("name", "remediation", "link"),
    [
        (
            "defender_2022",
            ("Isolate the machine.", "Remove the tool."),
            "https://portal.azure.com/",
        ),
        ("defender_2015", ("Check the process", "Scan the machine"), ""),
        ("security_alert_row", ("Reset the session.", "Ask the user."), "https://security."),
        ("graph_alert", ("Isolate the device.", "Reset passwords."), "https://security."),
        ("security_hub", ("Close port 22.", "https://docs.example/ssh"), "https://eu-west-1."),
        ("guardduty_event", (), "https://eu-west-1.console.aws.amazon.com/guardduty/home?"),
        ("ocsf_2004", ("Delete the key.", "https://docs.example/keys"), "https://tool.example/"),
        ("google_scc", ("Delete the key.", "Ask its owner."), "https://console.cloud.google.com/"),
        ("alertmanager", ("https://runbook.example/1",), "https://prometheus.example/g"),
        ("elastic", ("## Triage", "Ask the owner."), "https://kibana.example/"),
    ],
)
def test_what_to_do_and_the_way_back_are_kept(
    name: str, remediation: tuple[str, ...], link: str
) -> None:
    alert = sampling.alert(name)
    assert alert.remediation == remediation
    assert alert.link.startswith(link)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("ocsf_2001", "Severity 'Odd' is not known: taken as Medium."),
        ("crowdstrike_detect", "'Malware' is an objective of Falcon's own, no tactic of ATT&CK."),
        ("graph_alert", "Evidence of type 'weatherEvidence' is not used."),
        (
            "suricata_class",
            "Its tactic is that of its classification, 'Detection of a Network Scan'.",
        ),
        ("sentinel_incident", "Its entities are those of its Sentinel incident."),
    ],
)
def test_what_could_not_be_used_is_noted(name: str, note: str) -> None:
    assert note in sampling.alert(name).notes


@pytest.mark.parametrize("name", ["defender_2022", "guardduty_event", "elastic", "falco"])
def test_programs_of_the_operating_system_tie_nothing(name: str) -> None:
    system = {"b" * 64, "a" * 63 + "0"}
    for named in sampling.alert(name).entities:
        if named.value in system:
            assert named.key is None


def test_an_alertmanager_webhook_is_opened_into_its_alerts() -> None:
    firing, resolved = sampling.alerts("alertmanager")
    assert (firing.status, firing.end) == ("firing", firing.start)
    assert (resolved.status, format_time(resolved.end)) == ("resolved", "2026-03-17T10:30:00.000Z")
    assert resolved.resource.key == "container:prod/p-2"


def test_a_sentinel_incident_without_alerts_is_itself_the_alert() -> None:
    message = sampling.value("sentinel_incident")
    message["object"]["properties"]["alerts"] = []
    alert = sampling.parse_one(message)
    assert alert.title == "Sign-in then mail rule"
    assert [tactic.name for tactic in alert.tactics] == ["InitialAccess", "Persistence"]
    assert format_time(alert.end) == "2026-03-05T08:30:00.000Z"
    assert alert.link == "https://portal.azure.com/#asset/incident/7"
