"""Containers in use: partitioning, the table of items, and the counters that writes advance."""

# ruff: noqa: S608 - table names are numbers that the emulator gave; values are parameters

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from local.cosmos.indexing import Indexer
from local.cosmos.partition import PartitionScheme, parse_path
from local.cosmos.sql.paths import rank_sql, value_sql

from .catalog import CONTAINER, DATABASE, Catalog, Resource

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from local.cosmos.partition import PhysicalRange

RANGE_COUNT: Final = "ranges"
SPLITS: Final = "splits"


@dataclass(slots=True)
class Container:
    """A container.

    Attributes:
        lsn: the last log sequence number given to a write; it only grows.
        rows: how many items the table holds, expired ones included.
        indexes: the columns of each SQLite index made so far, by index name.
    """

    resource: Resource
    database: str
    scheme: PartitionScheme
    lsn: int = 0
    rows: int = 0
    indexes: dict[str, str] = field(default_factory=dict)
    _indexer: tuple[str, Indexer] | None = None

    @property
    def indexer(self) -> Indexer:
        """What tells an item's index terms, under the policy that is in force."""
        version: str = self.resource.body["_etag"]
        if self._indexer is None or self._indexer[0] != version:
            self._indexer = version, Indexer(self.resource.body["indexingPolicy"])
        return self._indexer[1]

    @property
    def id(self) -> str:
        """The container's name."""
        return self.resource.id

    @property
    def table(self) -> str:
        """The SQLite table of its items."""
        return f"items_{self.resource.n}"

    @property
    def name_link(self) -> str:
        """The path by names, as in `x-ms-alt-content-path`."""
        return f"dbs/{self.database}/colls/{self.id}"

    @property
    def default_ttl(self) -> int | None:
        """Seconds, -1 for "only what an item says", None when nothing expires."""
        value: int | None = self.resource.body.get("defaultTtl")
        return value


class Containers:
    """Opens containers by their names, once each."""

    def __init__(self, connection: sqlite3.Connection, catalog: Catalog) -> None:
        self._connection = connection
        self._catalog = catalog
        self._by_name: dict[tuple[str, str], Container] = {}
        self._by_number: dict[int, Container] = {}

    def get(self, database: str, name: str) -> Container:
        """The container, by names or `_rid`s.

        Raises:
            CosmosError: 404 when the database or the container does not exist.
        """
        found = self._by_name.get((database, name))
        if found is None:
            owner = self._catalog.find(DATABASE, None, database)
            resource = self._catalog.find(CONTAINER, owner, name)
            found = self._by_number.get(resource.n) or self._open(resource, owner.id)
            self._by_number[resource.n] = found
            self._by_name[database, name] = found
        return found

    def split(self, container: Container, range_id: str) -> tuple[PhysicalRange, PhysicalRange]:
        """Split a physical range in two, for good.

        Raises:
            CosmosError: 404 when there is no such range.
        """
        children = container.scheme.split(range_id)
        container.resource.hidden[SPLITS] = list(container.scheme.splits)
        self._catalog.keep(container.resource)
        return children

    def every(self) -> list[Container]:
        """All containers of all databases."""
        return [
            self.get(database.id, resource.id)
            for database in self._catalog.list_of(DATABASE)
            for resource in self._catalog.list_of(CONTAINER, database)
        ]

    def forget(self) -> frozenset[int]:
        """Drop what is remembered about names after metadata went away; tells who is left."""
        alive = frozenset(
            resource.n
            for database in self._catalog.list_of(DATABASE)
            for resource in self._catalog.list_of(CONTAINER, database)
        )
        self._by_name.clear()
        self._by_number = {n: item for n, item in self._by_number.items() if n in alive}
        return alive

    def _open(self, resource: Resource, database: str) -> Container:
        hidden = resource.hidden
        scheme = PartitionScheme(
            resource.body["partitionKey"], hidden.get(RANGE_COUNT, 1), hidden.get(SPLITS, ())
        )
        container = Container(resource, database, scheme)
        create_tables(self._connection, container)
        run = self._connection.execute
        run("INSERT OR IGNORE INTO progress VALUES (?, 0)", (resource.n,))
        row = run("SELECT lsn FROM progress WHERE container = ?", (resource.n,)).fetchone()
        container.lsn = row[0]
        container.rows = run(f"SELECT COUNT(*) FROM {container.table}").fetchone()[0]
        container.indexes = dict(
            run(
                "SELECT name, sql FROM sqlite_master"
                " WHERE type = 'index' AND tbl_name = ? AND name LIKE 'ix_%'",
                (container.table,),
            ).fetchall()
        )
        return container


def create_tables(connection: sqlite3.Connection, container: Container) -> None:
    """Make the table of a container's items and its indexes, unless they exist."""
    for statement in _schema(container):
        connection.execute(statement)


def _schema(container: Container) -> list[str]:
    table, n = container.table, container.resource.n
    return [
        (
            f"CREATE TABLE IF NOT EXISTS {table} ("
            " n INTEGER PRIMARY KEY, id TEXT NOT NULL, pk TEXT NOT NULL, epk TEXT NOT NULL,"
            " lsn INTEGER NOT NULL, ts INTEGER NOT NULL, expires INTEGER, etag TEXT NOT NULL,"
            " doc TEXT NOT NULL)"
        ),
        f"CREATE UNIQUE INDEX IF NOT EXISTS key_{n} ON {table} (id, pk)",
        f"CREATE INDEX IF NOT EXISTS pk_{n} ON {table} (pk, lsn)",
        f"CREATE INDEX IF NOT EXISTS lsn_{n} ON {table} (lsn, epk)",
        f"CREATE INDEX IF NOT EXISTS expires_{n} ON {table} (expires) WHERE expires IS NOT NULL",
        *_unique_indexes(container),
    ]


def _unique_indexes(container: Container) -> list[str]:
    policy: dict[str, Any] = container.resource.body.get("uniqueKeyPolicy") or {}
    keys: Sequence[dict[str, Any]] = policy.get("uniqueKeys") or ()
    statements = []
    for number, key in enumerate(keys):
        columns = ["pk"]
        for text in key.get("paths", ()):
            path = parse_path(text)
            columns += [f"MAX(1, {rank_sql(path)})", f"COALESCE({value_sql(path)}, '')"]
        statements.append(
            f"CREATE UNIQUE INDEX IF NOT EXISTS unique_{container.resource.n}_{number}"
            f" ON {container.table} ({', '.join(columns)})"
        )
    return statements
