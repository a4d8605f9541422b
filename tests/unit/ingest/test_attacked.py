"""Who an alert is about: the end that is ours and was attacked, never what only passes on."""

from typing import Any

import pytest

from ingest_alert.estate import UNSTATED, Estate, read_estate
from ingest_alert.registry import parse_alert

OURS, THEIRS = "10.0.0.7", "203.0.113.9"
SERVER, PROXY, RESOLVER = "10.0.0.80", "10.0.0.3", "10.0.0.53"
PUBLIC = "198.51.100.20"
ESTATE = read_estate(["198.51.100.0/24"], [PROXY, RESOLVER, "collector1"])


def eve(source: str, target: str, **fields: Any) -> dict[str, Any]:
    """A record of Suricata's; `rule` is the rule's metadata."""
    alert = {"signature": "Odd", "signature_id": 1, "severity": 2}
    if rule := fields.pop("rule", None):
        alert["metadata"] = {"attack_target": [rule]}
    plain = {"timestamp": "2026-03-13T10:00:00Z", "flow_id": 1, "event_type": "alert"}
    return {**plain, "src_ip": source, "dest_ip": target, "alert": alert, **fields}


def ocsf(**fields: Any) -> dict[str, Any]:
    finding = {"uid": "f-1", "title": "Odd"}
    return {"class_uid": 2004, "time": 1_772_445_600_000, "finding_info": finding, **fields}


def ends(source: str, target: str, **names: str) -> dict[str, Any]:
    return {
        "src_endpoint": {"ip": source, "hostname": names.get("first")},
        "dst_endpoint": {"ip": target, "hostname": names.get("second")},
    }


CASES: list[Any] = [
    ("an attack on us", eve(THEIRS, OURS), f"address:{OURS}"),
    ("one of ours calls out", eve(OURS, THEIRS), f"address:{OURS}"),
    ("one of our public addresses", eve(THEIRS, PUBLIC), f"address:{PUBLIC}"),
    ("public addresses on both sides, one ours", eve(PUBLIC, THEIRS), f"address:{PUBLIC}"),
    ("two of ours: the server", eve(OURS, SERVER), f"address:{SERVER}"),
    ("two of ours, the server answers", eve(SERVER, OURS, direction="to_client"), SERVER),
    (
        "two of ours, the flow says who opened it",
        eve(SERVER, OURS, flow={"src_ip": OURS, "dest_ip": SERVER}),
        SERVER,
    ),
    ("a rule on clients", eve(OURS, SERVER, rule="Client_Endpoint"), OURS),
    ("a rule on servers", eve(OURS, SERVER, rule="Web_Server"), SERVER),
    (
        "a rule on clients, of strangers",
        eve(THEIRS, OURS, rule="Client_Endpoint"),
        OURS,
    ),
    ("a rule on servers, of strangers", eve(OURS, THEIRS, rule="Server"), OURS),
    ("a name server is asked", eve(OURS, RESOLVER, app_proto="dns"), OURS),
    ("a name server asks another", eve(RESOLVER, THEIRS, app_proto="dns"), THEIRS),
    ("through a proxy", eve(OURS, PROXY), OURS),
    ("a proxy calls out", eve(PROXY, THEIRS), THEIRS),
    ("a proxy calls out for one of ours", eve(PROXY, THEIRS, http={"xff": OURS}), OURS),
    ("ocsf: an attack on us", ocsf(**ends(THEIRS, OURS)), OURS),
    ("ocsf: one of ours calls out", ocsf(**ends(OURS, THEIRS)), OURS),
    ("ocsf: by name", ocsf(**ends(THEIRS, OURS, first="bad", second="web01")), "host:web01"),
    (
        "ocsf: the resource goes before the ends",
        ocsf(**ends(THEIRS, OURS), resources=[{"uid": "db-1", "type": "Database"}]),
        "resource:db-1",
    ),
    (
        "ocsf: a machine among the resources",
        ocsf(**ends(THEIRS, OURS), resources=[{"name": "web01", "type": "Server"}]),
        "host:web01",
    ),
    (
        "ocsf: a user among the resources",
        ocsf(resources=[{"name": "mia@corp.example", "type": "User"}]),
        "account:mia@corp.example",
    ),
    (
        "ocsf: the device goes before the ends",
        ocsf(**ends(THEIRS, SERVER), device={"hostname": "web01"}),
        "host:web01",
    ),
    ("ocsf: an address is no host name", ocsf(device={"hostname": OURS}), OURS),
    ("ocsf: only a proxy is named", ocsf(**ends(PROXY, PROXY)), PROXY),
]


@pytest.mark.parametrize(
    ("message", "key"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_alert_is_about_whom_it_should_be(message: Any, key: str) -> None:
    key = key if ":" in key else f"address:{key}"
    assert parse_alert(message, ESTATE).resource.key == key


def test_a_collector_is_about_nothing_while_another_host_is_named() -> None:
    hosts = [{"hostname": "collector1"}, {"hostname": "web01"}]
    found = parse_alert(
        ocsf(observables=[{"type_id": 1, "value": h["hostname"]} for h in hosts]), ESTATE
    )
    assert found.resource.key == "host:web01"


def test_without_settings_only_private_addresses_are_our_own() -> None:
    assert parse_alert(eve(THEIRS, OURS), UNSTATED).resource.key == f"address:{OURS}"
    assert parse_alert(eve(PUBLIC, THEIRS), UNSTATED).resource.key == f"address:{THEIRS}"


def test_an_estate_is_read_from_what_the_operator_states() -> None:
    estate = read_estate(["198.51.100.7/24"], ["proxy01.corp.example", "10.0.0.53"])
    assert estate.passing == {"host:proxy01", "address:10.0.0.53"}
    assert str(estate.networks[-1]) == "198.51.100.0/24"
    assert Estate().networks == estate.networks[:-1]
