"""Files of alerts, and standard input, for every command that reads them."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shared.pieces import Fault, Piece, read_pieces

STANDARD_INPUT: Final = "-"


@dataclass(frozen=True, slots=True)
class AlertFile:
    """A file's pieces, by the name that it is shown under.

    `position` tells how many of its `total` bytes have been read; the total of standard input is
    not known and 0.
    """

    shown: str
    pieces: Iterator[Piece | Fault]
    total: int
    position: Callable[[], int]

    def share(self) -> float:
        """How much of it has been read, from 0 to 1; 0 where its length is not known."""
        return self.position() / self.total if self.total else 0.0


@contextmanager
def opened(name: str) -> Iterator[AlertFile]:
    """The file of that name, `-` for standard input. Raises OSError when it cannot be opened."""
    if name == STANDARD_INPUT:
        yield AlertFile("standard input", read_pieces(sys.stdin.buffer), 0, lambda: 0)
        return
    path = Path(name)
    with path.open("rb") as file:
        yield AlertFile(name, read_pieces(file), path.stat().st_size, file.tell)
