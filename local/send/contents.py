"""What is in a file: its alerts, each with its place, and what cannot be sent.

A file is one alert, an array, JSON lines or an envelope, gzipped or not. It is taken apart as the
queue trigger takes a message apart, but a line that cannot be read costs only itself.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ingest_alert.broken import Broken
from ingest_alert.errors import MessageError
from ingest_alert.reading import read_message

_GZIP: Final = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Item:
    """One alert as JSON, and where it was found: `alerts.jsonl line 7, alert 2`."""

    place: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is not sent, and why."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


def read_contents(name: str, content: bytes) -> Iterator[Item | Refusal]:
    """The alerts of a file by that name, in order, and what in it cannot be read."""
    try:
        content = unpacked(content)
    except (OSError, EOFError, zlib.error) as fault:
        yield Refusal(name, f"it is no whole gzip file: {fault}")
        return
    try:
        whole = read_message(content)
    except MessageError as error:
        reason = str(error)
    else:
        broken = next((each for each in whole if isinstance(each, Broken)), None)
        if broken is None:
            yield from _items(name, whole)
            return
        reason = broken.reason
    yield from _lines(name, content, reason)


def unpacked(content: bytes) -> bytes:
    """The content, decompressed if it is gzip. Raises OSError, EOFError or zlib.error if broken."""
    return gzip.decompress(content) if content.startswith(_GZIP) else content


def _lines(name: str, content: bytes, reason: str) -> Iterator[Item | Refusal]:
    """Line by line, where at least one line is JSON; else the fault of the whole."""
    found: list[Item | Refusal] = []
    for number, line in enumerate(content.splitlines(), start=1):
        place = f"{name} line {number}"
        if line.strip():
            try:
                found += _items(place, read_message(line))
            except MessageError as error:
                found.append(Refusal(place, str(error)))
    yield from (found if any(isinstance(each, Item) for each in found) else [Refusal(name, reason)])


def _items(place: str, payloads: list[object]) -> Iterator[Item | Refusal]:
    for number, payload in enumerate(payloads, start=1):
        here = f"{place}, alert {number}" if len(payloads) > 1 else place
        if isinstance(payload, dict):
            text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
            yield Item(here, text.encode())
        else:
            yield Refusal(here, f"an alert is a JSON object, and this is {str(payload)[:40]!r}")
