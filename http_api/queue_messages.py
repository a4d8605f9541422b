"""A body of alerts as queue messages: nothing is interpreted, only taken apart and packed.

What an alert is, the formats decide when the message is read. Here a body is JSON, JSON lines or
an envelope; its items are packed into arrays that fit the queue. An envelope too large for a
message is split at its longest list, each part with everything else that the envelope holds.
"""

import gzip
import io
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from http_api.problems import FieldError, Problem, invalid, too_large
from http_api.responses import json_body
from shared.strict_json import load

MOST_BYTES: Final = 1024 * 1024
"""Bytes of a body as it is sent."""
MOST_UNPACKED: Final = 8 * 1024 * 1024
"""Bytes of a body once it is decompressed."""
MESSAGE_BYTES: Final = 48 * 1024
"""Bytes of a message: in base64, these are the 64 KiB that a queue takes."""
MOST_QUEUED: Final = 2 * MOST_UNPACKED
"""Bytes of all messages of a body: an envelope in parts is repeated in each, so they can have more
than the body, but not without end."""
_ARRAY_BYTES: Final = 2


@dataclass(frozen=True, slots=True)
class Packed:
    """The messages, and how many items they hold together."""

    messages: tuple[str, ...]
    items: int


def pack(body: bytes, *, compressed: bool) -> Packed:
    """The queue messages of a body.

    Raises Problem: 413 when it is too large, 400 with each item at fault and its index else.
    """
    if len(body) > MOST_BYTES:
        raise too_large(MOST_BYTES)
    text = _text(_decompressed(body) if compressed else body)
    items = _items(text)
    if not items:
        raise _refused("holds no alert: the list is empty")
    errors: list[FieldError] = []
    parts: list[bytes] = []
    left = MOST_QUEUED
    for index, item in enumerate(items):
        found = _parts(item, left)
        if isinstance(found, str):
            errors.append(FieldError("alert", found, index=index))
        else:
            parts += found
            left -= sum(map(len, found))
    if errors:
        raise invalid(
            errors, detail=f"Nothing was queued: {len(errors)} of {len(items)} cannot be."
        )
    return Packed(tuple(_messages(parts)), len(items))


def _decompressed(body: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            found = file.read(MOST_UNPACKED + 1)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise _refused(f"is no gzip: {error}") from None
    if len(found) > MOST_UNPACKED:
        raise too_large(MOST_UNPACKED)
    return found


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(f"is no UTF-8: byte {error.start} cannot be read") from None
    if not text.strip():
        raise _refused("is empty; a body with a Content-Length is needed")
    return text


def _items(text: str) -> list[Any]:
    """The items of an array, the values of JSON lines, or the one value."""
    try:
        value = load(text)
    except json.JSONDecodeError as error:
        return _lines(text, error)
    except (ValueError, RecursionError) as error:
        raise _refused(f"is no JSON: {_why(error)}") from None
    return value if isinstance(value, list) else [value]


def _lines(text: str, fault: json.JSONDecodeError) -> list[Any]:
    """JSON lines are what follows a first complete value; anything else is the fault itself.

    Only line feeds end a line: a JSON text may hold the other separators that Unicode has.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    if not fault.msg.startswith("Extra data") or len(lines) < 2:
        raise _refused(f"is no JSON: {_why(fault)}")
    values: list[Any] = []
    errors: list[FieldError] = []
    for index, line in enumerate(lines):
        try:
            values.append(load(line))
        except (ValueError, RecursionError) as error:
            errors.append(FieldError("alert", f"is no JSON: {_why(error)}", index=index))
    if errors:
        raise invalid(errors, detail=f"Nothing was queued: {len(errors)} lines cannot be read.")
    return values


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _parts(item: Any, most: int) -> list[bytes] | str:
    """An item as JSON, in several parts where one would not fit a message; or why it cannot be.

    `most` is how many bytes the parts may have together.
    """
    if not isinstance(item, dict | list):
        return f"is {json.dumps(item)[:40]}; an alert is a JSON object"
    try:
        whole = json_body(item)
    except RecursionError:
        return "is nested too deeply"
    if len(whole) <= MESSAGE_BYTES - _ARRAY_BYTES:
        return [whole]
    return _split(item, len(whole), most) if isinstance(item, dict) else _too_long(len(whole))


def _split(envelope: dict[str, Any], size: int, most: int) -> list[bytes] | str:
    """An envelope in parts: its longest list divided, all else in each part."""
    lists = {
        name: [len(json_body(each)) + 1 for each in value]
        for name, value in envelope.items()
        if isinstance(value, list) and len(value) > 1
    }
    if not lists:
        return _too_long(size)
    name = max(lists, key=lambda each: sum(lists[each]))
    room = MESSAGE_BYTES - _ARRAY_BYTES - len(json_body({**envelope, name: []}))
    if max(lists[name]) > room:
        return _too_long(size)
    parts: list[bytes] = []
    for start, stop in _runs(lists[name], room):
        parts.append(json_body({**envelope, name: envelope[name][start:stop]}))
        most -= len(parts[-1])
        if most < 0:
            return _TOO_MUCH
    return parts


def _runs(sizes: Iterable[int], room: int) -> Iterable[tuple[int, int]]:
    """Where each run of things begins and ends, of as many as have room; one has."""
    start = at = used = 0
    for at, size in enumerate(sizes):
        if used + size > room:
            yield start, at
            start, used = at, 0
        used += size
    yield start, at + 1


_TOO_MUCH: Final = (
    f"repeats too much in each part that it would have to be split into; all parts of a body may"
    f" have {MOST_QUEUED:,} bytes"
)


def _too_long(size: int) -> str:
    return f"has {size:,} bytes, and cannot be split; a message takes {MESSAGE_BYTES:,}"


def _messages(parts: Iterable[bytes]) -> Iterable[str]:
    """Arrays of as many items as fit a message; an item alone stays as it is."""
    held: list[bytes] = []
    size = _ARRAY_BYTES
    for part in parts:
        if held and size + len(part) + 1 > MESSAGE_BYTES:
            yield _message(held)
            held, size = [], _ARRAY_BYTES
        held.append(part)
        size += len(part) + 1
    if held:
        yield _message(held)


def _message(held: list[bytes]) -> str:
    text = held[0] if len(held) == 1 else b"[" + b",".join(held) + b"]"
    return text.decode()


def _refused(reason: str) -> Problem:
    return invalid([FieldError("body", reason)])
