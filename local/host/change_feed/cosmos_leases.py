"""The lease container in Cosmos DB."""

from collections.abc import Awaitable
from typing import Any, TypeVar

from azure.core import MatchConditions
from azure.core.exceptions import AzureError
from azure.cosmos import PartitionKey
from azure.cosmos.aio import ContainerProxy, CosmosClient
from azure.cosmos.exceptions import (
    CosmosAccessConditionFailedError,
    CosmosHttpResponseError,
    CosmosResourceExistsError,
    CosmosResourceNotFoundError,
)

from local.host.change_feed.leases import Lease, LeaseLostError, StoreUnavailableError
from local.host.errors import HostError

T = TypeVar("T")


class CosmosLeaseStore:
    """Leases under one prefix of a container whose partition key is `/id`."""

    def __init__(self, container: ContainerProxy, prefix: str) -> None:
        """Use the container; all ids begin with the prefix."""
        self._container = container
        self._prefix = prefix
        self._lock_etag: str | None = None

    def lease_id(self, token: str) -> str:
        """Return the id of a partition's lease."""
        return f"{self._prefix}..{token}"

    async def all(self) -> list[Lease]:
        """Return all leases under the prefix."""
        items = self._container.query_items(
            "SELECT * FROM c WHERE STARTSWITH(c.id, @prefix)",
            parameters=[{"name": "@prefix", "value": f"{self._prefix}.."}],
        )

        async def read() -> list[Lease]:
            return [Lease.from_document(item) async for item in items]

        return await _reached(read())

    async def read(self, lease_id: str) -> Lease | None:
        """Return a lease, None when it is gone."""
        try:
            return Lease.from_document(await self._read(lease_id))
        except CosmosResourceNotFoundError:
            return None

    async def create(self, lease: Lease) -> bool:
        """Create a lease; False = it exists."""
        return await self._create(lease.document()) is not None

    async def replace(self, lease: Lease) -> Lease | None:
        """Replace a lease if its ETag still holds; None = it does not."""
        try:
            stored = await _reached(
                self._container.replace_item(
                    lease.id,
                    lease.document(),
                    etag=lease.etag,
                    match_condition=MatchConditions.IfNotModified,
                )
            )
        except CosmosAccessConditionFailedError:
            return None
        except CosmosResourceNotFoundError as error:
            raise LeaseLostError(f"lease {lease.id} is gone") from error
        return Lease.from_document(stored)

    async def delete(self, lease: Lease) -> None:
        """Delete a lease; nothing happens when it is gone."""
        await self._delete(lease.id)

    async def is_initialized(self) -> bool:
        """Whether the leases of all partitions have been created."""
        try:
            await self._read(f"{self._prefix}.info")
        except CosmosResourceNotFoundError:
            return False
        return True

    async def mark_initialized(self) -> None:
        """Say that they have."""
        await self._create({"id": f"{self._prefix}.info"})

    async def lock(self, seconds: int) -> bool:
        """Take the right to create them; it ends by itself. False = another host has it."""
        created = await self._create({"id": f"{self._prefix}.lock", "ttl": seconds})
        self._lock_etag = created["_etag"] if created else None
        return created is not None

    async def unlock(self) -> None:
        """Give the right back."""
        await self._delete(
            f"{self._prefix}.lock",
            etag=self._lock_etag,
            match_condition=MatchConditions.IfNotModified,
        )

    async def _read(self, item: str) -> dict[str, Any]:
        return await _reached(self._container.read_item(item, item))

    async def _create(self, document: dict[str, Any]) -> dict[str, Any] | None:
        try:
            return await _reached(self._container.create_item(document))
        except CosmosResourceExistsError:
            return None

    async def _delete(self, item: str, **condition: Any) -> None:
        try:
            await _reached(self._container.delete_item(item, item, **condition))
        except (CosmosResourceNotFoundError, CosmosAccessConditionFailedError):
            return


async def open_lease_container(
    client: CosmosClient, database: str, container: str, *, create: bool
) -> ContainerProxy:
    """Return the lease container, created with partition key `/id` if the trigger asks for it.

    Raises:
        HostError: it does not exist.
        StoreUnavailableError: the account cannot be reached for now.

    """
    if create:
        try:
            owner = await _reached(client.create_database_if_not_exists(database))
            # TTL is on without a default, so that the lock of a host that died goes away.
            await _reached(
                owner.create_container_if_not_exists(container, PartitionKey("/id"), default_ttl=-1)
            )
        except CosmosResourceExistsError:
            pass  # another host was faster
    proxy = client.get_database_client(database).get_container_client(container)
    try:
        await _reached(proxy.read())
    except CosmosResourceNotFoundError as error:
        raise HostError(
            f"the lease container '{container}' in database '{database}' does not exist: "
            "create it, or set create_lease_container_if_not_exists on the trigger"
        ) from error
    return proxy


async def _reached(call: Awaitable[T]) -> T:
    """Await a call; what may be repeated later comes out as StoreUnavailableError."""
    try:
        return await call
    except (
        CosmosAccessConditionFailedError,
        CosmosResourceExistsError,
        CosmosResourceNotFoundError,
    ):
        raise
    except (CosmosHttpResponseError, AzureError, TimeoutError) as error:
        raise StoreUnavailableError(str(error).splitlines()[0]) from error
