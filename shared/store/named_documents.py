"""Documents that people name, each its own partition: to list, write and delete."""

from azure.core import MatchConditions
from azure.cosmos import exceptions

from shared.store.client import Database, retrying
from shared.store.documents import ConflictError, swap
from shared.store.queries import Conditions, Document, rows


class NamedDocuments:
    """Reads and writes the documents of one container. `database` is not closed here."""

    def __init__(self, database: Database, container: str) -> None:
        self._container = database.container(container)

    async def every(self) -> list[Document]:
        """All of them by id; there are few."""
        found = await rows(self._container, Conditions().select("*"))
        return sorted(found, key=lambda document: str(document["id"]))

    async def find(self, name: str) -> Document | None:
        """One of them, or None."""
        try:
            return await self._container.read_item(name, name)
        except exceptions.CosmosResourceNotFoundError:
            return None

    async def put(self, document: Document, etag: str | None) -> str:
        """Create one, or replace that version of it; returns the new version's ETag.

        Raises ConflictError when it is another.
        """
        return await swap(self._container, document, etag)

    async def delete(self, name: str, etag: str) -> None:
        """Delete that version of one. Raises ConflictError when it is another."""

        async def remove() -> None:
            await self._container.delete_item(
                name, name, etag=etag, match_condition=MatchConditions.IfNotModified
            )

        try:
            await retrying(remove)
        except (
            exceptions.CosmosAccessConditionFailedError,
            exceptions.CosmosResourceNotFoundError,
        ) as fault:
            raise ConflictError(name) from fault
