"""Pages of a list: how long, in which order, from where, and the link to the next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from http_api.answers import Answer, answer_json
from http_api.cursors import Cursors
from http_api.parameters import Parameters
from http_api.requests import Request
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
    value, row_id, *seen = cursors.read(asked, cursor)
    return Position(value, row_id, tuple(seen))


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list, one more than are shown if there are more, and how they look.

    They were read in `order` from the place `after`; cursors belong to the question `asked`.
    `reached` is the place that a search has come to, where it has not come to the end.
    """

    rows: Sequence[Document]
    view: Callable[[Document], Any]
    asked: Sequence[Any]
    order: Order
    after: Position | None
    reached: Position | None = None


def answer_page(request: Request, cursors: Cursors, page: Page, limit: int) -> Answer:
    """At most `limit` rows, and the link to the next page if there is one."""
    shown = page.rows[:limit]
    body: dict[str, Any] = {"value": [page.view(row) for row in shown]}
    end = page.reached
    if len(page.rows) > limit:
        end = position_of(shown, page.order, page.after)
    if end is not None:
        cursor = cursors.write(page.asked, [end.value, end.id, *end.seen])
        body["nextLink"] = next_link(request.url, cursor)
    return answer_json(body)


def next_link(url: str, cursor: str) -> str:
    """The same URL with the cursor; keys given in the query are left out, as links get shared."""
    parts = urlsplit(url)
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in _NOT_IN_LINKS
    ]
    return urlunsplit(parts._replace(query=urlencode([*kept, ("cursor", cursor)]), fragment=""))
