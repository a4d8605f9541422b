"""The emulator without a server: requests in, responses out, under a clock that tests set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from local.cosmos.app import App
from local.cosmos.messages import Request, Response
from local.cosmos.service import Service
from local.cosmos.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

START = 1_800_000_000.0
ITEMS = "dbs/db/colls/items"


class Clock:
    """Seconds since 1970; stands still until it is set."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


class Emulated:
    """One emulator over a store of its own."""

    def __init__(
        self,
        data: str = ":memory:",
        partitions: int = 1,
        throughput: float | None = None,
        lag: float = 0.0,
    ) -> None:
        self.clock = Clock()
        self.store = Store(data, self.clock, lag)
        self.service = Service(self.store, partitions, throughput)
        self.app = App(self.service)

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        """One request, with a key."""
        given = {"authorization": "key", **(headers or {})}
        raw = {name.encode(): value.encode() for name, value in given.items()}
        data = b"" if body is None else orjson.dumps(body)
        response = self.app.answer(
            Request(method, tuple(path.split("/")), raw, data, "http://test")
        )
        assert response is not None, "the reply was taken away by a fault"
        return response

    def container(self, path: str = "/pk", **definition: Any) -> None:
        """The database `db` with a container `items`, partitioned by one path."""
        self.ask("POST", "dbs", {"id": "db"})
        key = {"paths": [path], "kind": "Hash", "version": 2}
        made = self.ask("POST", "dbs/db/colls", {"id": "items", "partitionKey": key, **definition})
        assert made.status == 201, made.body

    def create(self, document: Mapping[str, Any], **headers: str) -> Response:
        """Create an item whose key is its `pk`."""
        return self.ask("POST", f"{ITEMS}/docs", document, {**key_of(document), **headers})

    def upsert(self, document: Mapping[str, Any]) -> Response:
        """Create or replace an item whose key is its `pk`."""
        return self.create(document, **{"x-ms-documentdb-is-upsert": "True"})

    def fill(self, documents: Iterable[Mapping[str, Any]]) -> None:
        """Create items, all of which must succeed."""
        for document in documents:
            assert self.create(document).status == 201

    def read(self, item_id: str, key: Any) -> Response:
        """Read an item."""
        return self.ask("GET", f"{ITEMS}/docs/{item_id}", None, key_of({"pk": key}))

    def query(
        self, text: str, parameters: Mapping[str, Any] | None = None, **headers: str
    ) -> Response:
        """Query the first physical range, or what the headers name."""
        body = {
            "query": text,
            "parameters": [{"name": n, "value": v} for n, v in (parameters or {}).items()],
        }
        given = {"x-ms-documentdb-isquery": "True", **headers}
        if not {"x-ms-documentdb-partitionkey", ACROSS} & set(given):
            given.setdefault("x-ms-documentdb-partitionkeyrangeid", "0")
        return self.ask("POST", f"{ITEMS}/docs", body, given)

    def rows(
        self, text: str, parameters: Mapping[str, Any] | None = None, **headers: str
    ) -> list[Any]:
        """Every result of a query, over all its pages."""
        results: list[Any] = []
        while True:
            response = self.query(text, parameters, **headers)
            assert response.status == 200, response.body
            results += documents(response)
            token = header(response, "x-ms-continuation")
            if token is None:
                return results
            headers["x-ms-continuation"] = token

    def changes(self, after: str | None = None, **headers: str) -> Response:
        """A page of the change feed of the first physical range."""
        given = {"a-im": "Incremental Feed", "x-ms-documentdb-partitionkeyrangeid": "0", **headers}
        if after is not None:
            given["if-none-match"] = after
        return self.ask("GET", f"{ITEMS}/docs", None, given)


ACROSS = "x-ms-documentdb-query-enablecrosspartition"


def key_of(document: Mapping[str, Any]) -> dict[str, str]:
    """The partition key header of a document."""
    key = document.get("pk", {})
    return {"x-ms-documentdb-partitionkey": orjson.dumps([key]).decode()}


def documents(response: Response) -> list[Any]:
    """The documents of a feed or query page."""
    rows: list[Any] = orjson.loads(response.body)["Documents"]
    return rows


def ids(response: Response) -> list[str]:
    """Their ids."""
    return [row["id"] for row in documents(response)]


def header(response: Response, name: str) -> str | None:
    """One response header, or None."""
    found = dict(response.headers).get(name.encode())
    return None if found is None else found.decode()


def message(response: Response) -> str:
    """The message of an error response."""
    text: str = orjson.loads(response.body)["message"]
    return text
