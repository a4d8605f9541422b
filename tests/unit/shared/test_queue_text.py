"""A queue message is read alike whether it is plain or in base64."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.queue_text import decoded, encoded


@pytest.mark.parametrize(
    ("text", "body"),
    [
        pytest.param(b'{"a":1}', b'{"a":1}', id="plain JSON"),
        pytest.param(b' \n[{"a":1}]', b' \n[{"a":1}]', id="a plain array after space"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', b'\xef\xbb\xbf{"a":1}', id="a byte-order mark"),
        pytest.param(b'"text"', b'"text"', id="a JSON text"),
        pytest.param(base64.b64encode(b'{"a":1}'), b'{"a":1}', id="base64"),
        pytest.param(b"eyJh\nIjox\r\nfQ==", b'{"a":1}', id="base64 in lines"),
        pytest.param(
            base64.b64encode('{"a":1}'.encode("utf-16")), '{"a":1}'.encode("utf-16"), id="UTF-16"
        ),
        pytest.param(base64.b64encode(b"\xff" * 30), b"\xff" * 30, id="base64 of no text"),
        pytest.param(b"CEF:0|a|b|1|2|c|5|", b"CEF:0|a|b|1|2|c|5|", id="a line of CEF"),
        pytest.param(b"this is no base64!", b"this is no base64!", id="plain text"),
        pytest.param(b"null", b"null", id="a word that could be base64"),
        pytest.param(b"12345678", b"12345678", id="a number that could be base64"),
        pytest.param(b"", b"", id="nothing"),
    ],
)
def test_the_body_is_what_was_sent(text: bytes, body: bytes) -> None:
    assert decoded(text) == body


@given(st.binary(min_size=20))
def test_what_is_encoded_is_decoded_again(body: bytes) -> None:
    assert decoded(encoded(body).encode()) == body
