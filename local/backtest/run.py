"""A backtest: parse, settle versions, replay. What came of it, and what went wrong."""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from correlate.policy import Policy, Readings
from correlate.store.memory import MemoryDatabase
from local.backtest.parsing import Parser
from local.backtest.processes import parsing
from local.backtest.reading import Pieces, Source, source_of
from local.backtest.replay import Replay
from local.backtest.table import Table
from shared.pieces import Fault, Piece
from shared.suppression import Rule

MOST_FAULTS: Final = 20
RETENTION_DAYS: Final = 90


@dataclass(slots=True, repr=False)
class Run:
    """What came of a file: its alerts, and the database as correlation left it at rest.

    `now` is what the clock showed then. It has no text of its own: asyncio asks for that of a
    task's result as it ends, and this one's would be all that is stored.
    """

    table: Table
    database: MemoryDatabase
    retention_days: int
    now: int

    @property
    def rejected(self) -> int:
        """How many pieces, or alerts in them, could not be read."""
        return len(self.table.faults)

    @property
    def faults(self) -> list[str]:
        """Some of them, with what is wrong."""
        return [f"line {line}: {fault}" for line, fault in sorted(self.table.faults)[:MOST_FAULTS]]


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is correlated. `processes`: how many parse, all processors without it."""

    policy: Policy
    rules: tuple[Rule, ...] = ()
    retention_days: int = RETENTION_DAYS
    processes: int | None = None


class Progress:
    """Whoever wants to know how far a run has come; this one does not."""

    def read(self, position: int, total: int) -> None:
        """The file was read up to a position."""

    def replayed(self, done: int, total: int) -> None:
        """So many of the resources' days were replayed."""


async def correlate(source: Source, options: Options, progress: Progress | None = None) -> Run:
    """Parse and correlate what a file is taken apart into."""
    told = progress or Progress()
    parser = Parser(Readings(options.policy.mappings), options.rules)
    table = Table()
    with ever_growing() as stored:
        with parsing(parser, options.processes) as parse:
            for parsed in parse(_told(source, told)):
                table.add(parsed)
        table.settle(source.pieces(), parser)
        stored()
        total = len(table.activities)
        replay = Replay(table, options.policy, options.retention_days)

        def after_stride(done: int) -> None:
            told.replayed(done, total)
            stored()

        await replay.run(after_stride)
    return Run(table, replay.database, options.retention_days, replay.now)


def _told(source: Source, progress: Progress) -> Pieces:
    for number, piece in enumerate(source.pieces(), start=1):
        if number % 1_000 == 0:
            progress.read(source.position(number), source.total)
        yield piece


@contextmanager
def ever_growing() -> Iterator[Callable[[], None]]:
    """While it lasts, the collector does not pass through what is there, again and again.

    Call what it yields now and then: what lies in circles by then is collected, the rest set apart.
    """

    def stored() -> None:
        gc.collect()
        gc.freeze()

    stored()
    try:
        yield stored
    finally:
        gc.unfreeze()


async def correlate_lines(lines: Iterable[bytes], options: Options) -> Run:
    """Parse and correlate lines at hand, each what one queue message holds."""
    pieces: list[Piece | Fault] = [Piece(number, line) for number, line in enumerate(lines, 1)]
    return await correlate(source_of(pieces), options)
