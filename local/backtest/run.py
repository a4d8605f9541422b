"""Running the engine over payloads, batch by batch, as the change feed would."""

import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Final, TypeVar

from correlate.batch import apply
from correlate.flush import flush
from correlate.observation import Observation, observe
from correlate.policy import Policy, Readings
from ingest_alert.errors import ReadingError
from ingest_alert.reading import read_message
from ingest_alert.registry import parse_alert
from local.backtest.memory import MemoryStore
from shared.pieces import Fault, Piece

BATCH: Final = 5_000
"""Alerts that the engine takes at a time: each batch writes each component that it touches once."""
BATCHES_APART: Final = 10
"""After so many batches, what they stored is set apart from what the collector passes through."""
MOST_FAULTS: Final = 20

T = TypeVar("T")


@dataclass(slots=True)
class Run:
    """A run over a file: the store, the alerts' own ids by resource, and what went wrong.

    `ids` holds, for each resource's partition, the start and the source's id of each alert.
    """

    store: MemoryStore = field(default_factory=MemoryStore)
    ids: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    stored: int = 0
    duplicates: int = 0
    ignored: int = 0
    rejected: int = 0
    faults: list[str] = field(default_factory=list)

    def reject(self, line: int, fault: str) -> None:
        """Note a line, or an alert in it, that cannot be read."""
        self.rejected += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(f"line {line}: {fault}")


async def correlate_lines(lines: Iterable[bytes], policy: Policy, run: Run) -> None:
    """Parse and correlate lines, each what one queue message holds."""
    pieces = (Piece(number, line) for number, line in enumerate(lines, start=1))
    await correlate_pieces(pieces, policy, run)


async def correlate_pieces(pieces: Iterable[Piece | Fault], policy: Policy, run: Run) -> None:
    """Parse and correlate what a file is taken apart into."""
    readings = Readings(policy.mappings)
    observations = _observations(pieces, readings, run)
    with ever_growing() as stored:
        for batch in batches(observations, BATCH):
            await flush(batch, run.store, policy, lambda: 0)
            stored()


@contextmanager
def ever_growing() -> Iterator[Callable[[], None]]:
    """While it lasts, the collector does not pass through what is there, again and again.

    Call what it yields after each batch, so that it holds for what batches stored as well: what
    some of them left in circles is collected, and the rest set apart.
    """
    batch = count(1)

    def stored() -> None:
        if next(batch) % BATCHES_APART == 0:
            gc.collect()
            gc.freeze()

    gc.collect()
    gc.freeze()
    try:
        yield stored
    finally:
        gc.unfreeze()


def _observations(
    pieces: Iterable[Piece | Fault], readings: Readings, run: Run
) -> Iterator[Observation]:
    for piece in pieces:
        number = piece.line
        if isinstance(piece, Fault):
            run.reject(number, piece.reason)
            continue
        try:
            payloads = read_message(piece.body)
        except ReadingError as fault:
            run.reject(number, str(fault))
            continue
        for payload in payloads:
            try:
                alert = parse_alert(payload)
            except ReadingError as fault:
                run.reject(number, str(fault))
                continue
            observation = observe(alert)
            if not run.store.add(observation):
                run.duplicates += 1
                continue
            run.stored += 1
            run.ids[observation.subject.partition].append((alert.start, alert.source_id))
            read = apply(readings, observation)
            if read is None:
                run.ignored += 1
            else:
                yield read


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
