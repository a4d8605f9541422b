"""The change feed: items in the order of their last change, each at its latest version."""

# ruff: noqa: S608 - table names are numbers that the emulator gave; values are parameters

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .items import live_clause

if TYPE_CHECKING:
    import sqlite3

    from .catalog import Clock
    from .containers import Container

PAGE_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Scope:
    """Which items a feed or a query covers.

    Attributes:
        key: one logical partition (canonical key), or None.
        low, high: an EPK interval, inclusive and exclusive; `""` to `"FF"` is everything.
    """

    key: str | None = None
    low: str = ""
    high: str = "FF"

    def clause(self) -> tuple[str, list[Any]]:
        """The SQL condition (starting with AND, or empty) and its parameters."""
        sql = ""
        params: list[Any] = []
        if self.key is not None:
            sql += " AND pk = ?"
            params.append(self.key)
        if self.low:
            sql += " AND +epk >= ?"
            params.append(self.low)
        if self.high != "FF":
            sql += " AND +epk < ?"
            params.append(self.high)
        return sql, params


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of the feed: documents with their `_lsn`, and the LSN to go on from."""

    documents: list[bytes]
    lsn: int


class Feed:
    """Reads the change feeds of all containers."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def read(
        self, container: Container, scope: Scope, after: int, since: int | None, limit: int
    ) -> Changes:
        """The next changes with an LSN over `after`, at most about `limit` of them.

        Items written by one transaction share an LSN and are never split over two pages, so a
        page can hold more than `limit`. `since` leaves out what changed before that time
        (seconds since 1970).
        """
        condition, params = scope.clause()
        if since is not None:
            condition += " AND ts >= ?"
            params.append(since)
        rows = self._connection.execute(
            f"SELECT lsn, CAST(doc AS BLOB) FROM {container.table} WHERE lsn > ?"
            f"{condition}{live_clause(container, self._clock)} ORDER BY lsn",
            (after, *params),
        )
        documents: list[bytes] = []
        size, last = 0, after
        for lsn, doc in rows:
            if lsn != last and (len(documents) >= limit or size >= PAGE_BYTES):
                rows.close()
                return Changes(documents, last)
            documents.append(b'%s,"_lsn":%d}' % (doc[:-1], lsn))
            size += len(doc)
            last = lsn
        # A replica that lags behind the continuation must not turn it back.
        return Changes(documents, max(after, container.lsn))
