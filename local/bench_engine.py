"""`python -m local bench-engine`: the engine in memory, alerts a second of processor time.

Alerts come in pages of the change feed, already parsed; each page is recorded, and a run of the
reconciler takes the news of as many pages as wait for it in a burst.
"""

import argparse
import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeVar

from rich.console import Console

from correlate.model.activity import Subject
from correlate.model.cell import Cell, Mention, Point, Signal
from correlate.model.news import News  # noqa: TC001 - as all of the model
from correlate.model.observation import Observation
from correlate.policy import Readings, default_policy
from correlate.reconcile.lifetime import Lifetime
from correlate.reconcile.run import Reconciler, Surroundings
from correlate.record import Batch, news_of
from correlate.store.memory import MemoryDatabase, MemoryStore
from shared.entities import key_id
from shared.killchain import Tactic
from shared.severity import Severity
from shared.signals import signal_id
from shared.times import HOUR, MINUTE, parse_time

T = TypeVar("T")
START: Final = parse_time("2026-11-01T00:00:00Z")
STAGED: Final = 7
"""Every so many-th detection states a stage."""
DETECTIONS: Final = 41
PAGE: Final = 1_000
"""Alerts of a page of the change feed."""
WAITING: Final = 10
"""Pages whose news waits for a run of the reconciler in a burst."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--alerts", type=int, default=100_000)


def run(args: argparse.Namespace) -> int:
    """Measure, and print a line for each load."""
    console = Console(highlight=False)
    for name, resources, staged in (
        ("7 resources, a few detections state a stage", 7, STAGED),
        ("20 resources, all detections state a stage", 20, 1),
        ("2,000 resources, a few detections state a stage", 2_000, STAGED),
    ):
        load = [alert(number, number % resources, staged) for number in range(args.alerts)]
        spent = asyncio.run(correlate(load))
        tenth = max(len(spent.runs) // 10, 1)
        growth = sum(spent.runs[-tenth:]) / max(sum(spent.runs[:tenth]), 1e-9)
        console.print(
            f"{name}: {len(load) / spent.total:,.0f} alerts/s (record"
            f" {len(load) / spent.record:,.0f}, reconcile {len(load) / sum(spent.runs):,.0f}),"
            f" the last tenth {growth:.2f} of the first"
        )
    return 0


@dataclass(slots=True)
class Spent:
    """Seconds of processor time: of recording, and of each run of the reconciler."""

    record: float
    runs: list[float]

    @property
    def total(self) -> float:
        """Of all."""
        return self.record + sum(self.runs)


@cache
def _subject(number: int) -> Subject:
    """A resource, the same one each time, as reading stored alerts has it."""
    key = f"host:vm{number}"
    return Subject(key_id(key), key, f"vm{number}", f"vm{number}", "host")


def alert(number: int, resource: int, staged: int) -> Observation:
    """An alert with a key beside its resource's; every `staged`-th detection states a stage."""
    start, kind, subject = START + number * MINUTE // 100, number % DETECTIONS, _subject(resource)
    stages = (Tactic(kind % 14),) if kind % staged == 0 else ()
    severity = Severity(number % 4)
    point = Point(start, f"{number * 2_654_435_761 % 16**24:024x}")
    return Observation(
        subject,
        Cell(
            subject.entity,
            start // HOUR,
            signal_id(f"D{kind}", severity.name, (stage.name for stage in stages)),
            Signal(f"D{kind}", severity, stages, "Sensor"),
            point,
            point,
            start,
            f"Detection {kind}",
            (),
            (Mention(f"address:10.{resource}", subject.name, point),),
        ),
    )


async def correlate(alerts: Sequence[Observation]) -> Spent:
    """Record and reconcile alerts that ingest has stored."""
    now = alerts[-1].cell.last.start
    database = MemoryDatabase(clock=lambda: now)
    policy = default_policy()
    surroundings = Surroundings(
        policy, Readings(policy.mappings), Lifetime(90), lambda: now, asyncio.sleep
    )
    reconciler = Reconciler(MemoryStore(database), surroundings)
    spent = Spent(0.0, [])
    for burst in _groups(list(_groups(alerts, PAGE)), WAITING):
        news: list[News] = []
        for page in burst:
            counters = [counter for each in page if (counter := database.add(each))]
            started = time.process_time()
            news += news_of("main", Batch(list(page), counters, [], [page[0].cell.title]))
            spent.record += time.process_time() - started
        started = time.process_time()
        await reconciler.run(news)
        spent.runs.append(time.process_time() - started)
    return spent


def _groups(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
