"""SQLite's part of a query must keep the very rows, in the very order, that Python's would."""

import random
from typing import Any

import pytest

from local.cosmos.sql.prepared import prepare
from local.cosmos.store import rows
from tests.unit.cosmos import query_maker
from tests.unit.cosmos.emulated import Emulated, documents, key_of

QUERIES = 300


@pytest.fixture(params=range(3))
def rng(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)  # noqa: S311 - repeatable, not secret


def expected(text: str, parameter: Any, stored: list[Any]) -> list[Any]:
    """The answer of the query run in Python; ties of a descending order go by age, latest first."""
    prepared = prepare(text)
    order = prepared.query.order_by
    latest_first = bool(order) and all(item.descending for item in order)
    return prepared.program.run(stored[::-1] if latest_first else stored, {"@p": parameter})


@pytest.mark.parametrize("indexed", [True, False], ids=["with indexes", "without indexes"])
def test_random_queries_give_what_python_gives(
    rng: random.Random, monkeypatch: pytest.MonkeyPatch, *, indexed: bool
) -> None:
    monkeypatch.setattr(rows, "INDEX_FROM_ROWS", 1 if indexed else 10_000)
    emulated = Emulated()
    emulated.container(indexingPolicy={"compositeIndexes": query_maker.COMPOSITES})
    emulated.fill(query_maker.document(rng, number) for number in range(100))
    stored = documents(emulated.query("SELECT * FROM c"))
    for _ in range(QUERIES):
        text, parameter = query_maker.query(rng), rng.choice(["a", 1, True, None])
        key = rng.choice([..., ..., "p", 1])
        scope = {} if key is ... else key_of({"pk": key})
        covered = [item for item in stored if key is ... or item["pk"] == key]
        size = {"x-ms-max-item-count": str(rng.choice([1, 4, 1000]))}
        given = emulated.rows(text, {"@p": parameter}, **scope, **size)
        assert given == expected(text, parameter, covered), (text, parameter, key)
    assert bool(emulated.store.containers.get("db", "items").indexes) is indexed
    emulated.store.close()


def plan(emulated: Emulated, text: str, **parameters: Any) -> str:
    """How SQLite runs the last statement that a query needs."""
    seen: list[str] = []
    connection = emulated.store._connection
    connection.set_trace_callback(seen.append)
    emulated.rows(text, {f"@{name}": value for name, value in parameters.items()})
    connection.set_trace_callback(None)
    select = next(sql for sql in reversed(seen) if sql.startswith("SELECT n"))
    steps = connection.execute(f"EXPLAIN QUERY PLAN {select}").fetchall()
    return "; ".join(step[3] for step in steps)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("SELECT * FROM c WHERE c.a = 'x'", id="equality"),
        pytest.param("SELECT * FROM c WHERE c.a > 3 AND c.a <= 9", id="range"),
        pytest.param("SELECT TOP 5 * FROM c ORDER BY c.a DESC", id="order"),
        pytest.param("SELECT TOP 5 * FROM c WHERE c.b = 1 ORDER BY c.a, c.id", id="both"),
        pytest.param(
            "SELECT TOP 5 * FROM c WHERE c.a < 7 OR (c.a = 7 AND c.id > 'i')"
            " ORDER BY c.a DESC, c.id DESC",
            id="a page by keyset",
        ),
        pytest.param("SELECT * FROM c WHERE STARTSWITH(c.a, 'x')", id="prefix"),
        pytest.param("SELECT * FROM c WHERE c.id IN ('i1', 'i2')", id="ids"),
        pytest.param("SELECT * FROM c WHERE c.pk = 'p' AND c.a > 3", id="range in a partition"),
        pytest.param(
            "SELECT * FROM c WHERE ( ( c.id = 'i1' AND c.pk = 'p' ) OR"
            " ( c.id = 'i2' AND c.pk = 'q' ) )",
            id="pairs of id and key",
        ),
    ],
)
def test_a_large_container_is_searched_by_an_index_and_not_sorted(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "INDEX_FROM_ROWS", 1)
    emulated = Emulated()
    index = [{"path": "/a", "order": "ascending"}, {"path": "/id", "order": "ascending"}]
    emulated.container(indexingPolicy={"compositeIndexes": [index]})
    emulated.fill({"id": f"i{n}", "pk": "p", "a": n, "b": n % 3} for n in range(30))
    steps = plan(emulated, text)
    assert "INDEX" in steps
    assert "SCAN items" not in steps or "USING INDEX" in steps
    if "ORDER BY" in text:
        assert "TEMP B-TREE" not in steps
    emulated.store.close()


def test_no_more_indexes_are_made_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "INDEX_FROM_ROWS", 1)
    monkeypatch.setattr(rows, "MAX_INDEXES", 2)
    emulated = Emulated()
    emulated.container()
    emulated.fill([{"id": "1", "pk": "p", "a": 1}])
    for name in "abcd":
        text = f"SELECT * FROM c WHERE c.{name} = 1"  # noqa: S608 - a query of Cosmos DB
        assert len(emulated.rows(text)) == (name == "a")
    assert len(emulated.store.containers.get("db", "items").indexes) == 2
    emulated.store.close()
