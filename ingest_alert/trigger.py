"""The queue trigger: hands each message to `handling`, and does nothing else."""

import azure.functions as func

from ingest_alert.handling import Message, ingest
from ingest_alert.wiring import process_services
from shared.times import instant_of, now

bp = func.Blueprint()  # type: ignore[no-untyped-call]  # the library's constructor has no types


@bp.function_name("ingest_alert")
@bp.queue_trigger(arg_name="message", queue_name="alerts", connection="AzureWebJobsStorage")
async def ingest_alert(message: func.QueueMessage) -> None:
    """Store the alerts of a message. A fault of the store raises, and the queue tries again."""
    inserted = message.insertion_time
    queued = now() if inserted is None else instant_of(inserted)
    await ingest(Message(message.id or "", message.get_body(), queued), await process_services())
