"""Searching alerts for words: a stretch of the list after the other, for about a second.

No index holds words, so a search reads what the other filters let through, and there may be
millions of that. It goes along the order of the list instead: the first matches come at once, and
a page that took long ends where the search has come to, for the next one to go on from there.

Along a time a stretch is a period. Of one severity there may be as many alerts as there are at
all, in the order of their ids: there a stretch is a range of ids, which are digests, so that any
two ranges of one length hold about as many.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Final

from shared.store.alert_reads import ORDERS, AlertReads
from shared.store.filters import Filter
from shared.store.queries import Document, Order, Position
from shared.times import DAY, EARLIEST, HOUR, LATEST, format_time, parse_time

PATIENCE: Final = 1_000
"""Milliseconds after which a page ends with what was found."""
_QUICK: Final = 100
_SLOW: Final = 400
_FASTER: Final = 4
_ID_DIGITS: Final = 24
_ALL_IDS: Final = 16**_ID_DIGITS
_BELOW_EVERY_ID: Final = ""
_ABOVE_EVERY_ID: Final = "g"


@dataclass(frozen=True, slots=True)
class Scale:
    """How long a stretch is: the first one, the shortest, and the longest, which is all."""

    first: int
    least: int
    most: int


TIME: Final = Scale(DAY, HOUR // 4, LATEST - EARLIEST)
"""Milliseconds."""
IDS: Final = Scale(_ALL_IDS // 64, _ALL_IDS >> 16, _ALL_IDS)
"""Ids of one severity."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, and the place that it has come to; None where nothing is left."""

    rows: list[Document]
    reached: Position | None


def scale_of(order: Order) -> Scale:
    """What stretches along an order are measured in."""
    return IDS if order.path == ORDERS["severity"] else TIME


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
    scale = scale_of(order)
    began, span = now(), scale.first
    found: list[Document] = []
    place = after
    while True:
        ahead = await _ahead(alerts, replace(wanted, words=()), order, place)
        if ahead is None:
            return Found(found, None)
        end = _end(ahead, span, order)
        started = now()
        found += await alerts.page(wanted, order, place, most - len(found), only=only, up_to=end)
        if len(found) >= most:
            return Found(found, None)
        place = end
        if now() - began >= PATIENCE:
            return Found(found, place)
        span = next_span(span, now() - started, scale)


async def _ahead(
    alerts: AlertReads, wanted: Filter, order: Order, place: Position | None
) -> Document | None:
    """The next row after a place, whether or not it has the words."""
    only = (order.path,)
    if scale_of(order) is IDS and place is not None and place.id is not None:
        last = Position(place.value, _last_id(order))
        same = await alerts.page(wanted, order, place, 1, only=only, up_to=last)
        if same:
            return same[0]
        place = Position(place.value, None)
    rows = await alerts.page(wanted, order, place, 1, only=only)
    return rows[0] if rows else None


def _end(first: Document, span: int, order: Order) -> Position:
    """The far end of a stretch that begins at a row."""
    value, length = first[order.path], -span if order.descending else span
    if scale_of(order) is TIME:
        instant = min(LATEST, max(EARLIEST, parse_time(value) + length))
        return Position(format_time(instant), None)
    number = int(first["id"], 16) + length
    within = 0 <= number < _ALL_IDS
    return Position(value, f"{number:0{_ID_DIGITS}x}" if within else _last_id(order))


def _last_id(order: Order) -> str:
    """What every id comes before in an order."""
    return _BELOW_EVERY_ID if order.descending else _ABOVE_EVERY_ID


def next_span(span: int, took: int, scale: Scale) -> int:
    """How long the next stretch is, from how many milliseconds the last one took."""
    if took > _SLOW:
        return max(scale.least, span // 2)
    return min(scale.most, span * _FASTER) if took < _QUICK else span
