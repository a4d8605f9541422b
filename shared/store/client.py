"""The Cosmos DB client: one a process, made on first use, and its containers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from azure.cosmos import PartitionKey, exceptions
from azure.cosmos.aio import ContainerProxy, CosmosClient, DatabaseProxy

from shared.settings import SettingError, Settings
from shared.store.definitions import Container, containers
from shared.telemetry import OFF, REQUEST_UNITS, REQUESTS, Telemetry

if TYPE_CHECKING:
    from azure.core.pipeline import PipelineResponse
    from azure.identity.aio import ManagedIdentityCredential

T = TypeVar("T")

RETRY_WITH: Final = 449
"""Concurrent writes of one item: the service asks for a retry, and the SDK does not do it."""
_MOST_TRIES: Final = 9
_FIRST_WAIT: Final = 0.01


class Database:
    """The app's database: its containers by name, behind one client.

    Make it with `open_database`; `close` it when the process ends.
    """

    def __init__(
        self,
        client: CosmosClient,
        database: DatabaseProxy,
        identity: "ManagedIdentityCredential | None" = None,
    ) -> None:
        self._client = client
        self._identity = identity
        self._database = database
        self._containers: dict[str, ContainerProxy] = {}

    def container(self, name: str) -> ContainerProxy:
        """The container of that name; no request is made."""
        proxy = self._containers.get(name)
        if proxy is None:
            proxy = self._containers[name] = self._database.get_container_client(name)
        return proxy

    async def close(self) -> None:
        """Close the connections of the client and of the identity that it asks for tokens."""
        await _close(self._client, self._identity)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.close()


async def open_database(settings: Settings, telemetry: Telemetry = OFF) -> Database:
    """Connect, and make database and containers where the settings ask for it (locally).

    `telemetry` counts requests and what they are charged. Raises SettingError when the connection
    settings cannot be used.
    """
    _quieten(logging.getLogger("azure"))
    identity = None if settings.cosmos_connection else _managed_identity(settings)
    client = _client(settings, identity, _metering(telemetry) if telemetry.on else {})
    try:
        if settings.create_containers:
            database = await client.create_database_if_not_exists(settings.database)
            for container in containers(settings):
                await _create(database, container)
        else:
            database = client.get_database_client(settings.database)
    except BaseException:
        await _close(client, identity)
        raise
    return Database(client, database, identity)


def _quieten(logger: logging.Logger) -> None:
    """Let the SDK tell warnings only, unless a level has been set.

    At the level of the Functions worker it logs each request and each answer with all headers: some
    4 KB a request, which would cost more than the request itself.
    """
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.WARNING)


def _client(
    settings: Settings, identity: "ManagedIdentityCredential | None", options: dict[str, Any]
) -> CosmosClient:
    if identity is not None:
        return CosmosClient(settings.cosmos_endpoint, identity, **options)
    try:
        return CosmosClient.from_connection_string(settings.cosmos_connection, **options)
    except (ValueError, KeyError) as fault:
        raise SettingError(
            "COSMOS is no connection string: AccountEndpoint=…;AccountKey=…; is needed"
        ) from fault


def _metering(telemetry: Telemetry) -> dict[str, Any]:
    """Options of a client that has each answer, also those that the SDK retries, counted."""

    def count(response: "PipelineResponse[Any, Any]") -> None:
        answer = response.http_response
        container = _container_in(response.http_request.url)
        telemetry.add(REQUESTS, container=container, status=answer.status_code)
        charge = answer.headers.get("x-ms-request-charge")
        if charge:
            telemetry.add(REQUEST_UNITS, float(charge), container=container)

    return {"raw_response_hook": count}


def _container_in(url: str) -> str:
    """The container that a request is for, `-` for what is of the account or the database."""
    return url.partition("/colls/")[2].partition("/")[0] or "-"


def _managed_identity(settings: Settings) -> "ManagedIdentityCredential":
    """The app's identity, as the trigger's own connection takes it. No request is made yet."""
    try:
        from azure.identity.aio import ManagedIdentityCredential  # noqa: PLC0415 - it would slow every cold start
    except ImportError as fault:
        raise SettingError(
            "COSMOS__accountEndpoint needs the package azure-identity: it is in requirements.txt"
        ) from fault
    return ManagedIdentityCredential(client_id=settings.cosmos_client_id or None)


async def _close(client: CosmosClient, identity: "ManagedIdentityCredential | None") -> None:
    await client.close()
    if identity is not None:
        await identity.close()


async def _create(database: DatabaseProxy, container: Container) -> None:
    await database.create_container_if_not_exists(
        container.name,
        PartitionKey(container.partition_key),
        indexing_policy=container.indexing_policy(),
        default_ttl=container.ttl,
    )


async def retrying(
    operation: Callable[[], Awaitable[T]],
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """Run an operation again while the service answers 449 (retry with), waiting ever longer.

    Raises what the operation raised last when it keeps failing.
    """
    wait = _FIRST_WAIT
    for _ in range(_MOST_TRIES - 1):
        try:
            return await operation()
        except (
            exceptions.CosmosHttpResponseError,
            exceptions.CosmosBatchOperationError,
        ) as fault:
            if fault.status_code != RETRY_WITH:
                raise
        await sleep(wait)
        wait *= 2
    return await operation()
