"""Schedules: one seed is one world of alerts, one order of calls, one choice of faults."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from random import Random

import pytest

from correlate.model.coverage import Coverage
from correlate.model.decision import MERGE, SPLIT, UNDO, Request
from correlate.model.incident import Incident
from correlate.model.news import DECISION, PERSON, RENEW, SWEEP, News
from correlate.reconcile import outbox
from correlate.store.port import MovedError, Put
from shared.times import HOUR
from tests.unit.proof.oracle import resolve
from tests.unit.proof.scheduler import Chaos, Scheduler, Turn
from tests.unit.proof.service import RANGES, Fact, Service, rewritten
from tests.unit.proof.worlds import world

MOST_STEPS = 20_000


@dataclass
class Kind:
    """What happens in a schedule beside alerts, crashes, lost replies and stale reads."""

    rewrites: bool = False
    people: bool = False


class Schedule:
    """One run of a service under a scheduler."""

    def __init__(self, seed: int, kind: Kind) -> None:
        self.chance = Random(seed)  # noqa: S311 - a reproducible order
        self.kind = kind
        self.left = [self.chance.choice([0, 3, 8, 20])]
        rate = self.chance.choice([0.01, 0.03, 0.1])
        self.service = Service(self.chance, lambda: Chaos(self.chance, rate, self.left))
        self.scheduler = Scheduler(self.chance)
        self.writers = 0
        self.batch = self.chance.choice([3, 8, 99])
        self.names = 0
        self.people: dict[str, dict[str, object]] = {}
        self.decisions: list[str] = []

    def run(self) -> Service:
        """Run until all is at rest; the service as it is then."""
        with _batches_of(self.batch):
            self._run()
        return self.service

    def _run(self) -> None:
        service, scheduler = self.service, self.scheduler
        facts = world(self.chance)
        for number in range(RANGES):
            scheduler.start(service.record(number, 0))
        scheduler.start(service.reconcile(0))
        self._start(self._store(facts))
        self._start(self._disturb())
        if self.kind.people:
            self._start(self._act())
            self._start(self._act())
        for _ in range(MOST_STEPS):
            if not self.writers and service.drained:
                break
            scheduler.step()
        else:
            raise AssertionError("it never comes to rest")
        scheduler.stop()
        drive(service.settle(News("sweep-last", "main", SWEEP, hour=1)))

    def _start(self, work) -> None:  # type: ignore[no-untyped-def]
        async def counted() -> None:
            await work
            self.writers -= 1

        self.writers += 1
        self.scheduler.start(counted())

    async def _store(self, facts: list[Fact]) -> None:
        """Store alerts, some twice, and newer versions of some."""
        chance = self.chance
        known: list[Fact] = []
        for fact in facts:
            self.service.ingest(fact)
            known.append(fact)
            for _ in range(chance.choice([0, 0, 1, 4, 12])):
                await Turn()
            if self.kind.rewrites and chance.random() < 0.2:
                old = chance.choice(known)
                known.remove(old)
                new = rewritten(old, chance)
                known.append(new)
                self.service.ingest(new)

    async def _disturb(self) -> None:
        """Move the clock, tell the hour, and let leases change hands."""
        chance, service = self.chance, self.service
        for number in range(chance.randint(2, 12)):
            for _ in range(chance.randint(1, 40)):
                await Turn()
            event = chance.randrange(5)
            if event == 0:
                service.now += chance.randint(1, 2 * HOUR)
            elif event == 1:
                kind = chance.choice([RENEW, SWEEP])
                service.database.news.setdefault(
                    f"{kind}-{number}", News(f"{kind}-{number}", "main", kind, hour=number)
                )
            elif event == 2:
                which = chance.randrange(RANGES)
                feed = service.feeds[which]
                feed.owner = number + 1
                feed.checkpoint = max(0, feed.checkpoint - chance.choice([0, 0, 3]))
                self.scheduler.start(service.record(which, feed.owner))
            elif event == 3:
                self._take_over(number + 1)
            else:
                service.news_read = max(0, service.news_read - chance.randint(0, 4))

    def _take_over(self, host: int) -> None:
        """Another worker has the news; sometimes one that had it before."""
        service = self.service
        former = [each for each in service.hosts if each != service.news_owner]
        if former and self.chance.random() < 0.4 and not service.at_work(former[-1]):
            host = former[-1]
        service.news_owner = host
        self.scheduler.start(service.reconcile(host))

    # People.

    async def _act(self) -> None:
        chance = self.chance
        for _ in range(chance.randint(1, 5)):
            for _ in range(chance.choice([1, 5, 20, 60])):
                await Turn()
            incidents = self._visible()
            if not incidents:
                continue
            if chance.random() < 0.5:
                await self._change(chance.choice(incidents))
            else:
                self._decide(incidents)

    def _visible(self) -> list[Incident]:
        return [
            each
            for each in self.service.database.all()
            if isinstance(each, Incident) and each.visible
        ]

    async def _change(self, incident: Incident) -> None:
        """Change an incident through the API: on its ETag, and then the news."""
        chance = self.chance
        field, value = chance.choice(
            [
                ("status", "Resolved"),
                ("status", "Resolved"),
                ("status", "Active"),
                ("assignedTo", f"ann{self._number()}"),
                ("labels", [f"red{self._number()}"]),
            ]
        )
        await Turn()
        new = replace(incident, people={**incident.people, field: value})
        try:
            self.service.database.write([Put(new, None, incident.etag)])
        except MovedError:
            return
        self.people.setdefault(incident.id, {})[field] = value
        await Turn()
        if field == "status":
            self._tell(PERSON, incident=incident.id)

    def _decide(self, incidents: list[Incident]) -> None:
        chance = self.chance
        target = chance.choice(incidents)
        kind = chance.choice([MERGE, MERGE, SPLIT, SPLIT, UNDO, UNDO])
        name = f"decision{self._number()}"
        request = Request(name, kind, target.id, by="ann", at=self.service.now)
        if kind == MERGE:
            request = replace(request, others=(chance.choice(incidents).id,))
        elif kind == UNDO:
            request = replace(request, undoes=chance.choice(self.decisions or [""]))
        else:
            resources, alerts = self._chosen(target)
            request = replace(request, resources=resources, alerts=alerts)
        self.decisions.append(name)
        self._tell(DECISION, request=request)

    def _chosen(self, target: Incident) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Resources or alerts of an incident, as a split names them."""
        service, chance = self.service, self.chance
        spans = [
            (coverage.entity, span)
            for coverage in service.database.all()
            if isinstance(coverage, Coverage)
            for span in coverage.spans
            if resolve(service.database, span.incident).id == target.id
        ]
        if not spans:
            return ("0" * 32,), ()
        entity, span = chance.choice(spans)
        if chance.random() < 0.4:
            return (entity,), ()
        points = [
            point.alert
            for point, _ in service.database.observations[entity]
            if span.interval.first <= point <= span.interval.last
        ]
        if not points:
            return (entity,), ()
        return (), tuple(chance.sample(points, chance.randint(1, len(points))))

    def _tell(self, kind: str, **more: object) -> None:
        name = f"{kind}-{self._number()}"
        self.service.database.news[name] = News(name, "main", kind, **more)  # type: ignore[arg-type]

    def _number(self) -> int:
        self.names += 1
        return self.names


@contextmanager
def _batches_of(most: int) -> Iterator[None]:
    """Let batches be small, so that there is much between them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "MOST_PUTS", most)
        patch.setattr(outbox, "_CHUNK", max(1, most // 3))
        yield


def drive(work) -> None:  # type: ignore[no-untyped-def]
    """Run a coroutine to its end, alone."""
    try:
        while True:
            work.send(None)
    except StopIteration:
        return
