"""The store over Cosmos DB: one logical partition of `incidents`, and the alerts."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from azure.core import MatchConditions
from azure.core.exceptions import ServiceRequestError, ServiceResponseError
from azure.cosmos import exceptions
from azure.cosmos.aio import ContainerProxy

from correlate.model.activity import HOURS
from correlate.model.cell import Interval, Point
from correlate.model.coverage import Coverage
from correlate.model.decision import Decision
from correlate.model.incident import Incident
from correlate.model.news import News, Seed
from correlate.model.observation import Counter, Observation, observe_counter, observe_document
from correlate.store.documents import (
    document_of,
    head_document,
    head_of,
    news_document,
    record_of,
)
from correlate.store.port import (
    Aside,
    BaselineDay,
    Head,
    HeadMovedError,
    KeyShard,
    LostReplyError,
    MovedError,
    Place,
    Put,
    Record,
    RefusedWriteError,
    record_id,
)
from shared.store.alert_lifetimes import NEEDED, live_until
from shared.store.client import Database, retrying
from shared.store.definitions import ALERTS, INCIDENTS, NEWS
from shared.store.documents import ConflictError
from shared.times import HOUR, format_time, now, parse_time

MOST_IDS: Final = 500
"""Documents that one query asks for by their ids."""
MOST_NEWS: Final = 4
"""Pieces of news of a batch: each has some 400 KB at most."""
_LATEST: Final = 3_000_000
"""A day beyond the calendar."""
_MOVED: Final = frozenset({404, 409, 412})
_REFUSED: Final = frozenset({400, 413})
_UNKNOWN: Final = frozenset({408, 500, 503})
"""Statuses after which a write may have been done."""
_OBSERVED: Final = (
    "c.id, c.startTimeUtc, c.endTimeUtc, c.resource, c.detection, c.severity, c.tactics, c.sid,"
    " c.title, c.keys, c.entities, c.product, c.vendor, c.source, c.remediationSteps"
)
"""What correlation reads of a stored alert."""


class CosmosStore:
    """`Port` over the app's database, which is not closed here. `buckets` as ALERT_BUCKETS."""

    def __init__(self, database: Database, organisation: str, buckets: int) -> None:
        self.organisation = organisation
        self._buckets = buckets
        self._incidents = database.container(INCIDENTS)
        self._alerts = database.container(ALERTS)
        self._news = database.container(NEWS)

    # The fence.

    async def read_head(self) -> Head | None:
        """The fence; None before the first epoch."""
        try:
            found = await retrying(lambda: self._incidents.read_item("head", self.organisation))
        except exceptions.CosmosResourceNotFoundError:
            return None
        return head_of(found)

    async def write_head(self, head: Head) -> Head:
        """Write the fence on the ETag that it carries; raises HeadMovedError."""
        document = head_document(head, self.organisation)
        try:
            if head.etag is None:
                written = await retrying(lambda: self._incidents.create_item(document))
            else:
                written = await retrying(
                    lambda: self._incidents.replace_item(
                        "head",
                        document,
                        etag=head.etag,
                        match_condition=MatchConditions.IfNotModified,
                    )
                )
        except exceptions.CosmosHttpResponseError as fault:
            if fault.status_code in _MOVED:
                raise HeadMovedError from None
            if fault.status_code in _UNKNOWN:
                raise LostReplyError from fault
            raise
        except (ServiceRequestError, ServiceResponseError) as fault:
            raise LostReplyError from fault
        return head_of(written)

    async def commit(self, head: Head, puts: Sequence[Put]) -> tuple[Head, dict[str, str]]:
        """Write records in one batch that begins with `head`; gives it and incidents' ETags.

        Raises HeadMovedError, MovedError, or LostReplyError where it may have been done.
        """
        at = now()
        documents = [document_of(put, self.organisation, at) for put in puts]

        async def write() -> Sequence[Mapping[str, Any]]:
            # The SDK empties the options that it is given, so each attempt brings its own.
            operations: list[Any] = [
                (
                    "replace",
                    ("head", head_document(head, self.organisation)),
                    {"if_match_etag": head.etag},
                ),
                *(_operation(put, each) for put, each in zip(puts, documents, strict=True)),
            ]
            return await self._incidents.execute_item_batch(operations, self.organisation)

        try:
            results = await retrying(write)
        except exceptions.CosmosBatchOperationError as fault:
            raise _refused(fault, puts) from fault
        except exceptions.CosmosHttpResponseError as fault:
            if fault.status_code in _UNKNOWN:
                raise LostReplyError from fault
            if fault.status_code in _REFUSED:
                raise RefusedWriteError(str(fault.message)) from fault
            raise
        except (ServiceRequestError, ServiceResponseError) as fault:
            raise LostReplyError from fault
        etags = {
            record_id(put.record): str(result["eTag"])
            for put, result in zip(puts, results[1:], strict=True)
            if isinstance(put.record, Incident)
        }
        return Head(head.epoch, head.batch, str(results[0]["eTag"])), etags

    # Reading what the reconciler owns.

    async def read(self, ids: Iterable[str]) -> dict[str, Record]:
        """The records that exist, by document id."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Record] = {}
        for start in range(0, len(wanted), MOST_IDS):
            some = wanted[start : start + MOST_IDS]
            names = ", ".join(f"@p{number}" for number in range(len(some)))
            values = {f"p{number}": value for number, value in enumerate(some)}
            for document in await self._owned(f"c.id IN ({names})", values):
                found[document["id"]] = record_of(document)
        return found

    async def read_covering(self, incidents: Iterable[str]) -> list[Coverage]:
        """The coverage of each resource that names one of the incidents."""
        wanted = list(incidents)
        tests = " OR ".join(
            f"ARRAY_CONTAINS(c.incidents, @p{number})" for number in range(len(wanted))
        )
        values = {f"p{number}": value for number, value in enumerate(wanted)}
        where = f"c.type = 'coverage' AND ({tests})"
        found = [record_of(each) for each in await self._owned(where, values)]
        return [each for each in found if isinstance(each, Coverage)]

    async def read_baseline(self, first: int, last: int) -> list[BaselineDay | KeyShard]:
        """What the baseline is made of, of the days from `first` to `last`, both included."""
        where = "c.type IN ('baseline', 'key') AND c.day >= @first AND c.day <= @last"
        values = {"first": first, "last": min(last, _LATEST)}
        found = [record_of(each) for each in await self._owned(where, values)]
        return [each for each in found if isinstance(each, BaselineDay | KeyShard)]

    async def read_decisions(self) -> list[Decision]:
        """All decisions, in the order of their numbers."""
        found = await self._owned("c.type = 'decision'", {})
        decisions = [each for each in map(record_of, found) if isinstance(each, Decision)]
        return sorted(decisions, key=lambda each: each.number)

    async def read_open(self) -> list[Incident]:
        """Incidents that are visible and not closed, in the order of their ids."""
        where = (
            "c.type = 'incident' AND c.visible = true AND c.status NOT IN ('Resolved', 'Dismissed')"
        )
        found = [record_of(each) for each in await self._owned(where, {})]
        return sorted(
            (each for each in found if isinstance(each, Incident)), key=lambda each: each.id
        )

    async def read_asides(self) -> list[Aside]:
        """What was set aside and is not done."""
        where = "c.type = 'aside' AND c.done = false"
        found = [record_of(each) for each in await self._owned(where, {})]
        return [each for each in found if isinstance(each, Aside)]

    async def read_seeds(self, since: int, after: str, most: int) -> list[Seed]:
        """Resources' days from a day on, in the order of (entity, day), after an entity."""
        where = (
            "c.type = 'activity' AND c.day >= @since AND c.entity > @after"
            " ORDER BY c.entity OFFSET 0 LIMIT @most"
        )
        values = {"since": since, "after": after, "most": most}
        found = await self._owned(where, values, what="c.entity, c.day")
        return sorted(Seed(each["entity"], each["day"]) for each in found)

    async def _owned(
        self, where: str, values: Mapping[str, object], *, what: str = "*"
    ) -> list[dict[str, Any]]:
        """Rows of the organisation's partition, which the filter names too.

        A type is alike in all partitions, so that without it the index would find them all.
        """
        # S608: the text is this class's own; what callers give are parameters.
        query = f"SELECT {what} FROM c WHERE c.organisation = @own AND {where}"  # noqa: S608
        own = {**values, "own": self.organisation}
        return await self._rows(self._incidents, self.organisation, query, own)

    @staticmethod
    async def _rows(
        container: ContainerProxy, partition: str | None, query: str, values: Mapping[str, object]
    ) -> list[dict[str, Any]]:
        async def read() -> list[dict[str, Any]]:
            found = container.query_items(
                query,
                parameters=[{"name": f"@{name}", "value": value} for name, value in values.items()],
                partition_key=partition,
                max_item_count=1_000,
            )
            return [row async for row in found]

        return await retrying(read)

    # Alerts.

    async def read_day(self, entity: str, day: int) -> tuple[list[Observation], list[Counter]]:
        """All alerts of a resource that start on a day and take part, and its counters of it."""
        first = day * HOURS * HOUR
        alerts = await self._within(entity, first, first + HOURS * HOUR - 1, _OBSERVED)
        counters = await self._rows(
            self._alerts,
            None,
            "SELECT * FROM c WHERE c.type = 'count' AND c.entity = @entity"
            " AND c.hour >= @first AND c.hour < @last",
            {"entity": entity, "first": day * HOURS, "last": (day + 1) * HOURS},
        )
        observations = [
            observe_document(each) for each in alerts if each["organisation"] == self.organisation
        ]
        return observations, [
            observe_counter(each) for each in counters if each["organisation"] == self.organisation
        ]

    async def _within(
        self, entity: str, first: int, last: int, columns: str
    ) -> list[dict[str, Any]]:
        # S608: the columns are constants of this module.
        query = (
            f"SELECT c.organisation, {columns} FROM c"  # noqa: S608
            " WHERE c.type = 'alert' AND c.entity = @entity AND c.takesPart = true"
            " AND c.startTimeUtc >= @first AND c.startTimeUtc <= @last"
        )
        values = {"entity": entity, "first": format_time(first), "last": format_time(last)}
        return await self._rows(self._alerts, None, query, values)

    async def read_versions(self, alerts: Iterable[str]) -> dict[str, str]:
        """The source's version of alerts as they are stored, by public id; of those that exist."""
        return {
            each["id"]: str(each.get("sourceVersion", "")) for each in await self._by_id(alerts)
        }

    async def read_places(self, entity: str, first: int, last: int) -> list[Place]:
        """The places of a resource's alerts that take part and start in [first, last], in order."""
        found = await self._within(entity, first, last, "c.id, c.startTimeUtc, c.sid")
        return sorted(_place(each) for each in found if each["organisation"] == self.organisation)

    async def find_places(self, alerts: Iterable[str]) -> dict[str, tuple[str, Place]]:
        """The resource's id and the place of alerts, by public id; of those that take part."""
        return {
            each["id"]: (each["entity"], _place(each))
            for each in await self._by_id(alerts)
            if each["takesPart"] and each["organisation"] == self.organisation
        }

    async def lengthen(self, entity: str, interval: Interval, before: int, until: int) -> int:
        """Let the alerts of an interval that expire before an instant live until another.

        One that somebody writes at that moment is left to the next sweep.
        """
        rows = await self._rows(
            self._alerts,
            None,
            f"SELECT {NEEDED} FROM c WHERE c.type = 'alert'"  # noqa: S608 - a constant
            " AND c.entity = @entity AND c.startTimeUtc >= @first AND c.startTimeUtc <= @last"
            " AND c.takesPart = true AND c.expiresUtc < @before",
            {
                "entity": entity,
                "first": format_time(interval.first.start),
                "last": format_time(interval.last.start),
                "before": format_time(before),
            },
        )
        found = [row for row in rows if interval.first <= _point(row) <= interval.last]
        lengthened = 0
        for row in found:
            with suppress(ConflictError):
                await live_until(self._alerts, row, until, now())
                lengthened += 1
        return lengthened

    async def _by_id(self, alerts: Iterable[str]) -> list[dict[str, Any]]:
        wanted = [
            (alert, str(int(alert[:8], 16) % self._buckets)) for alert in dict.fromkeys(alerts)
        ]
        if not wanted:
            return []
        return list(await retrying(lambda: self._alerts.read_items(wanted)))

    async def post(self, news: Sequence[News]) -> None:
        """Add news; what is there already is written as it was."""
        for start in range(0, len(news), MOST_NEWS):
            documents = [news_document(each) for each in news[start : start + MOST_NEWS]]
            await retrying(lambda: self._post(documents))  # noqa: B023 - awaited at once

    async def _post(self, documents: Sequence[dict[str, Any]]) -> None:
        if len(documents) == 1:
            await self._news.upsert_item(dict(documents[0]), no_response=True)
            return
        operations: list[Any] = [("upsert", (dict(each),)) for each in documents]
        await self._news.execute_item_batch(operations, self.organisation)


async def organisations(database: Database) -> list[str]:
    """The organisations that have ever been reconciled."""
    found = database.container(INCIDENTS).query_items(
        "SELECT VALUE c.organisation FROM c WHERE c.id = 'head'"
    )
    return sorted([str(each) async for each in found])


def _operation(put: Put, document: dict[str, Any]) -> tuple[Any, ...]:
    if put.match is None:
        return ("upsert", (document,))
    if not put.match:
        return ("create", (document,))
    return ("replace", (document["id"], document), {"if_match_etag": put.match})


def _refused(fault: exceptions.CosmosBatchOperationError, puts: Sequence[Put]) -> Exception:
    """What a batch that was not done tells: whose turn it is, or that people were there first."""
    for number, each in enumerate(fault.operation_responses):
        if int(each["statusCode"]) in _MOVED:
            if number == 0:
                return HeadMovedError()
            return MovedError(record_id(puts[number - 1].record))
        if int(each["statusCode"]) in _REFUSED:
            return RefusedWriteError(str(each.get("message", "")))
    return fault


def _place(document: Mapping[str, Any]) -> Place:
    return Place(_point(document), document["sid"])


def _point(document: Mapping[str, Any]) -> Point:
    return Point(parse_time(document["startTimeUtc"]), document["id"])
