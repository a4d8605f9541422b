"""Queue messages: bodies, metadata, outputs, poison names, connections."""

import json
from datetime import UTC, datetime

import azure.functions as func
import pytest
from azure.functions.meta import Datum
from azure.functions.queue import QueueMessageInConverter

from local.host.queues.messages import (
    Encoding,
    Message,
    decode_text,
    encode_body,
    output_bodies,
    poison_name,
    trigger_datum,
    trigger_metadata,
)
from local.host.queues.storage import expand_connection

AT = datetime(2026, 1, 1, 12, 30, 15, tzinfo=UTC)
MESSAGE = Message("id-1", "eA==", "receipt-1", 3, AT, AT.replace(day=8), AT.replace(hour=13))


@pytest.mark.parametrize(
    ("text", "encoding", "body"),
    [
        pytest.param("eA==", "base64", b"x", id="base64"),
        pytest.param("e\nA=\n=", "base64", b"x", id="base64 with line breaks"),
        pytest.param("", "base64", b"", id="nothing"),
        pytest.param("eA=", "base64", None, id="bad padding"),
        pytest.param("{}", "base64", None, id="JSON is no base64"),
        pytest.param("{}", "none", b"{}", id="text"),
    ],
)
def test_decoding(text: str, encoding: Encoding, body: bytes | None) -> None:
    assert decode_text(text, encoding) == body


@pytest.mark.parametrize(("encoding", "text"), [("base64", "eA=="), ("none", "x")])
def test_encoding(encoding: Encoding, text: str) -> None:
    assert encode_body(b"x", encoding) == text


@pytest.mark.parametrize(
    ("queue", "poison"),
    [
        ("alerts", "alerts-poison"),
        ("alerts-poison", None),
        ("q" * 56, "q" * 56 + "-poison"),
        ("q" * 57, None),
    ],
)
def test_poison_queue_names(queue: str, poison: str | None) -> None:
    assert poison_name(queue) == poison


def test_the_metadata_has_the_real_hosts_names() -> None:
    datum = trigger_datum(b"x", binary=False)
    assert set(trigger_metadata(MESSAGE, datum)) == {
        "QueueTrigger",
        "DequeueCount",
        "ExpirationTime",
        "Id",
        "InsertionTime",
        "NextVisibleTime",
        "PopReceipt",
    }


def test_a_function_gets_all_properties_of_a_message() -> None:
    datum = trigger_datum(b"x", binary=False)
    message = QueueMessageInConverter.decode(
        datum, trigger_metadata=trigger_metadata(MESSAGE, datum)
    )
    assert isinstance(message, func.QueueMessage)
    assert (message.id, message.get_body(), message.pop_receipt) == ("id-1", b"x", "receipt-1")
    assert message.dequeue_count == 3
    assert (message.insertion_time, message.expiration_time, message.time_next_visible) == (
        MESSAGE.inserted,
        MESSAGE.expires,
        MESSAGE.next_visible,
    )


def test_a_text_body_that_is_no_utf_8_is_replaced_and_a_binary_one_is_not() -> None:
    assert trigger_datum(b"\xff", binary=False).value == "\ufffd"
    assert trigger_datum(b"\xff", binary=True).value == b"\xff"


@pytest.mark.parametrize(
    ("datum", "bodies"),
    [
        pytest.param(Datum("x", "string"), [b"x"], id="text"),
        pytest.param(Datum(b"\xff", "bytes"), [b"\xff"], id="bytes"),
        pytest.param(Datum('["a", "b"]', "json"), [b"a", b"b"], id="array of texts"),
        pytest.param(Datum('[{"a": 1}]', "json"), [b'{"a": 1}'], id="array of documents"),
        pytest.param(Datum('{"a": 1}', "json"), [b'{"a": 1}'], id="document"),
        pytest.param(Datum("[]", "json"), [], id="empty array"),
    ],
)
def test_what_an_output_value_sends(datum: Datum, bodies: list[bytes]) -> None:
    assert output_bodies(datum) == bodies


@pytest.mark.parametrize(
    ("connection", "endpoint"),
    [
        ("UseDevelopmentStorage=true", "http://127.0.0.1:10001/devstoreaccount1"),
        (
            "UseDevelopmentStorage=true;QueueEndpoint=http://127.0.0.1:9/devstoreaccount1",
            "http://127.0.0.1:9/devstoreaccount1",
        ),
    ],
)
def test_the_development_account_is_spelt_out(connection: str, endpoint: str) -> None:
    expanded = expand_connection(connection)
    assert "AccountName=devstoreaccount1;" in expanded
    assert expanded.endswith(f"QueueEndpoint={endpoint};")


def test_other_connections_stay_as_they_are() -> None:
    assert expand_connection("AccountName=a;AccountKey=b") == "AccountName=a;AccountKey=b"


def test_times_are_json_texts() -> None:
    metadata = trigger_metadata(MESSAGE, Datum("x", "string"))
    assert json.loads(metadata["InsertionTime"].value) == "2026-01-01T12:30:15+00:00"
