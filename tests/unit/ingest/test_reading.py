import base64
import json
from typing import Any

import pytest

from ingest_alert.broken import Broken
from ingest_alert.errors import MessageError
from ingest_alert.reading import read_message
from tests.unit.ingest import sampling

A: dict[str, Any] = {"a": 1}
B: dict[str, Any] = {"b": 2}


def text(value: Any) -> str:
    return json.dumps(value)


def encoded(value: Any) -> str:
    return base64.b64encode(text(value).encode()).decode()


MESSAGES = [
    pytest.param(text(A), [A], id="one"),
    pytest.param(text([A, B]), [A, B], id="an array"),
    pytest.param(text([[A], [[B]]]), [A, B], id="arrays of arrays"),
    pytest.param(f"{text(A)}\n\n{text(B)}\n", [A, B], id="JSON lines"),
    pytest.param(f"{text(A)}\r\n{text(B)}\r\n", [A, B], id="JSON lines of Windows"),
    *(
        pytest.param(f'{text(A)}\n{{"b": "x{mark}y"}}', [A, {"b": f"x{mark}y"}], id=name)
        for mark, name in (
            ("\x85", "JSON lines that hold U+0085"),
            ("\u2028", "JSON lines that hold U+2028"),
            ("\u2029", "JSON lines that hold U+2029"),
        )
    ),
    pytest.param(text([text(A), B]), [A, B], id="JSON in a text"),
    pytest.param("\ufeff" + text(A), [A], id="with a byte order mark"),
    pytest.param(text({"value": [A, B], "nextLink": "x"}), [A, B], id="a page of an API"),
    pytest.param(text({"records": [A]}), [A], id="diagnostic records"),
    pytest.param(text({"Records": [{"body": text(A)}]}), [A], id="SQS"),
    pytest.param(text({"Records": [{"Sns": {"Message": text(A)}}]}), [A], id="SNS to a function"),
    pytest.param(text({"Type": "Notification", "Message": text(A)}), [A], id="SNS by HTTP"),
    pytest.param(text({"Records": [{"kinesis": {"data": encoded(A)}}]}), [A], id="Kinesis"),
    pytest.param(text({"message": {"data": encoded(A)}, "subscription": "s"}), [A], id="Pub/Sub"),
    pytest.param(text({"specversion": "1.0", "type": "x", "data": A}), [A], id="CloudEvents"),
    pytest.param(text([{"topic": "t", "eventType": "e", "data": A}]), [A], id="Event Grid"),
    pytest.param(text({"detail": {"findings": [A, B]}}), [A, B], id="Security Hub's event"),
    pytest.param(text({"Findings": [A]}), [A], id="findings"),
    pytest.param(text({"listFindingsResults": [A]}), [A], id="Security Command Center's list"),
    pytest.param(text({"resources": [A], "meta": {}}), [A], id="Falcon's answer"),
    pytest.param(
        text({"hits": {"hits": [{"_index": "i", "_id": "1", "_source": A}]}}), [A], id="a search"
    ),
    pytest.param(text({"context": {"alerts": [A]}, "rule": {}}), [A], id="a connector's action"),
    pytest.param(
        text({"tables": [{"columns": [{"name": "x"}, {"name": "y"}], "rows": [[1, 2], [3, 4]]}]}),
        [{"x": 1, "y": 2}, {"x": 3, "y": 4}],
        id="a Log Analytics query",
    ),
    pytest.param(text({"headers": {}, "body": A}), [A], id="a request of a Logic App"),
    pytest.param(text({"statusCode": 200, "body": [A, B]}), [A, B], id="an answer's body"),
    pytest.param(text({"triggerOutputs": {"body": A}}), [A], id="a Logic App's trigger"),
    pytest.param(text({"outputs": {"body": text(A)}}), [A], id="a Logic App's action"),
    pytest.param(
        text({"$content-type": "application/json", "$content": encoded(A)}),
        [A],
        id="content of a Logic App",
    ),
    pytest.param(
        text({"ContentData": encoded(A), "Properties": {}}), [A], id="Service Bus in a Logic App"
    ),
    pytest.param(
        text([{"EnqueuedTimeUtc": "x", "Body": {"bytes": text(A)}}]), [A], id="capture, Avro"
    ),
    pytest.param(text({"EnqueuedTimeUtc": "x", "Body": encoded(A)}), [A], id="capture, base64"),
    pytest.param(text({"body": A}), [{"body": A}], id="a body of an alert"),
    pytest.param(text({"objects": [A]}), [{"objects": [A]}], id="objects of an alert"),
    pytest.param(
        text({"type": "bundle", "objects": [A]}),
        [{"type": "bundle", "objects": [A]}],
        id="a bundle without sightings",
    ),
    pytest.param(text([1, None, "x"]), [1, None, "x"], id="what is no alert is kept to be refused"),
    pytest.param(text({"resources": [A]}), [{"resources": [A]}], id="resources of an alert"),
    pytest.param(text({"value": [1]}), [{"value": [1]}], id="a list of plain values"),
    pytest.param(text({"data": A}), [{"data": A}], id="data of an alert"),
    pytest.param(text({"message": "text"}), [{"message": "text"}], id="a message of an alert"),
]


@pytest.mark.parametrize(("message", "payloads"), MESSAGES)
def test_a_message_gives_its_payloads_in_order(message: str, payloads: list[object]) -> None:
    assert read_message(message.encode()) == payloads


def test_text_in_utf_16_is_read_by_its_mark() -> None:
    assert read_message(text(A).encode("utf-16")) == [A]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b" \n\t" * 1_000, "empty", id="space"),
        pytest.param(b"\0" * 48_000, "empty", id="null bytes"),
        pytest.param(b"\x0b\x0c", "not JSON", id="space of other kinds"),
        pytest.param(b"[]", "holds no alert", id="empty array"),
        pytest.param(b'{"value": []}', "holds no alert", id="empty page"),
        pytest.param(b'{"a": 1', "not JSON", id="cut off"),
        pytest.param(b'{"a": 1} x', "not JSON", id="something after it"),
        pytest.param(b'{"a": "\xff"}', "no UTF-8 text: byte 7", id="bad UTF-8"),
        pytest.param(b"\xff\xfe{\x00a", "UTF-16", id="bad UTF-16"),
        pytest.param(b'{"a": NaN}', "NaN", id="no number"),
        pytest.param(b'{"a": 1e999}', "too large", id="a number beyond all stores"),
        pytest.param(b'{"a": ' + b"9" * 5_000 + b"}", "5000 digits", id="a long number"),
        pytest.param(b"[" * 100_000, "too deeply", id="depth without end"),
        pytest.param(b"[" * 101 + b"]" * 101, "too deeply", id="more levels than a store keeps"),
    ],
)
def test_what_cannot_be_read_says_why(message: bytes, reason: str) -> None:
    with pytest.raises(MessageError, match=reason):
        read_message(message)


def test_a_broken_line_spoils_no_other() -> None:
    line = '{"b"'
    first, broken, last = read_message(f'{{"a": 1}}\n{line}\n{{"c": 3}}'.encode())
    assert (first, last) == ({"a": 1}, {"c": 3})
    assert isinstance(broken, Broken)
    assert broken == line
    assert "line 2 of the JSON lines is not JSON" in broken.reason


BULKY = {"object": {"properties": {"title": "x" * 20_000, "alerts": [{}] * 5_000}}}
WIDE = {"tables": [{"columns": ["x" * 20_000, "y"], "rows": [["", 1]] * 3_000}]}


@pytest.mark.parametrize("envelope", [BULKY, WIDE], ids=["an incident", "a query's answer"])
def test_an_envelope_is_not_copied_without_bound(envelope: Any) -> None:
    (broken, other) = read_message(text([envelope, A]).encode())
    assert isinstance(broken, Broken)
    assert "times its own: send fewer alerts at once" in broken.reason
    assert json.loads(broken) == envelope
    assert other == A


def test_a_long_answer_of_a_query_is_opened() -> None:
    rows = [[f"alert {number}", "x" * 100] for number in range(20_000)]
    columns = ["DisplayName", "Description" + "_" * 80]
    answer = {"tables": [{"columns": columns, "rows": rows}]}
    assert len(read_message(text(answer).encode())) == 20_000


def test_layers_beyond_the_sixth_are_not_opened() -> None:
    (payload,) = read_message(b"[" * 100 + b"]" * 100)
    assert isinstance(payload, list)


def test_half_a_surrogate_pair_is_replaced_as_it_cannot_be_stored() -> None:
    assert read_message(b'{"\\ud800": ["\\udc00x", "\\ud83d\\ude00"]}') == [
        {"\ufffd": ["\ufffdx", "\U0001f600"]}
    ]


def test_each_alert_of_a_sentinel_incident_comes_with_the_incident() -> None:
    payloads = read_message(sampling.body("sentinel_incident"))
    assert len(payloads) == 2
    for payload in payloads:
        assert isinstance(payload, dict)
        assert payload["sentinelIncident"]["properties"]["incidentNumber"] == 7
        assert "alerts" not in payload["sentinelIncident"]["properties"]


def row(table: str, alert: str, **properties: Any) -> dict[str, Any]:
    category = f"AdvancedHunting-{table}"
    return {"category": category, "properties": {"AlertId": alert, **properties}}


def test_the_rows_of_an_alert_in_two_tables_are_one() -> None:
    rows = [
        row("AlertEvidence", "a", DeviceName="x"),
        row("AlertInfo", "a", Title="A"),
        row("AlertInfo", "b", Title="B"),
        row("AlertEvidence", "a", DeviceName="y"),
        row("AlertEvidence", "c", DeviceName="z"),
    ]
    first, second, alone = read_message(text({"records": rows}).encode())
    assert isinstance(first, dict)
    assert [each["DeviceName"] for each in first["evidence"]] == ["x", "y"]
    assert second == rows[2]
    assert alone == rows[4]


def test_evidence_that_cannot_be_joined_stays_as_it_is() -> None:
    rows = [row("AlertEvidence", "a", DeviceName="x"), {"category": "AdvancedHunting-AlertInfo"}]
    assert read_message(text(rows).encode()) == rows


def test_a_sighting_comes_with_what_it_refers_to() -> None:
    bundle = {
        "type": "bundle",
        "objects": [
            {"id": "malware--1", "type": "malware", "name": "Bot"},
            {"id": "attack-pattern--1", "type": "attack-pattern", "name": "Phishing"},
            {
                "id": "relationship--1",
                "type": "relationship",
                "source_ref": "malware--1",
                "target_ref": "attack-pattern--1",
            },
            {"id": "ipv4-addr--1", "type": "ipv4-addr", "value": "203.0.113.1"},
            {"id": "observed-data--1", "type": "observed-data", "object_refs": ["ipv4-addr--1"]},
            {
                "id": "sighting--1",
                "type": "sighting",
                "sighting_of_ref": "malware--1",
                "observed_data_refs": ["observed-data--1", "observed-data--absent"],
                "where_sighted_refs": 7,
            },
            "no object",
        ],
    }
    (found,) = read_message(text(bundle).encode())
    assert isinstance(found, dict)
    assert found["of"]["name"] == "Bot"
    assert found["seen"][0]["value"] == "203.0.113.1"
    assert found["uses"][0]["name"] == "Phishing"
    assert found["where"] == []
