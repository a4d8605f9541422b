"""The blueprint that the nouns register their routes with, and what all routes share."""

import functools
import logging
import os
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias, TypeVar

import azure.functions as func
from azure.core.exceptions import AzureError, HttpResponseError

from http_api.handshakes import webhook_headers
from http_api.problems import Problem, busy, fault, method
from http_api.requests import Request, check_bounds, read_request
from http_api.responses import Response, finish, problem_response
from http_api.roles import ROUTES, Methods, check_access
from http_api.services import Services, process_services
from http_api.settings import read_api_settings
from shared.settings import SettingError

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""Every route takes every method, so that a wrong one is answered as a problem, not as absent."""

Handler: TypeAlias = Callable[[Request, Services], Awaitable[Response]]
OpenHandler: TypeAlias = Callable[[Request], Response]
Endpoint: TypeAlias = Callable[..., Awaitable[func.HttpResponse]]
T = TypeVar("T")


class Routes(func.Blueprint):
    """A blueprint whose every route checks its caller's role before its function is called."""

    def route(self, route: str | None = None, *parts: Any, **options: Any) -> Callable[..., Any]:
        """Register a function, which must be the plain function, under a route.

        Raises LookupError for a route that `http_api.roles` has no row for.
        """
        if route is None or route not in ROUTES:
            raise LookupError(f"the route {route!r} has no row in http_api.roles.ROUTES")
        register = super().route(route, *parts, **options)

        def decorate(function: Endpoint) -> Any:
            return register(_checked(function, ROUTES[route]))

        return decorate


bp = Routes()  # type: ignore[no-untyped-call]  # the library's constructor has no types
_LOG: Final = logging.getLogger("http_api")
_PASSING: Final = frozenset({408, 410, 429, 449, 503})
"""What the store answers when it is only a matter of time."""


def _checked(function: Endpoint, methods: Methods) -> Endpoint:
    @functools.wraps(function)
    async def checked(req: func.HttpRequest, **outputs: Any) -> func.HttpResponse:
        request = _request(req)
        try:
            check_bounds(request)
            check_access(request, methods, read_api_settings(os.environ))
        except Problem as problem:
            return _http_response(finish(problem_response(problem), request))
        except SettingError:
            return _http_response(finish(problem_response(_logged(request)), request))
        return await function(req, **outputs)

    return checked


def _request(req: func.HttpRequest) -> Request:
    return read_request(req.method, req.url, req.route_params, req.headers, req.get_body())


async def serve(
    req: func.HttpRequest, handlers: Mapping[str, Handler], *, beside: tuple[str, ...] = ()
) -> func.HttpResponse:
    """Answer a request by the handler of its method, with the process's services.

    `beside` are methods of the same path that another function answers.
    """

    async def run(request: Request) -> Response:
        handler = _choose(request, handlers, beside)
        if handler is None:
            return _options(request, handlers, beside)
        return await handler(request, await process_services())

    return await _guarded(req, run)


async def serve_open(
    req: func.HttpRequest, handlers: Mapping[str, OpenHandler]
) -> func.HttpResponse:
    """The same for handlers that need no services."""

    async def run(request: Request) -> Response:
        handler = _choose(request, handlers)
        return handler(request) if handler else _options(request, handlers)

    return await _guarded(req, run)


async def serve_posted(
    req: func.HttpRequest, post: Callable[[Request], Awaitable[Response]]
) -> func.HttpResponse:
    """Answer POST, the only method that comes here, by a handler that needs no services."""
    return await _guarded(req, post)


def _choose(request: Request, handlers: Mapping[str, T], beside: tuple[str, ...] = ()) -> T | None:
    """The handler of the request's method; None for OPTIONS. Raises Problem (405) for no handler.

    HEAD is answered as GET: the platform leaves the body out.
    """
    handler = handlers.get("GET" if request.method == "HEAD" else request.method)
    if handler is None and request.method != "OPTIONS":
        raise method(request.method, _allowed(handlers, beside))
    return handler


def _allowed(handlers: Mapping[str, object], beside: tuple[str, ...]) -> tuple[str, ...]:
    return (*handlers, *beside, *(("HEAD",) if "GET" in handlers else ()), "OPTIONS")


def _options(
    request: Request, handlers: Mapping[str, object], beside: tuple[str, ...] = ()
) -> Response:
    allow = {"Allow": ", ".join(_allowed(handlers, beside))}
    return Response(204, headers=allow | webhook_headers(request.headers))


async def _guarded(
    req: func.HttpRequest, run: Callable[[Request], Awaitable[Response]]
) -> func.HttpResponse:
    """What the handler answers, or the problem that it met."""
    request = _request(req)
    try:
        response = await run(request)
    except Problem as problem:
        response = problem_response(problem)
    except AzureError as error:
        response = problem_response(_of_the_store(error, request))
    except Exception:  # noqa: BLE001 (the last line of defence: logged here, opaque to the caller)
        response = problem_response(_logged(request))
    return _http_response(finish(response, request))


def _of_the_store(error: AzureError, request: Request) -> Problem:
    """A store that is busy or out of reach passes; anything else that it says is our mistake."""
    if isinstance(error, HttpResponseError) and error.status_code not in _PASSING:
        return _logged(request)
    _LOG.warning("%s %s: the store is busy: %s", request.method, _path(request), error)
    return busy(1)


def _logged(request: Request) -> Problem:
    reference = secrets.token_hex(8)
    _LOG.exception("%s %s failed, reference %s", request.method, _path(request), reference)
    return fault(reference)


def _path(request: Request) -> str:
    """The URL without its query, which may hold a key."""
    return request.url.partition("?")[0]


def _http_response(response: Response) -> func.HttpResponse:
    return func.HttpResponse(
        response.body,
        status_code=response.status,
        headers={"Content-Type": response.media_type, **response.headers},
        mimetype=response.media_type,
    )
