"""How listeners wait and stop."""

import asyncio
from collections.abc import Iterable
from typing import Any, Protocol


class Listener(Protocol):
    """Something that watches a source and invokes a function."""

    async def start(self) -> None:
        """Begin to watch. May raise: the host tries again later."""

    async def stop(self, grace_seconds: float) -> None:
        """Take nothing new, let running invocations end, abandon them after the grace time."""


class StopSignal:
    """Set once; whoever waits notices at once."""

    def __init__(self) -> None:
        """Begin unset."""
        self._event = asyncio.Event()

    @property
    def is_set(self) -> bool:
        """Whether it is time to stop."""
        return self._event.is_set()

    def set(self) -> None:
        """Say that it is time to stop."""
        self._event.set()

    async def pause(self, seconds: float) -> bool:
        """Wait that long and return True, or return False as soon as it is time to stop."""
        if self.is_set:
            return False
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return True
        return False

    async def first_of(self, tasks: Iterable[asyncio.Task[Any]]) -> None:
        """Wait until one of the tasks is done or it is time to stop."""
        stopping = asyncio.ensure_future(self._event.wait())
        try:
            await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()


async def finish(tasks: Iterable[asyncio.Task[Any]], grace_seconds: float) -> None:
    """Wait for tasks that were told to stop; cancel those that do not end in time."""
    waiting = set(tasks)
    if not waiting:
        return
    _, late = await asyncio.wait(waiting, timeout=grace_seconds)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late)
