"""A deterministic scheduler: workers that take turns at every store call, fail and die on order.

A worker is a coroutine that runs until its next store call. At each turn the chooser says whose
call is next and how it goes: it succeeds, fails before or after its effect, or its worker dies
before or after it. What was not finished is delivered again. Nothing here depends on time or on an
event loop, so a schedule is told by its choices alone.
"""

import types
from collections import deque
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Sequence,
)
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, Protocol, TypeVar

from correlate.flush import flush
from correlate.observation import Observation
from correlate.policy import Policy
from correlate.ports import Conflict, Contents, MemberRecord, NodeRecord, Redirect, Root, Write
from correlate.sessions import EntityRecord, Interval
from local.backtest.memory import MemoryStore
from tests.unit.correlate.making import NOW

T = TypeVar("T")


class Chooser(Protocol):
    """Makes the choices of a schedule."""

    def choose(self, options: int) -> int:
        """A number below `options`."""

    def mishap(self) -> str | None:
        """What goes wrong with the next call, if anything."""


MISHAPS = ("fails", "loses", "repeats", "dies", "dies after")
"""The call does nothing and raises; its effect happens and it raises; its effect happens and it
says that the record had moved, as when a lost request is repeated; the worker dies before the
effect; or after it."""


@dataclass(slots=True)
class Chance:
    """Choices by a seed; at most so many mishaps."""

    random: Random
    mishaps: int = 0
    rate: float = 0.05

    def choose(self, options: int) -> int:
        return self.random.randrange(options)

    def mishap(self) -> str | None:
        if self.mishaps and self.random.random() < self.rate:
            self.mishaps -= 1
            return self.random.choice(MISHAPS)
        return None


class TransientError(Exception):
    """The store could not be reached, or its answer was lost."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """A worker waits for its turn."""


@dataclass(frozen=True, slots=True)
class _Spawn:
    """A worker starts several coroutines and waits for all of them."""

    work: list[Coroutine[Any, Any, Any]]


@types.coroutine
def _ask(request: object) -> Generator[object, Any, Any]:
    return (yield request)


async def take_turns(work: Iterable[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Run coroutines side by side, as the scheduler chooses."""
    waiting = list(work)
    return await _ask(_Spawn(waiting)) if waiting else []


async def pause(_number: int) -> None:
    """Let others go on."""
    await _ask(_Turn())


async def look_away() -> None:
    """Let others go on, as people do between looking and acting."""
    await _ask(_Turn())


class TurnStore:
    """A store whose every call is a turn, and may go wrong as the scheduler says."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def _call(self, effect: Callable[[], Awaitable[T]], writes: bool = False) -> T:
        mishap = await _ask(_Turn())
        if mishap == "fails":
            raise TransientError
        result = await effect()
        if mishap == "loses":
            raise TransientError
        if mishap == "repeats" and writes:
            raise Conflict
        if mishap == "dies after":
            raise _DeathError
        return result

    async def read_entities(self, ids: Iterable[str]) -> dict[str, EntityRecord]:
        return await self._call(lambda: self._store.read_entities(ids))

    async def write_entities(self, records: Iterable[EntityRecord]) -> dict[str, EntityRecord]:
        """Each record is written in a turn of its own."""
        written: dict[str, EntityRecord] = {}
        for record in records:
            with suppress(Conflict):
                written |= await self._call(partial(self._store.write_entities, [record]), True)
        return written

    async def read_nodes(
        self, nodes: Iterable[str], members: Iterable[tuple[str, str]] = ()
    ) -> tuple[dict[str, NodeRecord], dict[tuple[str, str], MemberRecord]]:
        return await self._call(lambda: self._store.read_nodes(nodes, members))

    async def write_component(self, write: Write) -> Root:
        return await self._call(lambda: self._store.write_component(write), True)

    async def read_contents(self, node: str) -> Contents:
        return await self._call(lambda: self._store.read_contents(node))

    async def link(
        self,
        loser: NodeRecord | str,
        parent: str,
        *,
        add: Sequence[MemberRecord] = (),
        drop: Sequence[str] = (),
    ) -> Redirect:
        return await self._call(lambda: self._store.link(loser, parent, add=add, drop=drop), True)

    async def read_alerts(self, alert_ids: Iterable[str]) -> dict[str, Observation]:
        return await self._call(lambda: self._store.read_alerts(alert_ids))

    async def alerts_within(
        self, partition: str, intervals: Sequence[Interval]
    ) -> AsyncIterator[Sequence[Observation]]:
        async def read() -> list[Sequence[Observation]]:
            return [page async for page in self._store.alerts_within(partition, intervals)]

        for page in await self._call(read):
            yield page

    async def count_alerts(
        self, wanted: Sequence[tuple[str, tuple[Interval, ...]]]
    ) -> tuple[int, ...]:
        return await self._call(lambda: self._store.count_alerts(wanted))


class _DeathError(BaseException):
    """The worker dies; no handler of its own may run on."""


@dataclass(slots=True, eq=False)
class _Thread:
    """A coroutine of a worker, and who waits for it."""

    worker: "Worker"
    coroutine: Coroutine[Any, Any, Any]
    parent: "_Thread | None" = None
    place: int = 0
    results: list[Any] = field(default_factory=list)
    missing: int = 0


@dataclass(slots=True, eq=False)
class Worker:
    """What runs until it is finished: `start` makes a new coroutine after each failure."""

    start: Callable[[], Coroutine[Any, Any, Any]]
    again: bool = True
    threads: list[_Thread] = field(default_factory=list)


class Scheduler:
    """Runs workers, turn by turn."""

    def __init__(self, chooser: Chooser, *, most_turns: int = 20_000) -> None:
        self._chooser = chooser
        self._workers: list[Worker] = []
        self._ready: list[_Thread] = []
        self._left = most_turns
        self.turns = 0

    def add(self, worker: Worker) -> None:
        """Let a worker begin."""
        self._workers.append(worker)
        self._begin(worker)

    def run(self) -> None:
        """Run until all workers have finished."""
        while self._ready:
            self.turns += 1
            assert self.turns < self._left, "the workers do not come to an end"
            thread = self._ready[self._chooser.choose(len(self._ready))]
            mishap = self._chooser.mishap()
            if mishap == "dies":
                self._die(thread.worker)
            else:
                self._ready.remove(thread)
                self._step(thread, mishap)

    def _begin(self, worker: Worker) -> None:
        thread = _Thread(worker, worker.start())
        worker.threads = [thread]
        self._step(thread, None)

    def _step(self, thread: _Thread, value: object, *, fault: Exception | None = None) -> None:
        """Let a coroutine go on until it waits for its next turn."""
        try:
            request = thread.coroutine.throw(fault) if fault else thread.coroutine.send(value)
        except StopIteration as end:
            self._finish(thread, end.value)
        except _DeathError:
            self._die(thread.worker)
        except TransientError as raised:
            self._fail(thread, raised)
        else:
            if isinstance(request, _Spawn):
                self._spawn(thread, request)
            else:
                self._ready.append(thread)

    def _spawn(self, parent: _Thread, request: _Spawn) -> None:
        parent.results = [None] * len(request.work)
        parent.missing = len(request.work)
        children = [
            _Thread(parent.worker, coroutine, parent, place)
            for place, coroutine in enumerate(request.work)
        ]
        parent.worker.threads += children
        for child in children:
            if child in parent.worker.threads:
                self._step(child, None)

    def _finish(self, thread: _Thread, result: object) -> None:
        thread.worker.threads.remove(thread)
        parent = thread.parent
        if parent is None:
            return
        parent.results[thread.place] = result
        parent.missing -= 1
        if not parent.missing:
            self._step(parent, parent.results)

    def _fail(self, thread: _Thread, fault: Exception) -> None:
        """A fault ends the coroutines beside it and is raised in the one that waits for them."""
        worker, parent = thread.worker, thread.parent
        if parent is None:
            self._die(worker)
            return
        for each in [each for each in worker.threads if _below(each, parent)]:
            self._end(each)
        self._step(parent, None, fault=fault)

    def _die(self, worker: Worker) -> None:
        for thread in list(worker.threads):
            self._end(thread)
        if worker.again:
            self._begin(worker)

    def _end(self, thread: _Thread) -> None:
        thread.worker.threads.remove(thread)
        if thread in self._ready:
            self._ready.remove(thread)
        with suppress(_DeathError):
            thread.coroutine.close()


def _below(thread: _Thread, above: _Thread) -> bool:
    parent = thread.parent
    while parent is not None and parent is not above:
        parent = parent.parent
    return parent is above


def feed(
    store: MemoryStore, batches: Iterable[list[Observation]], policy: Policy, chooser: Chooser
) -> Worker:
    """A worker that correlates batches one after the other, as one lease of the feed does.

    A batch that fails is delivered again, perhaps divided otherwise: the feed promises no more
    than that what was not finished comes again. Alerts are stored before they are delivered.
    """
    waiting = deque(batches)
    turns = TurnStore(store)

    async def work() -> None:
        while waiting:
            batch = waiting[0]
            if len(batch) > 1 and chooser.choose(4) == 0:
                cut = 1 + chooser.choose(len(batch) - 1)
                waiting[0] = batch[:cut]
                waiting.insert(1, batch[cut:])
                batch = waiting[0]
            for each in batch:
                store.add(each)
            await flush(batch, turns, policy, lambda: NOW, together=take_turns, pause=pause)
            waiting.popleft()

    return Worker(work)
