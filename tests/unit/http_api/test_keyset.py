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
        pytest.param(
            OLDEST,
            Position("t", "i", ("p", "q")),
            "c.startTimeUtc >= @p0 AND (c.startTimeUtc > @p0 OR c.id > @p1"
            " OR (c.id = @p1 AND c.resourceKey NOT IN (@p2, @p3)))",
            id="past a row that other partitions have too",
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


def row(value: str, row_id: str, partition: str) -> dict[str, str]:
    return {"startTimeUtc": value, "id": row_id, "resourceKey": partition}


@pytest.mark.parametrize(
    ("rows", "before", "position"),
    [
        pytest.param(
            [row("1", "a", "p"), row("2", "b", "q")],
            None,
            Position("2", "b", ("q",)),
            id="the last row",
        ),
        pytest.param(
            [row("2", "b", "p"), row("2", "b", "q")],
            None,
            Position("2", "b", ("p", "q")),
            id="a tie within the page",
        ),
        pytest.param(
            [row("2", "b", "q")],
            Position("2", "b", ("p",)),
            Position("2", "b", ("q", "p")),
            id="a tie across pages",
        ),
        pytest.param(
            [row("2", "b", "q")],
            Position("1", "a", ("p",)),
            Position("2", "b", ("q",)),
            id="no tie",
        ),
        pytest.param(
            [{"startTimeUtc": "1", "id": "i"}], None, Position("1", "i"), id="ids that are unique"
        ),
    ],
)
def test_the_place_after_a_page(
    rows: list[dict[str, str]], before: Position | None, position: Position
) -> None:
    assert position_of(rows, OLDEST, before) == position
