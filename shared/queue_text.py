"""How a message's body stands in the text of a queue message: plain, or in base64.

A storage queue carries text. The host is told to leave it as it is (`messageEncoding` in
`host.json` is `none`): Azure's SDKs disagree on their default, and a message in the encoding that a
host does not expect goes to the poison queue without any function having seen it.
"""

import base64
import binascii
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from typing import Final

_STARTS_OF_JSON: Final = (b"{", b"[", b'"')
_LONGEST_WORD: Final = 16
"""Characters up to which a text that happens to be base64 may still be a word (`null`, `1234`)."""


def encoded(body: bytes) -> str:
    """A body as the text of a message; base64, as some characters of JSON cannot stand in XML."""
    return base64.b64encode(body).decode("ascii")


def decoded(text: bytes) -> bytes:
    """The body that a message's text carries.

    What begins as JSON does is plain; of the rest, what is base64 is decoded; all else is plain
    text, which the formats may know or refuse.
    """
    stripped = text.lstrip(b"\xef\xbb\xbf \t\r\n")
    if stripped.startswith(_STARTS_OF_JSON):
        return text
    compact = b"".join(stripped.split())
    try:
        body = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        return text
    return body if len(compact) > _LONGEST_WORD or _is_text(body) else text


def _is_text(body: bytes) -> bool:
    if body.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return True
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
