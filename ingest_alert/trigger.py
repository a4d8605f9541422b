"""The queue triggers: they hand each message on, and do nothing else."""

import azure.functions as func

bp = func.Blueprint()  # type: ignore[no-untyped-call]  # the library's constructor has no types


@bp.function_name("ingest_alert")
@bp.queue_trigger(arg_name="message", queue_name="alerts", connection="AzureWebJobsStorage")
async def ingest_alert(message: func.QueueMessage) -> None:
    """Store the alerts of a message. A fault of the store raises, and the queue tries again."""
    from ingest_alert.messages import ingest_message  # noqa: PLC0415 - parsers slow a cold start

    await ingest_message(message)


@bp.function_name("keep_poison")
@bp.queue_trigger(arg_name="message", queue_name="alerts-poison", connection="AzureWebJobsStorage")
async def keep_poison(message: func.QueueMessage) -> None:
    """Set a poison message aside. A fault of the store raises, and it is delivered again later."""
    from ingest_alert.messages import keep_message  # noqa: PLC0415 - parsers slow a cold start

    await keep_message(message)
