"""What queries give, run over documents in memory."""

from typing import Any

import pytest

from local.cosmos.errors import CosmosError
from local.cosmos.sql.prepared import environment, prepare

PEOPLE: list[dict[str, Any]] = [
    {"id": "1", "name": "Ann", "age": 30, "tags": ["a", "b"], "home": {"city": "Rom"}},
    {"id": "2", "name": "Bob", "age": 20, "tags": ["b"], "home": {"city": "Ulm"}},
    {"id": "3", "name": "cat", "age": None, "tags": []},
    {"id": "4", "age": 20.5, "tags": "none"},
]


def run(text: str, **parameters: Any) -> list[Any]:
    env = {f"@{name}": value for name, value in parameters.items()}
    return prepare(text).program.run(PEOPLE, env)


def chosen(condition: str, **parameters: Any) -> str:
    text = f"SELECT VALUE c.id FROM c WHERE {condition}"  # noqa: S608 - a query of Cosmos DB
    return "".join(run(text, **parameters))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param("c.age = 20", "2", id="equal"),
        pytest.param("c.age != 20", "134", id="unequal to another type or null counts"),
        pytest.param("c.name != 'Ann'", "23", id="undefined is not unequal"),
        pytest.param("c.age > 20", "14", id="order holds within a type"),
        pytest.param("c.age >= null", "3", id="null is as great as null"),
        pytest.param("c.age < 'z'", "", id="types do not mix in an order"),
        pytest.param("NOT (c.age > 20)", "2", id="NOT of undefined is undefined"),
        pytest.param("c.age = 20 OR c.none = 1", "2", id="true OR undefined"),
        pytest.param("c.age = 20 AND c.none = 1", "", id="true AND undefined"),
        pytest.param("NOT (c.age = 1 AND c.none = 1)", "1234", id="false AND undefined is false"),
        pytest.param("c.age IN (20, 30)", "12", id="IN"),
        pytest.param("c.age NOT IN (20, 30)", "34", id="NOT IN"),
        pytest.param("c.none NOT IN (20)", "", id="undefined is in no list and out of none"),
        pytest.param("c.age BETWEEN 20 AND 20.5", "24", id="BETWEEN includes its ends"),
        pytest.param("c.name LIKE 'A%'", "1", id="LIKE with any end"),
        pytest.param("c.name LIKE '_o_'", "2", id="LIKE with single letters"),
        pytest.param("c.name LIKE '[a-c]%'", "3", id="LIKE with a class"),
        pytest.param("c.name LIKE 'A!nn' ESCAPE '!'", "1", id="LIKE with an escape"),
        pytest.param("c.home.city = 'Rom'", "1", id="nested property"),
        pytest.param("c.tags[0] = 'b'", "2", id="array element"),
        pytest.param("c.tags = ['b']", "2", id="arrays compare by value"),
        pytest.param("c.home = {'city': 'Ulm'}", "2", id="objects compare by value"),
        pytest.param("EXISTS(SELECT VALUE t FROM t IN c.tags WHERE t = 'a')", "1", id="EXISTS"),
        pytest.param("ARRAY_CONTAINS(c.tags, @tag)", "12", id="parameter"),
        pytest.param("(c.name ?? 'x') = 'x'", "4", id="?? fills in for undefined"),
        pytest.param("(c.age > 20 ? 'old' : 'young') = 'old'", "14", id="conditional"),
        pytest.param("c.name || '!' = 'Ann!'", "1", id="concatenation"),
        pytest.param("c.age % 7 = 2", "1", id="remainder"),
        pytest.param("c['na' || 'me'] = 'Ann'", "1", id="computed property name"),
        pytest.param("true", "1234", id="constant"),
        pytest.param("c.age", "", id="only true counts"),
    ],
)
def test_conditions(condition: str, expected: str) -> None:
    assert chosen(condition, tag="b") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "SELECT c.id, c.none FROM c WHERE c.id = '1'", [{"id": "1"}], id="undefined is left out"
        ),
        pytest.param("SELECT VALUE c.none FROM c", [], id="an undefined value gives no row"),
        pytest.param(
            "SELECT VALUE {'n': c.name, 'x': c.none} FROM c WHERE c.id = '2'",
            [{"n": "Bob"}],
            id="object",
        ),
        pytest.param("SELECT VALUE [c.id, c.none] FROM c WHERE c.id = '2'", [["2"]], id="array"),
        pytest.param("SELECT VALUE t FROM c JOIN t IN c.tags", ["a", "b", "b"], id="JOIN"),
        pytest.param("SELECT VALUE t FROM t IN c.tags", ["a", "b", "b"], id="FROM x IN"),
        pytest.param("SELECT VALUE city FROM c.home.city", ["Rom", "Ulm"], id="FROM a path"),
        pytest.param(
            "SELECT c.id, ARRAY(SELECT VALUE UPPER(t) FROM t IN c.tags) AS up FROM c"
            " WHERE c.id = '1'",
            [{"id": "1", "up": ["A", "B"]}],
            id="ARRAY of a query",
        ),
        pytest.param(
            "SELECT VALUE (SELECT VALUE COUNT(1) FROM t IN c.tags) FROM c",
            [2, 1, 0, 0],
            id="scalar query that aggregates",
        ),
        pytest.param(
            "SELECT VALUE x.city FROM (SELECT VALUE c.home FROM c) AS x",
            ["Rom", "Ulm"],
            id="FROM a query",
        ),
        pytest.param("SELECT VALUE 1 + 1", [2], id="no FROM"),
        pytest.param("SELECT TOP 2 VALUE c.id FROM c", ["1", "2"], id="TOP"),
        pytest.param("SELECT VALUE c.id FROM c OFFSET 1 LIMIT 2", ["2", "3"], id="OFFSET LIMIT"),
        pytest.param(
            "SELECT VALUE c.id FROM c ORDER BY c.age",
            ["3", "2", "4", "1"],
            id="null sorts before numbers",
        ),
        pytest.param(
            "SELECT VALUE c.id FROM c ORDER BY c.name DESC",
            ["3", "2", "1", "4"],
            id="undefined sorts first, so last when descending",
        ),
        pytest.param(
            "SELECT DISTINCT VALUE c.home.city FROM c", ["Rom", "Ulm"], id="DISTINCT"
        ),
        pytest.param("SELECT VALUE COUNT(c.name) FROM c", [3], id="COUNT skips undefined"),
        pytest.param("SELECT VALUE COUNT(1) FROM c WHERE false", [0], id="COUNT of nothing"),
        pytest.param("SELECT VALUE SUM(c.age) FROM c WHERE c.age > 0", [70.5], id="SUM"),
        pytest.param("SELECT VALUE SUM(c.age) FROM c", [], id="SUM over another type"),
        pytest.param("SELECT VALUE AVG(c.age) FROM c WHERE c.age > 20.2", [25.25], id="AVG"),
        pytest.param("SELECT VALUE AVG(c.age) FROM c WHERE false", [], id="AVG of nothing"),
        pytest.param("SELECT VALUE MIN(c.age) FROM c", [None], id="MIN by type order"),
        pytest.param("SELECT VALUE MAX(c.name) FROM c", ["cat"], id="MAX of strings"),
        pytest.param(
            "SELECT COUNT(1) AS n, MAX(c.age) - MIN(c.age) AS span FROM c WHERE c.age > 0",
            [{"n": 3, "span": 10}],
            id="aggregates in expressions",
        ),
        pytest.param(
            "SELECT t AS tag, COUNT(1) AS n FROM c JOIN t IN c.tags GROUP BY t",
            [{"tag": "a", "n": 1}, {"tag": "b", "n": 2}],
            id="GROUP BY",
        ),
        pytest.param("SELECT t FROM c JOIN t IN c.tags GROUP BY t OFFSET 1 LIMIT 1", [{"t": "b"}],
            id="GROUP BY with LIMIT",
        ),
    ],
)  # fmt: skip
def test_results(text: str, expected: list[Any]) -> None:
    assert run(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("SELECT * FROM c WHERE d.x = 1", "could not be resolved", id="unknown alias"),
        pytest.param("SELECT VALUE NOPE(1)", "not a recognized built-in", id="unknown function"),
        pytest.param("SELECT VALUE LOWER('a', 'b')", "does not take 2", id="too many arguments"),
        pytest.param("SELECT * FROM c JOIN t IN c.l", "single input set", id="star over a join"),
        pytest.param("SELECT * FROM c GROUP BY c.a", "not valid with GROUP BY", id="star, grouped"),
        pytest.param("SELECT VALUE 1 FROM c WHERE COUNT(1) > 1", "not allowed", id="WHERE COUNT"),
        pytest.param(
            "SELECT VALUE (SELECT VALUE 1 FROM x) FROM c", "could not be", id="no container inside"
        ),
        pytest.param("SELECT VALUE @p", "has no value", id="missing parameter"),
        pytest.param("SELECT TOP @n * FROM c", "non-negative integers", id="TOP of a string"),
    ],
)
def test_what_the_language_forbids_is_refused_with_400(text: str, reason: str) -> None:
    with pytest.raises(CosmosError, match=reason) as refusal:
        run(text, n="many")
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    "text",
    [
        "SELECT VALUE udf.f(c) FROM c",
        "SELECT VALUE ST_DISTANCE(c.a, c.b) FROM c",
        "SELECT VALUE VectorDistance(c.a, c.b) FROM c",
        "SELECT VALUE FullTextContains(c.a, 'x') FROM c",
    ],
)
def test_what_the_emulator_lacks_is_refused_with_501(text: str) -> None:
    with pytest.raises(CosmosError, match=r"COMPATIBILITY\.md") as refusal:
        run(text)
    assert refusal.value.status == 501


@pytest.mark.parametrize("parameters", [[1], [{"value": 1}], [{"name": "p", "value": 1}]])
def test_a_parameter_needs_a_name_with_an_at_sign(parameters: list[Any]) -> None:
    with pytest.raises(CosmosError, match="name that starts with '@'"):
        environment(parameters)
