"""The pieces of a file, one by one: a file of millions of alerts need not fit in memory."""

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.alert_files import opened
from shared.pieces import Fault, Piece

DUPLICATE_SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Source:
    """What a file is taken apart into, and how far reading it has come.

    `position` goes up to `total`, in whatever unit, and is given how many pieces were taken;
    `total` is None where the end is not known.
    """

    pieces: Iterable[Piece | Fault]
    total: int | None
    position: Callable[[int], int]


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """A file of any shape that `shared.pieces` reads; `-` is standard input. Raises OSError."""
    with opened(str(path)) as file:
        if file.total:
            yield Source(file.pieces, file.total, lambda _: file.position())
        else:
            yield Source(file.pieces, None, lambda taken: taken)


def read_file(path: Path) -> list[bytes]:
    """All pieces of a file. Raises OSError, ValueError naming what cannot be read."""
    with open_source(path) as source:
        return [_body(path, piece) for piece in source.pieces]


def _body(path: Path, piece: Piece | Fault) -> bytes:
    if isinstance(piece, Piece):
        return piece.body
    raise ValueError(f"{path} line {piece.line}: {piece.reason}")


def disorder(source: Source, shuffle: int | None, duplicate: float) -> Source:
    """The pieces, some of them doubled, and all shuffled when a seed is given."""
    if shuffle is None and not duplicate:
        return source
    chance = random.Random(DUPLICATE_SEED if shuffle is None else shuffle)  # noqa: S311 - not secret
    pieces = list(source.pieces)
    pieces += [piece for piece in pieces if duplicate and chance.random() < duplicate]
    if shuffle is not None:
        chance.shuffle(pieces)
    return Source(pieces, len(pieces), lambda taken: taken)
