"""The store in memory: for the backtest, the tests and the proof.

`MemoryDatabase` is the service, `MemoryStore` a client of it with a session of its own. Faults are
asked for at each call: a crash, a reply that is lost, a read that lags behind (never behind what
the client itself has written).
"""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from correlate.model.activity import HOURS, Activity, Count
from correlate.model.cell import Interval, Point
from correlate.model.coverage import Coverage
from correlate.model.decision import Decision
from correlate.model.incident import Incident
from correlate.model.news import News, Seed
from correlate.model.observation import Counter, Observation
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
    record_id,
)
from shared.times import HOUR

T = TypeVar("T")


class Faults(Protocol):
    """What goes wrong, decided at each call of a client."""

    async def before(self, call: str) -> None:
        """Runs before a call is carried out; may raise, or let others go first."""
        ...

    async def after(self, call: str) -> bool:
        """Runs after it was carried out; whether its reply is lost. May raise: a crash."""
        ...

    def lag(self, call: str) -> int:
        """By how many writes a read lags."""
        ...


class NoFaults:
    """Nothing goes wrong."""

    async def before(self, call: str) -> None:
        """Let the call go on."""

    async def after(self, call: str) -> bool:  # noqa: ARG002 - the protocol names it
        """No reply is lost."""
        return False

    def lag(self, call: str) -> int:  # noqa: ARG002 - the protocol names it
        """No read lags."""
        return 0


@dataclass(frozen=True, slots=True)
class _Version:
    """A version of a record: since which write, and until which instant."""

    number: int
    record: Record
    expires: int | None
    etag: str


@dataclass(slots=True)
class MemoryDatabase:
    """All that is stored of one organisation. `clock` tells which records have expired.

    `remember`: keep every version of each record, so that reads may lag.
    """

    clock: Callable[[], int] = lambda: 0
    remember: bool = False
    number: int = 0
    head: list[Head] = field(default_factory=list)
    records: dict[str, list[_Version]] = field(default_factory=dict)
    names: dict[type, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    by_incident: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    alerts: dict[str, tuple[str, Place]] = field(default_factory=dict)
    observations: dict[str, list[tuple[Point, Observation]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    counts: dict[tuple[str, int], dict[tuple[int, str, str], Count]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    expires: dict[str, int] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    news: dict[str, News] = field(default_factory=dict)

    def add(self, observation: Observation, partition: str = "0") -> Counter | None:
        """Store an alert as ingest does; its counter, or None when it was there already."""
        cell = observation.cell
        if cell.first.alert in self.alerts:
            return None
        self.alerts[cell.first.alert] = cell.resource, Place(cell.first, cell.sid)
        kept = self.observations[cell.resource]
        if kept and cell.first < kept[-1][0]:
            insort(kept, (cell.first, observation), key=lambda each: each[0])
        else:
            kept.append((cell.first, observation))
        return self._count(observation, partition, 1)

    def remove(self, alert: str, partition: str = "0") -> Counter:
        """Take an alert out, as when it is rewritten to take no part; its counter."""
        entity, place = self.alerts.pop(alert)
        kept = self.observations[entity]
        index = bisect_left(kept, place.point, key=lambda each: each[0])
        _, observation = kept.pop(index)
        return self._count(observation, partition, -1)

    def expire(self) -> None:
        """Let alerts go whose time has come: those of which `expires` says so."""
        now = self.clock()
        for alert in [alert for alert, at in self.expires.items() if at <= now]:
            del self.expires[alert]
            entity, place = self.alerts.pop(alert)
            kept = self.observations[entity]
            kept.pop(bisect_left(kept, place.point, key=lambda each: each[0]))

    def _count(self, observation: Observation, partition: str, by: int) -> Counter:
        cell = observation.cell
        counts = self.counts[cell.resource, cell.hour // HOURS]
        name = cell.hour, cell.sid, partition
        known = counts.get(name, Count(0, 0))
        count = counts[name] = Count(known.version + 1, known.alerts + by)
        return Counter(cell.resource, cell.hour, cell.sid, partition, count)

    def record(self, name: str, number: int | None = None) -> Record | None:
        """A record as of a write; the newest without one. None where there is none, or no more."""
        for version in reversed(self.records.get(name, ())):
            if number is None or version.number <= number:
                gone = version.expires is not None and version.expires <= self.clock()
                return None if gone else version.record
        return None

    def all(self, number: int | None = None) -> Iterable[Record]:
        """Every record."""
        return self._records(sorted(self.records), number)

    def of(self, kinds: tuple[type[T], ...], number: int | None = None) -> Iterator[T]:
        """The records of some types, in the order of their ids."""
        names = sorted(name for kind in kinds for name in self.names.get(kind, ()))
        for record in self._records(names, number):
            if isinstance(record, kinds):
                yield record

    def covering(self, incidents: Iterable[str], number: int | None = None) -> Iterator[Coverage]:
        """The coverage that names one of the incidents."""
        wanted = set(incidents)
        names = sorted({name for each in wanted for name in self.by_incident.get(each, ())})
        for record in self._records(names, number):
            if isinstance(record, Coverage) and not wanted.isdisjoint(record.incidents):
                yield record

    def _records(self, names: Iterable[str], number: int | None) -> Iterator[Record]:
        for name in names:
            record = self.record(name, number)
            if record is not None:
                yield record

    def put(self, put: Put) -> str:
        """Write one record; gives its ETag."""
        etag = str(self.number)
        record = replace(put.record, etag=etag) if isinstance(put.record, Incident) else put.record
        version = _Version(self.number, record, put.expires, etag)
        name = record_id(record)
        self.names[type(record)][name] = None
        if isinstance(record, Coverage):
            for each in record.incidents:
                self.by_incident[each][name] = None
        if self.remember:
            self.records.setdefault(name, []).append(version)
        else:
            self.records[name] = [version]
        return etag

    def etag(self, name: str) -> str:
        """The ETag of a stored record, empty where there is none."""
        return "" if self.record(name) is None else self.records[name][-1].etag

    def write(self, puts: Iterable[Put]) -> dict[str, str]:
        """Write records at once, as people do through the API; raises MovedError.

        So it does where one is to be replaced twice: the first replacement gives it another ETag.
        """
        puts = list(puts)
        replaced: set[str] = set()
        for put in puts:
            name = record_id(put.record)
            if put.match is not None and (self.etag(name) != put.match or name in replaced):
                raise MovedError(name)
            replaced.add(name)
        self.number += 1
        return {record_id(put.record): self.put(put) for put in puts}


class MemoryStore:
    """A client of a database in memory."""

    def __init__(
        self, database: MemoryDatabase, organisation: str = "main", faults: Faults | None = None
    ) -> None:
        self.organisation = organisation
        self._database = database
        self._faults = faults or NoFaults()
        self._seen = 0
        self.requests = 0

    async def _begin(self, call: str) -> None:
        self.requests += 1
        await self._faults.before(call)

    async def _end(self, call: str) -> None:
        if await self._faults.after(call):
            raise LostReplyError(call)

    def _at(self, call: str) -> int | None:
        lag = self._faults.lag(call)
        return max(self._seen, self._database.number - lag) if lag else None

    async def read_head(self) -> Head | None:
        """The fence; None before the first epoch."""
        await self._begin("read_head")
        at = self._at("read_head")
        heads = [head for head in self._database.head if at is None or int(head.etag or 0) <= at]
        await self._end("read_head")
        return heads[-1] if heads else None

    async def write_head(self, head: Head) -> Head:
        """Write the fence on the ETag that it carries; raises HeadMovedError."""
        await self._begin("write_head")
        self._check(head)
        self._database.number += 1
        written = self._advance(head)
        await self._end("write_head")
        self._seen = self._database.number
        return written

    def _check(self, head: Head) -> None:
        heads = self._database.head
        if (heads[-1].etag if heads else None) != head.etag:
            raise HeadMovedError

    def _advance(self, head: Head) -> Head:
        written = replace(head, etag=str(self._database.number))
        if self._database.remember:
            self._database.head.append(written)
        else:
            self._database.head = [written]
        return written

    async def read(self, ids: Iterable[str]) -> dict[str, Record]:
        """The records that exist, by document id."""
        await self._begin("read")
        at = self._at("read")
        found = {name: self._database.record(name, at) for name in ids}
        await self._end("read")
        return {name: record for name, record in found.items() if record is not None}

    async def _of(self, call: str, *kinds: type[T]) -> list[T]:
        await self._begin(call)
        found = list(self._database.of(kinds, self._at(call)))
        await self._end(call)
        return found

    async def read_covering(self, incidents: Iterable[str]) -> list[Coverage]:
        """The coverage of each resource that names one of the incidents."""
        await self._begin("read_covering")
        found = list(self._database.covering(incidents, self._at("read_covering")))
        await self._end("read_covering")
        return found

    async def read_baseline(self, first: int, last: int) -> list[BaselineDay | KeyShard]:
        """What the baseline is made of, of the days from `first` to `last`, both included."""
        days = await self._of("read_baseline", BaselineDay)
        shards = await self._of("read_baseline", KeyShard)
        found: list[BaselineDay | KeyShard] = [*days, *shards]
        return [each for each in found if first <= each.day <= last]

    async def read_decisions(self) -> list[Decision]:
        """All decisions, in the order of their numbers."""
        decisions = await self._of("read_decisions", Decision)
        return sorted(decisions, key=lambda each: each.number)

    async def read_open(self) -> list[Incident]:
        """Incidents that are visible and not closed, in the order of their ids."""
        found = await self._of("read_open", Incident)
        return [each for each in found if each.visible and not each.closed]

    async def read_asides(self) -> list[Aside]:
        """What was set aside and is not done."""
        return [each for each in await self._of("read_asides", Aside) if not each.done]

    async def read_seeds(self, since: int, after: str, most: int) -> list[Seed]:
        """Resources' days from a day on, in the order of (entity, day), after an entity."""
        days = await self._of("read_seeds", Activity)
        seeds = sorted(
            Seed(*each.id) for each in days if each.day >= since and each.subject.entity > after
        )
        return seeds[:most]

    async def commit(self, head: Head, puts: Sequence[Put]) -> tuple[Head, dict[str, str]]:
        """Write records in one batch that begins with `head`; gives it and incidents' ETags."""
        await self._begin("commit")
        self._check(head)
        etags = self._database.write(puts)
        written = self._advance(head)
        await self._end("commit")
        self._seen = self._database.number
        kept = {record_id(put.record) for put in puts if isinstance(put.record, Incident)}
        return written, {name: etag for name, etag in etags.items() if name in kept}

    async def read_day(self, entity: str, day: int) -> tuple[list[Observation], list[Counter]]:
        """All alerts of a resource that start on a day and take part, and its counters of it."""
        await self._begin("read_day")
        start = day * HOURS * HOUR
        found = [each for _, each in self._within(entity, start, start + HOURS * HOUR - 1)]
        counts = self._database.counts.get((entity, day), {})
        counters = [Counter(entity, *name, count) for name, count in counts.items()]
        await self._end("read_day")
        return found, counters

    def _within(self, entity: str, first: int, last: int) -> list[tuple[Point, Observation]]:
        kept = self._database.observations.get(entity, [])
        begin = bisect_left(kept, Point(first, ""), key=lambda each: each[0])
        end = bisect_right(kept, Point(last, "\x7f"), key=lambda each: each[0])
        return kept[begin:end]

    async def read_versions(self, alerts: Iterable[str]) -> dict[str, str]:
        """The source's version of alerts as they are stored, by public id; of those that exist."""
        await self._begin("read_versions")
        versions = self._database.versions
        found = {alert: versions[alert] for alert in alerts if alert in versions}
        await self._end("read_versions")
        return found

    async def read_places(self, entity: str, first: int, last: int) -> list[Place]:
        """The places of a resource's alerts that take part and start in [first, last], in order."""
        await self._begin("read_places")
        found = [Place(point, each.cell.sid) for point, each in self._within(entity, first, last)]
        await self._end("read_places")
        return found

    async def find_places(self, alerts: Iterable[str]) -> dict[str, tuple[str, Place]]:
        """The resource's id and the place of alerts, by public id; of those that take part."""
        await self._begin("find_places")
        known = self._database.alerts
        found = {alert: known[alert] for alert in alerts if alert in known}
        await self._end("find_places")
        return found

    async def lengthen(self, entity: str, interval: Interval, before: int, until: int) -> int:
        """Let the alerts of an interval that expire before an instant live until another."""
        await self._begin("lengthen")
        expires = self._database.expires
        found = [
            point.alert
            for point, _ in self._within(entity, interval.first.start, interval.last.start)
            if interval.first <= point <= interval.last
            and expires.get(point.alert, before) < before
        ]
        expires.update(dict.fromkeys(found, until))
        await self._end("lengthen")
        return len(found)

    async def post(self, news: Sequence[News]) -> None:
        """Add news; what is there already stays."""
        await self._begin("post")
        for each in news:
            self._database.news.setdefault(each.id, each)
        await self._end("post")
