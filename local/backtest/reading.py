"""The lines of a file, one by one: a file of millions need not fit in memory."""

import gzip
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

_GZIP: Final = b"\x1f\x8b"
DUPLICATE_SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Source:
    """Lines that are not empty, and how far reading them has come.

    `position` goes up to `total`, in whatever unit, and is given how many lines were taken; `total`
    is None where the end is not known.
    """

    lines: Iterable[bytes]
    total: int | None
    position: Callable[[int], int]


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """A file, gzipped or not; `-` is standard input. Raises OSError."""
    if str(path) == "-":
        yield Source(_lines(cast("IO[bytes]", sys.stdin.buffer)), None, lambda taken: taken)
        return
    with path.open("rb") as file:
        yield Source(_lines(file), path.stat().st_size, lambda _: file.tell())


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """The lines of a file that are not empty; what is gzipped is unpacked."""
    peek = file.peek(2)  # type: ignore[attr-defined]  # a buffered reader, as files and standard input are
    content = gzip.GzipFile(fileobj=file) if peek[:2] == _GZIP else file
    for line in content:
        stripped = line.strip()
        if stripped:
            yield stripped


def read_file(path: Path) -> list[bytes]:
    """All lines of a file. Raises OSError."""
    with open_source(path) as source:
        return list(source.lines)


def disorder(source: Source, shuffle: int | None, duplicate: float) -> Source:
    """The lines, some of them doubled, and all shuffled when a seed is given."""
    if shuffle is None and not duplicate:
        return source
    chance = random.Random(DUPLICATE_SEED if shuffle is None else shuffle)  # noqa: S311 - not secret
    lines = list(source.lines)
    lines += [line for line in lines if duplicate and chance.random() < duplicate]
    if shuffle is not None:
        chance.shuffle(lines)
    return Source(lines, len(lines), lambda taken: taken)
