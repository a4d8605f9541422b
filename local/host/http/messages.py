"""HTTP messages between ASGI and the worker's data, with the real host's habits.

Header names arrive in lower case, repeated values are joined by commas, query values that are
empty are dropped, and a body is read only where the request says how long it is.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from azure.functions.meta import Datum

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Request:
    """A request, read whole."""

    method: str
    raw_path: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    def datum(self, route_values: Mapping[str, str]) -> Datum:
        """Return it as the worker takes it."""
        return Datum(
            {
                "method": Datum(self.method, "string"),
                "url": Datum(self.url, "string"),
                "headers": _strings(self.headers),
                "query": _strings(self.query),
                "params": _strings(route_values),
                "body": Datum(self.body, "bytes"),
            },
            "http",
        )


@dataclass(frozen=True, slots=True)
class Response:
    """A response. `headers` may repeat a name."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)

    async def send(self, send: Send, *, head: bool = False) -> None:
        """Send it; a HEAD request gets the headers alone."""
        headers = [(name.lower().encode(), value.encode()) for name, value in self.headers]
        headers = [pair for pair in headers if pair[0] != b"content-length"]
        headers.append((b"content-length", str(len(self.body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if head else self.body})


async def read_request(scope: Scope, receive: Receive) -> Request:
    """Read a request from ASGI."""
    headers = _joined((name.decode("latin-1"), value) for name, value in _decoded(scope["headers"]))
    body = await _read_body(receive)
    query_text = scope["query_string"].decode("latin-1")
    host = headers.get("host", "localhost")
    raw_path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
    return Request(
        method=scope["method"],
        raw_path=raw_path,
        url=f"{scope['scheme']}://{host}{raw_path}{'?' if query_text else ''}{query_text}",
        headers=headers,
        query=_joined(parse_qsl(query_text)),
        # The host reads a body only up to a stated length: a chunked one arrives empty.
        body=body if headers.get("content-length", "0") != "0" else b"",
    )


def response_from(datum: Datum) -> Response:
    """Return what a function answered."""
    if datum.type != "http":
        text = datum.value if isinstance(datum.value, bytes) else str(datum.value).encode()
        return Response(200, (("content-type", "text/plain; charset=utf-8"),), text)
    value = datum.value
    headers = [(name, header.value) for name, header in value["headers"].items()]
    for cookie in value["cookies"] or ():
        headers += [("set-cookie", morsel.OutputString()) for morsel in cookie.values()]
    return Response(int(value["status_code"].value), tuple(headers), value["body"].value)


async def _read_body(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


def _decoded(headers: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, str]]:
    return ((name, value.decode("latin-1")) for name, value in headers)


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _strings(values: Mapping[str, str]) -> dict[str, Datum]:
    return {name: Datum(value, "string") for name, value in values.items()}
