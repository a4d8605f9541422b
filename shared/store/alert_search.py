"""Searching alerts for words: a stretch of time after the other, for about a second.

No index holds words, so a search reads what the other filters let through, and there may be
millions of that. It goes along the order of the list instead: the first matches come at once, and
a page that took long ends where the search has come to, for the next one to go on from there.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Final

from shared.store.alert_reads import ORDERS, AlertReads
from shared.store.filters import Filter
from shared.store.queries import Document, Order, Position
from shared.times import DAY, EARLIEST, HOUR, LATEST, format_time, parse_time

TIMES: Final = frozenset({ORDERS["activity"], ORDERS["start"], ORDERS["received"]})
"""The orders along which a search can go; by severity, all is read at once."""
PATIENCE: Final = 1_000
"""Milliseconds after which a page ends with what was found."""
_QUICK: Final = 100
_SLOW: Final = 400
_FASTER: Final = 4
_FIRST_SPAN: Final = DAY
_LEAST_SPAN: Final = HOUR // 4
_MOST_SPAN: Final = LATEST - EARLIEST


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, and the place that it has come to; None where nothing is left."""

    rows: list[Document]
    reached: Position | None


def needs_search(wanted: Filter, order: Order) -> bool:
    """Whether a list is to be read by `search`."""
    return bool(wanted.words) and order.path in TIMES


async def search(
    alerts: AlertReads,
    wanted: Filter,
    order: Order,
    after: Position | None,
    most: int,
    now: Callable[[], int],
    *,
    only: Collection[str] = (),
) -> Found:
    """At most `most` list rows as of `AlertReads.page`, perhaps fewer than there are.

    `now` tells milliseconds. Where `most` rows were found, `reached` is None: go on after the last.
    """
    began, span = now(), _FIRST_SPAN
    found: list[Document] = []
    place = after
    while True:
        ahead = await alerts.page(replace(wanted, words=()), order, place, 1, only=(order.path,))
        if not ahead:
            return Found(found, None)
        end = _beyond(ahead[0][order.path], span, order)
        started = now()
        found += await alerts.page(wanted, order, place, most - len(found), only=only, up_to=end)
        if len(found) >= most:
            return Found(found, None)
        place = Position(end, None)
        if now() - began >= PATIENCE:
            return Found(found, place)
        span = next_span(span, now() - started)


def _beyond(value: str, span: int, order: Order) -> str:
    """The far end of a stretch that begins at a value."""
    end = parse_time(value) + (-span if order.descending else span)
    return format_time(min(LATEST, max(EARLIEST, end)))


def next_span(span: int, took: int) -> int:
    """How long the next stretch is, from how long the last one took; all in milliseconds."""
    if took > _SLOW:
        return max(_LEAST_SPAN, span // 2)
    return min(_MOST_SPAN, span * _FASTER) if took < _QUICK else span
