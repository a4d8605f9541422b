"""The timer trigger."""

import asyncio

from local.host.invocation import Pause
from local.host.timers.cron import parse_cron
from local.host.timers.listener import TimerListener
from tests.unit.host.virtual_time import now, run, seconds


def fired(
    schedule: str, for_seconds: float, *, startup: bool = False, takes: float = 0
) -> list[float]:
    """When a timer fires, in seconds since midnight."""
    times: list[float] = []

    async def execute(_pause: Pause) -> None:
        times.append(seconds())
        await asyncio.sleep(takes)

    async def scenario() -> None:
        listener = TimerListener(parse_cron(schedule), execute, now, run_on_startup=startup)
        await listener.start()
        await asyncio.sleep(for_seconds)
        await listener.stop(0)

    run(scenario())
    return times


def test_it_fires_at_each_occurrence() -> None:
    assert fired("*/20 * * * * *", 70) == [20, 40, 60]


def test_it_fires_at_the_start_when_it_is_told_to() -> None:
    assert fired("0 * * * * *", 70, startup=True) == [0, 60]


def test_occurrences_during_an_invocation_are_skipped() -> None:
    assert fired("*/10 * * * * *", 65, takes=25) == [10, 40]
