"""What integration tests do to a running stack: push messages, call HTTP, wait."""

import base64
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, TypeVar
from urllib.parse import urlsplit

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueClient

T = TypeVar("T")

_POLL_SECONDS = 0.05


def wait_until(
    condition: Callable[[], T], what: str, *, seconds: float = 20.0, every: float = _POLL_SECONDS
) -> T:
    """Return the condition's first true value.

    Raises:
        AssertionError: it stays false; the message says what was awaited and the last value.

    """
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}; last: {value!r}")
        time.sleep(every)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP response; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body's document."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Site:
    """A host's HTTP address."""

    url: str

    def call(
        self,
        method: str,
        path: str,
        document: Any = None,
        *,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a request (a document as JSON; an iterable body in chunks) and return the reply."""
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        sent = dict(headers or {})
        if document is not None:
            body = json.dumps(document).encode()
            sent.setdefault("Content-Type", "application/json")
        chunked = body is not None and not isinstance(body, bytes)
        try:
            connection.request(method, path, body, sent, encode_chunked=chunked)
            response = connection.getresponse()
            received = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, received, response.read())
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """Return the document at a path, which must answer 200."""
        reply = self.call("GET", path)
        assert reply.status == 200, (path, reply)
        return reply.json()


class QueueHandle:
    """A queue, to push to and to look at."""

    def __init__(self, connection: str, name: str) -> None:
        """Use the queue of that name; it need not exist."""
        self.name = name
        self._client = QueueClient.from_connection_string(connection, name)

    @property
    def exists(self) -> bool:
        """Whether the queue exists."""
        try:
            self._client.get_queue_properties()
        except ResourceNotFoundError:
            return False
        return True

    def create(self) -> None:
        """Create it, as a deployment does."""
        try:
            self._client.create_queue()
        except ResourceExistsError:
            return

    def push(self, *bodies: Any) -> None:
        """Send one message a body, base64-encoded; what is no bytes goes as JSON."""
        for body in bodies:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self._client.send_message(base64.b64encode(data).decode())

    def push_text(self, text: str) -> None:
        """Send a message as it is."""
        self._client.send_message(text)

    @property
    def length(self) -> int:
        """How many messages there are, hidden ones too."""
        return self._client.get_queue_properties().approximate_message_count or 0

    def texts(self) -> list[str]:
        """The first visible messages as they lie in the queue; none when there is no queue."""
        if not self.exists:
            return []
        return [message.content for message in self._client.peek_messages(32)]

    def bodies(self) -> list[bytes]:
        """The same, decoded."""
        return [base64.b64decode(text) for text in self.texts()]

    def close(self) -> None:
        """Close the connection."""
        self._client.close()
