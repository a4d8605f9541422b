"""An event loop whose clock jumps to the next timer when nothing else is ready.

Ten minutes of visibility or a minute of lease expiration pass at once, and in the right order.
Not for code that uses threads or sockets: time does not wait for them.
"""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Starts at 0 seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._virtual = 0.0

    def time(self) -> float:
        return self._virtual

    def _run_once(self) -> None:
        due = [handle.when() for handle in self._scheduled if not handle.cancelled()]  # type: ignore[attr-defined]  # no public view of timers
        if due and not self._ready:  # type: ignore[attr-defined]  # no public view of ready callbacks
            self._virtual = max(self._virtual, min(due))
        super()._run_once()  # type: ignore[misc]  # the loop's step is private


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(coroutine)


def seeded() -> Random:
    """Return a random source that gives the same numbers in every run."""
    return Random(1)  # noqa: S311 - reproducible, not secret


def seconds() -> float:
    """Return the virtual time since the start."""
    return asyncio.get_running_loop().time()


def now() -> datetime:
    """Return the virtual time as a date."""
    return EPOCH + timedelta(seconds=seconds())
