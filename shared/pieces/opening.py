"""A stream as plain UTF-8, with a look at its beginning."""

import gzip
import io
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from typing import IO, Final, cast

HEAD_BYTES: Final = 256 * 1024
"""How much of a stream is looked at before it is known what it is written in."""
_GZIP: Final = b"\x1f\x8b"
_READ: Final = 1024 * 1024


def opened(stream: IO[bytes]) -> tuple[bytes, IO[bytes]]:
    """The stream's beginning, and the stream from its start: unpacked, in UTF-8, without a mark.

    Raises what reading a cut or damaged gzip stream raises: EOFError, OSError, zlib.error.
    """
    head, whole = _looked(stream)
    if head.startswith(_GZIP):
        head, whole = _looked(cast("IO[bytes]", gzip.GzipFile(fileobj=whole)))
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        head, whole = _looked(_Recoded(io.TextIOWrapper(whole, "utf-16", newline="")))
    if head.startswith(BOM_UTF8):
        whole.read(len(BOM_UTF8))
        head = head[len(BOM_UTF8) :]
    return head, whole


def _looked(stream: IO[bytes] | io.RawIOBase) -> tuple[bytes, io.BufferedReader]:
    """The first bytes of a stream, and a stream that gives them again and then the rest."""
    head = b""
    while len(head) < HEAD_BYTES and (more := stream.read(HEAD_BYTES - len(head))):
        head += more
    return head, io.BufferedReader(_Rewound(head, stream), _READ)


class _Rewound(io.RawIOBase):
    """What was read of a stream, and then its rest."""

    def __init__(self, head: bytes, rest: IO[bytes] | io.RawIOBase) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, target: "memoryview | bytearray", /) -> int:  # type: ignore[override]  # any buffer
        if self._head:
            size = min(len(target), len(self._head))
            target[:size], self._head = self._head[:size], self._head[size:]
            return size
        more = self._rest.read(len(target)) or b""
        target[: len(more)] = more
        return len(more)


class _Recoded(io.RawIOBase):
    """A text as bytes of UTF-8."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, target: "memoryview | bytearray", /) -> int:  # type: ignore[override]  # any buffer
        if not self._left:
            self._left = self._text.read(len(target)).encode("utf-8", "replace")
        size = min(len(target), len(self._left))
        target[:size], self._left = self._left[:size], self._left[size:]
        return size
