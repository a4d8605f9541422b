"""What is in a file: its alerts, each with its place, and what cannot be sent.

`shared.pieces` takes the file apart, and each piece is read as the queue trigger reads a message.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from ingest_alert.broken import Broken
from ingest_alert.errors import MessageError
from ingest_alert.reading import read_message
from local.alert_files import AlertFile
from shared.pieces import Fault, Piece


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


def read_contents(file: AlertFile) -> Iterator[Item | Refusal]:
    """The alerts of a file, in order, and what in it cannot be read."""
    for piece in file.pieces:
        place = f"{file.shown} line {piece.line}"
        if isinstance(piece, Fault):
            yield Refusal(place, piece.reason)
        else:
            yield from _read(place, piece)


def _read(place: str, piece: Piece) -> Iterator[Item | Refusal]:
    try:
        payloads = read_message(piece.body)
    except MessageError as error:
        yield Refusal(place, str(error))
    else:
        yield from _items(place, payloads)


def _items(place: str, payloads: list[object]) -> Iterator[Item | Refusal]:
    for number, payload in enumerate(payloads, start=1):
        here = f"{place}, alert {number}" if len(payloads) > 1 else place
        if isinstance(payload, dict):
            text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
            yield Item(here, text.encode())
        elif isinstance(payload, Broken):
            yield Refusal(here, payload.reason)
        else:
            yield Refusal(here, f"an alert is a JSON object, and this is {str(payload)[:40]!r}")
