"""Rules of the Microsoft formats: resource, tenant, entities, tactics and what is put right."""

from typing import Any

import pytest

from shared.times import format_time
from tests.unit.ingest.sampling import faults, keys, native, parse_one

SUB = "/subscriptions/11111111-2222-3333-4444-555555555555"
VM = f"{SUB}/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web01"
STORE = f"{SUB}/resourceGroups/shop/providers/Microsoft.Storage/storageAccounts/files"
HOSTS = [{"type": "host", "hostName": "db01"}, {"type": "host", "hostName": "web01"}]

RESOURCES: list[Any] = [
    pytest.param(
        {"resourceIdentifiers": [{"type": "AzureResource", "azureResourceId": VM}]},
        f"resource:{VM.lower()}",
        id="an ARM id",
    ),
    pytest.param(
        {
            "resourceIdentifiers": [
                {"type": "AzureResource", "azureResourceId": SUB},
                {"type": "AzureResource", "azureResourceId": STORE},
            ],
            "entities": HOSTS,
        },
        f"resource:{STORE.lower()}",
        id="the most specific ARM id",
    ),
    pytest.param({"associatedResource": VM}, f"resource:{VM.lower()}", id="the 2015 preview's"),
    pytest.param(
        {"entities": [{"type": "host", "hostName": "x", "azureID": VM}]},
        f"resource:{VM.lower()}",
        id="an entity's ARM id",
    ),
    pytest.param({"entities": HOSTS}, "host:web01", id="the host named as compromised"),
    pytest.param({"entities": HOSTS, "compromisedEntity": None}, "host:db01", id="the first host"),
    pytest.param(
        {"associatedResource": SUB, "entities": HOSTS[:1]},
        "host:db01",
        id="a host rather than a subscription",
    ),
    pytest.param(
        {"associatedResource": SUB, "compromisedEntity": "Shop"},
        f"resource:{SUB}",
        id="a subscription rather than a name",
    ),
    pytest.param({"compromisedEntity": "web01.corp.example"}, "host:web01", id="a name"),
    pytest.param({"compromisedEntity": "mia@corp.example"}, "account:mia@corp.example", id="a UPN"),
    pytest.param({"compromisedEntity": "CORP\\mia"}, "account:mia@corp", id="an account"),
    pytest.param({"compromisedEntity": "192.0.2.7"}, "address:192.0.2.7", id="an address"),
    pytest.param({"compromisedEntity": VM}, f"resource:{VM.lower()}", id="an ARM id as entity"),
    pytest.param(
        {
            "compromisedEntity": None,
            "entities": [
                {"type": "url", "url": "https://x.example"},
                {"type": "account", "name": "mia", "upnSuffix": "corp.example"},
            ],
        },
        "account:mia@corp.example",
        id="an account where there is no host",
    ),
]


@pytest.mark.parametrize(("fields", "key"), RESOURCES)
def test_the_resource_is_chosen_by_one_rule(fields: dict[str, Any], key: str) -> None:
    assert keys(native(**fields))[0] == key


def test_a_machine_in_azure_meets_alerts_that_know_only_its_name() -> None:
    in_azure = keys(native(associatedResource=VM, compromisedEntity=None))
    elsewhere = keys(native(systemAlertId="a-2", compromisedEntity="WEB01.corp.example"))
    assert set(in_azure) & set(elsewhere) == {"host:web01"}


def test_an_alert_that_names_nothing_is_tied_to_nothing() -> None:
    first, second = (
        parse_one(native(systemAlertId=text, compromisedEntity=None)) for text in ("a-1", "a-2")
    )
    assert first.keys != second.keys
    assert first.resource.type == "none"
    assert "can be tied to no other alert" in first.notes[0]


@pytest.mark.parametrize(
    ("fields", "tenant"),
    [
        ({"resourceIdentifiers": [{"type": "AAD", "aadTenantId": "T-1"}]}, "t-1"),
        ({"resourceIdentifiers": [{"azureResourceTenantId": "T-1"}]}, "t-1"),
        ({"tenantId": "T-1"}, "t-1"),
        ({}, ""),
    ],
)
def test_the_tenant_is_kept_as_a_fact_and_is_part_of_no_key(
    fields: dict[str, Any], tenant: str
) -> None:
    alert = parse_one(native(**fields))
    assert alert.tenant == tenant
    assert alert.keys == ("host:web01",)


ENTITIES: list[Any] = [
    pytest.param({"type": "ip", "address": "192.0.2.1"}, "address:192.0.2.1", id="ip"),
    pytest.param({"Type": "IP", "Address": "192.0.2.1"}, "address:192.0.2.1", id="PascalCase"),
    pytest.param({"address": "192.0.2.1"}, "address:192.0.2.1", id="no type"),
    pytest.param(
        {"type": "account", "name": "mia", "ntDomain": "CORP"}, "account:mia@corp", id="NT domain"
    ),
    pytest.param(
        {"type": "account", "name": "root", "host": {"type": "host", "hostName": "db01"}},
        "account:root@db01",
        id="an account of a machine",
    ),
    pytest.param({"type": "account", "sid": "S-1-5-21-7"}, "account:s-1-5-21-7", id="only a SID"),
    pytest.param(
        {"type": "host", "hostName": "lap", "dnsDomain": "corp.example"}, "host:lap", id="host"
    ),
    pytest.param(
        {"type": "filehash", "algorithm": "MD5", "value": "ab" * 16}, "file:" + "ab" * 16, id="hash"
    ),
    pytest.param(
        {
            "type": "process",
            "imageFile": {"directory": "c:\\x", "name": "a", "fileHashes": [{"value": "cd" * 20}]},
        },
        "file:" + "cd" * 20,
        id="a process's image",
    ),
    pytest.param({"type": "url", "url": "https://x.example/"}, "url:https://x.example", id="url"),
    pytest.param({"type": "dns", "domainName": "x.example"}, "domain:x.example", id="dns"),
    pytest.param(
        {"type": "mailbox", "mailboxPrimaryAddress": "a@x.example"},
        "mailbox:a@x.example",
        id="mailbox",
    ),
    pytest.param(
        {"type": "mailbox", "mailboxPrimaryAddress": "a@x.example"},
        "account:a@x.example",
        id="the account of a mailbox",
    ),
    pytest.param(
        {"type": "mailMessage", "recipient": "a@x.example", "senderIP": "192.0.2.2"},
        "address:192.0.2.2",
        id="a mail's sender",
    ),
    pytest.param(
        {"type": "oauth-application", "oAuthAppId": "app-1", "name": "Reader"},
        "application:app-1",
        id="an OAuth application",
    ),
    pytest.param(
        {"type": "azure-resource", "resourceId": STORE}, f"resource:{STORE.lower()}", id="ARM"
    ),
    pytest.param(
        {"type": "amazon-resource", "amazonResourceId": "arn:aws:s3:::b"},
        "resource:arn:aws:s3:::b",
        id="an ARN",
    ),
    pytest.param(
        {"type": "container", "containerId": "c0ffee", "name": "shop"},
        "container:c0ffee",
        id="container",
    ),
    pytest.param(
        {"type": "network-connection", "sourceAddress": {"type": "ip", "address": "192.0.2.3"}},
        "address:192.0.2.3",
        id="a connection",
    ),
    pytest.param({"type": "iotdevice", "deviceName": "cam-1"}, "host:cam-1", id="IoT device"),
]


@pytest.mark.parametrize(("named", "key"), ENTITIES)
def test_entities_of_every_type_give_their_key(named: dict[str, Any], key: str) -> None:
    assert key in keys(native(entities=[named]))


@pytest.mark.parametrize(
    "named",
    [
        pytest.param(
            {"type": "cloud-application", "name": "Office 365", "appId": 1}, id="a service"
        ),
        pytest.param({"type": "malware", "name": "EICAR"}, id="malware by name"),
        pytest.param({"type": "registry-key", "hive": "HKLM", "key": "Run"}, id="registry key"),
        pytest.param({"type": "security-group", "distinguishedName": "CN=x"}, id="a group"),
        pytest.param({"type": "process", "commandLine": "a.exe -x"}, id="a process"),
        pytest.param({"type": "file", "directory": "c:\\x", "name": "a.exe"}, id="a file by name"),
        pytest.param({"type": "container-image", "imageId": "x:1"}, id="an image"),
    ],
)
def test_what_everybody_has_is_shown_and_ties_nothing(named: dict[str, Any]) -> None:
    alert = parse_one(native(entities=[named]))
    assert alert.keys == ("host:web01",)
    assert any(shown.key is None and shown.value for shown in alert.entities)


def test_references_are_followed_and_the_last_of_two_equal_ids_is_meant() -> None:
    named = [
        {"$id": "5", "Address": "192.0.2.1", "Type": "ip"},
        {"$id": "5", "HostName": "db01", "Type": "host"},
        {"$id": "7", "Name": "root", "Host": {"$ref": "5"}, "Type": "account"},
        {"$ref": "5"},
        {"$ref": "99"},
    ]
    assert keys(native(entities=named, compromisedEntity=None)) == (
        "host:db01",
        "account:root@db01",
        "address:192.0.2.1",
    )


def test_entities_may_go_round_in_a_circle() -> None:
    named = [{"$id": "1", "type": "process", "parentProcess": {"$ref": "1"}, "commandLine": "x"}]
    assert len(parse_one(native(entities=named)).entities) == 2


def test_entities_may_be_json_in_a_text() -> None:
    assert "address:192.0.2.1" in keys(native(entities='[{"Type":"ip","Address":"192.0.2.1"}]'))


def test_an_entity_of_an_unknown_type_is_noted() -> None:
    alert = parse_one(native(entities=[{"type": "weather", "name": "rain"}, 7, None]))
    assert "Entities of type 'weather' are not used." in alert.notes
    assert "entities[1] is no object: not used." in alert.notes


@pytest.mark.parametrize(
    ("fields", "tactics"),
    [
        pytest.param({"intent": "PreAttack"}, "Reconnaissance", id="Microsoft's word"),
        pytest.param({"intent": "Unknown"}, "", id="unknown is no stage"),
        pytest.param({"intent": None, "techniques": ["T1190"]}, "InitialAccess", id="a technique"),
        pytest.param({"intent": "Impact", "techniques": ["T1190"]}, "Impact", id="what is stated"),
        pytest.param(
            {"intent": None, "extendedProperties": {"X.Category": "Discovery"}},
            "Discovery",
            id="a product's category",
        ),
        pytest.param(
            {"intent": None, "extendedProperties": '{"X.Category": "Malware"}'}, "", id="a kind"
        ),
    ],
)
def test_tactics_are_those_that_the_alert_states(fields: dict[str, Any], tactics: str) -> None:
    alert = parse_one(native(**fields))
    assert " ".join(tactic.name for tactic in alert.tactics) == tactics


def test_words_that_are_no_tactic_are_noted() -> None:
    assert parse_one(native(intent="Gardening")).notes == ("Tactic 'Gardening' is not known.",)


@pytest.mark.parametrize(
    ("word", "severity", "noted"),
    [("High", "High", False), ("Urgent", "Medium", True), ("", "Medium", True)],
)
def test_a_severity_that_is_not_known_is_medium_with_a_note(
    word: str, severity: str, noted: bool
) -> None:
    alert = parse_one(native(severity=word))
    assert (alert.severity.name, bool(alert.notes)) == (severity, noted)


def test_an_unknown_status_is_kept() -> None:
    assert parse_one(native(status="Snoozed")).status == "Snoozed"


def test_an_end_before_the_start_is_put_right_with_a_note() -> None:
    alert = parse_one(native(endTimeUtc="2026-03-02T09:00:00Z"))
    assert format_time(alert.start) == "2026-03-02T09:00:00.000Z"
    assert format_time(alert.end) == "2026-03-02T10:00:00.000Z"
    assert alert.notes == ("It ends before it starts: the two times are exchanged.",)


@pytest.mark.parametrize(
    ("fields", "start"),
    [
        ({"startTimeUtc": None, "detectedTimeUtc": "2026-03-02T11:00:00Z"}, "11:00:00"),
        ({"startTimeUtc": "", "endTimeUtc": "2026-03-02T12:00:00Z"}, "12:00:00"),
        (
            {"startTimeUtc": "0001-01-01T00:00:00Z", "timeGeneratedUtc": "2026-03-02T13:00:00Z"},
            "13:00:00",
        ),
    ],
)
def test_the_start_falls_back_to_the_next_time_that_is_stated(
    fields: dict[str, Any], start: str
) -> None:
    assert format_time(parse_one(native(**fields)).start) == f"2026-03-02T{start}.000Z"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"systemAlertId": None}, [("systemAlertId", "missing")]),
        ({"systemAlertId": {"a": 1}}, [("systemAlertId", "missing")]),
        (
            {"alertDisplayName": None, "alertType": None},
            [("alertDisplayName", "missing")],
        ),
        ({"startTimeUtc": None}, [("startTimeUtc", "missing: the alert states no time")]),
        ({"startTimeUtc": 5}, [("startTimeUtc", "a time as text is needed, not a number")]),
        ({"startTimeUtc": []}, [("startTimeUtc", "a time as text is needed, not a list")]),
        ({"startTimeUtc": "soon"}, [("startTimeUtc", "'soon' is no time that can be used")]),
        (
            {"startTimeUtc": "x", "timeGeneratedUtc": "y"},
            [("startTimeUtc", "'x' is no time that can be used")],
        ),
    ],
)
def test_what_every_alert_needs_is_demanded_by_name(
    fields: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert faults(native(**fields)) == expected


def test_faults_name_the_field_within_the_envelope() -> None:
    assert faults({"properties": native(startTimeUtc="x")}) == [
        ("properties.startTimeUtc", "'x' is no time that can be used")
    ]


def test_a_link_that_is_no_web_address_is_left_out() -> None:
    alert = parse_one(native(alertUri="javascript:alert(1)"))
    assert (alert.link, alert.notes) == ("", ("Its link is no web address: left out.",))


def test_extended_properties_name_entities_that_the_list_leaves_out() -> None:
    properties = {"Client IP address": "192.0.2.8", "user name": "erin", "domain name": "SHOP"}
    assert set(keys(native(extendedProperties=properties))) == {
        "host:web01",
        "address:192.0.2.8",
        "account:erin@shop",
    }


def test_more_entities_than_an_alert_may_have_are_noted() -> None:
    named = [{"type": "ip", "address": f"10.0.{n // 250}.{n % 250}"} for n in range(400)]
    alert = parse_one(native(entities=named))
    assert len(alert.entities) == 250
    assert alert.notes == ("It names more than 250 entities: the others are not used.",)


@pytest.mark.parametrize(
    ("fields", "noted"),
    [
        ({"endTimeUtc": "9999-12-31T23:59:59.9999999Z"}, "endTimeUtc"),
        ({"endTimeUtc": "soon"}, "endTimeUtc"),
        ({"endTimeUtc": 5}, "endTimeUtc"),
        ({"timeGeneratedUtc": []}, "timeGeneratedUtc"),
        ({"endTimeUtc": "1970-01-01T00:00:00Z"}, ""),
        ({"endTimeUtc": "0001-01-01T00:00:00Z"}, ""),
    ],
)
def test_a_time_that_is_not_needed_neither_rejects_an_alert_nor_moves_its_start(
    fields: dict[str, Any], noted: str
) -> None:
    plain, alert = parse_one(native()), parse_one(native(**fields))
    assert (alert.start, alert.end) == (plain.start, plain.end)
    assert [note.partition(":")[0] for note in alert.notes] == ([noted] if noted else [])


def test_a_start_of_1970_is_none() -> None:
    assert faults(native(startTimeUtc="1970-01-01T00:00:00Z")) == [
        ("startTimeUtc", "missing: the alert states no time")
    ]


def test_where_no_start_is_stated_an_end_that_is_no_time_is_passed_over() -> None:
    made = "2026-03-02T11:00:00Z"
    alert = parse_one(native(startTimeUtc=None, endTimeUtc="soon", timeGeneratedUtc=made))
    assert format_time(alert.start) == "2026-03-02T11:00:00.000Z"
