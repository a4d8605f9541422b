"""Reading incidents: lists, one with its history, what it covers, and where a merged one went.

All of an organisation lies in one partition: each query names it, and is of it alone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from azure.cosmos import exceptions

from shared.store.client import Database
from shared.store.definitions import INCIDENTS
from shared.store.filters import Filter, incident_conditions, resource_entities
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
    "updated": "updatedUtc",
}
"""What incidents can be ordered by, and the property that does it."""

COLUMNS: Final[Mapping[str, str]] = {
    **plain_columns(
        *("id", "incidentId", "title", "severity", "severityRank", "confidence", "score"),
        *(
            "status",
            "assignedTo",
            "labels",
            "stages",
            "resourceCount",
            "alertCount",
            *("evidenceCount", "kind", "expected"),
        ),
        *("firstActivityUtc", "lastActivityUtc", "createdUtc", "updatedUtc", "sources", "_etag"),
    ),
    "classification": "c.triage.classification AS classification",
    "resources": "ARRAY_SLICE(c.resources, 0, 3) AS resources",
}
"""What a list row can have."""

MOST_HISTORY: Final = 500
_MOST_HOPS: Final = 100
_MOST_COVERING: Final = 500
_LATEST_CHANGES: Final = Order("atUtc")


@dataclass(frozen=True, slots=True)
class Found:
    """An incident, and whether it was reached through incidents that it has absorbed."""

    document: Document
    moved: bool


Place: TypeAlias = tuple[str, str]
"""An alert's place in time: its start as text, its id."""


@dataclass(frozen=True, slots=True)
class Member:
    """A resource that an incident covers, and the intervals in which it does.

    `entity` is the id of the resource's key. Every alert of it that takes part and stands inside an
    interval, bounds included, is the incident's; intervals are disjoint and in order. `evidence`
    holds the (signal, hour) of those that make the incident; the others are its context. `start` is
    no later than the first interval: members come in its order.
    """

    entity: str
    resource: Document
    intervals: tuple[tuple[Place, Place], ...]
    start: str
    alerts: int
    evidence: frozenset[tuple[str, int]]


class IncidentReads:
    """Reads an organisation's incidents. `database` is not closed here."""

    def __init__(self, database: Database, organisation: str) -> None:
        self._incidents = database.container(INCIDENTS)
        self._organisation = organisation

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
        conditions = incident_conditions(wanted, self._organisation, covering=covering)
        if after is not None:
            conditions.after(order, after)
        what = projection(COLUMNS, only, ("id", order.path))
        query = conditions.select(what, order=order, most=most)
        return await self._rows(query, most=most)

    async def ids(self, wanted: Filter) -> frozenset[str]:
        """The ids of all incidents that the filter lets through."""
        covering = await self._covering(wanted) if wanted.resources else ()
        conditions = incident_conditions(wanted, self._organisation, covering=covering)
        return frozenset(await self._rows(conditions.select("VALUE c.id")))

    async def _covering(self, wanted: Filter) -> tuple[str, ...]:
        """The incidents that cover one of the filter's resources."""
        conditions = self._of("coverage")
        conditions.among("entity", resource_entities(wanted.resources))
        found = await self._rows(conditions.select("VALUE c.incidents"))
        return tuple(sorted({each for incidents in found for each in incidents}))[:_MOST_COVERING]

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
            document = await self._incidents.read_item(incident_id, self._organisation)
        except exceptions.CosmosResourceNotFoundError:
            return None
        return document if document.get("type") in ("incident", "redirect") else None

    async def history(self, incident_id: str) -> list[Document]:
        """The latest changes of an incident, oldest first."""
        conditions = self._of("history")
        conditions.compare("incidentId", "=", incident_id)
        query = conditions.select("*", order=_LATEST_CHANGES, most=MOST_HISTORY)
        found = await self._rows(query, most=MOST_HISTORY)
        return sorted(found, key=lambda entry: (entry["atUtc"], entry["id"]))

    async def coverage(self, entity: str) -> Document | None:
        """Which incidents cover a resource, and when; None where none ever did."""
        try:
            return await self._incidents.read_item(f"c-{entity}", self._organisation)
        except exceptions.CosmosResourceNotFoundError:
            return None

    async def members(self, incident: Document) -> list[Member]:
        """What an incident covers, by start; `incident` is its document."""
        ids = frozenset((incident["incidentId"], *incident.get("absorbed", ())))
        conditions = self._of("coverage")
        conditions.holds("incidents", sorted(ids))
        found = [member_of(row, ids) for row in await self._rows(conditions.select("*"))]
        return sorted(
            (member for member in found if member.intervals),
            key=lambda member: (member.start, member.entity),
        )

    def _of(self, kind: str) -> Conditions:
        conditions = Conditions()
        conditions.compare("organisation", "=", self._organisation)
        conditions.compare("type", "=", kind)
        return conditions

    async def _rows(self, query: Query, *, most: int | None = None) -> list[Any]:
        return await rows(self._incidents, query, partition=self._organisation, most=most)


def member_of(coverage: Document, incidents: Collection[str]) -> Member:
    """What one of the incidents, all of them names of one, covers of a resource."""
    own = [each for each in coverage["intervals"] if each["incident"] in incidents]
    return Member(
        coverage["entity"],
        coverage["resource"],
        tuple((_place(each["first"]), _place(each["last"])) for each in own),
        own[0]["first"][0] if own else "",
        sum(each["evidenceCount"] + each["contextCount"] for each in own),
        frozenset(
            (sid, hour) for each in own for sid, hours in each["evidence"].items() for hour in hours
        ),
    )


def _place(bound: list[str]) -> Place:
    start, alert_id = bound
    return start, alert_id
