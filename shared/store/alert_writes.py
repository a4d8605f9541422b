"""Storing alerts, each once, and counting each once.

The alerts of one partition go in one transactional batch together with their counters, one for each
resource, hour and signal, so that a redelivery, which conflicts, changes neither. What costs is
requests: in the normal case one a partition, and there are few. A counter's version grows with each
change, so that of two readings the later is known. What takes no part in incidents is not counted.

A duplicate that the source has changed since updates the alert, as `shared.alert_versions` says.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from azure.cosmos import exceptions

from shared.alert import Alert, counter_id
from shared.alert_versions import Keeping, document_to_store, updated_document
from shared.concurrency import gather_bounded
from shared.store.client import Database, retrying
from shared.store.definitions import ALERTS
from shared.store.documents import (
    EXISTS,
    MOST_OPERATIONS,
    STALE,
    ConflictError,
    Operation,
    transact,
)
from shared.store.queries import Conditions, Document, rows
from shared.times import HOUR, format_time, parse_time

MOST_BATCH_BYTES: Final = 1_500_000
"""Bytes of documents in a batch; the service takes two million with all that surrounds them."""
_MOST_TRIES: Final = 12
_FIRST_WAIT: Final = 0.01
_MOST_KNOWN: Final = 50_000
_LONGEST_REASON: Final = 500
_PASSING: Final = frozenset({408, 410, 429, 503})
_REFUSED: Final = frozenset({400, 413})

_FAULTS: Final = (exceptions.CosmosHttpResponseError, exceptions.CosmosBatchOperationError)
Fault: TypeAlias = exceptions.CosmosHttpResponseError | exceptions.CosmosBatchOperationError


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


class _Counter(NamedTuple):
    """What counts the alerts of one signal on one resource in one hour, in one partition."""

    partition: str
    organisation: str
    entity: str
    hour: int
    sid: str

    @property
    def id(self) -> str:
        return counter_id(self.entity, self.hour, self.sid)


@dataclass(frozen=True, slots=True)
class _Item:
    """An alert on its way into the store. `counter` is None where it takes no part."""

    alert: Alert
    document: Document
    size: int
    counter: _Counter | None

    @property
    def id(self) -> str:
        return str(self.document["id"])

    @property
    def partition(self) -> str:
        return str(self.document["bucket"])

    @property
    def version(self) -> str:
        return str(self.document["sourceVersion"])


def _item(document: Document, size: int, alert: Alert) -> _Item:
    return _Item(alert, document, size, _counter_of(document))


def _counter_of(document: Document) -> _Counter | None:
    if not document["takesPart"]:
        return None
    return _Counter(
        document["bucket"],
        document["organisation"],
        document["entity"],
        parse_time(document["startTimeUtc"]) // HOUR,
        document["sid"],
    )


class AlertWriter:
    """Writes to the `alerts` container. `database` is not closed here.

    `sleep` is how it waits before it tries again.
    """

    def __init__(
        self,
        database: Database,
        keeping: Keeping = Keeping(),  # noqa: B008 - frozen
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._alerts = database.container(ALERTS)
        self._keeping = keeping
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
        rule that dismisses an alert. Raises ConflictError where other writers came first too often,
        or what the store raises: then some may be stored, and the same call again completes it.
        """
        outcome = Outcome()
        items = []
        for alert in alerts:
            rule = dismissed.get(alert.id)
            document, size = document_to_store(alert, self._keeping, received=received, rule=rule)
            if document["expiresUtc"] <= format_time(received):
                outcome.refused.append(Refused(alert, self._too_old(document)))
            else:
                items.append(_item(document, size, alert))
        chunks = _chunks(_distinct(items, outcome))
        await gather_bounded(lambda chunk: self._add_chunk(chunk, outcome), chunks)
        return outcome

    def _too_old(self, document: Document) -> str:
        return (
            f"it starts at {document['startTimeUtc']}, and alerts are kept for"
            f" {self._keeping.retention_days} days (the setting ALERT_RETENTION_DAYS)"
        )

    async def _add_chunk(self, items: list[_Item], outcome: Outcome) -> None:
        """Store alerts of one partition: again without those that turn out to be there already."""
        partition = items[0].partition
        wait = _FIRST_WAIT
        for _ in range(_MOST_TRIES):
            operations: list[Operation] = [("create", (item.document,), {}) for item in items]
            counted = Counter(item.counter for item in items if item.counter is not None)
            lives = {item.counter: item.document["ttl"] for item in items}
            operations += [self._count(each, n, lives[each]) for each, n in counted.items()]
            try:
                await transact(self._alerts, partition, operations)
            except ConflictError as conflict:
                items = await self._without_conflict(items, conflict, outcome)
            except _FAULTS as fault:
                if fault.status_code in _REFUSED:
                    items = await self._without_refused(items, fault, outcome)
                elif fault.status_code in _PASSING:
                    await self._sleep(wait)
                    wait *= 2
                else:
                    raise
            else:
                self._counters.add(counted)
                outcome.stored += [item.alert for item in items]
                return
            if not items:
                return
        raise ConflictError(f"{_MOST_TRIES} conflicts in a row in partition {partition}")

    def _count(self, counter: _Counter, n: int, ttl: int) -> Operation:
        """Count `n` alerts: on their counter if it is known, else on a new one.

        `ttl` is theirs, all of one hour: their counter lives as long.
        """
        if counter in self._counters:
            change = [
                {"op": "incr", "path": "/n", "value": n},
                {"op": "incr", "path": "/v", "value": 1},
                {"op": "set", "path": "/ttl", "value": ttl},
            ]
            return ("patch", (counter.id, change), {})
        document = {
            "id": counter.id,
            "type": "count",
            "bucket": counter.partition,
            "organisation": counter.organisation,
            "entity": counter.entity,
            "hour": counter.hour,
            "sid": counter.sid,
            "n": n,
            "v": 1,
            "ttl": ttl,
        }
        return ("create", (document,), {})

    async def _without_conflict(
        self, items: list[_Item], conflict: ConflictError, outcome: Outcome
    ) -> list[_Item]:
        """What is still to be stored: not what is there; a counter may be, or may be gone."""
        if conflict.status == EXISTS:
            return await self._without_duplicates(items, outcome)
        self._counters.forget(item.counter for item in items)
        return items

    async def _without_duplicates(self, items: list[_Item], outcome: Outcome) -> list[_Item]:
        """Take out the alerts that are there; learn which counters are."""
        counters = {item.counter.id: item.counter for item in items if item.counter is not None}
        there = await self._versions(items[0].partition, [*(item.id for item in items), *counters])
        self._learn_counters(counters, there)
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
        conditions.compare("bucket", "=", partition)
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
        raise ConflictError(f"{_MOST_TRIES} conflicts in a row on alert {item.id}")

    async def _replace(self, item: _Item, stored: Document) -> bool:
        """Replace a version if it is still the stored one, and move its count to its hour."""
        document = updated_document(stored, item.document)
        operations: list[Operation] = [
            ("replace", (item.id, document), {"if_match_etag": stored["_etag"]})
        ]
        before, after = _counter_of(stored), _counter_of(document)
        if before != after:
            if before is not None:
                self._counters.add([before])
                operations.append(self._count(before, -1, stored["ttl"]))
            if after is not None:
                operations.append(self._count(after, 1, document["ttl"]))
        try:
            await transact(self._alerts, item.partition, operations)
        except ConflictError as conflict:
            if conflict.status != STALE:
                await self._look_for_counters(item.partition, (before, after))
            return False
        except _FAULTS as fault:
            if fault.status_code not in _PASSING:
                raise
            await self._sleep(_FIRST_WAIT)
            return False
        return True

    async def _look_for_counters(self, partition: str, touched: Iterable[_Counter | None]) -> None:
        """See which counters are there, so that the next try of an update can do better."""
        counters = {each.id: each for each in touched if each is not None}
        self._learn_counters(counters, await self._versions(partition, list(counters)))

    def _learn_counters(self, counters: Mapping[str, _Counter], there: Collection[str]) -> None:
        self._counters.forget(counters.values())
        self._counters.add(each for name, each in counters.items() if name in there)


class _Known:
    """The counters that are known to exist; the oldest is forgotten when there are many."""

    def __init__(self) -> None:
        self._known: OrderedDict[_Counter, None] = OrderedDict()

    def __contains__(self, counter: _Counter) -> bool:
        return counter in self._known

    def add(self, counters: Iterable[_Counter]) -> None:
        """Remember counters."""
        for counter in counters:
            self._known[counter] = None
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)

    def forget(self, counters: Iterable[_Counter | None]) -> None:
        """Forget counters: they may be there or not."""
        for counter in counters:
            if counter is not None:
                self._known.pop(counter, None)


def _distinct(items: Iterable[_Item], outcome: Outcome) -> list[_Item]:
    """The newest version of each alert; the others are duplicates."""
    newest: dict[str, _Item] = {}
    for item in items:
        other = newest.get(item.id)
        if other is None:
            newest[item.id] = item
        else:
            older, newest[item.id] = sorted((other, item), key=lambda each: each.version)
            outcome.duplicates.append(older.alert)
    return list(newest.values())


def _chunks(items: Iterable[_Item]) -> Iterable[list[_Item]]:
    """Alerts of one partition each, as many as fit in a batch with their counters."""
    by_partition: dict[str, list[_Item]] = {}
    for item in items:
        by_partition.setdefault(item.partition, []).append(item)
    for group in by_partition.values():
        chunk: list[_Item] = []
        counters: set[_Counter | None] = set()
        size = 0
        for item in sorted(group, key=_beside):
            counters.add(item.counter)
            full = len(chunk) + 1 + len(counters) > MOST_OPERATIONS
            if chunk and (full or size + item.size > MOST_BATCH_BYTES):
                yield chunk
                chunk, counters, size = [], {item.counter}, 0
            chunk.append(item)
            size += item.size
        yield chunk


def _beside(item: _Item) -> str:
    """Alerts that are counted together go together: a batch has few counters then."""
    return item.counter.id if item.counter is not None else ""
