"""Databases, containers and the other metadata, held in memory and written through to SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson

from local.cosmos import resource_ids
from local.cosmos.errors import conflict, not_found

from .connection import transaction

if TYPE_CHECKING:
    import sqlite3

Clock = Callable[[], float]

DATABASE: Final = "dbs"
CONTAINER: Final = "colls"
OFFER: Final = "offers"
USER: Final = "users"
PERMISSION: Final = "permissions"


@dataclass(slots=True)
class Resource:
    """A piece of metadata.

    Attributes:
        n: its row number, unique over all kinds.
        owner: its owner's row number, 0 for none.
        rid: the bytes of its `_rid`.
        link: its path by `_rid`, with a slash at the end.
        body: what clients see.
        hidden: what only the emulator sees.
    """

    n: int
    kind: str
    owner: int
    rid: bytes
    link: str
    body: dict[str, Any]
    hidden: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The name that clients gave it."""
        name: str = self.body["id"]
        return name

    @property
    def rid_text(self) -> str:
        """The `_rid` as clients see it."""
        rid: str = self.body["_rid"]
        return rid


class Catalog:
    """All metadata. Reads are dictionary look-ups; writes go through to SQLite."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._groups: dict[tuple[str, int], dict[str, Resource]] = {}
        self._load()

    def list_of(self, kind: str, owner: Resource | None = None) -> list[Resource]:
        """All resources of a kind below an owner, oldest first."""
        return sorted(self._group(kind, owner).values(), key=lambda item: item.n)

    def find(self, kind: str, owner: Resource | None, name: str) -> Resource:
        """The resource with this id or `_rid`.

        Raises:
            CosmosError: 404 when there is none.
        """
        group = self._group(kind, owner)
        found = group.get(name)
        if found is None:
            found = next((item for item in group.values() if item.rid_text == name), None)
        if found is None:
            raise not_found(f"{kind}/{name}")
        return found

    def add(
        self,
        kind: str,
        owner: Resource | None,
        body: dict[str, Any],
        hidden: dict[str, Any] | None = None,
    ) -> Resource:
        """Store a new resource and give it its system properties.

        Raises:
            CosmosError: 409 when the id is taken.
        """
        group = self._group(kind, owner)
        if body.get("id") in group:
            raise conflict(f"{kind}/{body['id']}")
        with transaction(self._connection):
            number = self._insert(kind, owner.n if owner else 0)
            resource = self._stamp(kind, owner, number, body)
            resource.hidden = hidden or {}
            self._save(resource)
        group[resource.id] = resource
        return resource

    def replace(self, resource: Resource, body: dict[str, Any]) -> None:
        """Store a new body for a resource; its `_rid` and `_self` stay.

        Raises:
            CosmosError: 409 when the new id is taken.
        """
        group = self._groups[resource.kind, resource.owner]
        if body["id"] != resource.id and body["id"] in group:
            raise conflict(f"{resource.kind}/{body['id']}")
        kept = {name: resource.body[name] for name in ("_rid", "_self")}
        del group[resource.id]
        resource.body = {**body, **kept, **self._version(resource.n)}
        group[resource.id] = resource
        with transaction(self._connection):
            self._save(resource)

    def keep(self, resource: Resource) -> None:
        """Store what of a resource only the emulator sees; its version stays."""
        with transaction(self._connection):
            self._save(resource)

    def remove(self, resource: Resource) -> list[Resource]:
        """Delete a resource and everything below it; returns all that went."""
        gone = list(self._subtree(resource))
        with transaction(self._connection):
            for item in gone:
                self._connection.execute("DELETE FROM resources WHERE n = ?", (item.n,))
                if item.kind == CONTAINER:
                    self._connection.execute(f"DROP TABLE IF EXISTS items_{item.n}")
                    self._connection.execute("DELETE FROM progress WHERE container = ?", (item.n,))
        for item in gone:
            self._groups[item.kind, item.owner].pop(item.id, None)
        return gone

    def _subtree(self, resource: Resource) -> Iterator[Resource]:
        yield resource
        for (_, owner), group in list(self._groups.items()):
            if owner == resource.n:
                for child in list(group.values()):
                    yield from self._subtree(child)

    def _group(self, kind: str, owner: Resource | None) -> dict[str, Resource]:
        return self._groups.setdefault((kind, owner.n if owner else 0), {})

    def _insert(self, kind: str, owner: int) -> int:
        cursor = self._connection.execute(
            "INSERT INTO resources (kind, owner, id, body, hidden)"
            " VALUES (?, ?, 'new', '{}', '{}')",
            (kind, owner),
        )
        return cursor.lastrowid or 0

    def _stamp(
        self, kind: str, owner: Resource | None, number: int, body: dict[str, Any]
    ) -> Resource:
        rid = _rid(kind, owner, number)
        text = resource_ids.encode(rid)
        link = f"{owner.link if owner else ''}{kind}/{text}/"
        full = {"id": text, **body, "_rid": text, "_self": link, **self._version(number)}
        return Resource(number, kind, owner.n if owner else 0, rid, link, full)

    def _version(self, number: int) -> dict[str, Any]:
        now = self._clock()
        return {"_etag": f'"{number:08x}-0000-0000-0000-{int(now * 1e6):016x}"', "_ts": int(now)}

    def _save(self, resource: Resource) -> None:
        self._connection.execute(
            "UPDATE resources SET id = ?, body = ?, hidden = ? WHERE n = ?",
            (
                resource.id,
                orjson.dumps(resource.body).decode(),
                orjson.dumps(resource.hidden).decode(),
                resource.n,
            ),
        )

    def _load(self) -> None:
        rows = self._connection.execute(
            "SELECT n, kind, owner, body, hidden FROM resources ORDER BY n"
        )
        seen: dict[int, Resource] = {}
        for number, kind, owner, body_text, hidden in rows:
            body = orjson.loads(body_text)
            rid = _rid(kind, seen.get(owner), number)
            resource = Resource(number, kind, owner, rid, body["_self"], body, orjson.loads(hidden))
            seen[number] = resource
            self._groups.setdefault((kind, owner), {})[resource.id] = resource


def _rid(kind: str, owner: Resource | None, number: int) -> bytes:
    if kind == DATABASE:
        return resource_ids.database_rid(number)
    if owner is None:
        return resource_ids.child_rid(b"", number, 3)
    if kind == CONTAINER:
        return resource_ids.container_rid(owner.rid, number)
    return resource_ids.child_rid(owner.rid, number, 8 if kind == PERMISSION else 4)
