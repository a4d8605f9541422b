"""What a file is taken apart into: alerts with their places, and what cannot be read."""

import gzip
import io
import json
from typing import Any

import pytest

from local.alert_files import AlertFile
from local.send.contents import Item, Refusal, read_contents
from shared.pieces import read_pieces

ONE, TWO = {"a": 1}, {"b": "ü"}
FIRST, SECOND = b'{"a":1}', '{"b":"ü"}'.encode()


def read(content: bytes) -> list[Item | Refusal]:
    stream = io.BytesIO(content)
    return list(read_contents(AlertFile("f", read_pieces(stream), len(content), stream.tell)))


def bodies(content: bytes) -> list[bytes]:
    return [each.body for each in read(content) if isinstance(each, Item)]


def refusals(content: bytes) -> list[str]:
    return [str(each) for each in read(content) if isinstance(each, Refusal)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(json.dumps(ONE), [FIRST], id="one alert"),
        pytest.param(json.dumps(ONE, indent=2), [FIRST], id="one alert over several lines"),
        pytest.param(json.dumps([ONE, TWO]), [FIRST, SECOND], id="an array"),
        pytest.param(json.dumps([ONE, TWO], indent=1), [FIRST, SECOND], id="an array over lines"),
        pytest.param("a,b\n1,\n", [b'{"a":"1"}'], id="CSV"),
        pytest.param('{"a":1}\n\n{"b":"ü"}\n', [FIRST, SECOND], id="JSON lines"),
        pytest.param('[{"a":1}]\n[{"b":"ü"}]', [FIRST, SECOND], id="lines of arrays"),
        pytest.param(json.dumps({"value": [ONE, TWO]}), [FIRST, SECOND], id="an envelope"),
        pytest.param('\ufeff{"a":1}', [FIRST], id="a byte order mark"),
        pytest.param('{"a":1}\n{"b":"\u2028"}', [FIRST, '{"b":"\u2028"}'.encode()], id="U+2028"),
    ],
)
def test_alerts_are_found_in_any_shape(content: str, expected: list[bytes]) -> None:
    assert bodies(content.encode()) == expected
    assert bodies(gzip.compress(content.encode())) == expected
    assert not refusals(content.encode())


@pytest.mark.parametrize(
    ("content", "kept", "reason"),
    [
        pytest.param(b"", 0, "f line 1: there is nothing in it", id="an empty file"),
        pytest.param(b"[]", 0, "f line 1: the message holds no alert", id="an empty array"),
        pytest.param(b"hello", 0, "f line 1: this is neither JSON, CEF", id="no JSON"),
        pytest.param(b'{"a":1}\n{"b":\n{"c":1}', 2, "f line 2: the message is not JSON", id="line"),
        pytest.param(
            b'[{"a":1}, 7]', 1, "f line 1, alert 2: an alert is a JSON object", id="a number"
        ),
        pytest.param(b"\x1f\x8bx", 0, "f line 1: the gzip data is cut", id="broken gzip"),
        pytest.param(gzip.compress(FIRST)[:-9], 0, "f line 1: the gzip data is cut", id="cut gzip"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(
    content: bytes, kept: int, reason: str
) -> None:
    (refused,) = refusals(content)
    assert refused.startswith(reason)
    assert len(bodies(content)) == kept


def test_an_alert_keeps_its_place_in_a_file() -> None:
    found: list[Any] = list(read(b'{"a":1}\n{"x"\n[{"b":1},{"c":1}]'))
    assert [each.place for each in found] == [
        "f line 1",
        "f line 2",
        "f line 3, alert 1",
        "f line 3, alert 2",
    ]
