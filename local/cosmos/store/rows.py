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
#: For each path that is ordered by, type rank and SQLite value.
Keys = tuple[tuple[int, Any], ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """What to read.

    Attributes:
        order: paths with "descending"; none means by row number, which is by creation.
        after: only what comes after the row of this number.
        after_keys: what that row is ordered by (for ordered reads), as `Rows.keys` gives it.
        limit: rows given at most; -1 is no limit.
    """

    condition: Condition
    scope: Scope
    order: tuple[OrderKey, ...] = ()
    after: int = 0
    after_keys: Keys = ()
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
            f" ORDER BY {_order_by(selection, indexed=bool(index))} LIMIT ?"
        )
        return self._connection.execute(sql, (*params, selection.limit))

    def count(self, container: Container, selection: Selection) -> int:
        """How many documents meet an exact condition."""
        index = self._index(container, selection)
        where, params = self._where(container, selection)
        sql = f"SELECT COUNT(*) FROM {container.table}{index} WHERE {where}"
        result: int = self._connection.execute(sql, params).fetchone()[0]
        return result

    def keys(self, container: Container, order: Sequence[OrderKey], row: int) -> Keys:
        """What a row is ordered by; nothing without an order."""
        if not order:
            return ()
        columns = ", ".join(f"{rank_sql(path)}, {value_sql(path)}" for path, _ in order)
        sql = f"SELECT {columns} FROM {container.table} WHERE n = ?"
        found = self._connection.execute(sql, (row,)).fetchone() or ()
        return tuple(zip(found[::2], found[1::2], strict=True))

    def _where(self, container: Container, selection: Selection) -> tuple[str, list[Any]]:
        scope, params = selection.scope.clause()
        where = f"({selection.condition.sql}){scope}{live_clause(container, self._clock)}"
        values: list[Any] = [*selection.condition.params, *params]
        if selection.after_keys:
            later, bounds = _later(selection)
            where += f" AND {later}"
            values += bounds
        elif selection.after:
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


def _later(selection: Selection) -> tuple[str, list[Any]]:
    """The condition that a row comes after the one that the selection goes on from."""
    ways: list[str] = []
    params: list[Any] = []
    before, before_params = "", list[Any]()
    for (path, descending), (rank, value) in zip(
        selection.order, selection.after_keys, strict=True
    ):
        ranks, values, op = f"+{rank_sql(path)}", f"+{value_sql(path)}", "<" if descending else ">"
        same = f"{ranks} = ? AND {values} IS ?"
        ways.append(f"{before}({ranks} {op} ? OR ({ranks} = ? AND {values} {op} ?))")
        params += [*before_params, rank, rank, value]
        before, before_params = f"{before}{same} AND ", [*before_params, rank, value]
    last = "<" if _all_descending(selection.order) else ">"
    ways.append(f"{before}+n {last} ?")
    return f"({' OR '.join(ways)})", [*params, *before_params, selection.after]


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
