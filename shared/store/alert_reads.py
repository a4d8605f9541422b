"""Reading alerts: lists, one, and stretches of the activity of a few resources."""

from collections.abc import Sequence
from typing import Final

from azure.cosmos import exceptions

from shared.alert import split_alert_id
from shared.store.client import Database
from shared.store.definitions import ALERTS
from shared.store.filters import Filter, alert_conditions, only_partition
from shared.store.queries import Conditions, Document, Order, Position, rows

ORDERS: Final = {
    "activity": "endTimeUtc",
    "start": "startTimeUtc",
    "severity": "severityRank",
    "received": "receivedTimeUtc",
}
"""What alerts can be ordered by, and the property that does it."""

COLUMNS: Final = (
    "c.id, c.alertId, c.resourceKey, c.sourceAlertId, c.title, c.severity, c.severityRank,"
    " c.status, c.tactics, c.techniques, c.alertType, c.resource, c.startTimeUtc, c.endTimeUtc,"
    " c.receivedTimeUtc, c.source, c.vendor, c.product, c.assignedTo, c.labels, c.suppressedBy,"
    " c.triage.classification AS classification, c._etag"
)

OLDEST_FIRST: Final = Order("startTimeUtc", descending=False)
LATEST_RECEIVED: Final = Order(ORDERS["received"])


class AlertReads:
    """Reads from the `alerts` container. `database` is not closed here."""

    def __init__(self, database: Database) -> None:
        self._alerts = database.container(ALERTS)

    async def page(
        self, wanted: Filter, order: Order, after: Position | None, most: int
    ) -> list[Document]:
        """At most `most` list rows that the filter lets through, in order, after a position."""
        conditions = alert_conditions(wanted)
        if after is not None:
            conditions.after(order, after)
        query = conditions.select(COLUMNS, order=order, most=most)
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
        query = conditions.select(f"{COLUMNS}, c.entities", order=LATEST_RECEIVED, most=most)
        return await rows(self._alerts, query, most=most)

    async def stretch(
        self, partitions: Sequence[str], period: tuple[str, str], after: Position | None, most: int
    ) -> list[Document]:
        """At most `most` list rows of resources that start in a period, both bounds included.

        Oldest first, after a position. Suppressed alerts are left out: they belong to no incident.
        """
        conditions = Conditions()
        conditions.compare("type", "=", "alert")
        conditions.among("resourceKey", partitions)
        conditions.compare("startTimeUtc", ">=", period[0])
        conditions.compare("startTimeUtc", "<=", period[1])
        conditions.add("NOT IS_DEFINED(c.suppressedBy)")
        if after is not None:
            conditions.after(OLDEST_FIRST, after)
        query = conditions.select(COLUMNS, order=OLDEST_FIRST, most=most)
        only = partitions[0] if len(partitions) == 1 else None
        return await rows(self._alerts, query, partition=only, most=most)
