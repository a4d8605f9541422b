"""The change-feed trigger: new alerts are correlated as they are stored.

The retry policy never gives up. Without one the host would checkpoint a batch whose function threw,
and its alerts would never be correlated.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import azure.functions as func

from correlate.batch import Unreadable, correlate_batch
from correlate.policy import Policy, Readings, default_policy, read_policy
from correlate.records import CosmosCorrelationStore
from shared.once import Once
from shared.rejection import Rejection
from shared.settings import SettingError, read_settings
from shared.store.alert_counts import AlertCounts
from shared.store.process import process_database
from shared.store.rejected import RejectedStore
from shared.times import SECOND, now

bp = func.Blueprint()  # type: ignore[no-untyped-call]  # the library's constructor has no types

MOST_DOCUMENTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Services:
    """What the function works with."""

    store: CosmosCorrelationStore
    rejected: RejectedStore
    counts: AlertCounts
    policy: Policy
    readings: Readings

    async def set_aside(self, unreadable: list[Unreadable]) -> None:
        """Keep documents that cannot be read, with the reason, for people to see."""
        at = now()
        await self.rejected.add([_rejection(each, at) for each in unreadable], at=at)


def _rejection(unreadable: Unreadable, at: int) -> Rejection:
    document = unreadable.document
    return Rejection(
        reason="uncorrelated",
        message=f"The stored alert cannot be correlated: {unreadable.reason}",
        body=json.dumps(document, default=str).encode(),
        message_id=f"{document.get('resourceKey')}/{document.get('id')}/{document.get('_etag')}",
        queued=at,
        source=str(document.get("source", "")),
    )


async def _open() -> Services:
    policy = policy_from(os.environ)
    settings = read_settings(os.environ)
    database = await process_database()
    return Services(
        CosmosCorrelationStore(database, retention_days=policy.retention_days),
        RejectedStore(database),
        AlertCounts(database, settings.alert_retention_days),
        policy,
        Readings(policy.mappings),
    )


process_services = Once(_open)
"""The services of this process."""


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
    services = await process_services()
    await correlate_batch(
        [document.to_dict() for document in documents],
        services.store,
        services.set_aside,
        services.policy,
        services.readings,
        now,
    )
    await services.counts.keep_up(now() // SECOND)


def policy_from(environment: Mapping[str, str]) -> Policy:
    """The policy: the file that POLICY_FILE names, or the one that ships.

    Raises SettingError when the file cannot be read, PolicyError when it cannot be used.
    """
    name = environment.get("POLICY_FILE", "")
    if not name:
        return default_policy()
    try:
        text = Path(name).read_text(encoding="utf-8")
    except OSError as fault:
        raise SettingError(f"POLICY_FILE names {name!r}, which cannot be read: {fault}") from fault
    return read_policy(text, name=name)
