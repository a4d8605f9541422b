"""Finds the documents that a query may return, in the order it wants, through SQLite indexes.

Cosmos DB indexes every path; here an index on a path, or on a pinned path and the paths to
order by, is made the first time that a query over a large container can use it.
"""

# ruff: noqa: S608 - table names are numbers that the emulator gave; values are parameters

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from local.cosmos.sql.paths import Path, rank_sql, value_sql

from .items import live_clause

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from local.cosmos.sql.translate import Condition

    from .catalog import Clock
    from .containers import Container
    from .feed import Scope

INDEX_FROM_ROWS: Final = 1_000
MAX_INDEXES: Final = 16

OrderKey = tuple[Path, bool]
Row = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Selection:
    """What to read.

    Attributes:
        order: paths with "descending"; none means by row number, which is by creation.
        after: only row numbers over this one (for unordered reads).
        skip, limit: rows left out and rows given at most; -1 is no limit.
    """

    condition: Condition
    scope: Scope
    order: tuple[OrderKey, ...] = ()
    after: int = 0
    skip: int = 0
    limit: int = -1


class Rows:
    """Reads documents by condition."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def select(self, container: Container, selection: Selection) -> Iterator[Row]:
        """Row number and document, lazily, in order."""
        index = self._index(container, selection)
        where, params = self._where(container, selection)
        sql = (
            f"SELECT n, CAST(doc AS BLOB) FROM {container.table}{index} WHERE {where}"
            f" ORDER BY {_order_by(selection, indexed=bool(index))} LIMIT ? OFFSET ?"
        )
        return self._connection.execute(sql, (*params, selection.limit, selection.skip))

    def count(self, container: Container, selection: Selection) -> int:
        """How many documents meet an exact condition."""
        index = self._index(container, selection)
        where, params = self._where(container, selection)
        sql = f"SELECT COUNT(*) FROM {container.table}{index} WHERE {where}"
        result: int = self._connection.execute(sql, params).fetchone()[0]
        return result

    def _where(self, container: Container, selection: Selection) -> tuple[str, list[Any]]:
        scope, params = selection.scope.clause()
        where = f"({selection.condition.sql}){scope}{live_clause(container, self._clock)}"
        values: list[Any] = [*selection.condition.params, *params]
        if selection.after:
            where += " AND +n > ?"
            values.append(selection.after)
        return where, values

    def _index(self, container: Container, selection: Selection) -> str:
        """`INDEXED BY …` for the index that serves the selection best, made if need be."""
        if container.rows < INDEX_FROM_ROWS:
            return ""
        columns = _key_columns(selection, container)
        if not columns:
            return ""
        name = _index_name(container, columns)
        if name not in container.indexes:
            if len(container.indexes) >= MAX_INDEXES:
                return ""
            sql = f"CREATE INDEX {name} ON {container.table} ({', '.join(columns)})"
            self._connection.execute(sql)
            container.indexes[name] = sql
        return f" INDEXED BY {name}"


def _key_columns(selection: Selection, container: Container) -> list[str]:
    """The columns of the wished-for index; none when the fixed indexes serve as well."""
    condition, order = selection.condition, selection.order
    scheme = container.scheme
    pinned = [path for path in condition.equal if path not in (("id",), *scheme.paths)]
    if ("id",) in condition.equal:
        return []
    in_partition = selection.scope.key is not None or any(
        path in scheme.paths for path in condition.equal
    )
    columns = ["pk"] if in_partition and len(scheme.paths) == 1 else []
    if in_partition and not columns:
        return []
    start = len(columns)
    if pinned:
        columns += _columns(pinned[0], descending=False)
    keys = [key for key in order if key[0] not in pinned[:1]]
    backwards = _all_descending(keys)
    for path, descending in keys:
        columns += _columns(path, descending=descending and not backwards)
    if not keys and condition.ranged:
        columns += _columns(condition.ranged[0], descending=False)
    return columns if len(columns) > start else []


def _columns(path: Path, *, descending: bool) -> list[str]:
    suffix = " DESC" if descending else ""
    rank = rank_sql(path)
    ranked = [] if rank.isdigit() else [rank + suffix]
    return [*ranked, value_sql(path) + suffix]


def _index_name(container: Container, columns: Sequence[str]) -> str:
    digest = hashlib.blake2b(", ".join(columns).encode(), digest_size=8).hexdigest()
    return f"ix_{container.resource.n}_{digest}"


def _order_by(selection: Selection, *, indexed: bool) -> str:
    """The ORDER BY terms; ties go by row number, in the direction that an index gives for free.

    SQLite does not see that an expression pinned by the condition is constant, and would sort
    for it, so pinned ranks and values are left out.
    """
    condition = selection.condition
    if not selection.order:
        return "+n" if indexed or condition.equal else "n"
    parts = []
    for path, descending in selection.order:
        low, high = condition.lows.get(path), condition.highs.get(path)
        columns = _columns(path, descending=descending)
        if low is None and high is None:
            parts += columns
        elif low != high:
            parts.append(columns[-1])
    return ", ".join([*parts, "n DESC" if _all_descending(selection.order) else "n"])


def _all_descending(order: Sequence[OrderKey]) -> bool:
    return all(descending for _, descending in order)
