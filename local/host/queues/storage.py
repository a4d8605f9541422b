"""Queues of a storage account, through azure-storage-queue."""

import logging
from datetime import UTC, datetime
from typing import Any

from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.functions.meta import Datum
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from local.host.bindings import QueueOutput
from local.host.queues.messages import Encoding, Message, encode_body, output_bodies
from local.host.settings import AppSettings

log = logging.getLogger("Host.Queues")

#: Azurite's documented account, which `UseDevelopmentStorage=true` stands for.
_DEVELOPMENT = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
)
_DEVELOPMENT_ENDPOINT = "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;"

#: The SDK would try for a minute and a half. Whoever polls tries again anyway, and a host that
#: stops should not wait.
_QUICK_RETRIES: dict[str, Any] = {
    "retry_total": 2,
    "initial_backoff": 0,
    "increment_base": 0,
    "random_jitter_range": 1,
}


def expand_connection(connection: str) -> str:
    """Return a connection string with the shorthand for the development account spelt out.

    `UseDevelopmentStorage=true` may be followed by a `QueueEndpoint=…` on another port.
    """
    parts = [part for part in connection.split(";") if part]
    kept = [part for part in parts if part.lower() != "usedevelopmentstorage=true"]
    if len(kept) == len(parts):
        return connection
    endpoint = next((f"{part};" for part in kept if part.startswith("QueueEndpoint=")), "")
    return _DEVELOPMENT + (endpoint or _DEVELOPMENT_ENDPOINT)


class StorageQueue:
    """One queue."""

    def __init__(self, client: QueueClient) -> None:
        """Use the client, which somebody else closes."""
        self._client = client

    @property
    def name(self) -> str:
        """The queue's name."""
        return str(self._client.queue_name)

    async def receive(self, count: int, hidden_seconds: float) -> list[Message] | None:
        """Receive up to `count` messages; None = there is no queue, or the service is at fault."""
        try:
            pages = self._client.receive_messages(
                messages_per_page=count,
                max_messages=count,
                visibility_timeout=max(1, round(hidden_seconds)),
            )
            return [_message(raw) async for raw in pages]
        except ResourceNotFoundError:
            log.debug("The queue '%s' does not exist", self.name)
        except AzureError as error:
            log.warning("Receiving from the queue '%s' failed: %s", self.name, _first_line(error))
        return None

    async def hide(self, message: Message, seconds: float) -> Message | None:
        """Make it visible only after so long; None = it is no longer ours."""
        try:
            updated = await self._client.update_message(
                message.id, message.pop_receipt, visibility_timeout=round(seconds)
            )
        except HttpResponseError as error:
            _lost(self.name, message, error)
            return None
        return Message(
            id=message.id,
            text=message.text,
            pop_receipt=str(updated.pop_receipt),
            dequeue_count=message.dequeue_count,
            inserted=message.inserted,
            expires=message.expires,
            next_visible=_utc(updated.next_visible_on),
        )

    async def delete(self, message: Message) -> None:
        """Delete it; nothing happens when it is no longer ours."""
        try:
            await self._client.delete_message(message.id, message.pop_receipt)
        except HttpResponseError as error:
            _lost(self.name, message, error)

    async def put(self, text: str) -> None:
        """Add a message; create the queue when it is missing."""
        try:
            await self._client.send_message(text)
        except ResourceNotFoundError:
            try:
                await self._client.create_queue()
            except ResourceExistsError:
                log.debug("The queue '%s' was created by another host", self.name)
            await self._client.send_message(text)


class StorageQueues:
    """The queues of the app's storage accounts; also sends what output bindings hold."""

    def __init__(self, settings: AppSettings, encoding: Encoding) -> None:
        """Connect on first use."""
        self._settings = settings
        self._encoding = encoding
        self._services: dict[str, QueueServiceClient] = {}

    def queue(self, connection: str, name: str) -> StorageQueue:
        """Return a queue by the name of its connection setting and its own.

        Raises:
            SettingsError: the connection or a `%NAME%` in the queue's name is not set.
            ValueError: the connection string is wrong.

        """
        if connection not in self._services:
            text = expand_connection(self._settings.connection(connection))
            self._services[connection] = QueueServiceClient.from_connection_string(
                text, **_QUICK_RETRIES
            )
        return StorageQueue(
            self._services[connection].get_queue_client(self._settings.resolve(name))
        )

    async def send(self, binding: QueueOutput, datum: Datum) -> None:
        """Send the datum's message or messages; create the queue when it is missing."""
        queue = self.queue(binding.connection, binding.queue_name)
        for body in output_bodies(datum):
            await queue.put(encode_body(body, self._encoding))

    async def close(self) -> None:
        """Close the connections."""
        for service in self._services.values():
            await service.close()


def _message(raw: Any) -> Message:
    return Message(
        id=raw.id,
        text=raw.content,
        pop_receipt=raw.pop_receipt,
        dequeue_count=raw.dequeue_count,
        inserted=_utc(raw.inserted_on),
        expires=_utc(raw.expires_on),
        next_visible=_utc(raw.next_visible_on),
    )


def _utc(moment: datetime | None) -> datetime:
    return moment.astimezone(UTC) if moment else datetime.fromtimestamp(0, UTC)


def _lost(queue: str, message: Message, error: HttpResponseError) -> None:
    """Accept that somebody else has the message now; anything else is a fault of the service."""
    if error.status_code not in {400, 404, 409}:
        raise error
    log.debug("Message '%s' of '%s' is no longer ours: %s", message.id, queue, _first_line(error))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
