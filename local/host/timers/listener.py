"""The timer trigger. Each host runs its own timers; on Azure one host alone would."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from local.host.invocation import Pause
from local.host.stopping import StopSignal, finish
from local.host.timers.cron import Cron


class TimerListener:
    """Invokes one function whenever its schedule says so, one invocation at a time."""

    def __init__(
        self,
        schedule: Cron,
        execute: Callable[[Pause], Awaitable[None]],
        now: Callable[[], datetime],
        *,
        run_on_startup: bool,
    ) -> None:
        """Prepare; nothing runs yet."""
        self._schedule = schedule
        self._execute = execute
        self._now = now
        self._run_on_startup = run_on_startup
        self._stop = StopSignal()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to wait for the first occurrence."""
        self._task = asyncio.create_task(self._run())

    async def stop(self, grace_seconds: float) -> None:
        """Let a running invocation end, or abandon it after the grace time."""
        self._stop.set()
        if self._task is not None:
            await finish([self._task], grace_seconds)

    async def _run(self) -> None:
        if self._run_on_startup:
            await self._execute(self._stop.pause)
        due = datetime.min.replace(tzinfo=UTC)
        while True:
            now = self._now().astimezone(UTC)
            # A clock that runs behind the loop's must not make the same occurrence due twice.
            due = self._schedule.next_after(max(now, due))
            if not await self._stop.pause((due - now).total_seconds()):
                return
            await self._execute(self._stop.pause)
