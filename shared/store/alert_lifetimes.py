"""Letting an alert live longer than its day: what an open incident covers does not expire."""

from typing import Any, Final

from azure.core import MatchConditions
from azure.cosmos import exceptions
from azure.cosmos.aio import ContainerProxy

from shared.store.client import retrying
from shared.store.documents import ConflictError
from shared.store.expiry import seconds_left
from shared.store.queries import Document
from shared.store.tally import past_of
from shared.times import format_time

NEEDED: Final = "c.id, c.bucket, c.startTimeUtc, c.severityRank, c.status, c.past, c._ts, c._etag"
"""The columns of an alert that `live_until` needs."""


async def live_until(container: ContainerProxy, row: Document, until: int, now: int) -> None:
    """Let an alert live until an instant; one that is gone stays so. Instants in milliseconds.

    Whoever writes an alert notes what it counted as before, so that it is counted once. Raises
    ConflictError where it has changed since the row was read.
    """
    change: list[dict[str, Any]] = [
        {"op": "set", "path": "/expiresUtc", "value": format_time(until)},
        {"op": "set", "path": "/ttl", "value": seconds_left(until, now)},
        {"op": "set", "path": "/past", "value": past_of(row)},
    ]

    async def write() -> None:
        await container.patch_item(
            row["id"],
            row["bucket"],
            list(change),
            etag=row["_etag"],
            match_condition=MatchConditions.IfNotModified,
            no_response=True,
        )

    try:
        await retrying(write)
    except exceptions.CosmosResourceNotFoundError:
        return
    except exceptions.CosmosAccessConditionFailedError as fault:
        raise ConflictError(row["id"]) from fault
