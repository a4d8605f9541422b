"""The queue triggers: they hand each message on, and do nothing else."""

import azure.functions as func

from ingest_alert.handling import Message, ingest
from ingest_alert.poison import keep
from ingest_alert.wiring import process_services
from shared.times import instant_of, now

bp = func.Blueprint()  # type: ignore[no-untyped-call]  # the library's constructor has no types


@bp.function_name("ingest_alert")
@bp.queue_trigger(arg_name="message", queue_name="alerts", connection="AzureWebJobsStorage")
async def ingest_alert(message: func.QueueMessage) -> None:
    """Store the alerts of a message. A fault of the store raises, and the queue tries again."""
    await ingest(_message(message), await process_services())


@bp.function_name("keep_poison")
@bp.queue_trigger(arg_name="message", queue_name="alerts-poison", connection="AzureWebJobsStorage")
async def keep_poison(message: func.QueueMessage) -> None:
    """Set a poison message aside. A fault of the store raises, and it is delivered again later."""
    await keep(_message(message), message.dequeue_count or 1, await process_services())


def _message(message: func.QueueMessage) -> Message:
    inserted = message.insertion_time
    queued = now() if inserted is None else instant_of(inserted)
    return Message(message.id or "", message.get_body(), queued)
