"""The queue that alerts are sent to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from azure.core.exceptions import AzureError, ResourceNotFoundError, ServiceRequestError
from azure.storage.queue import BinaryBase64EncodePolicy, QueueClient

from local.cli.program import program
from local.host.queues.storage import expand_connection
from local.stack.azurite import connection_string

LOCAL: Final = connection_string(10001)
"""The local stack's storage account, on the port that the README names."""
_RETRIES: Final = 3


class QueueError(Exception):
    """The queue cannot be used; the message says why, and what to do."""


@contextmanager
def opened(connection: str, name: str) -> Iterator[QueueClient]:
    """A client of an existing queue that encodes as the trigger decodes.

    Faults of the queue, here and while it is in use, are raised as QueueError. A send whose reply
    is lost is sent again, so a message can arrive twice; the alerts in it are stored once.
    """
    try:
        with _client(connection, name) as client:
            client.get_queue_properties(retry_total=0)
            yield client
    except ResourceNotFoundError:
        raise QueueError(
            f"the queue {name!r} does not exist: create it, or correct --queue"
        ) from None
    except ServiceRequestError as fault:
        raise QueueError(
            f"the queue service does not answer ({_first_line(fault)}):"
            f" start the stack with `{program()} up`, or correct --connection"
        ) from None
    except AzureError as fault:
        raise QueueError(f"the queue service refuses: {_first_line(fault)}") from None


def put_on(queue: QueueClient) -> Callable[[bytes], None]:
    """What puts a message's body on the queue."""

    def put(body: bytes) -> None:
        queue.send_message(body)

    return put


def _client(connection: str, name: str) -> QueueClient:
    try:
        return QueueClient.from_connection_string(
            expand_connection(connection),
            name,
            message_encode_policy=BinaryBase64EncodePolicy(),
            retry_total=_RETRIES,
            initial_backoff=1,
            increment_base=1,
        )
    except ValueError as fault:
        raise QueueError(f"--connection is not a storage connection string: {fault}") from None


def _first_line(fault: Exception) -> str:
    line = (str(fault).splitlines() or [type(fault).__name__])[0]
    return line.rpartition("] ")[2]  # what stands before it is the client library's own
