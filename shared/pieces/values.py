"""JSON texts over any number of lines, one after the other; the elements of an array, one by one.

The stream is read through a window, which grows while a value does not end in it.
"""

import io
import json
import re
from collections.abc import Iterator
from typing import IO, Final

from shared.pieces.piece import Fault, Piece

LARGEST: Final = 16 * 1024 * 1024
"""Characters of one value: some ten times the largest alert that is stored."""
_READ: Final = 1024 * 1024
_SPACE: Final = re.compile(r"[\0\x1e \t\r\n]*")
_SCALAR: Final = re.compile(r"[^\0\x1e \t\r\n,\[\]{}\"]+")

# Only where a value ends matters here; its numbers are made by whoever reads the piece.
_DECODER: Final = json.JSONDecoder(parse_int=str, parse_float=str)


class _BrokenError(ValueError):
    """The text stops being JSON on a line."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.fault = Fault(line, f"{reason}; nothing after it is read")


def begins_well(text: str) -> bool:
    """Whether a text begins with a value, or with an array whose first element is one.

    A text that ends before the value does began well, too.
    """
    start = _SPACE.match(text, 1).end() if text[:1] == "[" else 0  # type: ignore[union-attr]  # it matches nothing too
    try:
        _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as fault:
        return text[start : start + 1] == "]" or _is_cut(fault, text)
    except RecursionError:
        return True
    return True


def _is_cut(fault: json.JSONDecodeError, text: str) -> bool:
    """Whether a text is broken only by its end."""
    return fault.pos >= len(text.rstrip()) or fault.msg.startswith("Unterminated string")


def values(stream: IO[bytes]) -> Iterator[Piece | Fault]:
    """Each value, and each element of an array, as a piece at its line; a fault ends them."""
    window = _Window(io.TextIOWrapper(stream, "utf-8", newline=""))
    found = False
    try:
        while window.next():
            found = True
            if window.next() == "[":
                yield from _elements(window)
            else:
                yield window.take()
    except _BrokenError as broken:
        yield broken.fault
    if not found:
        yield Fault(1, "there is nothing in it")


def _elements(window: "_Window") -> Iterator[Piece | Fault]:
    opened = window.line
    window.skip()
    if window.next() == "]":
        yield Fault(opened, "the array is empty")
    while window.next() != "]":
        yield window.take()
        if window.next() == ",":
            window.skip()
        elif window.next() != "]":
            raise window.broken("a comma or the array's end is missing", opened)
    window.skip()


class _Window:
    """The part of a text that is looked at, and the line that it begins on."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._rest = text
        self._text = ""
        self._at = 0
        self.line = 1

    def next(self) -> str:
        """The next character but spaces, without taking it; empty at the end."""
        while True:
            self._to(_SPACE.match(self._text, self._at).end())  # type: ignore[union-attr]  # it matches nothing too
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def skip(self) -> None:
        """Take the next character."""
        self._to(self._at + 1)

    def take(self) -> Piece:
        """Take the next value. Raises _BrokenError."""
        line, end = self.line, self._end()
        body = self._text[self._at : end].encode()
        self._to(end)
        return Piece(line, body)

    def broken(self, reason: str, opened: int) -> _BrokenError:
        """The fault at the next character, or that the text ends in what opened on a line."""
        if not self.next():
            return _BrokenError(opened, "the array that begins here never ends: the file is cut")
        return _BrokenError(self.line, reason)

    def _end(self) -> int:
        """Where the next value ends; reads on until it does."""
        while True:
            try:
                _, end = _DECODER.raw_decode(self._text, self._at)
            except RecursionError:
                raise _BrokenError(self.line, "the JSON is nested too deeply to be read") from None
            except json.JSONDecodeError as fault:
                if len(self._text) - self._at > LARGEST:
                    reason = f"the value that begins here has over {LARGEST:,} characters"
                    raise _BrokenError(self.line, reason) from None
                if not self._more():
                    raise self._told(fault) from None
            else:
                # A number may go on beyond the window.
                if end < len(self._text) or self._text[end - 1] in '}]"' or not self._more():
                    return end

    def _told(self, fault: json.JSONDecodeError) -> _BrokenError:
        if _is_cut(fault, self._text):
            return _BrokenError(self.line, "the value that begins here never ends: the file is cut")
        line = self.line + self._text.count("\n", self._at, fault.pos)
        column = fault.pos - self._text.rfind("\n", 0, fault.pos)
        return _BrokenError(line, f"the JSON is broken at column {column}: {fault.msg}")

    def _to(self, place: int) -> None:
        self.line += self._text.count("\n", self._at, place)
        self._at = place

    def _more(self) -> bool:
        """Read on, by as much again as is held; False at the end."""
        more = self._rest.read(max(_READ, len(self._text) - self._at))
        if more:
            self._text, self._at = self._text[self._at :] + more, 0
        return bool(more)
