"""What the steps of a flush work with: store, policy, clock, and what they did so far."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

from correlate.policy import Policy
from correlate.ports import CorrelationStore

T = TypeVar("T")

MOST_TRIES: Final = 60
"""A conflict means that another worker got on; the bound is only against a fault of our own."""
MOST_AT_ONCE: Final = 16
PATIENCE: Final = 6
"""Pauses in which nothing moves, until another worker's regroup is taken over."""


class ExhaustedError(RuntimeError):
    """A compare-and-swap lost every time; the batch must be delivered again."""


@dataclass(slots=True)
class Outcome:
    """What a flush did: for the log and for measurements."""

    alerts: int = 0
    alone: int = 0
    written: int = 0
    opened: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    separated: list[str] = field(default_factory=list)
    conflicts: int = 0


class Together(Protocol):
    """Runs coroutines side by side."""

    async def __call__(self, work: Iterable[Coroutine[Any, Any, T]], /) -> list[T]:
        """The results in the order of the coroutines; raises what one of them raised."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the steps of one flush share.

    `pause` waits a while, the longer the higher the number that it is given.
    """

    store: CorrelationStore
    policy: Policy
    now: Callable[[], int]
    together: Together
    pause: Callable[[int], Awaitable[None]]
    outcome: Outcome


async def at_once(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run coroutines side by side, a bounded number at a time; the results are in their order.

    The first that raises stops the rest, and is raised when all have ended.
    """
    waiting = list(work)
    if len(waiting) == 1:
        return [await waiting[0]]
    turns = asyncio.Semaphore(MOST_AT_ONCE)

    async def one(each: Coroutine[Any, Any, T]) -> T:
        async with turns:
            return await each

    async with asyncio.TaskGroup() as tasks_of_work:
        tasks = [tasks_of_work.create_task(one(each)) for each in waiting]
    return [task.result() for task in tasks]


async def wait_a_while(number: int) -> None:
    """Wait for 50 ms, doubled with each number."""
    await asyncio.sleep(0.05 * 2**number)
