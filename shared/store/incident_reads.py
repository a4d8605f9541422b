"""Reading incidents: lists, one with its history, what it covers, and where a merged one went.

All of an organisation lies in one partition: each query names it, and is of it alone. Where a
caller may see several organisations, their lists are merged.
"""

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from azure.cosmos import exceptions

from shared.concurrency import gather_bounded
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
            *("evidenceCount", "contextCount", "kind", "expected"),
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
_OWN: Final = "organisation"
_LATEST_CHANGES: Final = Order("atUtc", within=_OWN)
_MENTIONED: Final = (
    "c.id, c.incidentId, c.type, c.parent, c.visible, c.title, c.severity, c.status, c.confidence"
)


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
    holds the (signal, hour) of those that make the incident; the others are its context, and both
    are counted apart. `start` is no later than the first interval: members come in its order.
    """

    entity: str
    resource: Document
    intervals: tuple[tuple[Place, Place], ...]
    start: str
    evidence_count: int
    context_count: int
    evidence: frozenset[tuple[str, int]]

    @property
    def alerts(self) -> int:
        """How many alerts of the resource the incident has."""
        return self.evidence_count + self.context_count

    def covers(self, at: Place) -> bool:
        """Whether an alert of the resource at that place is the incident's."""
        return any(first <= at <= last for first, last in self.intervals)


class IncidentReads:
    """Reads the incidents of organisations. `database` is not closed here."""

    def __init__(self, database: Database, organisations: tuple[str, ...]) -> None:
        self._incidents = database.container(INCIDENTS)
        self._organisations = organisations

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

        async def page_of(own: str) -> list[Document]:
            conditions = await self._conditions(wanted, own)
            if after is not None:
                conditions.after(order, after)
            what = projection(COLUMNS, only, ("id", order.path))
            query = conditions.select(what, order=replace(order, within=_OWN), most=most)
            return await self._rows(own, query, most=most)

        pages = await gather_bounded(page_of, self._organisations)
        return merged(pages, order)[:most]

    async def ids(self, wanted: Filter) -> frozenset[str]:
        """The ids of all incidents that the filter lets through."""

        async def ids_of(own: str) -> list[str]:
            conditions = await self._conditions(wanted, own)
            return await self._rows(own, conditions.select("VALUE c.id"))

        found = await gather_bounded(ids_of, self._organisations)
        return frozenset(each for ids in found for each in ids)

    async def _conditions(self, wanted: Filter, own: str) -> Conditions:
        covering = await self._covering(wanted, own) if wanted.resources else ()
        return incident_conditions(wanted, own, covering=covering)

    async def _covering(self, wanted: Filter, own: str) -> tuple[str, ...]:
        """The incidents that cover one of the filter's resources."""
        conditions = _of(own, "coverage")
        conditions.among("entity", resource_entities(wanted.resources))
        found = await self._rows(own, conditions.select("VALUE c.incidents"))
        return tuple(sorted({each for incidents in found for each in incidents}))[:_MOST_COVERING]

    async def find(self, incident_id: str) -> Found | None:
        """The incident with that id, or the one that absorbed it in the end; None for neither."""
        own = organisation_of(incident_id)
        if own not in self._organisations:
            return None
        at = incident_id
        for _ in range(_MOST_HOPS):
            document = await self._read(own, at)
            if document is None or document["type"] == "incident":
                return Found(document, at != incident_id) if document else None
            at = document["parent"]
        return None

    async def _read(self, own: str, incident_id: str) -> Document | None:
        try:
            document = await self._incidents.read_item(incident_id, own)
        except exceptions.CosmosResourceNotFoundError:
            return None
        return document if document.get("type") in ("incident", "redirect") else None

    async def mentions(self, own: str, incident_ids: Iterable[str]) -> dict[str, Document]:
        """What is said of incidents where they are named, by the ids given.

        Those of an organisation that are visible, or have become part of one that is.
        """
        parents = {each: each for each in incident_ids}
        known: dict[str, Document] = {}
        for _ in range(_MOST_HOPS):
            unknown = sorted(set(parents.values()) - known.keys())
            if not unknown:
                break
            conditions = _in(own)
            conditions.among("id", unknown)
            found = await self._rows(own, conditions.select(_MENTIONED))
            known |= {each: {} for each in unknown} | {row["id"]: row for row in found}
            parents = {at: known[end].get("parent", end) for at, end in parents.items()}
        ends = ((at, known.get(end, {})) for at, end in parents.items())
        return {at: document for at, document in ends if document.get("visible")}

    async def history(self, incident: Document) -> list[Document]:
        """The latest changes of an incident, oldest first; `incident` is its document."""
        own = incident["organisation"]
        conditions = _of(own, "history")
        conditions.compare("incidentId", "=", incident["incidentId"])
        query = conditions.select("*", order=_LATEST_CHANGES, most=MOST_HISTORY)
        found = await self._rows(own, query, most=MOST_HISTORY)
        return sorted(found, key=lambda entry: (entry["atUtc"], entry["id"]))

    async def coverage(self, own: str, entities: Iterable[str]) -> dict[str, list[Document]]:
        """The intervals of resources that incidents cover, by resource; of those that have any."""
        conditions = _in(own)
        conditions.among("id", [f"c-{entity}" for entity in entities])
        found = await self._rows(own, conditions.select("c.entity, c.intervals"))
        return {row["entity"]: row["intervals"] for row in found}

    async def members(self, incident: Document) -> list[Member]:
        """What an incident covers, by start; `incident` is its document."""
        own = incident["organisation"]
        ids = frozenset((incident["incidentId"], *incident.get("absorbed", ())))
        conditions = _of(own, "coverage")
        conditions.holds("incidents", sorted(ids))
        covering = await self._rows(own, conditions.select("*"))
        found = [member_of(row, ids) for row in covering]
        return sorted(
            (member for member in found if member.intervals),
            key=lambda member: (member.start, member.entity),
        )

    async def _rows(self, own: str, query: Query, *, most: int | None = None) -> list[Any]:
        return await rows(self._incidents, query, partition=own, most=most)


def organisation_of(incident_id: str) -> str:
    """The organisation that an incident's id begins with."""
    return incident_id.partition("-")[0]


def merged(pages: Sequence[list[Document]], order: Order) -> list[Document]:
    """The rows of several lists in one order, in that order."""
    if len(pages) == 1:
        return pages[0]
    return list(
        heapq.merge(*pages, key=lambda row: (row[order.path], row["id"]), reverse=order.descending)
    )


def _in(own: str) -> Conditions:
    conditions = Conditions()
    conditions.compare(_OWN, "=", own)
    return conditions


def _of(own: str, kind: str) -> Conditions:
    conditions = _in(own)
    conditions.compare("type", "=", kind)
    return conditions


def member_of(coverage: Document, incidents: Collection[str]) -> Member:
    """What one of the incidents, all of them names of one, covers of a resource."""
    own = [each for each in coverage["intervals"] if each["incident"] in incidents]
    return Member(
        coverage["entity"],
        coverage["resource"],
        tuple((_place(each["first"]), _place(each["last"])) for each in own),
        own[0]["first"][0] if own else "",
        sum(each["evidenceCount"] for each in own),
        sum(each["contextCount"] for each in own),
        frozenset(
            (sid, hour) for each in own for sid, hours in each["evidence"].items() for hour in hours
        ),
    )


def _place(bound: list[str]) -> Place:
    start, alert_id = bound
    return start, alert_id
