"""Reading many documents at once, and writes that are compare-and-swap."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from azure.core import MatchConditions
from azure.cosmos import exceptions
from azure.cosmos.aio import ContainerProxy

from shared.store.client import retrying

Document: TypeAlias = dict[str, Any]
Operation: TypeAlias = tuple[Any, ...]

_MOVED: Final = frozenset({404, 409, 412})
"""Not there to be replaced, there when it was to be created, or another version than was read."""
MOST_OPERATIONS: Final = 100


class MovedError(Exception):
    """A document is not in the state in which it was read; nothing was written."""


async def read_many(container: ContainerProxy, items: Iterable[tuple[str, str]]) -> list[Document]:
    """The documents that exist among (id, partition key) pairs, in no particular order.

    One request for each physical partition and thousand items.
    """
    wanted = list(dict.fromkeys(items))
    if not wanted:
        return []
    return list(await retrying(lambda: container.read_items(wanted)))


@dataclass(slots=True, eq=False)
class _Round:
    """Reads that go in one request: what is wanted, and the answer once it is there."""

    wanted: dict[tuple[str, str], None] = field(default_factory=dict)
    found: dict[tuple[str, str], Document] | None = None


class SharedReads:
    """Reads of one container; those that are asked for while another is under way go together.

    A read is sent after it was asked for, so it is as fresh as one of its own. `key_field` is the
    field that holds the documents' partition key.
    """

    def __init__(self, container: ContainerProxy, key_field: str) -> None:
        self._container = container
        self._key_field = key_field
        self._turn = asyncio.Lock()
        self._next = _Round()

    async def read(self, items: Iterable[tuple[str, str]]) -> list[Document]:
        """The documents that exist among (id, partition key) pairs, in the order of the pairs.

        Where the request fails, each that waited for it makes it again.
        """
        asked = list(dict.fromkeys(items))
        if not asked:
            return []
        mine = self._next
        mine.wanted.update(dict.fromkeys(asked))
        async with self._turn:
            if mine.found is None:
                if self._next is mine:
                    self._next = _Round()
                documents = await read_many(self._container, mine.wanted)
                mine.found = {(each["id"], each[self._key_field]): each for each in documents}
        return [mine.found[item] for item in asked if item in mine.found]


async def swap(container: ContainerProxy, document: Mapping[str, Any], etag: str | None) -> str:
    """Create a document, or replace the version with that ETag; returns its new ETag.

    Raises MovedError when it exists already, is gone, or has changed.
    """
    body = dict(document)
    try:
        if etag is None:
            written = await retrying(lambda: container.create_item(body))
        else:
            written = await retrying(
                lambda: container.replace_item(
                    body["id"], body, etag=etag, match_condition=MatchConditions.IfNotModified
                )
            )
    except exceptions.CosmosHttpResponseError as fault:
        if fault.status_code in _MOVED:
            raise MovedError(body["id"]) from None
        raise
    return str(written["_etag"])


def swap_operation(document: Mapping[str, Any], etag: str | None) -> Operation:
    """The operation of a transactional batch that does what `swap` does."""
    if etag is None:
        return ("create", (document,))
    return ("replace", (document["id"], document), {"if_match_etag": etag})


async def write_together(
    container: ContainerProxy, partition: str, operations: Sequence[Operation]
) -> list[Document]:
    """Run up to 100 operations of one partition as one atomic request; returns their results.

    Raises MovedError when one of them found its document in another state; none is done then.
    """
    try:
        results = await retrying(
            lambda: container.execute_item_batch(_afresh(operations), partition_key=partition)
        )
    except exceptions.CosmosBatchOperationError as fault:
        statuses = {int(each["statusCode"]) for each in fault.operation_responses}
        if statuses & _MOVED:
            raise MovedError(partition) from None
        raise
    return list(results)


def _afresh(operations: Sequence[Operation]) -> list[Operation]:
    """The operations with option dictionaries of their own.

    The SDK empties the dictionaries that it is given: a second attempt with the same ones would
    write without its precondition.
    """
    return [
        (*operation[:2], *(dict(options) for options in operation[2:])) for operation in operations
    ]


async def query_partition(
    container: ContainerProxy, partition: str, query: str, **parameters: object
) -> list[Any]:
    """All rows of a query within one partition; a parameter `name` stands for `@name`."""

    async def read() -> list[Any]:
        found = container.query_items(
            query,
            parameters=[{"name": f"@{name}", "value": value} for name, value in parameters.items()],
            partition_key=partition,
        )
        return [row async for row in found]

    return await retrying(read)
