"""The change-feed trigger: new alerts are correlated as they are stored.

The retry policy never gives up. Without one the host would checkpoint a batch whose function threw,
and its alerts would never be correlated.
"""

from typing import Final

import azure.functions as func

bp = func.Blueprint()  # type: ignore[no-untyped-call]  # the library's constructor has no types

MOST_DOCUMENTS: Final = 1_000


@bp.function_name("correlate")
@bp.cosmos_db_trigger(
    arg_name="documents",
    connection="COSMOS",
    database_name="%COSMOS_DATABASE%",
    container_name="alerts",
    lease_container_name="leases",
    start_from_beginning=True,  # type: ignore[arg-type]  # the library's annotation is wrong
    max_items_per_invocation=MOST_DOCUMENTS,
    feed_poll_delay=1_000,
)
@bp.retry(
    strategy="exponential_backoff",
    max_retry_count="-1",
    minimum_interval="00:00:01",
    maximum_interval="00:01:00",
)
async def correlate(documents: func.DocumentList) -> None:
    """Correlate a batch of the `alerts` container's change feed."""
    from correlate.services import correlate_documents  # noqa: PLC0415 - the engine slows a cold start

    await correlate_documents([document.to_dict() for document in documents])
