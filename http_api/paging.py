"""Pages of a list: how long, in which order, from where, and the link to the next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from http_api.cursors import Cursors
from http_api.parameters import Parameters
from http_api.requests import Request
from http_api.responses import Response, json_response
from http_api.services import Services
from shared.store.filters import Filter
from shared.store.queries import Document, Order, Position, position_of

DEFAULT_LIMIT: Final = 50
_WAYS: Final = {"asc": False, "desc": True}
_NOT_IN_LINKS: Final = frozenset({"cursor", "code", "clientId"})


@dataclass(frozen=True, slots=True)
class Paging:
    """How many rows a page has, and the cursor that was given, if any."""

    limit: int
    cursor: str


def read_paging(parameters: Parameters, most: int, *, default: int = DEFAULT_LIMIT) -> Paging:
    """The parameters `limit` and `cursor`; `most` is the largest page."""
    limit = parameters.whole("limit", min(default, most), 1, most)
    return Paging(limit, parameters.one("cursor"))


def read_order(parameters: Parameters, orders: Mapping[str, str]) -> Order:
    """The parameter `orderBy`: a name, first by default, and `asc` or `desc`, the default."""
    name, _, way = parameters.one("orderBy").partition(" ")
    name = name or next(iter(orders))
    if name not in orders or (way and way not in _WAYS):
        allowed = (text for name in orders for text in (name, f"{name} asc"))
        parameters.refuse("orderBy", f"{f'{name} {way}'.strip()!r} is not known", allowed)
        return Order(next(iter(orders.values())))
    return Order(orders[name], _WAYS[way or "desc"])


def question(kind: str, wanted: Filter, order: Order) -> list[Any]:
    """What a cursor of a filtered list belongs to."""
    return [kind, astuple(wanted), astuple(order)]


def position(cursors: Cursors, asked: Sequence[Any], cursor: str) -> Position | None:
    """The position that a cursor stands for; None for the beginning.

    Raises Problem (400) when it does not belong to the question.
    """
    if not cursor:
        return None
    value, row_id = cursors.read(asked, cursor)
    return Position(value, row_id)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list, one more than are shown if there are more, and how they look.

    They were read in `order`; cursors belong to the question `asked`.
    `reached` is the place that a search has come to, where it has not come to the end.
    """

    rows: Sequence[Document]
    view: Callable[[Document], Any]
    asked: Sequence[Any]
    order: Order
    reached: Position | None = None


def page_response(request: Request, services: Services, page: Page, limit: int) -> Response:
    """At most `limit` rows, and the link to the next page if there is one."""
    shown = page.rows[:limit]
    body: dict[str, Any] = {"value": [page.view(row) for row in shown]}
    end = page.reached
    if len(page.rows) > limit:
        end = position_of(shown, page.order)
    if end is not None:
        cursor = services.cursors.write(page.asked, [end.value, end.id])
        body["nextLink"] = next_link(request, services.origin, cursor)
    return json_response(body)


def next_link(request: Request, origin: str, cursor: str) -> str:
    """The same URL with the cursor; keys given in the query are left out, as links get shared.

    It begins with the origin that is set, if one is: the header Host says what its sender likes.
    """
    parts = urlsplit(request.url)
    kept = [*shared_query(request), ("cursor", cursor)]
    if origin:
        scheme, _, host = origin.partition("://")
        parts = parts._replace(scheme=scheme, netloc=host)
    return urlunsplit(parts._replace(query=urlencode(kept), fragment=""))


def shared_query(request: Request) -> list[tuple[str, str]]:
    """The query of a request without its cursor and its keys."""
    return [
        (name, value)
        for name, value in parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
        if name not in _NOT_IN_LINKS
    ]
