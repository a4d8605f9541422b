"""A replica that lags: what a read sees that carries no session token.

It is a SQLite database in memory of its own, to which each write is applied some time after it was
acknowledged, in the same order.
"""

# ruff: noqa: S608 - table names are numbers that the emulator gave; values are parameters

from __future__ import annotations

import sqlite3
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .connection import CACHED_STATEMENTS, MEMORY
from .containers import Container, create_tables
from .feed import Feed
from .items import Items
from .rows import Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .catalog import Clock

COLUMNS: Final = "n, id, pk, epk, lsn, ts, expires, etag, doc"
INSERT: Final = "INSERT OR REPLACE INTO {table} ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Statement:
    """One change of a table, to be made at a time (seconds since 1970)."""

    due: float
    container: Container
    lsn: int
    sql: str
    params: tuple[Any, ...]


class Replica:
    """Follows the primary's containers at a distance of `lag` seconds."""

    def __init__(self, primary: sqlite3.Connection, clock: Clock, lag: float) -> None:
        self.lag = lag
        self._primary = primary
        self._clock = clock
        self._connection = sqlite3.connect(
            MEMORY,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=CACHED_STATEMENTS,
        )
        self._containers: dict[int, Container] = {}
        self._waiting: deque[Statement] = deque()
        self.items = Items(self._connection, clock)
        self.rows = Rows(self._connection, clock)
        self.feed = Feed(self._connection, clock)

    def container(self, primary: Container) -> Container:
        """The container as the replica has it by now."""
        copy = self.follow(primary)
        now = self._clock()
        while self._waiting and self._waiting[0].due <= now:
            self._apply(self._waiting.popleft())
        copy.rows = primary.rows
        return copy

    def follow(self, primary: Container) -> Container:
        """The copy of a container; made, as it is now, before the first write to it."""
        copy = self._containers.get(primary.resource.n)
        if copy is None:
            copy = self._containers[primary.resource.n] = self._copied(primary)
        return copy

    def record(self, primary: Container, lsn: int, touched: Sequence[int]) -> None:
        """Take note of the rows that a transaction wrote or deleted."""
        for number in touched:
            sql = f"SELECT {COLUMNS} FROM {primary.table} WHERE n = ?"
            row = self._primary.execute(sql, (number,)).fetchone()
            if row is None:
                gone = f"DELETE FROM {primary.table} WHERE n = ?"
                self._wait(primary, lsn, gone, (number,))
            else:
                self._wait(
                    primary, lsn, INSERT.format(table=primary.table, columns=COLUMNS), tuple(row)
                )

    def record_deleted_partition(self, primary: Container, lsn: int, key: str) -> None:
        """Take note that a whole logical partition was deleted."""
        self._wait(primary, lsn, f"DELETE FROM {primary.table} WHERE pk = ?", (key,))

    def purge(self, limit: int) -> None:
        """Delete at most `limit` expired items of each container."""
        for copy in self._containers.values():
            self.items.purge(copy, limit)

    def reset_expiry(self, primary: Container) -> None:
        """Set every item's expiry anew after the container's default changed."""
        self.items.reset_expiry(self.follow(primary))

    def forget(self, numbers: frozenset[int]) -> None:
        """Drop the containers whose numbers are not among those that live."""
        for number in [n for n in self._containers if n not in numbers]:
            gone = self._containers.pop(number)
            self._connection.execute(f"DROP TABLE IF EXISTS {gone.table}")
        self._waiting = deque(
            each for each in self._waiting if each.container.resource.n in numbers
        )

    def _wait(self, primary: Container, lsn: int, sql: str, params: tuple[Any, ...]) -> None:
        due, copy = self._clock() + self.lag, self.follow(primary)
        self._waiting.append(Statement(due, copy, lsn, sql, params))

    def _apply(self, statement: Statement) -> None:
        self._connection.execute(statement.sql, statement.params)
        statement.container.lsn = statement.lsn

    def _copied(self, primary: Container) -> Container:
        copy = Container(primary.resource, primary.database, primary.scheme)
        create_tables(self._connection, copy)
        rows = self._primary.execute(f"SELECT {COLUMNS} FROM {primary.table}")
        self._connection.executemany(INSERT.format(table=copy.table, columns=COLUMNS), rows)
        copy.lsn = primary.lsn
        return copy
