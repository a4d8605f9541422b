"""`GET …/docs`: all items, or with `A-IM: Incremental Feed` the change feed."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from local.cosmos.charges import feed_charge
from local.cosmos.errors import CosmosError, bad_request, not_implemented
from local.cosmos.messages import (
    AIM,
    CONTINUATION,
    ETAG,
    IF_MODIFIED_SINCE,
    IF_NONE_MATCH,
    Request,
    Response,
)
from local.cosmos.sql.prepared import prepare
from local.cosmos.store.feed import Scope
from local.cosmos.unsupported import ALL_VERSIONS

from .headers import feed_body, list_headers
from .pages import Execution, Position
from .queries import read_pages
from .scopes import request_scope
from .views import view

if TYPE_CHECKING:
    from local.cosmos.partition import PhysicalRange
    from local.cosmos.service import Service
    from local.cosmos.store.containers import Container

DEFAULT_PAGE: Final = 100
EVERY_ITEM: Final = "SELECT * FROM c"


def read_feed(service: Service, request: Request, container: Container) -> Response:
    """The items of a container, or its changes."""
    mode = request.header(AIM)
    if mode is None:
        return _list_items(service, request, container)
    if mode.lower() != "incremental feed":
        raise not_implemented(ALL_VERSIONS)
    return _changes(service, request, container)


def _list_items(service: Service, request: Request, container: Container) -> Response:
    named = request_scope(container, request)
    ranges = [(Scope(None, item.low, item.high), item) for item in container.scheme.ranges]
    seen = view(service, request, container)
    execution = Execution(seen.rows, seen.container, prepare(EVERY_ITEM), {})
    position = Position.parse(request.header(CONTINUATION))
    page, physical = read_pages(
        execution, [named] if named else ranges, position, request.page_size(DEFAULT_PAGE)
    )
    headers = list_headers(seen.container, physical, len(page.rows))
    if page.next is not None:
        headers.append((CONTINUATION, page.next.text().encode()))
    body = feed_body(container, page.rows)
    return Response(200, body, headers, feed_charge(len(body)))


def _changes(service: Service, request: Request, container: Container) -> Response:
    """A page of changes and the ETag to go on from; 304 when there are none."""
    named = request_scope(container, request)
    scope, physical = named or (Scope(), container.scheme.ranges[0])
    seen = view(service, request, container)
    after, since = _start(request, seen.container)
    limit = request.page_size(DEFAULT_PAGE)
    changes = seen.feed.read(seen.container, scope, after, since, limit)
    headers = _change_headers(seen.container, physical, len(changes.documents), changes.lsn)
    if not changes.documents:
        return Response(304, b"", headers)
    body = feed_body(container, changes.documents)
    return Response(200, body, headers, feed_charge(len(body)))


def _change_headers(
    container: Container, physical: PhysicalRange, count: int, lsn: int
) -> list[tuple[bytes, bytes]]:
    return [*list_headers(container, physical, count), (ETAG, b'"%d"' % lsn)]


def _start(request: Request, container: Container) -> tuple[int, int | None]:
    """The LSN to start after, and the time to start from (seconds), if any."""
    etag, moment = request.header(IF_NONE_MATCH), request.header(IF_MODIFIED_SINCE)
    since = _seconds(moment) if moment else None
    if etag is None:
        return 0, since
    if etag == "*":
        return container.lsn, since
    try:
        return int(etag.strip('"')), since
    except ValueError:
        raise bad_request(f"If-None-Match {etag} is not an ETag of this change feed.") from None


def _seconds(text: str) -> int:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        raise CosmosError(400, f"If-Modified-Since {text!r} is not an HTTP date.") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
