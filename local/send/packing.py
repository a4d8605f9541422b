"""Alerts as queue messages: as many in one as fit, and none that would not be taken."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from local.send.contents import Item, Refusal

MESSAGE_BYTES: Final = 48 * 1024
"""Bytes of a message: in base64, these are the 64 KiB that a queue takes."""
_COMMA: Final = 1
_EMPTY: Final = 1
"""Two brackets less the comma that the first alert does not need."""


@dataclass(frozen=True, slots=True)
class Packed:
    """One message, and how many alerts it holds."""

    body: bytes
    alerts: int


def pack(items: Iterable[Item | Refusal], *, most: int | None = None) -> Iterator[Packed | Refusal]:
    """Messages of at most 48 KiB and `most` alerts, in order; refusals pass, and more may come.

    An alert that alone exceeds a message is refused. One alone is sent as it is, several as an
    array.
    """
    held: list[bytes] = []
    size = _EMPTY
    for item in items:
        if isinstance(item, Refusal):
            yield item
            continue
        length = len(item.body)
        if length > MESSAGE_BYTES:
            yield _too_long(item)
            continue
        if held and (size + length + _COMMA > MESSAGE_BYTES or len(held) == most):
            yield _message(held)
            held, size = [], _EMPTY
        held.append(item.body)
        size += length + _COMMA
    if held:
        yield _message(held)


def _too_long(item: Item) -> Refusal:
    reason = (
        f"the alert has {len(item.body):,} bytes, and a queue message takes {MESSAGE_BYTES:,}:"
        " shorten its longest fields at the source"
    )
    return Refusal(item.place, reason)


def _message(held: list[bytes]) -> Packed:
    body = held[0] if len(held) == 1 else b"[" + b",".join(held) + b"]"
    return Packed(body, len(held))
