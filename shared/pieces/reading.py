"""What a stream is written in, and its pieces."""

import json
import re
import zlib
from collections.abc import Iterator
from enum import Enum, auto
from typing import IO, Final

from shared.pieces.opening import HEAD_BYTES, opened
from shared.pieces.piece import Fault, Piece
from shared.pieces.rows import delimiter_of, rows
from shared.pieces.values import begins_well, values

_BLANK: Final = b"\0\x1e \t\r\n"
"""White space, padding, and what RFC 7464 puts before each text."""
_EVENT_LINE: Final = re.compile(rb"^[^{\[]*\b(?:CEF|LEEF):\s?\d")
"""The beginning of an event in CEF or LEEF, perhaps behind a header of syslog."""
_SHOWN: Final = 40


class Writing(Enum):
    """How alerts are written."""

    LINES = auto()
    """Each line a JSON text, or an event in CEF or LEEF: a broken line spoils no other."""
    VALUES = auto()
    """JSON texts over any number of lines, one after the other."""
    ROWS = auto()
    """CSV: a line of names, then a row an alert."""
    UNKNOWN = auto()


def read_pieces(stream: IO[bytes]) -> Iterator[Piece | Fault]:
    """The pieces of a stream in order, and what in it cannot be read, at its line.

    What was read before a fault stands. Raises OSError when the stream itself fails.
    """
    line = 1
    try:
        head, whole = opened(stream)
        if not head.strip(_BLANK):
            yield Fault(1, "there is nothing in it")
            return
        for found in _pieces(head, whole):
            line = found.line
            yield found
    except (EOFError, zlib.error) as fault:
        yield Fault(line, f"the gzip data is cut or damaged hereafter: {fault}")
    except UnicodeDecodeError as fault:
        yield Fault(line, f"what follows is not {fault.encoding} text: {fault.reason}")


def _pieces(head: bytes, whole: IO[bytes]) -> Iterator[Piece | Fault]:
    match writing_of(head):
        case Writing.LINES:
            return _lines(whole)
        case Writing.VALUES:
            return values(whole)
        case Writing.ROWS:
            return rows(whole, delimiter_of(_first_line(head)))
        case Writing.UNKNOWN:
            shown = _first_line(head)[:_SHOWN]
            reason = (
                f"this is neither JSON, CEF, LEEF nor CSV with a line of column names: {shown!r}"
            )
            return iter([Fault(1, reason)])


def writing_of(head: bytes) -> Writing:
    """What a stream that begins so is written in.

    A first line that is whole makes JSON lines. So does any whole line where no value over several
    lines begins well: then the lines before it are broken.
    """
    text = head.strip(_BLANK)
    first, *others = text.split(b"\n")
    if len(head) >= HEAD_BYTES and others:
        text = text.removesuffix(others.pop())  # its last line may be cut
    if _EVENT_LINE.search(first):
        return Writing.LINES
    if text[:1] in (b"{", b"["):
        if _is_whole(first):
            return Writing.LINES
        if begins_well(text.decode("utf-8", "replace")):
            return Writing.VALUES
        return Writing.LINES if any(map(_is_whole, others)) else Writing.VALUES
    if delimiter_of(_first_line(head)):
        return Writing.ROWS
    return Writing.LINES if any(map(_is_whole, others)) else Writing.UNKNOWN


def _is_whole(line: bytes) -> bool:
    """Whether a line is a JSON object or array."""
    stripped = line.strip(_BLANK)
    if stripped[:1] not in (b"{", b"[") or stripped[-1:] not in (b"}", b"]"):
        return False
    try:
        json.loads(stripped)
    except (ValueError, RecursionError):
        return False
    return True


def _first_line(head: bytes) -> str:
    return head.strip(_BLANK).partition(b"\n")[0].decode("utf-8", "replace").strip()


def _lines(stream: IO[bytes]) -> Iterator[Piece]:
    """The lines that are not blank. Only line feeds end one: JSON may hold Unicode's others."""
    for number, line in enumerate(stream, start=1):
        stripped = line.strip(_BLANK)
        if stripped:
            yield Piece(number, stripped)
