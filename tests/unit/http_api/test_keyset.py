"""Keyset paging: the conditions of the next page, and the place after a page."""

import pytest

from shared.store.queries import Conditions, Order, Position, position_of

NEWEST = Order("lastActivityUtc")
OLDEST = Order("startTimeUtc", descending=False)


@pytest.mark.parametrize(
    ("order", "position", "text"),
    [
        pytest.param(NEWEST, Position("t", None), "c.lastActivityUtc < @p0", id="past a value"),
        pytest.param(
            NEWEST,
            Position("t", "i"),
            "c.lastActivityUtc <= @p0 AND (c.lastActivityUtc < @p0 OR c.id < @p1)",
            id="past a row, downwards",
        ),
        pytest.param(
            OLDEST,
            Position("t", "i"),
            "c.startTimeUtc >= @p0 AND (c.startTimeUtc > @p0 OR c.id > @p1)",
            id="past a row, upwards",
        ),
    ],
)
def test_the_next_page_comes_after_a_position(order: Order, position: Position, text: str) -> None:
    conditions = Conditions()
    conditions.after(order, position)
    assert conditions.select("*").text.partition(" WHERE ")[2] == text


def test_a_query_has_its_order_and_its_limit() -> None:
    conditions = Conditions()
    conditions.compare("type", "=", "alert")
    query = conditions.select("c.id", order=NEWEST, most=51)
    assert query.text == (
        "SELECT TOP 51 c.id FROM c WHERE c.type = @p0 ORDER BY c.lastActivityUtc DESC, c.id DESC"
    )
    assert query.parameters == [{"name": "@p0", "value": "alert"}]


def test_the_place_after_a_page_is_that_of_its_last_row() -> None:
    page = [{"startTimeUtc": "1", "id": "a"}, {"startTimeUtc": "2", "id": "b"}]
    assert position_of(page, OLDEST) == Position("2", "b")
