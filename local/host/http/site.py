"""The host's site: the functions' routes, the host's `/admin` paths and the home page."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from local.host.bindings import HttpTrigger
from local.host.errors import FunctionFault
from local.host.functions import IndexedFunction
from local.host.http.keys import HostKeys, presented_key
from local.host.http.messages import Receive, Request, Response, Scope, Send, read_request
from local.host.http.messages import response_from as function_response
from local.host.http.routes import Route, RouteTable, parse_template
from local.host.invocation import Invoker, TriggerData

_HOME = b"The Functions host is up and running. Functions: /admin/functions\n"
_JSON = (("content-type", "application/json; charset=utf-8"),)


@dataclass(frozen=True, slots=True)
class HttpFunction:
    """A function and its trigger."""

    function: IndexedFunction
    trigger: HttpTrigger


@dataclass(frozen=True, slots=True)
class Site:
    """An ASGI app. `keys` None = keys are not enforced; `status` gives what the host reports."""

    routes: RouteTable[HttpFunction]
    functions: tuple[IndexedFunction, ...]
    invoker: Invoker
    keys: HostKeys | None
    status: Callable[[], Mapping[str, Any]]
    home_page: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; only HTTP requests are answered."""
        if scope["type"] == "http":
            request = await read_request(scope, receive)
            response = await self.respond(request)
            await response.send(send, head=request.method == "HEAD")

    async def respond(self, request: Request) -> Response:
        """Answer a request."""
        first = request.raw_path.strip("/").split("/")[0].lower()
        if first in {"admin", "runtime"}:
            return self._admin(request)
        if not first and self.home_page:
            return Response(200, (("content-type", "text/plain"),), _HOME)
        found = self.routes.find(request.method, request.raw_path)
        if found is None:
            return Response(HTTPStatus.NOT_FOUND)
        return await self._invoke(found[0], request, found[1])

    async def _invoke(
        self, target: HttpFunction, request: Request, route_values: Mapping[str, str]
    ) -> Response:
        name = target.function.name
        if not self._allowed(request, target.trigger.auth_level, name):
            return Response(HTTPStatus.UNAUTHORIZED)
        reason = f"HTTP {request.method} {request.raw_path}"
        data = TriggerData(request.datum(route_values), {}, reason)
        outcome = await self.invoker.invoke(target.function, data)
        if not outcome.succeeded:
            return Response(HTTPStatus.INTERNAL_SERVER_ERROR)
        if outcome.response is None:
            return Response(HTTPStatus.NO_CONTENT)
        return function_response(outcome.response)

    def _allowed(self, request: Request, level: Any, function: str | None = None) -> bool:
        if self.keys is None:
            return True
        return self.keys.allow(presented_key(request.headers, request.query), level, function)

    def _admin(self, request: Request) -> Response:
        path = request.raw_path.strip("/").lower()
        if path == "admin/host/ping":
            return Response(HTTPStatus.OK)
        if not self._allowed(request, "ADMIN"):
            return Response(HTTPStatus.UNAUTHORIZED)
        if path == "admin/host/status":
            return _json_response(self.status())
        if path == "admin/functions":
            return _json_response([_description(function) for function in self.functions])
        return Response(HTTPStatus.NOT_FOUND)


def route_table(
    functions: Iterable[IndexedFunction], prefix: str
) -> tuple[RouteTable[HttpFunction], tuple[FunctionFault, ...]]:
    """Return the routes of the HTTP functions under a prefix, and those that cannot be routed."""
    routes: list[Route[HttpFunction]] = []
    faults: list[FunctionFault] = []
    for function in functions:
        trigger = function.trigger
        if not isinstance(trigger, HttpTrigger):
            continue
        try:
            template = parse_template(f"{prefix.strip('/')}/{trigger.route}")
        except ValueError as error:
            faults.append(FunctionFault(function.name, f"route: {error}", trigger.name))
            continue
        if template.text.strip("/").lower().split("/")[0] in {"admin", "runtime"}:
            reason = f"route '{trigger.route}': paths under admin and runtime belong to the host"
            faults.append(FunctionFault(function.name, reason, trigger.name))
            continue
        routes.append(Route(template, frozenset(trigger.methods), HttpFunction(function, trigger)))
    return RouteTable(routes), tuple(faults)


def _json_response(document: Any) -> Response:
    return Response(HTTPStatus.OK, _JSON, json.dumps(document).encode())


def _description(function: IndexedFunction) -> dict[str, Any]:
    return {"name": function.name, "language": "python", "config": function.config}
