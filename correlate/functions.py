"""The triggers of correlation, and nothing else.

The retry policies never give up. Without one the host would checkpoint a batch whose function
threw, and what it told would never be correlated.
"""

from typing import Final

import azure.functions as func

bp = func.Blueprint()  # type: ignore[no-untyped-call]  # the library's constructor has no types

MOST_DOCUMENTS: Final = 1_000
MOST_NEWS: Final = 100
"""News that one run of the reconciler takes: each tells of some hundred alerts."""


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
    """Turn a batch of the `alerts` container's change feed into news."""
    from correlate.services import record_documents  # noqa: PLC0415 - the engine slows a cold start

    await record_documents([document.to_dict() for document in documents])


@bp.function_name("reconcile")
@bp.cosmos_db_trigger(
    arg_name="documents",
    connection="COSMOS",
    database_name="%COSMOS_DATABASE%",
    container_name="news",
    lease_container_name="leases",
    lease_container_prefix="reconcile",
    start_from_beginning=True,  # type: ignore[arg-type]  # the library's annotation is wrong
    max_items_per_invocation=MOST_NEWS,
    feed_poll_delay=500,
)
@bp.retry(
    strategy="exponential_backoff",
    max_retry_count="-1",
    minimum_interval="00:00:01",
    maximum_interval="00:01:00",
)
async def reconcile(documents: func.DocumentList) -> None:
    """Make incidents what a batch of news says."""
    from correlate.services import reconcile_documents  # noqa: PLC0415 - see above

    await reconcile_documents([document.to_dict() for document in documents])


@bp.function_name("renew")
@bp.timer_trigger(arg_name="timer", schedule="0 7 * * * *")
async def renew(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the host passes it
    """Tell every organisation's reconciler hourly to renew verdicts, and daily to sweep."""
    from correlate.services import tell_the_hour  # noqa: PLC0415 - see above

    await tell_the_hour()
