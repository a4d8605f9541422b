"""A search goes along the order of a list, stretch by stretch, and stops when it took long."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from itertools import count
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.store.alert_reads import ORDERS, AlertReads
from shared.store.alert_search import IDS, TIME, Found, Scale, next_span, search
from shared.store.filters import Filter
from shared.store.queries import Document, Order, Position, Value, position_of
from shared.times import DAY, HOUR, MINUTE, format_time

LATEST = Order(ORDERS["activity"])
OLDEST = Order(ORDERS["activity"], descending=False)
WANTED = Filter(words=("needle",))
START = 1_000 * DAY


WORST = Order(ORDERS["severity"])
MILDEST = Order(ORDERS["severity"], descending=False)


def alert(hours: int, name: str, *, needle: bool) -> Document:
    at = format_time(START + hours * HOUR)
    return {"id": name, "resourceKey": "p", "endTimeUtc": at, "needle": needle}


def ranked(rank: int, number: int, *, needle: bool) -> Document:
    return {"id": f"{number:024x}", "resourceKey": "p", "severityRank": rank, "needle": needle}


@dataclass
class Reads:
    """Answers as `AlertReads.page` does, and keeps how far each search for words went."""

    alerts: list[Document]
    ends: list[Position | None] = field(default_factory=list)

    async def page(
        self,
        wanted: Filter,
        order: Order,
        after: Position | None,
        most: int,
        *,
        only: Collection[str] = (),
        up_to: Position | None = None,
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
            and (up_to is None or not beyond(row, order, up_to))
            and (up_to is None or up_to.id is None or row[order.path] == up_to.value)
        ][:most]


def place(row: Document, order: Order) -> tuple[Value, str]:
    return row[order.path], row["id"]


def beyond(row: Document, order: Order, after: Position) -> bool:
    mine = (row[order.path], "" if after.id is None else row["id"])
    other = (after.value, after.id or "")
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
        after = found.reached or position_of(found.rows, order)


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


@given(
    alerts=st.sets(st.tuples(st.integers(1, 5), st.integers(0, 16**24 - 1)), max_size=40),
    needles=st.sets(st.integers(0, 39)),
    order=st.sampled_from((WORST, MILDEST)),
    most=st.integers(1, 5),
    step=st.sampled_from((0, 50, 300, 2_000)),
)
async def test_by_severity_pages_hold_each_match_once_and_in_order(
    alerts: set[tuple[int, int]], needles: set[int], order: Order, most: int, step: int
) -> None:
    rows = [ranked(*one, needle=n in needles) for n, one in enumerate(sorted(alerts))]
    matching = [row for row in rows if row["needle"]]
    matching.sort(key=lambda row: place(row, order), reverse=order.descending)
    assert await every(Reads(rows), order, most, step) == [row["id"] for row in matching]


async def test_by_severity_a_search_reads_a_part_of_the_worst_first() -> None:
    rows = [ranked(5, n << 88, needle=False) for n in range(256)]
    found = await run(Reads(rows), WORST, now=clock(600))
    assert found.rows == []
    assert found.reached == Position(5, f"{(255 << 88) - IDS.first:024x}")


async def test_by_severity_the_next_severity_comes_after_the_last_id() -> None:
    reads = Reads([ranked(5, 1, needle=False), ranked(1, 2, needle=True)])
    found = await run(reads, WORST)
    assert [row["severityRank"] for row in found.rows] == [1]
    assert [end and end.value for end in reads.ends] == [5, 1]


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


@pytest.mark.parametrize("scale", [TIME, IDS], ids=["time", "ids"])
@pytest.mark.parametrize(
    ("took", "times"),
    [(0, 4), (200, 1), (500, 1 / 2)],
    ids=["quick: longer", "well: the same", "slow: shorter"],
)
def test_a_stretch_is_as_long_as_the_last_one_allows(took: int, times: float, scale: Scale) -> None:
    assert next_span(scale.first, took, scale) == scale.first * times


def test_a_stretch_has_its_least_and_its_greatest_length() -> None:
    assert next_span(15 * MINUTE, 9_000, TIME) == 15 * MINUTE
    assert next_span(IDS.most, 0, IDS) == IDS.most
