"""A service in memory: alerts with their change feed, news with theirs, workers, a clock.

A feed gives the latest version of each document only, and everything since its checkpoint again
after a crash. Its lease may go to another worker at any moment; the former one goes on with what
it is at, and its checkpoint is refused.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

from correlate.model.news import News
from correlate.model.observation import Counter, observe_document
from correlate.policy import Policy, Readings, default_policy
from correlate.reconcile.fence import FencedError
from correlate.reconcile.lifetime import Lifetime
from correlate.reconcile.run import (
    BusyError,
    CrowdedError,
    Reconciler,
    StaleReadError,
    Surroundings,
)
from correlate.record import Unreadable, record
from correlate.store.memory import Faults, MemoryDatabase, MemoryStore
from correlate.store.port import StoreError
from shared.alert import digest
from shared.entities import key_id
from shared.killchain import Tactic
from shared.severity import Severity
from shared.signals import signal_id
from shared.times import DAY, HOUR, format_time, parse_time
from tests.unit.proof.scheduler import CrashError, Turn

START: Final = parse_time("2026-11-02T08:00:00Z")
RANGES: Final = 2
RETRIED: Final = (
    BusyError,
    CrashError,
    CrowdedError,
    FencedError,
    StaleReadError,
    StoreError,
)
_POLICY: Final = default_policy()
_READINGS: Final = Readings(())


@dataclass(frozen=True, slots=True)
class Fact:
    """An alert as its source tells it, in one version."""

    name: str
    resource: str
    start: int
    detection: str
    stage: Tactic | None = None
    keys: tuple[str, ...] = ()
    version: int = 1
    takes_part: bool = True

    @property
    def id(self) -> str:
        """The public id."""
        return digest(self.name)[:24]

    @property
    def entity(self) -> str:
        """The id of the resource's key."""
        return key_id(f"host:{self.resource}")

    @property
    def day(self) -> tuple[str, int]:
        """The resource's day that it is on."""
        return self.entity, self.start // DAY

    @property
    def range(self) -> int:
        """Which part of the feed it is in."""
        return int(self.id[:8], 16) % RANGES

    def document(self, marks: Sequence[tuple[str, int]]) -> dict[str, Any]:
        """The document that ingest stores of it."""
        stages = [] if self.stage is None else [self.stage.name]
        own = f"host:{self.resource}"
        return {
            "id": self.id,
            "type": "alert",
            "organisation": "main",
            "bucket": str(self.range),
            "entity": self.entity,
            "sid": signal_id(self.detection, Severity.High.name, stages),
            "takesPart": self.takes_part,
            "sourceVersion": str(self.version),
            "startTimeUtc": format_time(self.start),
            "endTimeUtc": format_time(self.start),
            "resource": {
                "key": own,
                "id": self.resource,
                "name": self.resource,
                "type": "host",
            },
            "detection": self.detection,
            "severity": Severity.High.name,
            "tactics": stages,
            "product": "Sensor",
            "vendor": "",
            "source": "",
            "title": f"{self.detection} on {self.resource}",
            "entities": [],
            "keys": sorted([own, *self.keys]),
            "remediationSteps": [],
            "recount": [list(mark) for mark in marks],
        }


@dataclass(slots=True)
class Feed:
    """One range of a change feed: documents in the order of their last writes."""

    number: int
    log: list[str] = field(default_factory=list)
    documents: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    checkpoint: int = 0
    owner: int = 0

    def write(self, document: Mapping[str, Any]) -> None:
        """Take in a document as it was just written."""
        name = document["id"]
        document = {**document, "_etag": f"{self.number}-{len(self.log)}"}
        self.last[name] = len(self.log)
        self.log.append(name)
        self.documents[name] = document

    def read(self, most: int) -> tuple[list[Mapping[str, Any]], int]:
        """What follows the checkpoint, as it is now, and the checkpoint after it."""
        end = min(len(self.log), self.checkpoint + most)
        names = (self.log[place] for place in range(self.checkpoint, end) if self._newest(place))
        return [self.documents[name] for name in names], end

    def _newest(self, place: int) -> bool:
        return self.last[self.log[place]] == place


@dataclass
class Service:
    """All that is stored, and the workers on it."""

    chance: Random
    faults: Callable[[], Faults | None]
    policy: Policy = _POLICY
    now: int = START + 5 * DAY
    retention_days: int = 90

    def __post_init__(self) -> None:
        self.database = MemoryDatabase(clock=lambda: self.now, remember=True)
        self.facts: dict[str, Fact] = {}
        self.marks: dict[str, list[tuple[str, int]]] = {}
        self.feeds = [Feed(number) for number in range(RANGES)]
        self.news_read = 0
        self.news_owner = 0
        self.busy = 0
        self.working: set[int] = set()
        self.hosts: dict[int, Reconciler] = {}

    # Ingest.

    def ingest(self, fact: Fact) -> None:
        """Store an alert, or its newer version, with its counters, in one batch."""
        known = self.facts.get(fact.id)
        if known is not None and known.version >= fact.version:
            return
        feed, partition = self.feeds[fact.range], str(fact.range)
        if known is not None:
            marks = [*self.marks.get(fact.id, ()), known.day, fact.day]
            self.marks[fact.id] = list(dict.fromkeys(marks))[-8:]
        self.facts[fact.id] = fact
        document = fact.document(self.marks.get(fact.id, ()))
        if known is not None and known.takes_part:
            self._count(feed, self.database.remove(fact.id, partition))
        if fact.takes_part:
            counter = self.database.add(observe_document(document), partition)
            assert counter is not None
            self._count(feed, counter)
        self.database.versions[fact.id] = str(fact.version)
        feed.write(document)

    def _count(self, feed: Feed, counter: Counter) -> None:
        feed.write(
            {
                "id": f"n-{counter.entity}-{counter.hour}-{counter.sid}",
                "type": "count",
                "organisation": "main",
                "bucket": counter.partition,
                "entity": counter.entity,
                "hour": counter.hour,
                "sid": counter.sid,
                "n": counter.value.alerts,
                "v": counter.value.version,
            }
        )

    # Workers.

    def client(self) -> MemoryStore:
        """A client with a session of its own."""
        return MemoryStore(self.database, faults=self.faults())

    def reconciler(self, store: MemoryStore | None = None) -> Reconciler:
        """A reconciler that knows nothing yet."""
        return Reconciler(
            store or self.client(),
            Surroundings(
                self.policy,
                _READINGS,
                Lifetime(self.retention_days),
                lambda: self.now,
                self._pause,
            ),
        )

    async def _pause(self, _seconds: float) -> None:
        await Turn()

    async def record(self, number: int, host: int) -> None:
        """Record a range of the feed as long as its lease is this host's."""
        feed, store = self.feeds[number], self.client()

        async def post(_organisation: str, news: Sequence[News]) -> None:
            await store.post(news)

        while feed.owner == host:
            documents, end = feed.read(self.chance.randint(1, 6))
            if end > feed.checkpoint:
                done, _ = await self._attempt(record(documents, post, _none, _READINGS))
                if done and feed.owner == host:
                    feed.checkpoint = end
            await Turn()

    async def reconcile(self, host: int) -> None:
        """Reconcile what the news says as long as its lease is this host's."""
        while self.news_owner == host:
            first = self.news_read
            news = list(self.database.news.values())[first : first + self.chance.randint(1, 6)]
            if news:
                worker = self.hosts.setdefault(host, self.reconciler())
                self.working.add(host)
                done, crashed = await self._attempt(worker.run(news))
                self.working.discard(host)
                if crashed:
                    self.hosts.pop(host, None)
                if done and self.news_owner == host:
                    self.news_read = first + len(news)
            await Turn()

    def at_work(self, host: int) -> bool:
        """Whether a host is in the midst of an invocation on the news."""
        return host in self.working

    async def _attempt(self, work: Awaitable[object]) -> tuple[bool, bool]:
        """Whether an invocation ended well, and whether its worker died."""
        self.busy += 1
        try:
            await work
        except RETRIED as fault:
            return False, isinstance(fault, CrashError)
        else:
            return True, False
        finally:
            self.busy -= 1

    @property
    def drained(self) -> bool:
        """Whether all that was stored and told has been read, and nobody is at work."""
        return (
            not self.busy
            and all(feed.checkpoint == len(feed.log) for feed in self.feeds)
            and self.news_read == len(self.database.news)
        )

    async def settle(self, *news: News) -> None:
        """Let a fresh worker do what news says, and all that it leaves to later runs."""
        worker = self.reconciler(MemoryStore(self.database))
        self.news_read = len(self.database.news)
        await worker.run(news)
        while left := list(self.database.news.values())[self.news_read :]:
            self.news_read += len(left)
            await worker.run(left)


async def _none(unreadable: list[Unreadable]) -> None:
    raise AssertionError(unreadable)


def rewritten(fact: Fact, chance: Random) -> Fact:
    """A newer version of an alert: later, earlier, another detection, or no part taken."""
    kind = chance.randrange(4)
    if kind == 0:
        fact = replace(
            fact, start=fact.start + chance.choice([-1, 1]) * chance.randint(1, 30 * 60_000)
        )
    elif kind == 1:
        fact = replace(
            fact, start=fact.start + chance.choice([-1, 1]) * chance.randint(1, 30) * HOUR
        )
    elif kind == 2:
        fact = replace(fact, detection=f"{fact.detection} again")
    else:
        fact = replace(fact, takes_part=not fact.takes_part)
    return replace(fact, version=fact.version + 1)
