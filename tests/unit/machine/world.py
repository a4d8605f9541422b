"""A world for the tests of the machine: alerts, people, a clock, and a reconciler in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TypeVar

from correlate.model.activity import HOURS, Subject
from correlate.model.cell import Cell, Mention, Point, Signal
from correlate.model.coverage import Coverage, Span
from correlate.model.decision import Decision, Request
from correlate.model.incident import Incident, Note, Redirect
from correlate.model.news import ALERTS, DECISION, PERSON, News, Recount
from correlate.model.observation import Counter, Observation
from correlate.policy import Policy, Readings, default_policy
from correlate.reconcile.lifetime import Lifetime
from correlate.reconcile.run import Reconciler, Report, Surroundings
from correlate.record import Batch, news_of
from correlate.store.memory import Faults, MemoryDatabase, MemoryStore
from correlate.store.port import Put, record_id
from shared.alert import digest
from shared.entities import key_id
from shared.killchain import Tactic
from shared.severity import Severity
from shared.signals import signal_id
from shared.times import DAY, HOUR, parse_time

T = TypeVar("T")
START = parse_time("2026-11-02T08:00:00Z")


def alert(
    name: str,
    resource: str,
    hours: float,
    stage: Tactic | None = None,
    *,
    keys: Sequence[str] = (),
    severity: Severity = Severity.High,
    detection: str = "",
) -> Observation:
    """An alert `hours` after the world's start; its detection is named after its stage."""
    start = START + round(hours * HOUR)
    point = Point(start, digest(name)[:24])
    detection = detection or (f"Seen {stage.name}" if stage is not None else "Seen noise")
    stages = () if stage is None else (stage,)
    key = f"host:{resource}"
    cell = Cell(
        key_id(key),
        start // HOUR,
        signal_id(detection, severity.name, (each.name for each in stages)),
        Signal(detection, severity, stages, "Sensor"),
        point,
        point,
        start,
        f"{detection} on {resource}",
        (),
        tuple(Mention(each, each.partition(":")[2], point) for each in sorted(keys)),
    )
    return Observation(Subject(key_id(key), key, resource, resource, "host"), cell)


def entity(resource: str) -> str:
    """The id of a resource's key."""
    return key_id(f"host:{resource}")


@dataclass
class World:
    """All that is stored, and one worker."""

    policy: Policy = field(default_factory=default_policy)
    now: int = START + 14 * DAY
    retention_days: int = 90
    remember: bool = False
    faults: Faults | None = None

    def __post_init__(self) -> None:
        self.database = MemoryDatabase(clock=lambda: self.now, remember=self.remember)
        self.store = MemoryStore(self.database, faults=self.faults)
        self.reconciler = self.worker()
        self.numbers = count(1)
        self.read: set[str] = set()

    def worker(self, faults: Faults | None = None, *, budget: int = 60_000) -> Reconciler:
        """A further worker, with a session of its own."""
        store = MemoryStore(self.database, faults=faults) if faults else self.store
        return Reconciler(store, self.surroundings(budget=budget))

    def surroundings(self, *, budget: int = 60_000) -> Surroundings:
        """What a worker works with."""
        return Surroundings(
            self.policy,
            Readings(self.policy.mappings),
            Lifetime(self.retention_days),
            lambda: self.now,
            self.pause,
            budget=budget,
        )

    async def pause(self, _seconds: float) -> None:
        """Time does not pass here."""

    def store_alerts(self, alerts: Iterable[Observation]) -> list[News]:
        """Store alerts with their counters, and record them; the news."""
        new: list[Observation] = []
        counters: list[Counter] = []
        for each in alerts:
            counter = self.database.add(each)
            if counter is not None:
                new.append(each)
                counters.append(counter)
        batch = Batch(new, counters, [], [f"batch {next(self.numbers)}"])
        return news_of("main", batch)

    async def add(self, *alerts: Observation) -> Report:
        """Store alerts, record and reconcile them."""
        return await self.reconcile(self.store_alerts(alerts))

    async def reconcile(self, news: Sequence[News]) -> Report:
        """Let the worker do what news says, and all that it leaves to later runs."""
        report = await self.reconciler.run(news)
        for _ in range(1_000):
            left = [each for name, each in self.database.news.items() if name not in self.read]
            if not left:
                return report
            self.read.update(each.id for each in left)
            await self.reconciler.run(left)
        raise AssertionError("the news never ends")

    async def rewrite_away(self, *alerts: Observation) -> None:
        """Let alerts of one resource's day be rewritten so that they take no part."""
        for each in alerts:
            self.database.remove(each.cell.first.alert)
        cell = alerts[0].cell
        recount = Recount(cell.resource, cell.hour // HOURS)
        await self.reconcile([News("rewritten", "main", ALERTS, (), (recount,))])

    async def decide(self, name: str, kind: str, incident: str, **more: object) -> Decision:
        """Let somebody decide; what came of it."""
        request = Request(name, kind, incident, by="ann", at=self.now, **more)  # type: ignore[arg-type]
        await self.reconcile([News(f"news-{name}", "main", DECISION, request=request)])
        return next(each for each in self.all(Decision) if each.id == name)

    async def change(self, incident: str, **people: object) -> None:
        """Let somebody change an incident through the API, which tells the reconciler."""
        self.write(incident, **people)
        name = f"person-{next(self.numbers)}"
        await self.reconcile([News(name, "main", PERSON, incident=incident)])

    def write(self, incident: str, **people: object) -> None:
        """Let somebody change an incident's document, and nothing more."""
        old = self.incident(incident)
        new = replace(old, people={**old.people, **people})
        self.database.write([Put(new, None, old.etag)])

    # What is stored.

    def all(self, kind: type[T]) -> list[T]:
        """All records of a type, by id."""
        return [each for each in self.database.all() if isinstance(each, kind)]

    def incident(self, name: str) -> Incident:
        """An incident by its id, through redirects."""
        record = self.database.record(name)
        while isinstance(record, Redirect):
            record = self.database.record(record.parent)
        assert isinstance(record, Incident), name
        return record

    @property
    def incidents(self) -> list[Incident]:
        """The incidents that people see, oldest first."""
        found = [each for each in self.all(Incident) if each.visible]
        return sorted(found, key=lambda each: (each.first, each.id))

    @property
    def notes(self) -> list[str]:
        """What history tells, in the order of time."""
        return [note.what for note in sorted(self.all(Note), key=lambda each: each.id)]

    @property
    def coverage(self) -> list[Coverage]:
        """What is covered of each resource."""
        return self.all(Coverage)

    def spans(self, resource: str) -> tuple[Span, ...]:
        """What of a resource is covered."""
        record = self.database.record(f"c-{entity(resource)}")
        return record.spans if isinstance(record, Coverage) else ()

    def alerts_of(self, incident: str) -> set[str]:
        """The public ids of an incident's alerts, as the API lists them."""
        found = set()
        for coverage in self.all(Coverage):
            for span in coverage.spans:
                if self.incident(span.incident).id == incident:
                    kept = self.database.observations[coverage.entity]
                    found |= {
                        point.alert
                        for point, _ in kept
                        if span.interval.first <= point <= span.interval.last
                    }
        return found

    def names(self, incident: str, alerts: Iterable[tuple[str, Observation]]) -> set[str]:
        """Which of some named alerts an incident has."""
        ids = self.alerts_of(incident)
        return {name for name, each in alerts if each.cell.first.alert in ids}

    def audit(self) -> None:
        """Everything that holds whenever the machine is at rest."""
        counts: dict[str, int] = {}
        for coverage in self.all(Coverage):
            before: Span | None = None
            for span in coverage.spans:
                assert span.interval.first <= span.interval.last
                assert before is None or before.interval.last < span.interval.first, "disjoint"
                before = span
                incident = self.incident(span.incident)
                assert not incident.withdrawn, "no coverage of a withdrawn incident"
                inside = [
                    point
                    for point, _ in self.database.observations[coverage.entity]
                    if span.interval.first <= point <= span.interval.last
                ]
                assert len(inside) == span.evidence_count + span.context_count, "counts are lists"
                counts[incident.id] = counts.get(incident.id, 0) + len(inside)
        for incident in self.all(Incident):
            assert not incident.forming
            if incident.visible:
                assert incident.shown["alertCount"] == counts.get(incident.id, 0)
        for decision in self.all(Decision):
            assert decision.state != "asked"


def ids(*alerts: Observation) -> set[str]:
    """The public ids of alerts."""
    return {each.cell.first.alert for each in alerts}


__all__ = ["START", "World", "alert", "entity", "ids", "record_id"]
