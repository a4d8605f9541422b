"""From the bytes of a message to the objects that may be alerts: JSON and envelopes, nothing more.

A message is one alert, an array, JSON lines, or an envelope of a known shape (`envelopes.py`).
"""

import json
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from typing import Any

from ingest_alert.broken import Broken
from ingest_alert.envelopes import flatten
from ingest_alert.errors import MessageError
from ingest_alert.event_lines import event_line
from ingest_alert.joining import joined
from shared.strict_json import load


def read_message(body: bytes) -> list[object]:
    """The objects in a message, in order; each is then an alert or an error of its own.

    A line of JSON lines that is no JSON is a `Broken` in its place.

    Raises MessageError saying why when the body is no JSON or holds nothing.
    """
    text = _decode(body)
    found: list[object] = []
    try:
        flatten(read_json(text), found)
    except RecursionError:
        raise MessageError("the JSON is nested too deeply to be read") from None
    if not found:
        raise MessageError("the message holds no alert: the array or envelope is empty")
    return joined(found)


def read_json(text: str) -> Any:
    """The value of a JSON text, or the list of the values of JSON lines.

    Raises MessageError with the place of the fault.
    """
    try:
        return load(text)
    except json.JSONDecodeError as fault:
        return _event_lines(text) or _read_lines(text, fault)
    except RecursionError:
        raise MessageError("the JSON is nested too deeply to be read") from None
    except ValueError as fault:
        raise MessageError(f"the message is not JSON that can be stored: {fault}") from None


def _decode(body: bytes) -> str:
    name = "UTF-16" if body.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "UTF-8"
    try:
        text = body.removeprefix(BOM_UTF8).decode(name)
    except UnicodeDecodeError as fault:
        raise MessageError(
            f"the message is no {name} text: byte {fault.start} cannot be read"
        ) from None
    if not text.strip("\0 \t\r\n"):
        raise MessageError("the message is empty")
    return text


def _read_lines(text: str, fault: json.JSONDecodeError) -> list[Any]:
    """JSON lines are what follows a first complete value; anything else is the fault itself.

    Only line feeds end a line: a JSON text may hold the other separators that Unicode has.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    if not fault.msg.startswith("Extra data") or len(lines) < 2:
        raise MessageError(f"the message is not JSON: {fault}") from None
    return [_read_line(number, line) for number, line in enumerate(lines, start=1)]


def _event_lines(text: str) -> list[Any] | None:
    """The lines of a text in CEF or LEEF; None when the first is neither."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines or event_line(lines[0]) is None:
        return None
    return [
        event_line(line) or Broken(line, f"line {number} is neither CEF nor LEEF")
        for number, line in enumerate(lines, start=1)
    ]


def _read_line(number: int, line: str) -> Any:
    try:
        return load(line)
    except RecursionError:
        fault = "is nested too deeply to be read"
    except ValueError as error:
        fault = f"is not JSON: {error}"
    return Broken(line, f"line {number} of the JSON lines {fault}")
