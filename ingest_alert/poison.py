"""What is done with a poison message: it is set aside among the rejections, for people to redrive.

The host puts a message on `alerts-poison` when handling it has failed as often as host.json allows.
"""

import json
from typing import Final

from ingest_alert.errors import ReadingError
from ingest_alert.handling import Message, Services
from ingest_alert.reading import read_message
from shared.rejection import RejectedId, Rejection, open_redrive
from shared.times import format_time

REASON: Final = "poison"
REDRIVABLE_BYTES: Final = 32 * 1024
"""A body up to here fits a message again when it is wrapped to be redriven."""


async def keep(message: Message, deliveries: int, services: Services) -> int:
    """Set a poison message aside; gives how many rejections it makes.

    `deliveries` is how often the poison queue has delivered it. Raises what the store raises: the
    message then stays on the poison queue, and is delivered again.
    """
    body, origin = open_redrive(message.body)
    at = services.now()
    rejections = poisoned(message, body, deliveries)
    if origin is not None and await _noted(origin, rejections[0], services, at):
        return len(rejections)
    await services.rejected.add(rejections, at=at)
    return len(rejections)


async def _noted(origin: RejectedId, rejection: Rejection, services: Services, at: int) -> bool:
    """Whether it was a redrive of a rejection that is still known, where this is now noted."""
    return await services.rejected.mark_refused_again(origin, rejection, at=at) is not None


def poisoned(message: Message, body: bytes, deliveries: int) -> list[Rejection]:
    """The message as one rejection; one an alert where it is too large to be redriven whole."""
    told = (
        "The message was tried as often as the queue allows, and failed each time; the log names"
        f" the fault. It came to the poison queue at {format_time(message.queued)}"
        f" (delivery {deliveries} from there). Redrive it once the cause is mended."
    )
    parts = _alerts(body) if len(body) > REDRIVABLE_BYTES else []
    if len(parts) < 2:
        return [Rejection(REASON, told, body, message.id, message.queued)]
    return [
        Rejection(REASON, told, part, message.id, message.queued, index=index)
        for index, part in enumerate(parts)
    ]


def _alerts(body: bytes) -> list[bytes]:
    try:
        payloads = read_message(body)
    except ReadingError:
        return []
    return [json.dumps(payload, ensure_ascii=False).encode() for payload in payloads]
