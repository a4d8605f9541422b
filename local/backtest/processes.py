"""Parsing in processes of their own where a file is large enough to pay for them."""

import gc
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import chain, islice
from multiprocessing import get_context
from typing import Final

from local.backtest.parsing import Parsed, Parser
from local.backtest.reading import Pieces
from shared.pieces import Fault, Piece

AT_ONCE: Final = 1_000
"""Pieces that go to a process at a time."""
FEW: Final = 4_000
"""Up to so many are parsed at once in this process."""
_AHEAD: Final = 4
"""Batches that wait for each process: a file is read no faster than it is parsed."""

_parser: Parser | None = None

Parse = Callable[[Pieces], Iterator[Parsed]]


def _start(parser: Parser) -> None:
    global _parser  # noqa: PLW0603 - a process has one parser, and gets it as it starts
    _parser = parser
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _parse(first: int, pieces: list[Piece | Fault]) -> Parsed:
    assert _parser is not None  # noqa: S101 - `_start` has run
    return _parser.parse(first, pieces)


@contextmanager
def parsing(parser: Parser, processes: int | None = None) -> Iterator[Parse]:
    """Gives a function from pieces to what they hold, in the order of the pieces.

    `processes`: how many at most; as many as there are processors without it.
    """
    most = os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count()
    workers = processes or most or 1
    method = "fork" if sys.platform == "linux" else None
    with ProcessPoolExecutor(
        workers, mp_context=get_context(method), initializer=_start, initargs=(parser,)
    ) as pool:

        def parse(pieces: Pieces) -> Iterator[Parsed]:
            few = list(islice(pieces, FEW))
            if len(few) < FEW or workers == 1:
                yield parser.parse(1, few)
                number = 1 + len(few)
                while some := list(islice(pieces, AT_ONCE)):
                    yield parser.parse(number, some)
                    number += len(some)
                return
            yield from _in_processes(pool, workers, chain(few, pieces))

        yield parse


def _in_processes(pool: ProcessPoolExecutor, workers: int, pieces: Pieces) -> Iterator[Parsed]:
    waiting: deque[Future[Parsed]] = deque()
    number = 1
    while some := list(islice(pieces, AT_ONCE)):
        waiting.append(pool.submit(_parse, number, some))
        number += len(some)
        if len(waiting) > _AHEAD * workers:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
