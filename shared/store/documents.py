"""Writes that are compare-and-swap: of one document, and of several in one partition at once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from azure.core import MatchConditions
from azure.cosmos import exceptions
from azure.cosmos.aio import ContainerProxy

from shared.store.client import retrying
from shared.store.queries import Document

Operation: TypeAlias = tuple[Any, ...]

NOT_FOUND: Final = 404
EXISTS: Final = 409
STALE: Final = 412
_CONFLICTS: Final = frozenset({NOT_FOUND, EXISTS, STALE})
MOST_OPERATIONS: Final = 100
"""Operations of one batch."""


class ConflictError(Exception):
    """Something is not in the state in which it was read, or too often so; nothing was written.

    `status` is the store's: 404 it is gone, 409 it is there already, 412 it is another version.
    """

    def __init__(self, what: str, status: int = STALE) -> None:
        super().__init__(what)
        self.status = status


async def swap(container: ContainerProxy, document: Mapping[str, Any], etag: str | None) -> str:
    """Create a document, or replace the version with that ETag; returns its new ETag.

    Raises ConflictError when it exists already, is gone, or has changed.
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
        if fault.status_code in _CONFLICTS:
            raise ConflictError(body["id"], fault.status_code) from None
        raise
    return str(written["_etag"])


async def transact(
    container: ContainerProxy, partition: str, operations: Sequence[Operation]
) -> list[Document]:
    """Run up to 100 operations of one partition as one atomic request; returns their results.

    Raises ConflictError when one of them found its document in another state.
    """
    try:
        results = await retrying(
            lambda: container.execute_item_batch(_afresh(operations), partition)
        )
    except exceptions.CosmosBatchOperationError as fault:
        if fault.status_code in _CONFLICTS:
            raise ConflictError(partition, fault.status_code) from fault
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
