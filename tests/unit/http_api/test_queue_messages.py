"""Alerts by HTTP: bodies become messages that fit the queue, with nothing lost or changed."""

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from http_api.ingestion import pack_request
from http_api.problems import FieldError, Problem
from http_api.queue_messages import MESSAGE_BYTES, MOST_BYTES, MOST_UNPACKED, Packed, pack
from tests.unit.http_api.requests_made import request_for


def packed(value: Any) -> Packed:
    return pack(json.dumps(value).encode(), compressed=False)


def items_of(found: Packed) -> list[Any]:
    """What the messages hold, in order."""
    items: list[Any] = []
    for message in found.messages:
        value = json.loads(message)
        items += value if isinstance(value, list) else [value]
    return items


@pytest.mark.parametrize(
    ("body", "items"),
    [
        pytest.param(b'{"a":1}', [{"a": 1}], id="one alert"),
        pytest.param(b'[{"a":1},{"a":2}]', [{"a": 1}, {"a": 2}], id="an array"),
        pytest.param(b'{"a":1}\n\n{"a":2}\n', [{"a": 1}, {"a": 2}], id="JSON lines"),
        pytest.param(b'{"a":1}\r\n{"a":2}\r\n', [{"a": 1}, {"a": 2}], id="JSON lines of Windows"),
        *(
            pytest.param(
                f'{{"a":1}}\n{{"a":"x{mark}y"}}'.encode(), [{"a": 1}, {"a": f"x{mark}y"}], id=name
            )
            for mark, name in (("\x85", "U+0085"), ("\u2028", "U+2028"), ("\u2029", "U+2029"))
        ),
        pytest.param(b'\xef\xbb\xbf{"a":"\xc3\xbc"}', [{"a": "ü"}], id="with a byte-order mark"),
        pytest.param(b'{"value":[{"a":1}]}', [{"value": [{"a": 1}]}], id="an envelope as it is"),
    ],
)
def test_what_is_sent_is_what_is_queued(body: bytes, items: list[Any]) -> None:
    found = pack(body, compressed=False)
    assert items_of(found) == items
    assert found.items == len(items)


def test_small_alerts_share_a_message() -> None:
    assert len(packed([{"n": number} for number in range(1_000)]).messages) == 1


def test_messages_fit_the_queue() -> None:
    alerts = [{"n": number, "text": "ü" * 900} for number in range(150)]
    found = packed(alerts)
    assert items_of(found) == alerts
    assert len(found.messages) > 1
    assert max(len(message.encode()) for message in found.messages) <= MESSAGE_BYTES


def test_an_envelope_that_is_too_large_is_split_at_its_longest_list() -> None:
    alerts = [{"n": number, "text": "x" * 1_000} for number in range(150)]
    found = packed({"schema": "s", "tags": ["a", "b"], "data": alerts})
    parts = items_of(found)
    assert len(parts) > 1
    assert [alert for part in parts for alert in part["data"]] == alerts
    assert all(part["schema"] == "s" and part["tags"] == ["a", "b"] for part in parts)


def refused(body: bytes, *, compressed: bool = False) -> Problem:
    with pytest.raises(Problem) as caught:
        pack(body, compressed=compressed)
    return caught.value


def test_each_item_at_fault_is_named_with_its_index() -> None:
    large = {"text": "x" * MESSAGE_BYTES}
    problem = refused(json.dumps([{"a": 1}, 5, large, "no"]).encode())
    assert [(error.index, error.field) for error in problem.errors] == [
        (1, "alert"),
        (2, "alert"),
        (3, "alert"),
    ]
    assert "an alert is a JSON object" in problem.errors[0].reason
    assert "cannot be split" in problem.errors[1].reason
    assert problem.detail == "Nothing was queued: 3 of 4 cannot be."


def test_each_line_at_fault_is_named_with_its_index() -> None:
    problem = refused(b'{"a":1}\n{"a":\n{"b":2}\nNaN')
    assert [error.index for error in problem.errors] == [1, 3]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b" \n", id="blank"),
        pytest.param(b"[]", id="an empty array"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b"alert!", id="no JSON"),
        pytest.param(b"\xff\xfe", id="no UTF-8"),
        pytest.param(b"[" * 100_000, id="nested too deeply"),
        pytest.param(b'{"a":NaN}', id="no JSON number"),
        pytest.param(b'{"a":1e999}', id="a number beyond reading"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(body: bytes) -> None:
    problem = refused(body)
    assert problem.status == 400
    assert problem.errors[0].field == "body"


@pytest.mark.parametrize(
    ("body", "compressed"),
    [
        pytest.param(b" " * (MOST_BYTES + 1), False, id="as sent"),
        pytest.param(gzip.compress(b" " * (MOST_UNPACKED + 1)), True, id="once decompressed"),
    ],
)
def test_a_body_that_is_too_large_is_refused(body: bytes, compressed: bool) -> None:
    assert refused(body, compressed=compressed).status == 413


def test_gzip_is_read() -> None:
    assert items_of(pack(gzip.compress(b'{"a":1}'), compressed=True)) == [{"a": 1}]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"no gzip", id="none"),
        pytest.param(gzip.compress(b'{"a":1}')[:-9], id="cut off"),
        pytest.param(gzip.compress(b'{"a":1}')[:12] + b"\xff" * 20, id="corrupt"),
    ],
)
def test_broken_gzip_is_refused(body: bytes) -> None:
    assert refused(body, compressed=True).errors[0].field == "body"


def test_an_envelope_in_parts_does_not_grow_without_end() -> None:
    """A body of some bytes made 201 MB of messages: the envelope is repeated in each part."""
    much = json.dumps({"note": "x" * 40_000, "value": [{"a": "y" * 7_000}] * 1_000}).encode()
    assert len(gzip.compress(much)) < 20_000
    (error,) = refused(gzip.compress(much), compressed=True).errors
    assert error.reason.startswith("repeats too much")


def test_an_envelope_whose_rest_alone_is_too_large_is_refused() -> None:
    (error,) = refused(json.dumps({"note": "x" * MESSAGE_BYTES, "value": [1, 2]}).encode()).errors
    assert "cannot be split" in error.reason


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=200)
JSON_VALUES = SCALARS | st.lists(SCALARS, max_size=3)


@given(st.lists(st.dictionaries(st.text(max_size=9), JSON_VALUES), min_size=1, max_size=8))
def test_no_alert_is_lost_or_changed(alerts: list[dict[str, Any]]) -> None:
    assert items_of(packed(alerts)) == alerts


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Content-Type": "application/json; charset=utf-8"}, None, id="JSON"),
        pytest.param({"Content-Type": "application/x-ndjson"}, None, id="JSON lines"),
        pytest.param(
            {"Content-Type": "text/plain", "x-amz-sns-message-type": "Notification"}, None, id="SNS"
        ),
        pytest.param({"Content-Type": "text/plain"}, 415, id="text, as any page could send"),
        pytest.param({}, 415, id="no type"),
        pytest.param(
            {"Content-Type": "application/json", "Content-Encoding": "br"}, 400, id="brotli"
        ),
    ],
)
def test_the_type_of_a_body(headers: dict[str, str], status: int | None) -> None:
    request = request_for("/api/alerts", method="POST", headers=headers, body=b'{"a":1}')
    if status is None:
        assert pack_request(request).items == 1
    else:
        with pytest.raises(Problem) as caught:
            pack_request(request)
        assert caught.value.status == status


def test_an_error_shows_the_value_in_short() -> None:
    (error,) = refused(json.dumps(["x" * 500]).encode()).errors
    assert isinstance(error, FieldError)
    assert len(error.reason) < 100
