"""Reading alerts: lists, one, and stretches of the activity of a few resources."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from azure.cosmos import exceptions

from shared.alert import split_alert_id
from shared.store.client import Database
from shared.store.definitions import ALERTS
from shared.store.filters import Filter, alert_conditions, only_partition
from shared.store.queries import (
    Conditions,
    Document,
    Order,
    Position,
    plain_columns,
    projection,
    rows,
)

ORDERS: Final = {
    "activity": "endTimeUtc",
    "start": "startTimeUtc",
    "severity": "severityRank",
    "received": "receivedTimeUtc",
}
"""What alerts can be ordered by, and the property that does it."""

_CORE: Final = ("id", "resourceKey")
COLUMNS: Final[Mapping[str, str]] = {
    **plain_columns(
        *_CORE,
        *("alertId", "sourceAlertId", "title", "severity", "severityRank", "status", "tactics"),
        *("techniques", "alertType", "resource", "startTimeUtc", "endTimeUtc", "receivedTimeUtc"),
        *("source", "vendor", "product", "assignedTo", "labels", "suppressedBy", "_etag"),
    ),
    "classification": "c.triage.classification AS classification",
}
"""What a list row can have."""

OLDEST_FIRST: Final = Order("startTimeUtc", descending=False)
LATEST_RECEIVED: Final = Order(ORDERS["received"])


class AlertReads:
    """Reads from the `alerts` container. `database` is not closed here."""

    def __init__(self, database: Database) -> None:
        self._alerts = database.container(ALERTS)

    async def page(
        self,
        wanted: Filter,
        order: Order,
        after: Position | None,
        most: int,
        *,
        only: Collection[str] = (),
        up_to: Position | None = None,
    ) -> list[Document]:
        """At most `most` list rows that the filter lets through, in order, after a position.

        `only` names the columns that are needed, beside those that paging needs; none is all.
        `up_to` is the last place that rows may have, as `Conditions.up_to` takes it.
        """
        conditions = alert_conditions(wanted)
        if up_to is not None:
            conditions.up_to(order, after, up_to)
        if after is not None:
            conditions.after(order, after)
        what = projection(COLUMNS, only, (*_CORE, order.path))
        query = conditions.select(what, order=order, most=most)
        return await rows(self._alerts, query, partition=only_partition(wanted), most=most)

    async def find(self, alert_id: str) -> Document | None:
        """The alert with that public id, or None."""
        try:
            partition, document_id = split_alert_id(alert_id)
            document = await self._alerts.read_item(document_id, partition)
        except (ValueError, exceptions.CosmosResourceNotFoundError):
            return None
        return document if document.get("type") == "alert" else None

    async def received(self, since: str, after: Position | None, most: int) -> list[Document]:
        """At most `most` list rows with entities, received since an instant, the latest first."""
        conditions = Conditions()
        conditions.compare("type", "=", "alert")
        conditions.compare("receivedTimeUtc", ">=", since)
        if after is not None:
            conditions.after(LATEST_RECEIVED, after)
        what = projection({**COLUMNS, **plain_columns("entities")}, (), ())
        query = conditions.select(what, order=LATEST_RECEIVED, most=most)
        return await rows(self._alerts, query, most=most)

    async def stretch(
        self,
        partitions: Sequence[str],
        period: tuple[str, str],
        after: Position | None,
        most: int,
        *,
        only: Collection[str] = (),
    ) -> list[Document]:
        """At most `most` list rows of resources that start in a period, both bounds included.

        Oldest first, after a position. Suppressed alerts are left out: they belong to no incident.
        `only` is as for `page`.
        """
        conditions = Conditions()
        conditions.compare("type", "=", "alert")
        conditions.among("resourceKey", partitions)
        conditions.compare("startTimeUtc", ">=", period[0])
        conditions.compare("startTimeUtc", "<=", period[1])
        conditions.add("NOT IS_DEFINED(c.suppressedBy)")
        if after is not None:
            conditions.after(OLDEST_FIRST, after)
        what = projection(COLUMNS, only, (*_CORE, OLDEST_FIRST.path))
        query = conditions.select(what, order=OLDEST_FIRST, most=most)
        alone = partitions[0] if len(partitions) == 1 else None
        return await rows(self._alerts, query, partition=alone, most=most)


@dataclass(frozen=True, slots=True)
class PickedStretches:
    """Stretches of alerts with only some of their columns."""

    alerts: AlertReads
    only: Collection[str]

    async def stretch(
        self, partitions: Sequence[str], period: tuple[str, str], after: Position | None, most: int
    ) -> list[Document]:
        """As `AlertReads.stretch`."""
        return await self.alerts.stretch(partitions, period, after, most, only=self.only)
