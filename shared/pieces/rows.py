"""CSV, as Log Analytics and Microsoft Sentinel export a table: each row becomes an object.

The portal marks columns of times with their zone, `TimeGenerated [UTC]`, and writes them as in the
United States, `2/25/2025, 9:19:25.391 AM`. Empty cells are left out; all others stay texts.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import IO, Final

from shared.pieces.piece import Fault, Piece

LARGEST: Final = 16 * 1024 * 1024
"""Characters of a cell."""
_DELIMITERS: Final = (",", ";", "\t")
_NAME: Final = re.compile(r"[A-Za-z_][\w.()/ -]*(?: \[[^\]]+\])?")
_ZONED: Final = re.compile(r"(.*\S) \[([^\]]+)\]")
_PORTAL_TIMES: Final = ("%m/%d/%Y, %I:%M:%S.%f %p", "%m/%d/%Y, %I:%M:%S %p")

csv.field_size_limit(LARGEST)  # the process's own limit, 128 KiB, is less than real entities have


def delimiter_of(line: str) -> str:
    """What separates the names of columns in a first line; empty for any other line."""
    for delimiter in _DELIMITERS:
        names = next(csv.reader([line], delimiter=delimiter), [])
        if len(names) > 1 and all(_NAME.fullmatch(name.strip()) for name in names):
            return delimiter
    return ""


def rows(stream: IO[bytes], delimiter: str) -> Iterator[Piece | Fault]:
    """Each row as a piece; one that cannot be read is a fault at its first line."""
    text = io.TextIOWrapper(stream, "utf-8", newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    header = [name.strip() for name in next(reader)]
    columns = [_ZONED.fullmatch(name) for name in header]
    names = [zoned[1] if zoned else name for zoned, name in zip(columns, header, strict=True)]
    times = [number for number, zoned in enumerate(columns) if zoned]
    if (reason := _refused(names, columns)) is not None:
        yield Fault(1, reason)
        return
    empty = True
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as fault:
            empty = False
            yield Fault(line, f"the row cannot be read: {fault}")
            continue
        if row is None:
            break
        if row:
            empty = False
            yield _piece(line, names, row, times)
    if empty:
        yield Fault(reader.line_num, "there is no row below the names of the columns")


def _refused(names: Sequence[str], columns: Sequence[re.Match[str] | None]) -> str | None:
    """Why a header cannot be used."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        return f"two columns are named {twice[0]!r}"
    zones = {zoned[2] for zoned in columns if zoned} - {"UTC"}
    if zones:
        return f"times are in {min(zones)!r}: export them in UTC"
    return None


def _piece(
    line: int, names: Sequence[str], row: Sequence[str], times: Sequence[int]
) -> Piece | Fault:
    if len(row) != len(names):
        return Fault(line, f"the row has {len(row)} cells, and the header names {len(names)}")
    cells = list(row)
    for number in times:
        cells[number] = _iso(cells[number])
    filled = {name: cell for name, cell in zip(names, cells, strict=True) if cell}
    return Piece(line, json.dumps(filled, ensure_ascii=False).encode("utf-8", "replace"))


def _iso(text: str) -> str:
    """A time as the portal writes it, in ISO 8601; any other text as it is."""
    for pattern in _PORTAL_TIMES:
        with suppress(ValueError):
            return datetime.strptime(f"{text}+0000", f"{pattern}%z").isoformat()
    return text
