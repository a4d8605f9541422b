"""Storing alerts, each once, and counting each once.

The alerts of one resource go in one transactional batch together with the counters of the hours in
which they start, so that a redelivery, which conflicts, changes neither. What costs is requests:
in the normal case one a resource, however many its alerts.

A duplicate that the source has changed since updates the alert, as `shared.alert_versions` says.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from azure.cosmos import exceptions

from shared.alert import Alert, counter_id
from shared.alert_versions import document_to_store, updated_document
from shared.store.client import RETRY_WITH, Database, retrying
from shared.store.definitions import ALERTS
from shared.store.queries import Conditions, Document, rows
from shared.times import HOUR, parse_time

MOST_OPERATIONS: Final = 100
"""Operations of a transactional batch: alerts and the counters beside them."""
MOST_BATCH_BYTES: Final = 1_500_000
"""Bytes of documents in a batch; the service takes two million with all that surrounds them."""
_AT_ONCE: Final = 8
_MOST_TRIES: Final = 12
_FIRST_WAIT: Final = 0.01
_MOST_KNOWN: Final = 50_000
_LONGEST_REASON: Final = 500
_CONFLICT: Final = 409
_NOT_FOUND: Final = 404
_STALE: Final = 412
_PASSING: Final = frozenset({408, 410, 429, RETRY_WITH, 503})
_REFUSED: Final = frozenset({400, 413})

Operation: TypeAlias = tuple[str, tuple[Any, ...], dict[str, Any]]
_FAULTS: Final = (exceptions.CosmosHttpResponseError, exceptions.CosmosBatchOperationError)
Fault: TypeAlias = exceptions.CosmosHttpResponseError | exceptions.CosmosBatchOperationError


class ConflictsError(Exception):
    """Other writers came first too many times in a row: the message must be delivered again."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An alert that the store does not take, and its reason."""

    alert: Alert
    reason: str


@dataclass(slots=True)
class Outcome:
    """What became of alerts: each is in exactly one of the four."""

    stored: list[Alert] = field(default_factory=list)
    duplicates: list[Alert] = field(default_factory=list)
    updated: list[Alert] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Item:
    """An alert on its way into the store."""

    alert: Alert
    document: Document
    size: int

    @property
    def id(self) -> str:
        return str(self.document["id"])

    @property
    def partition(self) -> str:
        return str(self.document["resourceKey"])

    @property
    def version(self) -> str:
        return str(self.document["sourceVersion"])

    @property
    def hour(self) -> int:
        return self.alert.start // HOUR


class AlertWriter:
    """Writes to the `alerts` container. `database` is not closed here.

    `sleep` is how it waits before it tries again.
    """

    def __init__(
        self, database: Database, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._alerts = database.container(ALERTS)
        self._sleep = sleep
        self._counters = _Known()

    async def add(
        self,
        alerts: Iterable[Alert],
        *,
        received: int,
        dismissed: Mapping[str, str] = MappingProxyType({}),
    ) -> Outcome:
        """Store those alerts that are new and update those that their source has changed.

        `received` is when the service read them; `dismissed` gives, by alert id, the suppression
        rule that dismisses an alert. Raises ConflictsError, or what the store raises:
        then some may be stored, and the same call again completes the work.
        """
        outcome = Outcome()
        items = [
            _Item(alert, *document_to_store(alert, received=received, rule=dismissed.get(alert.id)))
            for alert in alerts
        ]
        chunks = list(_chunks(_distinct(items, outcome)))
        turns = asyncio.Semaphore(_AT_ONCE)

        async def add_chunk(chunk: list[_Item]) -> None:
            async with turns:
                await self._add_chunk(chunk, outcome)

        if len(chunks) == 1:
            await self._add_chunk(chunks[0], outcome)
        else:
            await _all(add_chunk(chunk) for chunk in chunks)
        return outcome

    async def _add_chunk(self, items: list[_Item], outcome: Outcome) -> None:
        """Store alerts of one partition: again without those that turn out to be there already."""
        partition = items[0].partition
        wait = _FIRST_WAIT
        for _ in range(_MOST_TRIES):
            hours = Counter(item.hour for item in items)
            operations: list[Operation] = [("create", (item.document,), {}) for item in items]
            operations += [self._count(partition, hour, n) for hour, n in hours.items()]
            try:
                await self._alerts.execute_item_batch(operations, partition)
            except _FAULTS as fault:
                items = await self._what_is_left(items, fault, outcome)
                if not items:
                    return
                if fault.status_code in _PASSING:
                    await self._sleep(wait)
                    wait *= 2
            else:
                self._counters.add(partition, hours)
                outcome.stored += [item.alert for item in items]
                return
        raise ConflictsError(f"{_MOST_TRIES} conflicts in a row in partition {partition}")

    def _count(self, partition: str, hour: int, n: int) -> Operation:
        """Count `n` alerts in an hour: on the hour's counter if it is known, else on a new one."""
        counter = counter_id(hour * HOUR)
        if (partition, hour) in self._counters:
            return ("patch", (counter, [{"op": "incr", "path": "/n", "value": n}]), {})
        document = {
            "id": counter,
            "type": "count",
            "resourceKey": partition,
            "hour": hour,
            "n": n,
        }
        return ("create", (document,), {})

    async def _what_is_left(
        self, items: list[_Item], fault: Fault, outcome: Outcome
    ) -> list[_Item]:
        """What is still to be stored after a batch failed. Raises what no other try mends."""
        status = fault.status_code
        if isinstance(fault, exceptions.CosmosBatchOperationError):
            if status == _CONFLICT:
                return await self._without_duplicates(items, outcome)
            if status == _NOT_FOUND:
                self._counters.forget(items[0].partition, {item.hour for item in items})
                return items
        if status in _REFUSED:
            return await self._without_refused(items, fault, outcome)
        if status not in _PASSING:
            raise fault
        return items

    async def _without_duplicates(self, items: list[_Item], outcome: Outcome) -> list[_Item]:
        """Take out the alerts that are there; learn which counters are."""
        partition = items[0].partition
        hours = {counter_id(item.alert.start): item.hour for item in items}
        there = await self._versions(partition, [*(item.id for item in items), *hours])
        self._counters.forget(partition, hours.values())
        self._counters.add(partition, [hour for id_, hour in hours.items() if id_ in there])
        left = []
        for item in items:
            if item.id not in there:
                left.append(item)
            elif item.version > there[item.id]:
                (outcome.updated if await self._update(item) else outcome.duplicates).append(
                    item.alert
                )
            else:
                outcome.duplicates.append(item.alert)
        return left

    async def _versions(self, partition: str, ids: Sequence[str]) -> dict[str, str]:
        """Those of the documents that exist, and the version of each that has one."""
        conditions = Conditions()
        conditions.among("id", ids)
        query = conditions.select("c.id, c.sourceVersion")
        found = await rows(self._alerts, query, partition=partition)
        return {row["id"]: row.get("sourceVersion", "") for row in found}

    async def _without_refused(
        self, items: list[_Item], fault: Fault, outcome: Outcome
    ) -> list[_Item]:
        """Take out the alert that the store refuses; where it does not say which, look for it."""
        at = None if isinstance(fault, exceptions.CosmosHttpResponseError) else fault.error_index
        if len(items) == 1:
            at = 0
        if at is not None and at < len(items):
            reason = f"the store refuses it with status {fault.status_code}: {fault.message}"
            outcome.refused.append(Refused(items[at].alert, reason[:_LONGEST_REASON]))
            return items[:at] + items[at + 1 :]
        middle = len(items) // 2
        await self._add_chunk(items[:middle], outcome)
        return items[middle:]

    async def _update(self, item: _Item) -> bool:
        """Replace the stored version by a newer one; False when it is no longer newer."""
        for _ in range(_MOST_TRIES):
            stored = await retrying(lambda: self._alerts.read_item(item.id, item.partition))
            if item.version <= stored.get("sourceVersion", ""):
                return False
            if await self._replace(item, stored):
                return True
        raise ConflictsError(
            f"{_MOST_TRIES} conflicts in a row on alert {item.document['alertId']}"
        )

    async def _replace(self, item: _Item, stored: Document) -> bool:
        """Replace a version if it is still the stored one, and move its count to its hour."""
        document = updated_document(stored, item.document)
        etag = stored["_etag"]
        operations: list[Operation] = [("replace", (item.id, document), {"if_match_etag": etag})]
        before = parse_time(stored["startTimeUtc"]) // HOUR
        if before != item.hour:
            self._counters.add(item.partition, [before])
            operations.append(self._count(item.partition, before, -1))
            operations.append(self._count(item.partition, item.hour, 1))
        try:
            await self._alerts.execute_item_batch(operations, item.partition)
        except _FAULTS as fault:
            await self._learn(item, before, fault)
            return False
        return True

    async def _learn(self, item: _Item, before: int, fault: Fault) -> None:
        """See what made an update fail, so that the next try can do better; else raise it."""
        if fault.status_code == _STALE:
            return
        if fault.status_code in (_CONFLICT, _NOT_FOUND):
            hours = {counter_id(hour * HOUR): hour for hour in (before, item.hour)}
            there = await self._versions(item.partition, list(hours))
            self._counters.forget(item.partition, hours.values())
            self._counters.add(item.partition, [hours[id_] for id_ in there])
            return
        if fault.status_code not in _PASSING:
            raise fault
        await self._sleep(_FIRST_WAIT)


class _Known:
    """The counters that are known to exist; the oldest is forgotten when there are many."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, int], None] = OrderedDict()

    def __contains__(self, counter: tuple[str, int]) -> bool:
        return counter in self._known

    def add(self, partition: str, hours: Iterable[int]) -> None:
        """Remember counters of a partition."""
        for hour in hours:
            self._known[partition, hour] = None
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)

    def forget(self, partition: str, hours: Iterable[int]) -> None:
        """Forget counters of a partition: they may be there or not."""
        for hour in hours:
            self._known.pop((partition, hour), None)


def _distinct(items: Iterable[_Item], outcome: Outcome) -> list[_Item]:
    """The newest version of each alert; the others are duplicates."""
    newest: dict[tuple[str, str], _Item] = {}
    for item in items:
        place = (item.partition, item.id)
        other = newest.get(place)
        if other is None:
            newest[place] = item
        else:
            older, newest[place] = sorted((other, item), key=lambda each: each.version)
            outcome.duplicates.append(older.alert)
    return list(newest.values())


def _chunks(items: Iterable[_Item]) -> Iterable[list[_Item]]:
    """Alerts of one partition each, as many as fit in a batch with their counters."""
    by_partition: dict[str, list[_Item]] = {}
    for item in items:
        by_partition.setdefault(item.partition, []).append(item)
    for group in by_partition.values():
        chunk: list[_Item] = []
        hours: set[int] = set()
        size = 0
        for item in group:
            more = hours | {item.hour}
            full = len(chunk) + 1 + len(more) > MOST_OPERATIONS
            if chunk and (full or size + item.size > MOST_BATCH_BYTES):
                yield chunk
                chunk, more, size = [], {item.hour}, 0
            chunk.append(item)
            hours = more
            size += item.size
        yield chunk


async def _all(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all; the first that raises stops the others, and is what is raised."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
