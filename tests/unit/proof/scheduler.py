"""The scheduler: which of several coroutines goes on is a seeded choice at every call."""

from collections.abc import Coroutine, Generator
from dataclasses import dataclass, field
from random import Random
from typing import Final

from correlate.store.memory import NoFaults

WRITES: Final = frozenset({"commit", "write_head", "post"})


class CrashError(Exception):
    """The worker dies."""


class Turn:
    """Awaited: the others may go first."""

    def __await__(self) -> Generator[None, None, None]:
        yield


@dataclass(slots=True)
class Scheduler:
    """Runs coroutines that wait for nothing but their turn."""

    chance: Random
    running: list[Coroutine[None, None, None]] = field(default_factory=list)

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Let a coroutine take part."""
        self.running.append(work)

    def step(self) -> None:
        """Let one of them go on to its next call."""
        number = self.chance.randrange(len(self.running))
        try:
            self.running[number].send(None)
        except StopIteration:
            del self.running[number]

    def stop(self) -> None:
        """End them all where they are."""
        for work in self.running:
            work.close()
        self.running.clear()


@dataclass(slots=True)
class Chaos(NoFaults):
    """Faults by chance: `left` of them at most, shared by all clients of a schedule."""

    chance: Random
    rate: float
    left: list[int]
    lags: tuple[int, ...] = (0, 0, 1, 2, 5, 50)

    def _strikes(self) -> bool:
        if self.left[0] and self.chance.random() < self.rate:
            self.left[0] -= 1
            return True
        return False

    async def before(self, call: str) -> None:
        """Let others go first; then, perhaps, die before the call is carried out."""
        await Turn()
        if self._strikes():
            raise CrashError(call)

    async def after(self, call: str) -> bool:
        """Let others go first; then, perhaps, die or lose the reply."""
        if call in WRITES:
            await Turn()
        if self._strikes():
            raise CrashError(call)
        return call in WRITES and self._strikes()

    def lag(self, call: str) -> int:  # noqa: ARG002 - the protocol names it
        """Lag as long as faults are left."""
        return self.chance.choice(self.lags) if self.left[0] else 0
