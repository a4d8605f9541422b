"""`python -m local bench-engine`: the engine in memory beside a plain batch union-find.

Both get the same observations, already parsed, with two keys each, in one run; figures are ratios
as well as rates. The oracle sees everything at once and keeps nothing that could go on.
"""

import argparse
import asyncio
import gc
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final

from rich.console import Console

from correlate.evidence import Evidence, evidence_of
from correlate.flush import flush
from correlate.observation import Observation, Subject
from correlate.policy import default_policy
from local.backtest.memory import MemoryStore
from local.backtest.run import batches, ever_growing
from shared.entities import key_id
from shared.killchain import Tactic
from shared.severity import Severity
from shared.times import HOUR, MINUTE, parse_time

START: Final = parse_time("2026-11-01T00:00:00Z")
STAGED: Final = 7
"""Every so many-th detection states a stage."""
RUNS: Final = 5
BATCH: Final = 1_000
"""Alerts at a time, as a page of the change feed has them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--alerts", type=int, default=100_000)
    parser.add_argument("--many", type=int, default=1_000_000, help="for the growth of the cost")


def run(args: argparse.Namespace) -> int:
    """Measure, and print a line for each."""
    console = Console(highlight=False)
    for name, resources, staged in (
        ("a few detections state a stage", 7, STAGED),
        ("all detections state a stage", 20, 1),
    ):
        load = [_alert(number, number % resources, staged) for number in range(args.alerts)]
        turns = [(_seconds_of_oracle(load), sum(correlate(load))) for _ in range(RUNS)]
        plain, engine = map(min, zip(*turns, strict=True))
        console.print(
            f"{name}: {len(load) / engine:,.0f} alerts/s, {plain / engine:.2f} of a union-find's"
        )
    few = min(sum(correlate(waves(10_000))) for _ in range(RUNS)) / 10_000
    many = sum(correlate(waves(args.many))) / args.many
    console.print(
        f"five alerts a resource: {1 / few:,.0f} alerts/s on 10,000;"
        f" {many / few:.2f} of the time each on {args.many:,}"
    )
    times = correlate(_alert(number, 0, STAGED) for number in range(100_000))
    early, late = sum(times[1:11]), sum(times[-10:])
    console.print(f"one resource: the last 10,000 of 100,000 took {late / early:.2f} of the first")
    return 0


def _seconds_of_oracle(load: Sequence[Observation]) -> float:
    gc.collect()
    started = time.process_time()
    batch_oracle(load)
    return time.process_time() - started


def waves(alerts: int) -> Iterator[Observation]:
    """Alerts in time order; each five thousand on a thousand resources of their own."""
    chance = random.Random(1)  # noqa: S311 - a load, not a secret
    for number in range(alerts):
        yield _alert(number, number // 5_000 * 1_000 + chance.randrange(1_000), STAGED)


@cache
def _subject(number: int) -> Subject:
    """A resource, the same one each time, as reading stored alerts has it."""
    key = f"host:vm{number}"
    return Subject(key, key_id(key), f"{number:020d}", f"vm{number}", f"vm{number}", "host")


def _alert(number: int, resource: int, staged: int) -> Observation:
    """An alert with two keys; every `staged`-th detection states a stage."""
    start, kind, subject = START + number * MINUTE // 100, number % 41, _subject(resource)
    return Observation(
        alert_id=f"{subject.partition}-{number:024d}",
        subject=subject,
        start=start,
        end=start,
        title=f"Detection {kind}",
        detection=f"D{kind}",
        stages=(Tactic(kind % 14),) if kind % staged == 0 else (),
        severity=Severity(number % 4),
        keys=(f"address:10.{resource}",),
        names=(subject.name,),
        product="Sensor",
        remediation=(),
    )


def correlate(observations: Iterable[Observation]) -> list[float]:
    """Processor seconds for each batch of a change feed; ingest has stored its alerts before."""
    store, policy = MemoryStore(), default_policy()

    async def all_of_them() -> list[float]:
        times = []
        with ever_growing() as stored:
            for batch in batches(observations, BATCH):
                for each in batch:
                    store.add(each)
                started = time.process_time()
                await flush(batch, store, policy, lambda: 0)
                stored()
                times.append(time.process_time() - started)
        return times

    return asyncio.run(all_of_them())


def batch_oracle(observations: Sequence[Observation]) -> list[Evidence]:
    """A plain union-find over alerts that share a key within a day, with their evidence."""
    parent = list(range(len(observations)))

    def find(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    last: dict[str, int] = {}
    for number, each in enumerate(observations):
        for key in (each.subject.key, *each.keys):
            before = last.get(key)
            if before is not None and each.start - observations[before].end <= 24 * HOUR:
                parent[find(number)] = find(before)
            last[key] = number
    groups: dict[int, list[Observation]] = defaultdict(list)
    for number, each in enumerate(observations):
        groups[find(number)].append(each)
    return [evidence_of(group) for group in groups.values()]
