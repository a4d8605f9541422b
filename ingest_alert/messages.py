"""What the queue triggers do with a message, with the process's services.

Apart from the triggers, so that an instance that only answers HTTP or correlates never imports the
parsers.
"""

import logging
from typing import Final

import azure.functions as func

from ingest_alert.bootstrap import process_services
from ingest_alert.handling import Message, ingest
from ingest_alert.poison import keep
from shared.log_lines import line
from shared.queue_text import decoded
from shared.times import instant_of, now

_LOG: Final = logging.getLogger("ingest_alert")


async def ingest_message(message: func.QueueMessage) -> None:
    """Store the alerts of a message. Raises what the store raises."""
    try:
        await ingest(_message(message), await process_services())
    except Exception as fault:
        delivery = message.dequeue_count
        told = line("failed", message=message.id, delivery=delivery, fault=type(fault).__name__)
        _LOG.warning(told)  # what the fault says is the host's to log: it sees it next
        raise


async def keep_message(message: func.QueueMessage) -> None:
    """Set a poison message aside. Raises what the store raises."""
    await keep(_message(message), message.dequeue_count or 1, await process_services())


def _message(message: func.QueueMessage) -> Message:
    inserted = message.insertion_time
    queued = now() if inserted is None else instant_of(inserted)
    return Message(message.id or "", decoded(message.get_body()), queued)
