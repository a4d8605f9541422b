"""Reading and writing items.

A `Write` is one transaction on one container: everything it does has one log sequence number
and becomes visible at once, or not at all. Its methods raise `CosmosError` and leave it to the
caller to roll back.
"""

# ruff: noqa: S608 - table names are numbers that the emulator gave; values are parameters

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import orjson

from local.cosmos import resource_ids
from local.cosmos.charges import read_charge, replace_charge, write_charge
from local.cosmos.errors import conflict, not_found, precondition_failed
from local.cosmos.indexing import SYSTEM_PROPERTIES
from local.cosmos.limits import check_item_size
from local.cosmos.messages import dump_json

from .connection import transaction

if TYPE_CHECKING:
    from .catalog import Clock
    from .containers import Container

Document = dict[str, Any]

OPERATIONS_PER_LSN: Final = 128
FIND: Final = "SELECT n, lsn, etag, CAST(doc AS BLOB) FROM {table} WHERE id = ? AND pk = ?{live}"


@dataclass(frozen=True, slots=True)
class Stored:
    """An item as stored: its row number, LSN, ETag, and document in UTF-8 JSON."""

    n: int
    lsn: int
    etag: str
    doc: bytes


class Follower(Protocol):
    """Is told of every committed write."""

    def follow(self, primary: Container) -> object:
        """Be ready: a transaction on the container begins."""

    def record(self, primary: Container, lsn: int, touched: Sequence[int]) -> None:
        """Take note of the rows that a transaction wrote or deleted."""

    def record_deleted_partition(self, primary: Container, lsn: int, key: str) -> None:
        """Take note that a whole logical partition was deleted."""


class Items:
    """The items of all containers."""

    def __init__(
        self, connection: sqlite3.Connection, clock: Clock, follower: Follower | None = None
    ) -> None:
        self._connection = connection
        self.clock = clock
        self.follower = follower

    def find(self, container: Container, key: str, item_id: str) -> Stored | None:
        """The live item with this partition key (canonical text) and id, or None."""
        sql = FIND.format(table=container.table, live=live_clause(container, self.clock))
        row = self._connection.execute(sql, (item_id, key)).fetchone()
        return Stored(*row) if row else None

    def id_of(self, container: Container, name: str) -> str:
        """The id of the item that a path names by `_rid`, or the name itself."""
        number = resource_ids.item_number(container.resource.rid, name)
        if number is None:
            return name
        sql = f"SELECT id FROM {container.table} WHERE n = ?"
        row = self._connection.execute(sql, (number,)).fetchone()
        return row[0] if row else name

    def read(self, container: Container, key: str, item_id: str) -> Stored:
        """The live item.

        Raises:
            CosmosError: 404 when there is none.
        """
        found = self.find(container, key, item_id)
        if found is None:
            raise not_found(f"docs/{item_id}")
        return found

    @contextmanager
    def write(self, container: Container) -> Iterator[Write]:
        """A transaction on the container; an exception undoes all of it."""
        if self.follower is not None:
            self.follower.follow(container)
        write = Write(self._connection, container, self, self.clock())
        with transaction(self._connection):
            yield write
            self._connection.execute(
                "UPDATE progress SET lsn = ? WHERE container = ?",
                (write.lsn, container.resource.n),
            )
        container.lsn = write.lsn
        container.rows += write.added
        if self.follower is not None and write.touched:
            self.follower.record(container, write.lsn, write.touched)

    def delete_partition(self, container: Container, key: str) -> int:
        """Delete every item of a logical partition; returns how many."""
        with self.write(container) as write:
            cursor = self._connection.execute(f"DELETE FROM {container.table} WHERE pk = ?", (key,))
            write.added -= cursor.rowcount
        if self.follower is not None:
            self.follower.record_deleted_partition(container, container.lsn, key)
        return cursor.rowcount

    def purge(self, container: Container, limit: int) -> int:
        """Delete at most `limit` expired items; returns how many."""
        if container.default_ttl is None:
            return 0
        cursor = self._connection.execute(
            f"DELETE FROM {container.table} WHERE n IN (SELECT n FROM {container.table}"
            " WHERE expires <= ? LIMIT ?)",
            (int(self.clock()), limit),
        )
        container.rows -= cursor.rowcount
        return cursor.rowcount

    def reset_expiry(self, container: Container) -> None:
        """Set every item's expiry anew after the container's default changed."""
        default = container.default_ttl
        own = "json_extract(doc,'$.\"ttl\"')"
        fallback = f"ts + {default}" if default and default > 0 else "NULL"
        self._connection.execute(
            f"UPDATE {container.table} SET expires ="
            f" CASE WHEN {own} > 0 THEN ts + {own} WHEN {own} = -1 THEN NULL"
            f" ELSE {fallback} END"
        )


class Write:
    """One transaction's worth of changes to one container.

    Attributes:
        charge: what the last operation cost, in request units.
    """

    def __init__(
        self, connection: sqlite3.Connection, container: Container, items: Items, now: float
    ) -> None:
        self._connection = connection
        self._container = container
        self._items = items
        self._now = now
        self._operation = 0
        self.lsn = container.lsn + 1
        self.added = 0
        self.touched: list[int] = []
        self.charge = 0.0

    def create(self, key: str, document: Document) -> Stored:
        """Insert an item.

        Raises:
            CosmosError: 409 when its id or a unique key is taken.
        """
        try:
            return self._insert(key, document)
        except sqlite3.IntegrityError:
            if not self._drop_expired(key, document["id"]):
                raise conflict(f"docs/{document['id']}") from None
        try:
            return self._insert(key, document)
        except sqlite3.IntegrityError:
            raise conflict(f"docs/{document['id']}") from None

    def upsert(
        self, key: str, document: Document, check: Check | None = None
    ) -> tuple[Stored, bool]:
        """Insert an item or replace it; tells whether it was inserted."""
        old = self._items.find(self._container, key, document["id"])
        if old is None:
            return self.create(key, document), True
        if check:
            check(old)
        return self._update(old, key, document), False

    def replace(self, key: str, item_id: str, document: Document, check: Check) -> Stored:
        """Replace an item as a whole.

        Raises:
            CosmosError: 404 when it does not exist, 412 from the check.
        """
        old = self._items.read(self._container, key, item_id)
        check(old)
        return self._update(old, key, document)

    def change(
        self, key: str, item_id: str, edit: Callable[[Stored], Document], check: Check
    ) -> Stored:
        """Replace an item by what `edit` makes of it."""
        old = self._items.read(self._container, key, item_id)
        check(old)
        return self._update(old, key, edit(old))

    def delete(self, key: str, item_id: str, check: Check) -> Stored:
        """Delete an item and return what it was."""
        old = self._items.read(self._container, key, item_id)
        check(old)
        self._connection.execute(f"DELETE FROM {self._container.table} WHERE n = ?", (old.n,))
        self.added -= 1
        self.touched.append(old.n)
        terms = self._container.indexer.terms(orjson.loads(old.doc))
        self.charge = write_charge(len(old.doc), terms.total())
        return old

    def read(self, key: str, item_id: str) -> Stored:
        """The item as this transaction sees it."""
        stored = self._items.read(self._container, key, item_id)
        self.charge = read_charge(len(stored.doc))
        return stored

    def _insert(self, key: str, document: Document) -> Stored:
        n = self.lsn * OPERATIONS_PER_LSN + self._operation
        etag, body = self._finish(n, document)
        container = self._container
        self._connection.execute(
            f"INSERT INTO {container.table} (n, id, pk, epk, lsn, ts, expires, etag, doc)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                n,
                document["id"],
                key,
                container.scheme.epk(key),
                self.lsn,
                int(self._now),
                self._expires(document),
                etag,
                body.decode(),
            ),
        )
        self.added += 1
        self.touched.append(n)
        self.charge = write_charge(len(body), container.indexer.terms(document).total())
        return Stored(n, self.lsn, etag, body)

    def _update(self, old: Stored, key: str, document: Document) -> Stored:
        n = old.n
        etag, body = self._finish(n, document)
        try:
            self._connection.execute(
                f"UPDATE {self._container.table} SET id = ?, pk = ?, lsn = ?, ts = ?,"
                " expires = ?, etag = ?, doc = ? WHERE n = ?",
                (
                    document["id"],
                    key,
                    self.lsn,
                    int(self._now),
                    self._expires(document),
                    etag,
                    body.decode(),
                    n,
                ),
            )
        except sqlite3.IntegrityError:
            raise conflict(f"docs/{document['id']}") from None
        self.touched.append(n)
        indexer = self._container.indexer
        terms = indexer.terms(orjson.loads(old.doc)), indexer.terms(document)
        self.charge = replace_charge(len(old.doc), len(body), *terms)
        return Stored(n, self.lsn, etag, body)

    def _finish(self, n: int, document: Document) -> tuple[str, bytes]:
        """Give the document its system properties; returns its ETag and JSON."""
        etag = f'"{self.lsn:08x}-0000-{self._operation:04x}-0000-{int(self._now * 1e6):016x}"'
        self._operation += 1
        resource = self._container.resource
        rid = resource_ids.encode(resource_ids.item_rid(resource.rid, n))
        for name in SYSTEM_PROPERTIES:
            document.pop(name, None)
        document["_rid"] = rid
        document["_self"] = f"{resource.link}docs/{rid}/"
        document["_etag"] = etag
        document["_attachments"] = "attachments/"
        document["_ts"] = int(self._now)
        body = dump_json(document)
        check_item_size(body)
        return etag, body

    def _expires(self, document: Document) -> int | None:
        default = self._container.default_ttl
        if default is None:
            return None
        ttl = document.get("ttl", default)
        return int(self._now) + int(ttl) if ttl is not None and ttl > 0 else None

    def _drop_expired(self, key: str, item_id: str) -> bool:
        cursor = self._connection.execute(
            f"DELETE FROM {self._container.table} WHERE id = ? AND pk = ? AND expires <= ?",
            (item_id, key, int(self._now)),
        )
        self.added -= cursor.rowcount
        return cursor.rowcount > 0


Check = Callable[[Stored], None]


def etag_check(if_match: str | None, if_none_match: str | None) -> Check:
    """The check that a stored item passes under these preconditions.

    It raises a 412 for a stale If-Match, and for an If-None-Match that does match.
    """

    def check(stored: Stored) -> None:
        if if_match not in (None, "*", stored.etag):
            raise precondition_failed(f"If-Match {if_match} is not the stored {stored.etag}")
        if if_none_match is not None and if_none_match in ("*", stored.etag):
            raise precondition_failed(f"If-None-Match {if_none_match} matches")

    return check


def live_clause(container: Container, clock: Clock) -> str:
    """The condition that hides expired items, or nothing where nothing expires."""
    if container.default_ttl is None:
        return ""
    return f" AND (expires IS NULL OR expires > {int(clock())})"
