"""A container in memory: transactional batches, point reads and queries by id, as the SDK has them.

Faults can be put in line: each is raised by the next batch, before it does anything.
"""

import copy
from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

from azure.cosmos import exceptions

from shared.store.client import Database

_SDK: Any = exceptions
"""The SDK's faults; their constructors have no types."""

Fault = exceptions.CosmosHttpResponseError | exceptions.CosmosBatchOperationError


class FakeContainer:
    """Documents by partition and id; `requests` names each request that was made."""

    def __init__(self, partition_key: str = "bucket") -> None:
        self.documents: dict[tuple[str, str], dict[str, Any]] = {}
        self.requests: list[str] = []
        self.faults: list[Exception] = []
        self._partition_key = partition_key
        self._version = 0

    @property
    def database(self) -> Database:
        """A database in which every container is this one."""
        return cast("Database", _FakeDatabase(self))

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """The documents of a type."""
        return [item for item in self.documents.values() if item.get("type") == kind]

    async def execute_item_batch(self, operations: Sequence[Any], partition: str) -> list[Any]:
        self.requests.append("batch")
        if self.faults:
            raise self.faults.pop(0)
        changed = dict(self.documents)
        for index, (kind, arguments, options) in enumerate(operations):
            status = self._apply(changed, partition, kind, arguments, options)
            if status >= 400:
                raise batch_fault(status, index, len(operations))
        self.documents = changed
        return []

    async def read_item(self, item: str, partition_key: str) -> dict[str, Any]:
        self.requests.append("read")
        found = self.documents.get((partition_key, item))
        if found is None:
            raise _SDK.CosmosResourceNotFoundError(status_code=404, message="not found")
        return copy.deepcopy(found)

    async def create_item(self, body: dict[str, Any]) -> dict[str, Any]:
        self.requests.append("create")
        place = (body[self._partition_key], body["id"])
        if place in self.documents:
            raise _SDK.CosmosResourceExistsError(status_code=409, message="exists")
        return self._put(self.documents, place, body)

    async def replace_item(
        self, item: str, body: dict[str, Any], *, etag: str, **_options: Any
    ) -> dict[str, Any]:
        self.requests.append("replace")
        place = (body[self._partition_key], item)
        if self.documents[place]["_etag"] != etag:
            raise _SDK.CosmosAccessConditionFailedError(status_code=412, message="stale")
        return self._put(self.documents, place, body)

    def query_items(
        self, _query: str, *, parameters: list[dict[str, Any]], partition_key: str, **_options: Any
    ) -> AsyncIterator[dict[str, Any]]:
        self.requests.append("query")
        wanted = {parameter["value"] for parameter in parameters}
        found: list[dict[str, Any]] = [
            {name: item[name] for name in ("id", "sourceVersion") if name in item}
            for (partition, _), item in self.documents.items()
            if partition == partition_key and item["id"] in wanted
        ]
        return _each(found)

    def _apply(
        self,
        documents: dict[tuple[str, str], dict[str, Any]],
        partition: str,
        kind: str,
        arguments: tuple[Any, ...],
        options: dict[str, Any],
    ) -> int:
        body = arguments[-1]
        place = (partition, body["id"] if kind == "create" else arguments[0])
        there = documents.get(place)
        if kind == "create":
            if there is not None:
                return 409
            self._put(documents, place, body)
            return 201
        if there is None:
            return 404
        if options.get("if_match_etag", there["_etag"]) != there["_etag"]:
            return 412
        if kind == "patch":
            body = dict(there)
            for change in arguments[-1]:
                name = change["path"].removeprefix("/")
                grown = there[name] if change["op"] == "incr" else 0
                body[name] = grown + change["value"]
        self._put(documents, place, body)
        return 200

    def _put(
        self, documents: dict[tuple[str, str], dict[str, Any]], place: tuple[str, str], body: Any
    ) -> dict[str, Any]:
        self._version += 1
        stamp = {"_etag": f'"{self._version}"', "_ts": self._version}
        documents[place] = {**copy.deepcopy(body), **stamp}
        return documents[place]


class _FakeDatabase:
    def __init__(self, container: FakeContainer) -> None:
        self._container = container

    def container(self, _name: str) -> FakeContainer:
        return self._container


async def _each(items: list[dict[str, Any]]) -> AsyncIterator[dict[str, Any]]:
    for item in items:
        yield item


def batch_fault(status: int, index: int, size: int = 1) -> exceptions.CosmosBatchOperationError:
    """What the SDK raises when one operation of a batch fails."""
    results = [{"statusCode": status if at == index else 424} for at in range(size)]
    fault: exceptions.CosmosBatchOperationError = _SDK.CosmosBatchOperationError(
        error_index=index,
        headers={},
        status_code=status,
        message="made up",
        operation_responses=results,
    )
    return fault


def request_fault(status: int) -> exceptions.CosmosHttpResponseError:
    """What the SDK raises when the whole request fails."""
    fault: exceptions.CosmosHttpResponseError = _SDK.CosmosHttpResponseError(
        status_code=status, message="made up"
    )
    return fault
