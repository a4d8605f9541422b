"""Several workers at once, interleaved at every store call, failing and dying: the end is the same.

`SCHEDULES` in the environment sets how many schedules run, each told by its seed.
"""

import os
from random import Random

import pytest

from local.backtest.memory import MemoryStore
from tests.unit.correlate.making import SMALL, random_alerts
from tests.unit.correlate.schedule import Chance, Scheduler, feed
from tests.unit.correlate.state import assert_as_expected

SCHEDULES = int(os.environ.get("SCHEDULES", "2000"))
BLOCKS = 20


def run_schedule(seed: int) -> int:
    """Run one schedule and check where it ends; how many turns it took."""
    chance = Random(seed)  # noqa: S311 - a schedule told by its seed
    alerts = random_alerts(chance, chance.choice((4, 6, 10)))
    workers = chance.randint(2, 4)
    sent = [each for each in alerts for _ in range(2 if chance.random() < 0.2 else 1)]
    owners = [chance.randrange(workers) for _ in sent]
    shares = [
        [each for each, owner in zip(sent, owners, strict=True) if owner == number]
        for number in range(workers)
    ]
    store = MemoryStore()
    chooser = Chance(chance, mishaps=chance.choice((0, 0, 1, 3, 8)))
    scheduler = Scheduler(chooser)
    for share in shares:
        size = chance.randint(1, 4)
        batches = [share[start : start + size] for start in range(0, len(share), size)]
        scheduler.add(feed(store, batches, SMALL, chooser))
    scheduler.run()
    assert_as_expected(store, alerts, SMALL)
    return scheduler.turns


@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_schedule_ends_as_the_oracle_says(block: int) -> None:
    for seed in range(block, SCHEDULES, BLOCKS):
        try:
            run_schedule(seed)
        except Exception as fault:
            raise AssertionError(f"schedule {seed}: {fault}") from fault
