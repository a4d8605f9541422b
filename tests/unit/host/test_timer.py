"""The timer trigger: its schedule, what it makes up for, and that one host runs it."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from local.host.invocation import Pause
from local.host.listeners import timer_data
from local.host.timers.cron import parse_cron
from local.host.timers.listener import Firing, TimerListener
from local.host.timers.monitor import ScheduleStatus, checked, is_monitored
from local.host.timers.shared_folder import LockFile, StatusFile
from tests.unit.host.virtual_time import EPOCH, now, run, seconds


@dataclass(slots=True)
class Kept:
    """A store and a lock in memory."""

    status: ScheduleStatus | None = None
    free: bool = True

    def read(self) -> ScheduleStatus | None:
        return self.status

    def write(self, status: ScheduleStatus) -> None:
        self.status = status

    def acquire(self) -> bool:
        return self.free

    def release(self) -> None:
        """Nothing to give back."""


@dataclass(slots=True)
class Timer:
    """A timer that notes when it fires, in seconds since midnight, and why."""

    schedule: str
    kept: Kept = field(default_factory=Kept)
    monitored: bool = True
    on_startup: bool = False
    takes: float = 0
    times: list[float] = field(default_factory=list)
    firings: list[Firing] = field(default_factory=list)

    async def execute(self, firing: Firing, _pause: Pause) -> None:
        self.times.append(seconds())
        self.firings.append(firing)
        await asyncio.sleep(self.takes)

    def listener(self) -> TimerListener:
        store = self.kept if self.monitored else None
        return TimerListener(
            parse_cron(self.schedule),
            self.execute,
            now,
            self.kept,
            store,
            run_on_startup=self.on_startup,
        )

    def lasts(self, for_seconds: float, after: float = 0) -> list[float]:
        """Run for so long, begun so many seconds after midnight; return when it fired."""

        async def scenario() -> None:
            await asyncio.sleep(after)
            listener = self.listener()
            await listener.start()
            await asyncio.sleep(for_seconds)
            await listener.stop(0)

        run(scenario())
        return self.times


def at(second: float) -> ScheduleStatus:
    """Return the status of a timer every ten seconds that fired at that second."""
    return ScheduleStatus.after(EPOCH + timedelta(seconds=second), parse_cron("*/10 * * * * *"))


def test_it_fires_at_each_occurrence() -> None:
    assert Timer("*/20 * * * * *").lasts(70) == [20, 40, 60]


def test_it_fires_at_the_start_when_it_is_told_to() -> None:
    timer = Timer("0 * * * * *", on_startup=True)
    assert timer.lasts(70, after=5) == [5, 60]
    assert [firing.on_startup for firing in timer.firings] == [True, False]


def test_what_comes_due_during_an_invocation_is_made_up_for_once_after_it() -> None:
    assert Timer("*/10 * * * * *", takes=25).lasts(65) == [10, 35, 60]


def test_a_timer_that_never_ran_has_missed_nothing() -> None:
    timer = Timer("*/10 * * * * *")
    assert timer.lasts(7, after=11) == []
    assert timer.kept.status == ScheduleStatus(
        None, EPOCH + timedelta(seconds=20), EPOCH + timedelta(seconds=11)
    )


def test_what_was_missed_while_no_host_ran_is_made_up_for_once() -> None:
    timer = Timer("*/10 * * * * *", Kept(at(10)))
    assert timer.lasts(8, after=55) == [55, 60]
    assert [firing.past_due for firing in timer.firings] == [True, False]
    assert timer.firings[0].status == at(10)


def test_past_due_comes_before_run_on_startup() -> None:
    timer = Timer("*/10 * * * * *", Kept(at(10)), on_startup=True)
    assert timer.lasts(3, after=55) == [55]
    assert (timer.firings[0].past_due, timer.firings[0].on_startup) == (True, False)


def test_a_timer_that_is_not_monitored_notices_nothing() -> None:
    timer = Timer("*/10 * * * * *", Kept(at(10)), monitored=False)
    assert timer.lasts(8, after=55) == [60]
    assert timer.firings[0].status is None
    assert timer.kept.status == at(10)


def test_a_status_that_was_kept_before_it_is_due_changes_nothing() -> None:
    assert Timer("*/10 * * * * *", Kept(at(10))).lasts(5, after=12) == []


@pytest.mark.parametrize(
    ("schedule", "next_second"),
    [
        pytest.param("*/30 * * * * *", 60, id="would have been due: not past due"),
        pytest.param("0 */5 * * * *", 300, id="not yet due"),
    ],
)
def test_a_changed_schedule_is_never_past_due(schedule: str, next_second: int) -> None:
    moment = EPOCH + timedelta(seconds=55)
    status = checked(at(10), parse_cron(schedule), moment)
    assert status.next == EPOCH + timedelta(seconds=next_second)
    assert status.last is None


def test_only_the_host_that_has_the_lock_runs_it() -> None:
    timer = Timer("*/10 * * * * *", Kept(free=False))
    assert timer.lasts(30) == []


def test_another_host_goes_on_from_where_the_first_ended() -> None:
    kept = Kept(free=False)
    first, second = Timer("*/10 * * * * *"), Timer("*/10 * * * * *", kept)

    async def scenario() -> None:
        waiting = second.listener()
        await waiting.start()
        running = first.listener()
        await running.start()
        await asyncio.sleep(25)
        await running.stop(0)
        kept.status, kept.free = first.kept.status, True
        await asyncio.sleep(20)
        await waiting.stop(0)

    run(scenario())
    assert (first.times, second.times) == ([10, 20], [30, 40])


@pytest.mark.parametrize(
    ("schedule", "monitored"),
    [
        ("*/10 * * * * *", False),
        ("0,30 * * * * *", False),
        ("0 * * * * *", True),
        ("*/10 * 3 * * *", True),
        ("0 */5 * * * *", True),
    ],
)
def test_only_a_schedule_of_a_minute_or_more_is_monitored(schedule: str, monitored: bool) -> None:
    assert is_monitored(parse_cron(schedule)) is monitored


def test_the_function_is_told_of_its_schedule() -> None:
    data = timer_data(Firing(at(10), past_due=True))
    assert data.datum.type == "json"
    assert '"IsPastDue": true' in data.datum.value
    assert '"Next": "2026-01-01T00:00:20+00:00"' in data.datum.value
    assert data.details.endswith("IsPastDue, OriginalSchedule: 2026-01-01T00:00:20+00:00")


@pytest.mark.parametrize("status", [at(10), ScheduleStatus(None, EPOCH, None)], ids=["ran", "new"])
def test_a_status_outlives_its_host(tmp_path: Path, status: ScheduleStatus) -> None:
    StatusFile(tmp_path / "timers", "renew").write(status)
    assert StatusFile(tmp_path / "timers", "renew").read() == status
    assert StatusFile(tmp_path / "timers", "other").read() is None


def test_a_status_that_cannot_be_read_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "renew.status.json").write_text('{"Last": 5')
    assert StatusFile(tmp_path, "renew").read() is None


def test_a_lock_has_one_holder_at_a_time(tmp_path: Path) -> None:
    first, second = LockFile(tmp_path, "renew"), LockFile(tmp_path, "renew")
    assert (first.acquire(), first.acquire(), second.acquire()) == (True, True, False)
    first.release()
    assert second.acquire()
    second.release()
