"""The ASGI application: reads a request whole, answers it in one go.

Every request is handled without giving up the event loop, so each sees the store as the one
before it left it, and SQLite needs no locks.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from .api.admin import ROOT, administer
from .errors import CosmosError
from .faults import LOST_REPLY, RESET
from .kinds import container_of, kind_of
from .messages import ACTIVITY_ID, REQUEST_CHARGE, Request, Response, error_response
from .router import route

if TYPE_CHECKING:
    from .service import Service

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

ABORT: Final = "emulator.abort"
VERSION_HEADERS: Final = [
    (b"x-ms-serviceversion", b"version=2.14.0"),
    (b"x-ms-gatewayversion", b"version=2.14.0"),
]


class App:
    """The emulator as an ASGI application."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, unless a fault on demand takes its reply away."""
        if scope["type"] != "http":
            raise RuntimeError(f"The emulator does not speak {scope['type']}.")
        body = await _read_body(receive)
        request = read_request(scope, body)
        response = self.answer(request)
        if response is None:
            await _hang_up(scope, receive)
        else:
            await _send(send, request, response)

    def answer(self, request: Request) -> Response | None:
        """Answer a request under the faults in force and count it; None is no reply at all."""
        if request.path[:1] == (ROOT,):
            return self.respond(request)
        service, kind = self._service, kind_of(request)
        rule = service.faults.pick(kind, container_of(request)) if service.faults.rules else None
        if rule is not None and rule.fault == RESET:
            return None
        if rule is not None and rule.fault != LOST_REPLY:
            response = error_response(rule.error())
        elif refusal := service.budget.refusal(kind):
            response = error_response(refusal)
        else:
            response = self.respond(request)
            service.budget.spend(kind, response.charge)
        service.meter.add(kind, response.status, response.charge)
        return None if rule is not None and rule.fault == LOST_REPLY else response

    def respond(self, request: Request) -> Response:
        """Answer a request as if there were no faults; no refusal or error escapes."""
        try:
            if request.path[:1] == (ROOT,):
                return administer(self._service, request)
            return route(self._service, request)
        except CosmosError as error:
            return error_response(error)
        except Exception:
            log.exception("%s /%s failed", request.method, "/".join(request.path))
            return error_response(CosmosError(500, "The emulator failed; its log says how."))


async def _hang_up(scope: Scope, receive: Receive) -> None:
    """Reset the connection and wait until it is gone."""
    scope["state"][ABORT]()
    while (await receive())["type"] != "http.disconnect":
        pass


def read_request(scope: Scope, body: bytes) -> Request:
    """The request of an ASGI scope, its path split before it is decoded."""
    headers = dict(scope["headers"])
    raw: bytes = scope["raw_path"]
    segments = [part for part in raw.decode("latin-1").split("/") if part]
    if b"%" in raw:
        segments = [unquote(part) for part in segments]
    host = headers.get(b"host", b"localhost").decode("latin-1")
    return Request(scope["method"], tuple(segments), headers, body, f"{scope['scheme']}://{host}")


async def _read_body(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    return body


async def _send(send: Send, request: Request, response: Response) -> None:
    activity = request.headers.get(ACTIVITY_ID) or str(uuid.uuid4()).encode()
    headers = [
        *response.headers,
        *VERSION_HEADERS,
        (ACTIVITY_ID, activity),
        (REQUEST_CHARGE, b"%.2f" % response.charge),
    ]
    if response.status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(response.body)))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
