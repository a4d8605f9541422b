"""Reading alerts: lists, one, and stretches of the activity of a few resources."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from azure.cosmos import exceptions

from shared.alert import bucket_of
from shared.store.client import Database
from shared.store.definitions import ALERTS
from shared.store.filters import Filter, alert_conditions
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
    "updated": "updatedUtc",
}
"""What alerts can be ordered by, and the property that does it."""

_CORE: Final = ("id", "organisation", "entity", "sid", "startTimeUtc", "takesPart")
"""What says where an alert stands, and by that in which incident."""
COLUMNS: Final[Mapping[str, str]] = {
    **plain_columns(
        *_CORE,
        *("alertId", "sourceAlertId", "title", "severity", "severityRank", "status", "tactics"),
        *("techniques", "alertType", "resource", "endTimeUtc", "receivedTimeUtc", "updatedUtc"),
        *("source", "vendor", "product", "assignedTo", "labels", "suppressedBy", "_etag"),
    ),
    "classification": "c.triage.classification AS classification",
}
"""What a list row can have."""

OLDEST_FIRST: Final = Order("startTimeUtc", descending=False)
OLDEST_OF_A_RESOURCE: Final = Order("startTimeUtc", descending=False, within="entity")
LATEST_RECEIVED: Final = Order(ORDERS["received"])


@dataclass(frozen=True, slots=True)
class Picked:
    """Which of an incident's alerts are wanted, and which of their columns; empty is all.

    `closed_with` is the incident that they were closed with.
    """

    only: Collection[str] = ()
    statuses: tuple[str, ...] = ()
    closed_with: str = ""


EVERY: Final = Picked()


class AlertReads:
    """Reads alerts of organisations, in so many partitions. `database` is not closed here."""

    def __init__(self, database: Database, buckets: int, organisations: tuple[str, ...]) -> None:
        self._alerts = database.container(ALERTS)
        self._buckets = buckets
        self._organisations = organisations

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
        conditions = alert_conditions(wanted, self._organisations)
        if up_to is not None:
            conditions.up_to(order, after, up_to)
        if after is not None:
            conditions.after(order, after)
        what = projection(COLUMNS, only, (*_CORE, order.path))
        query = conditions.select(what, order=order, most=most)
        return await rows(self._alerts, query, most=most)

    async def find(self, alert_id: str) -> Document | None:
        """The alert with that public id, or None."""
        try:
            bucket = bucket_of(alert_id, self._buckets)
            document = await self._alerts.read_item(alert_id, bucket)
        except (ValueError, exceptions.CosmosResourceNotFoundError):
            return None
        own = document.get("organisation") in self._organisations
        return document if own and document.get("type") == "alert" else None

    async def received(self, since: str, after: Position | None, most: int) -> list[Document]:
        """At most `most` list rows with entities, received since an instant, the latest first."""
        conditions = Conditions()
        conditions.compare("type", "=", "alert")
        conditions.among("organisation", self._organisations)
        conditions.compare("receivedTimeUtc", ">=", since)
        if after is not None:
            conditions.after(LATEST_RECEIVED, after)
        what = projection({**COLUMNS, **plain_columns("entities")}, (), ())
        query = conditions.select(what, order=LATEST_RECEIVED, most=most)
        return await rows(self._alerts, query, most=most)

    async def stretch(
        self,
        entities: Sequence[str],
        period: tuple[str, str],
        after: Position | None,
        most: int,
        *,
        picked: Picked = EVERY,
    ) -> list[Document]:
        """At most `most` list rows of resources that start in a period, both bounds included.

        Oldest first, after a position. Only those that take part are given: others belong to no
        incident. `entities` are the ids of the resources' keys.
        """
        order = OLDEST_OF_A_RESOURCE if len(entities) == 1 else OLDEST_FIRST
        conditions = Conditions()
        conditions.compare("type", "=", "alert")
        conditions.among("organisation", self._organisations)
        conditions.among("entity", entities)
        conditions.compare("startTimeUtc", ">=", period[0])
        conditions.compare("startTimeUtc", "<=", period[1])
        conditions.compare("takesPart", "=", value=True)
        conditions.among("status", picked.statuses)
        if picked.closed_with:
            conditions.compare("triage.closedWith", "=", picked.closed_with)
        if after is not None:
            conditions.after(order, after)
        what = projection(COLUMNS, picked.only, _CORE)
        query = conditions.select(what, order=order, most=most)
        return await rows(self._alerts, query, most=most)


@dataclass(frozen=True, slots=True)
class PickedStretches:
    """Stretches of some of the alerts, or with only some of their columns."""

    alerts: AlertReads
    picked: Picked

    async def stretch(
        self, entities: Sequence[str], period: tuple[str, str], after: Position | None, most: int
    ) -> list[Document]:
        """As `AlertReads.stretch`."""
        return await self.alerts.stretch(entities, period, after, most, picked=self.picked)
