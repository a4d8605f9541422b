"""Queue messages: what the service gives, how their text is encoded, what a function receives."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from azure.functions.meta import Datum

Encoding = Literal["base64", "none"]

#: The longest queue name that the service allows.
_NAME_LIMIT = 63
_POISON_SUFFIX = "-poison"


@dataclass(frozen=True, slots=True)
class Message:
    """A received message; `text` is as it lies in the queue."""

    id: str
    text: str
    pop_receipt: str
    dequeue_count: int
    inserted: datetime
    expires: datetime
    next_visible: datetime


class Queue(Protocol):
    """What the listener needs of a queue."""

    @property
    def name(self) -> str:
        """The queue's name."""

    async def receive(self, count: int, hidden_seconds: float) -> list[Message] | None:
        """Receive up to `count` messages; None = there is no queue, or the service is at fault."""

    async def hide(self, message: Message, seconds: float) -> Message | None:
        """Make it visible only after so long; None = it is no longer ours."""

    async def delete(self, message: Message) -> None:
        """Delete it; nothing happens when it is no longer ours."""

    async def put(self, text: str) -> None:
        """Add a message; create the queue when it is missing."""


def poison_name(queue: str) -> str | None:
    """Return the name of a queue's poison queue; None when it can have none."""
    name = queue + _POISON_SUFFIX
    return None if queue.endswith(_POISON_SUFFIX) or len(name) > _NAME_LIMIT else name


def decode_text(text: str, encoding: Encoding) -> bytes | None:
    """Return a message's body, or None when it is no valid base64."""
    if encoding == "none":
        return text.encode()
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def encode_body(body: bytes, encoding: Encoding) -> str:
    """Return the text that carries a body."""
    return base64.b64encode(body).decode() if encoding == "base64" else body.decode()


def trigger_datum(body: bytes, *, binary: bool) -> Datum:
    """Return a body as the worker takes it: text (what is no UTF-8 is replaced), or bytes."""
    return Datum(body, "bytes") if binary else Datum(body.decode(errors="replace"), "string")


def trigger_metadata(message: Message, body: Datum) -> Mapping[str, Datum]:
    """Return the names that the queue trigger gives with a message."""
    return {
        "QueueTrigger": body,
        "DequeueCount": Datum(str(message.dequeue_count), "json"),
        "ExpirationTime": _time(message.expires),
        "Id": Datum(message.id, "string"),
        "InsertionTime": _time(message.inserted),
        "NextVisibleTime": _time(message.next_visible),
        "PopReceipt": Datum(message.pop_receipt, "string"),
    }


def output_bodies(datum: Datum) -> list[bytes]:
    """Return the bodies of the messages that an output value stands for.

    A JSON array stands for one message an element; texts go as they are, all else as JSON.
    """
    if datum.type == "bytes":
        return [datum.value]
    if datum.type != "json":
        return [str(datum.value).encode()]
    document = json.loads(datum.value)
    items = document if isinstance(document, list) else [document]
    return [(item if isinstance(item, str) else json.dumps(item)).encode() for item in items]


def _time(moment: datetime) -> Datum:
    return Datum(json.dumps(moment.isoformat()), "json")
