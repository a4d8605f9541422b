"""The pieces of a file, one by one, as often as they are asked for."""

import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, TypeAlias

from local.alert_files import STANDARD_INPUT
from shared.pieces import Fault, Piece, read_pieces

DUPLICATE_SEED: Final = 1

Pieces: TypeAlias = Iterator[Piece | Fault]


@dataclass(frozen=True, slots=True)
class Source:
    """What a file is taken apart into, and how far reading it has come.

    `pieces` begins anew each time. `position` goes up to `total`, in whatever unit, and is given
    how many pieces were taken.
    """

    pieces: Callable[[], Pieces]
    total: int
    position: Callable[[int], int]


def source_of(pieces: list[Piece | Fault]) -> Source:
    """A source of pieces at hand."""
    return Source(lambda: iter(pieces), len(pieces), lambda taken: taken)


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """A file of any shape that `shared.pieces` reads; `-` is standard input.

    What can be read once only is kept on disk. Raises OSError.
    """
    if str(path) != STANDARD_INPUT and path.is_file():
        with path.open("rb") as file:
            yield _source(file, path.stat().st_size)
        return
    with tempfile.TemporaryFile() as kept:
        if str(path) == STANDARD_INPUT:
            shutil.copyfileobj(sys.stdin.buffer, kept)
        else:
            with path.open("rb") as pipe:
                shutil.copyfileobj(pipe, kept)
        yield _source(kept, kept.tell())


def _source(file: IO[bytes], size: int) -> Source:
    return Source(lambda: _from_start(file), size, lambda _: file.tell())


def _from_start(file: IO[bytes]) -> Pieces:
    file.seek(0)
    yield from read_pieces(file)


def read_file(path: Path) -> list[bytes]:
    """All pieces of a file. Raises OSError, ValueError naming what cannot be read."""
    with open_source(path) as source:
        return [_body(path, piece) for piece in source.pieces()]


def _body(path: Path, piece: Piece | Fault) -> bytes:
    if isinstance(piece, Piece):
        return piece.body
    raise ValueError(f"{path} line {piece.line}: {piece.reason}")


def disorder(source: Source, shuffle: int | None, duplicate: float) -> Source:
    """The pieces, some of them doubled, and all shuffled when a seed is given."""
    if shuffle is None and not duplicate:
        return source
    chance = random.Random(DUPLICATE_SEED if shuffle is None else shuffle)  # noqa: S311 - not secret
    pieces = list(source.pieces())
    pieces += [piece for piece in pieces if duplicate and chance.random() < duplicate]
    if shuffle is not None:
        chance.shuffle(pieces)
    return source_of(pieces)
