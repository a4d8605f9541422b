"""A deterministic scheduler: workers that take turns at every store call, and die when told to.

Each worker is one delivery of a batch. A turn is one store call of one worker. Before its effect a
call may die with the worker; after it, the reply may be lost. What has died is delivered again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from correlate.flush import flush
from correlate.observation import Observation
from correlate.policy import Policy
from local.backtest.memory import MemoryStore


class DiedError(Exception):
    """The worker was killed, or its reply was lost: it knows nothing of what was written."""


@dataclass(slots=True)
class Chance:
    """How often things go wrong, of a thousand calls, and who has the next turn."""

    random: Random
    dies: int = 0
    loses: int = 0


@dataclass(slots=True)
class Turns:
    """Lets exactly one waiting worker go on at a time, chosen by chance."""

    chance: Chance
    waiting: list[asyncio.Future[None]] = field(default_factory=list)

    async def turn(self) -> None:
        """Wait to be chosen."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(future)
        await future

    def next(self) -> bool:
        """Let one go on; False when nobody waits. Calls that were cancelled wait no more."""
        self.waiting = [each for each in self.waiting if not each.done()]
        if not self.waiting:
            return False
        self.waiting.pop(self.chance.random.randrange(len(self.waiting))).set_result(None)
        return True


class TurnStore:
    """The store, with a turn before every call."""

    def __init__(self, store: MemoryStore, turns: Turns) -> None:
        self._store = store
        self._turns = turns

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        call = getattr(self._store, name)

        async def in_turn(*arguments: Any) -> Any:
            await self._turns.turn()
            chance = self._turns.chance
            if chance.random.randrange(1_000) < chance.dies:
                raise DiedError(f"before {name}")
            result = await call(*arguments)
            if chance.random.randrange(1_000) < chance.loses:
                raise DiedError(f"after {name}")
            return result

        return in_turn


async def _settle_down() -> None:
    """Let every task run until all wait for a turn or have ended."""
    for _ in range(6):
        await asyncio.sleep(0)


async def run_schedule(
    batches: Sequence[Sequence[Observation]],
    store: MemoryStore,
    policy: Policy,
    chance: Chance,
    *,
    workers: int = 3,
) -> int:
    """Deliver batches to concurrent workers until each has ended well; returns the turns taken."""
    turns = Turns(chance)
    waiting = list(batches)
    running: dict[asyncio.Task[Any], Sequence[Observation]] = {}
    taken = 0
    while waiting or running:
        while waiting and len(running) < workers:
            batch = waiting.pop(chance.random.randrange(len(waiting)))
            work = flush(batch, TurnStore(store, turns), policy, lambda: 0)  # type: ignore[arg-type]  # the wrapper passes every call on
            running[asyncio.get_running_loop().create_task(work)] = batch
        await _settle_down()
        taken += turns.next()
        await _settle_down()
        for task, batch in list(running.items()):
            if task.done():
                del running[task]
                if _died(task.exception()):
                    waiting.append(batch)
        if taken > 20_000:
            raise AssertionError("the workers do not come to an end")
    return taken


def _died(fault: BaseException | None) -> bool:
    """Whether a worker died by the schedule; any other fault is raised."""
    if fault is None:
        return False
    for each in _leaves(fault):
        if not isinstance(each, DiedError):
            raise each
    return True


def _leaves(fault: BaseException) -> Iterator[BaseException]:
    if isinstance(fault, BaseExceptionGroup):
        for each in fault.exceptions:
            yield from _leaves(each)
    else:
        yield fault
