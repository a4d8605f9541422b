"""What a stream is taken apart into."""

from typing import NamedTuple


class Piece(NamedTuple):
    """An alert, an array or an envelope in UTF-8, and the line that it begins on."""

    line: int
    body: bytes


class Fault(NamedTuple):
    """What cannot be read, from which line on, and why."""

    line: int
    reason: str
