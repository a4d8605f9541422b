"""Places in lists, as opaque text that only this service can write.

A cursor holds the position and a digest of the question that it belongs to, signed with HMAC-SHA256
(RFC 2104). So it can be neither forged nor used with other filters, and it needs no state here.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any, Final

from http_api.problems import FieldError, Problem, invalid

_SIGNATURE: Final = 16
_LONGEST: Final = 2_048


def cursor_key(configured: str, connection: str) -> bytes:
    """The key that signs cursors: of the setting CURSOR_KEY, else of the Cosmos DB connection.

    Derived, so that the cursor's key gives nothing away of either. Every instance that has the same
    settings derives the same key; a changed connection ends the cursors that are in use.
    """
    return hashlib.sha256(b"cursor\x00" + (configured or connection).encode()).digest()


class Cursors:
    """Writes and reads cursors with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, question: Sequence[Any], place: list[Any]) -> str:
        """The cursor for a place in the answer to a question."""
        payload = json.dumps([_digest(question), place], separators=(",", ":")).encode()
        return _encode(self._sign(payload) + payload)

    def read(self, question: Sequence[Any], cursor: str) -> list[Any]:
        """The place that a cursor stands for.

        Raises Problem (400) when the cursor is not ours, or belongs to another question.
        """
        raw = _decode(cursor) if len(cursor) <= _LONGEST else b""
        signature, payload = raw[:_SIGNATURE], raw[_SIGNATURE:]
        if not hmac.compare_digest(signature, self._sign(payload)):
            raise _refused("is none that this service has given; start again without it")
        asked, place = json.loads(payload)
        if asked != _digest(question):
            raise _refused("belongs to other filters or another order; start again without it")
        if not isinstance(place, list):
            raise _refused("is of an earlier version; start again without it")
        return place

    def _sign(self, payload: bytes) -> bytes:
        return hmac.new(self._key, payload, hashlib.sha256).digest()[:_SIGNATURE]


def _digest(question: Sequence[Any]) -> str:
    text = json.dumps(question, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return b""


def _refused(reason: str) -> Problem:
    return invalid([FieldError("cursor", reason)])
