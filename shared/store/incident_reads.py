"""Reading incidents: lists, one with its history, what it covers, and where a merged one went."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from azure.cosmos import exceptions

from shared.store.client import Database
from shared.store.definitions import INCIDENTS
from shared.store.filters import Filter, incident_conditions, resource_partitions
from shared.store.queries import (
    Conditions,
    Document,
    Order,
    Position,
    Query,
    plain_columns,
    projection,
    rows,
)

ORDERS: Final = {
    "activity": "lastActivityUtc",
    "severity": "severityRank",
    "score": "score",
    "created": "createdUtc",
}
"""What incidents can be ordered by, and the property that does it."""

COLUMNS: Final[Mapping[str, str]] = {
    **plain_columns(
        *("id", "incidentId", "title", "severity", "severityRank", "confidence", "score"),
        *("status", "assignedTo", "labels", "stages", "resourceCount", "alertCount"),
        *("firstActivityUtc", "lastActivityUtc", "createdUtc", "updatedUtc", "sources", "_etag"),
    ),
    "classification": "c.triage.classification AS classification",
    "resources": "ARRAY_SLICE(c.resources, 0, 3) AS resources",
}
"""What a list row can have."""

MOST_HISTORY: Final = 500
_MOST_HOPS: Final = 100
_MOST_COVERING: Final = 500
_MEMBERS_A_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Found:
    """An incident, and whether it was reached through incidents that it has absorbed."""

    document: Document
    moved: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A resource that an incident covers, and the intervals in which it does.

    `partition` is the resource's in `alerts`. Every alert of it that starts inside an interval,
    bounds included, is the incident's. Instants are text; intervals are disjoint and in order.
    `start` is no later than the first of them: members come in its order.
    """

    partition: str
    intervals: tuple[tuple[str, str], ...]
    start: str


class IncidentReads:
    """Reads from the `incidents` container. `database` is not closed here."""

    def __init__(self, database: Database) -> None:
        self._incidents = database.container(INCIDENTS)

    async def page(
        self,
        wanted: Filter,
        order: Order,
        after: Position | None,
        most: int,
        *,
        only: Collection[str] = (),
    ) -> list[Document]:
        """At most `most` list rows that the filter lets through, in order, after a position.

        `only` names the columns that are needed, beside those that paging needs; none is all.
        """
        covering = await self._covering(wanted) if wanted.resources else ()
        conditions = incident_conditions(wanted, covering=covering)
        if after is not None:
            conditions.after(order, after)
        what = projection(COLUMNS, only, ("id", order.path))
        query = conditions.select(what, order=order, most=most)
        return await rows(self._incidents, query, most=most)

    async def ids(self, wanted: Filter) -> frozenset[str]:
        """The ids of all incidents that the filter lets through."""
        covering = await self._covering(wanted) if wanted.resources else ()
        query = incident_conditions(wanted, covering=covering).select("VALUE c.id")
        return frozenset(await rows(self._incidents, query))

    async def _covering(self, wanted: Filter) -> tuple[str, ...]:
        """The incidents whose members name one of the filter's resources, the latest first."""
        conditions = _of("member")
        conditions.among("resourceKey", resource_partitions(wanted.resources))
        query = conditions.select("VALUE c.incidentId", most=_MOST_COVERING)
        return tuple(sorted(set(await rows(self._incidents, query, most=_MOST_COVERING))))

    async def find(self, incident_id: str) -> Found | None:
        """The incident with that id, or the one that absorbed it in the end; None for neither."""
        at = incident_id
        for _ in range(_MOST_HOPS):
            document = await self._read(at)
            if document is None or document["type"] == "incident":
                return Found(document, at != incident_id) if document else None
            at = document["parent"]
        return None

    async def _read(self, incident_id: str) -> Document | None:
        try:
            document = await self._incidents.read_item(incident_id, incident_id)
        except exceptions.CosmosResourceNotFoundError:
            return None
        return document if document.get("type") in ("incident", "redirect") else None

    async def history(self, incident_id: str) -> list[Document]:
        """The latest changes of an incident, oldest first."""
        query = _of("history").select("*", most=MOST_HISTORY)
        latest = Query(f"{query.text} ORDER BY c.atUtc DESC", query.values)
        found = await rows(self._incidents, latest, partition=incident_id, most=MOST_HISTORY)
        return sorted(found, key=lambda entry: (entry["atUtc"], entry["id"]))

    async def covered(self, incident_id: str) -> list[Document]:
        """The resources that an incident covers: `resource`, and `alertCount` in its period."""
        query = _of("member").select("c.resource, c.alertCount")
        return await rows(self._incidents, query, partition=incident_id)

    async def members(
        self, incident_id: str, period: Sequence[str] | None, *, not_before: str | None
    ) -> AsyncIterator[Member]:
        """What an incident covers in its period, by start.

        `period` is the incident's: its alerts are those of that time; None for all times. Only what
        reaches beyond `not_before` is given, if that is.
        Read page by page as it is asked for: an incident may cover thousands of resources.
        """
        conditions = _of("member")
        if not_before is not None:
            conditions.add(f'c["end"] >= {conditions.bind(not_before)}')
        first, last = period or ("", "")
        if period:
            conditions.add(f'c["end"] >= {conditions.bind(first)}')
            conditions.add(f"c.start <= {conditions.bind(last)}")
        query = conditions.select("c.resourceKey, c.intervals, c.start")
        async for row in self._incidents.query_items(
            f"{query.text} ORDER BY c.start ASC",
            parameters=query.parameters,
            partition_key=incident_id,
            max_item_count=_MEMBERS_A_PAGE,
        ):
            intervals = tuple(
                (max(start, first), min(end, last)) if period else (start, end)
                for start, end in row["intervals"]
                if not period or (start <= last and end >= first)
            )
            if intervals:
                yield Member(row["resourceKey"], intervals, max(row["start"], first))


def _of(kind: str) -> Conditions:
    conditions = Conditions()
    conditions.compare("type", "=", kind)
    return conditions
