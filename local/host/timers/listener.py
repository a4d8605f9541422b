"""The timer trigger: one host runs it, and what was missed while none did is made up for once.

The rules are those of the timers extension's `TimerListener`, a singleton among the hosts.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from local.host.invocation import Pause
from local.host.stopping import StopSignal, finish
from local.host.timers.cron import Cron
from local.host.timers.monitor import ScheduleStatus, StatusStore, checked

log = logging.getLogger("Host.Timers")

#: The real host asks again after a minute; at a desk nobody waits for that.
_LOCK_RETRY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Firing:
    """What a function is told: its schedule's status (None = not kept), and why it runs now."""

    status: ScheduleStatus | None
    past_due: bool = False
    on_startup: bool = False


#: Runs the function; whether it succeeds changes nothing about the schedule.
Execute = Callable[[Firing, Pause], Awaitable[None]]


class Lock(Protocol):
    """Lets one host at a time run a timer."""

    def acquire(self) -> bool:
        """Take it unless another host has it; return whether it is ours."""

    def release(self) -> None:
        """Give it back."""


class TimerListener:
    """Invokes one function whenever its schedule says so, one invocation at a time."""

    def __init__(
        self,
        schedule: Cron,
        execute: Execute,
        now: Callable[[], datetime],
        lock: Lock,
        store: StatusStore | None,
        *,
        run_on_startup: bool,
    ) -> None:
        """Prepare; nothing runs yet. Without a store, nothing that is missed is noticed."""
        self._schedule = schedule
        self._execute = execute
        self._now = now
        self._lock = lock
        self._store = store
        self._run_on_startup = run_on_startup
        self._stop = StopSignal()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to wait: first for the lock, then for the first occurrence."""
        self._task = asyncio.create_task(self._run())

    async def stop(self, grace_seconds: float) -> None:
        """Let a running invocation end, or abandon it after the grace time; give the lock back."""
        self._stop.set()
        if self._task is not None:
            await finish([self._task], grace_seconds)
        self._lock.release()

    async def _run(self) -> None:
        while not self._lock.acquire():
            if not await self._stop.pause(_LOCK_RETRY_SECONDS):
                return
        status = self._first_status()
        now = self._utc_now()
        if self._store is not None and now > status.next:
            status = await self._fire(status, now, past_due=True)
        elif self._run_on_startup:
            status = await self._fire(status, now, on_startup=True)
        while await self._stop.pause((status.next - self._utc_now()).total_seconds()):
            # A clock that runs behind the loop's must not make the same occurrence due twice.
            status = await self._fire(status, max(self._utc_now(), status.next))

    def _first_status(self) -> ScheduleStatus:
        kept = self._store.read() if self._store is not None else None
        status = checked(kept, self._schedule, self._utc_now())
        if status != kept:
            self._keep(status)
        return status

    async def _fire(
        self,
        status: ScheduleStatus,
        at: datetime,
        *,
        past_due: bool = False,
        on_startup: bool = False,
    ) -> ScheduleStatus:
        told = status if self._store is not None else None
        await self._execute(Firing(told, past_due, on_startup), self._stop.pause)
        after = ScheduleStatus.after(at, self._schedule)
        self._keep(after)
        return after

    def _keep(self, status: ScheduleStatus) -> None:
        if self._store is not None:
            self._store.write(status)

    def _utc_now(self) -> datetime:
        return self._now().astimezone(UTC)
