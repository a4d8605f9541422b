"""A search goes along the order of a list, stretch by stretch, and stops when it took long."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from itertools import count
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.store.alert_reads import ORDERS, AlertReads
from shared.store.alert_search import Found, needs_search, next_span, search
from shared.store.filters import Filter
from shared.store.queries import Document, Order, Position, position_of
from shared.times import DAY, HOUR, MINUTE, format_time

LATEST = Order(ORDERS["activity"])
OLDEST = Order(ORDERS["activity"], descending=False)
WANTED = Filter(words=("needle",))
START = 1_000 * DAY


def alert(hours: int, name: str, *, needle: bool) -> Document:
    at = format_time(START + hours * HOUR)
    return {"id": name, "resourceKey": "p", "endTimeUtc": at, "needle": needle}


@dataclass
class Reads:
    """Answers as `AlertReads.page` does, and keeps how far each search for words went."""

    alerts: list[Document]
    ends: list[str | None] = field(default_factory=list)

    async def page(
        self,
        wanted: Filter,
        order: Order,
        after: Position | None,
        most: int,
        *,
        only: Collection[str] = (),
        up_to: str | None = None,
    ) -> list[Document]:
        assert wanted.words or only == (order.path,)
        if wanted.words:
            self.ends.append(up_to)
        rows = sorted(self.alerts, key=lambda row: place(row, order), reverse=order.descending)
        return [
            row
            for row in rows
            if (row["needle"] or not wanted.words)
            and (after is None or beyond(row, order, after))
            and (up_to is None or not beyond(row, order, Position(up_to, None)))
        ][:most]


def place(row: Document, order: Order) -> tuple[str, str]:
    return row[order.path], row["id"]


def beyond(row: Document, order: Order, after: Position) -> bool:
    mine = (row[order.path], "" if after.id is None else row["id"])
    other = (str(after.value), after.id or "")
    return mine < other if order.descending else mine > other


def patient() -> int:
    return 0


def clock(step: int) -> Callable[[], int]:
    ticks = count(0, step)
    return lambda: next(ticks)


async def run(
    reads: Reads,
    order: Order = LATEST,
    after: Position | None = None,
    most: int = 100,
    now: Callable[[], int] = patient,
) -> Found:
    return await search(cast("AlertReads", reads), WANTED, order, after, most, now)


async def every(reads: Reads, order: Order, most: int, step: int) -> list[str]:
    """All that a search finds, page by page."""
    names: list[str] = []
    after: Position | None = None
    while True:
        found = await run(reads, order, after, most, clock(step))
        names += [row["id"] for row in found.rows]
        if found.reached is None and len(found.rows) < most:
            return names
        after = found.reached or position_of(found.rows, order, after)


ALERTS = st.lists(st.tuples(st.integers(0, 3_000), st.booleans()), max_size=40)


@given(
    alerts=ALERTS,
    order=st.sampled_from((LATEST, OLDEST)),
    most=st.integers(1, 5),
    step=st.sampled_from((0, 50, 300, 2_000)),
)
async def test_pages_hold_each_match_once_and_in_order(
    alerts: list[tuple[int, bool]], order: Order, most: int, step: int
) -> None:
    rows = [alert(hours, f"a{n:02d}", needle=needle) for n, (hours, needle) in enumerate(alerts)]
    matching = [row for row in rows if row["needle"]]
    matching.sort(key=lambda row: place(row, order), reverse=order.descending)
    assert await every(Reads(rows), order, most, step) == [row["id"] for row in matching]


async def test_a_search_that_takes_long_tells_where_it_has_come_to() -> None:
    rows = [alert(-24 * day, f"a{day}", needle=day == 9) for day in range(10)]
    found = await run(Reads(rows), now=clock(600))
    assert found.rows == []
    assert found.reached == Position(format_time(START - DAY), None)


async def test_a_search_begins_with_what_there_is_and_leaps_over_what_is_empty() -> None:
    reads = Reads([alert(0, "new", needle=False), alert(-24 * 900, "old", needle=True)])
    found = await run(reads)
    assert [row["id"] for row in found.rows] == ["old"]
    assert len(reads.ends) == 2


async def test_a_page_that_is_full_goes_on_after_its_last_row() -> None:
    rows = [alert(-hours, f"a{hours}", needle=True) for hours in range(5)]
    found = await run(Reads(rows), most=2)
    assert [row["id"] for row in found.rows] == ["a0", "a1"]
    assert found.reached is None


@pytest.mark.parametrize(
    ("took", "span"),
    [(0, 4 * DAY), (200, DAY), (500, DAY // 2)],
    ids=["quick: longer", "well: the same", "slow: shorter"],
)
def test_a_stretch_is_as_long_as_the_last_one_allows(took: int, span: int) -> None:
    assert next_span(DAY, took) == span


def test_a_stretch_has_its_least_length() -> None:
    assert next_span(15 * MINUTE, 9_000) == 15 * MINUTE


@pytest.mark.parametrize(
    ("wanted", "order", "needed"),
    [
        pytest.param(WANTED, "activity", True, id="words by time"),
        pytest.param(WANTED, "severity", False, id="words by severity"),
        pytest.param(Filter(labels=("a",)), "start", False, id="no words"),
    ],
)
def test_when_a_list_is_searched(wanted: Filter, order: str, needed: bool) -> None:
    assert needs_search(wanted, Order(ORDERS[order])) is needed
