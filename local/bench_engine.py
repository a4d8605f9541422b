"""`python -m local bench-engine`: the engine in memory beside a plain batch union-find.

Both get the same observations, already parsed, with two keys each, in one run; figures are ratios
as well as rates. The oracle sees everything at once and keeps nothing that could go on.
"""

import argparse
import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from rich.console import Console

from correlate.evidence import Evidence, evidence_of
from correlate.flush import flush
from correlate.observation import Observation, Subject
from correlate.policy import default_policy
from local.backtest.memory import MemoryStore
from local.backtest.run import BATCH, batches
from shared.entities import key_id
from shared.killchain import Tactic
from shared.severity import Severity
from shared.times import HOUR, MINUTE, parse_time

START = parse_time("2026-11-01T00:00:00Z")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--alerts", type=int, default=100_000)
    parser.add_argument("--many", type=int, default=1_000_000, help="for the growth of the cost")


def run(args: argparse.Namespace) -> int:
    """Measure, and print a line for each."""
    console = Console(highlight=False)
    busy = on_resources(args.alerts, 20)
    plain = _rate(lambda: batch_oracle(busy), len(busy))
    engine = _rate(lambda: correlate(busy), len(busy))
    console.print(f"batch union-find   {plain:>9,.0f} alerts/s, {len(busy)} alerts, 20 resources")
    console.print(f"engine             {engine:>9,.0f} alerts/s, {engine / plain:.2f} of it")
    few = _rate(lambda: correlate(on_resources(10_000, 2_000)), 10_000)
    many = _rate(lambda: correlate(on_resources(args.many, args.many // 5)), args.many)
    console.print(f"10,000 alerts      {few:>9,.0f} alerts/s, 5 on a resource")
    console.print(
        f"{args.many:,} alerts   {many:>9,.0f} alerts/s, {few / many:.2f} of the time each"
    )
    early, late = one_resource(100_000)
    console.print(
        f"one resource       the last thousand of 100,000 cost {late / early:.2f} of the second"
    )
    return 0


def _rate(work: Callable[[], object], alerts: int) -> float:
    started = time.perf_counter()
    work()
    return alerts / (time.perf_counter() - started)


def on_resources(alerts: int, resources: int) -> list[Observation]:
    """Alerts in time order over resources, each with its address as a second key."""
    chance = random.Random(1)  # noqa: S311 - a load, not a secret
    subjects = [_subject(number) for number in range(resources)]
    return [_alert(number, subjects[chance.randrange(resources)]) for number in range(alerts)]


def _subject(number: int) -> Subject:
    key = f"host:vm{number}"
    return Subject(key, key_id(key), f"{number:020d}", f"vm{number}", f"vm{number}", "host")


def _alert(number: int, subject: Subject) -> Observation:
    start = START + number * MINUTE // 100
    stages = (Tactic(number % 14),) if number % 3 == 0 else ()
    return Observation(
        alert_id=f"{subject.partition}-{number:024d}",
        subject=subject,
        start=start,
        end=start,
        title=f"Detection {number % 40}",
        detection=f"D{number % 40}",
        stages=stages,
        severity=Severity(number % 4),
        keys=(f"address:10.{subject.partition[-6:]}",),
        names=(subject.name,),
        product="Sensor",
        remediation=(),
    )


def correlate(observations: Sequence[Observation]) -> MemoryStore:
    """All of them through the engine, in the batches of a change feed."""
    store, policy = MemoryStore(), default_policy()

    async def all_of_them() -> None:
        for batch in batches(observations, BATCH):
            for each in batch:
                store.add(each)
            await flush(batch, store, policy, lambda: 0)

    asyncio.run(all_of_them())
    return store


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


def one_resource(alerts: int) -> tuple[float, float]:
    """Seconds for the second thousand and for the last thousand alerts on one resource."""
    store, policy, subject = MemoryStore(), default_policy(), _subject(0)
    observations = [_alert(number, subject) for number in range(alerts)]
    times: list[float] = []

    async def all_of_them() -> None:
        for batch in batches(observations, BATCH):
            started = time.perf_counter()
            for each in batch:
                store.add(each)
            await flush(batch, store, policy, lambda: 0)
            times.append(time.perf_counter() - started)

    asyncio.run(all_of_them())
    return times[1], times[-1]
