"""What is done with a poison message: it is set aside among the rejections, for people to redrive.

The host puts a message on `alerts-poison` when handling it has failed as often as host.json allows.
"""

import logging
from typing import Final

from ingest_alert.handling import Message, Services
from shared.log_lines import line, seconds
from shared.rejection import Rejection, redrive_origin
from shared.telemetry import POISON
from shared.times import format_time

_LOG: Final = logging.getLogger("ingest_alert")
REASON: Final = "poison"


async def keep(message: Message, deliveries: int, services: Services) -> None:
    """Set a poison message aside; of a redrive, note it on the rejection that it redrives.

    `deliveries` is how often the poison queue has delivered it. Raises what the store raises: the
    message then stays on the poison queue, and is delivered again.
    """
    origin = redrive_origin(message.body)
    at = services.now()
    rejection = poisoned(message, deliveries)
    noted = None
    if origin is not None:
        noted = await services.rejected.mark_refused_again(origin, rejection, at=at)
    if noted is None:
        await services.rejected.add([rejection], at=at)
    services.telemetry.add(POISON)
    _LOG.warning(line("poison", message=message.id, lag=seconds(at - message.queued)))


def poisoned(message: Message, deliveries: int) -> Rejection:
    """The message as a rejection."""
    told = (
        "The message was tried as often as the queue allows, and failed each time; the log names"
        f" the fault. It came to the poison queue at {format_time(message.queued)}"
        f" (delivery {deliveries} from there). Redrive it once the cause is mended."
    )
    return Rejection(REASON, told, message.body, message.id, message.queued)
