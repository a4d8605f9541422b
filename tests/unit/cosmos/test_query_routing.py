"""Queries over partitions: what the gateway serves, what it refuses, and the plans it gives."""

from typing import Any

import orjson
import pytest

from tests.unit.cosmos.emulated import ACROSS, ITEMS, Emulated, documents, header, key_of, message

EVERYWHERE = {ACROSS: "True"}
FEATURES = "Aggregate,CompositeAggregate,Distinct,MultipleOrderBy,OffsetAndLimit,OrderBy,Top"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM c ORDER BY c.a",
        "SELECT VALUE COUNT(1) FROM c",
        "SELECT DISTINCT c.a FROM c",
        "SELECT TOP 1 * FROM c",
        "SELECT * FROM c OFFSET 0 LIMIT 1",
        "SELECT c.a FROM c GROUP BY c.a",
    ],
)
def test_what_needs_merging_is_refused_with_1004_and_its_plan(
    emulated: Emulated, text: str
) -> None:
    refused = emulated.query(text, None, **EVERYWHERE)
    assert (refused.status, header(refused, "x-ms-substatus")) == (400, "1004")
    plan = orjson.loads(orjson.loads(refused.body)["additionalErrorInfo"])
    assert plan["queryInfo"]["rewrittenQuery"]


@pytest.mark.parametrize(
    "text", ["SELECT * FROM c", "SELECT VALUE c.id FROM c WHERE c.a > 1", "SELECT c.a FROM c"]
)
def test_what_can_be_streamed_is_served(emulated: Emulated, text: str) -> None:
    assert emulated.query(text, None, **EVERYWHERE).status == 200


def test_a_query_over_all_partitions_must_be_allowed(emulated: Emulated) -> None:
    refused = emulated.query("SELECT * FROM c", None, **{ACROSS: "False"})
    assert (refused.status, "disabled" in message(refused)) == (400, True)


def test_a_filter_by_the_whole_key_makes_it_a_query_in_one_partition(emulated: Emulated) -> None:
    emulated.fill([{"id": "1", "pk": "a"}, {"id": "2", "pk": "b"}])
    text = "SELECT VALUE COUNT(1) FROM c WHERE c.pk = @pk AND c.id != 'x'"
    served = emulated.query(text, {"@pk": "a"}, **{ACROSS: "False"})
    assert documents(served) == [1]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM c ORDER BY c.a",
        "SELECT VALUE COUNT(1) FROM c",
        "SELECT c.a, COUNT(1) AS n FROM c GROUP BY c.a",
    ],
)
def test_within_one_partition_everything_is_served(emulated: Emulated, text: str) -> None:
    assert emulated.query(text, None, **key_of({"pk": "a"})).status == 200


def plan(emulated: Emulated, text: str, features: str = FEATURES, **parameters: Any) -> Any:
    body = {
        "query": text,
        "parameters": [{"name": f"@{n}", "value": v} for n, v in parameters.items()],
    }
    headers = {
        "x-ms-cosmos-is-query-plan-request": "True",
        "x-ms-cosmos-supported-query-features": features,
    }
    return emulated.ask("POST", f"{ITEMS}/docs", body, headers)


def info(emulated: Emulated, text: str, **parameters: Any) -> dict[str, Any]:
    everything = f"{FEATURES},GroupBy,NonValueAggregate,MultipleAggregates"
    reply = plan(emulated, text, everything, **parameters)
    found: dict[str, Any] = orjson.loads(reply.body)["queryInfo"]
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("SELECT TOP 3 * FROM c", {"top": 3, "orderBy": []}, id="top"),
        pytest.param("SELECT TOP @n * FROM c", {"top": 2}, id="top from a parameter"),
        pytest.param(
            "SELECT * FROM c ORDER BY c.a, c.b DESC",
            {"orderBy": ["Ascending", "Descending"], "orderByExpressions": ["c.a", "c.b"]},
            id="order",
        ),
        pytest.param(
            "SELECT * FROM c OFFSET 2 LIMIT 3", {"offset": 2, "limit": 3, "top": None}, id="limit"
        ),
        pytest.param("SELECT DISTINCT c.a FROM c", {"distinctType": "Unordered"}, id="distinct"),
        pytest.param(
            "SELECT DISTINCT VALUE c.a FROM c ORDER BY c.a",
            {"distinctType": "Ordered", "hasSelectValue": True},
            id="distinct in order",
        ),
        pytest.param(
            "SELECT VALUE AVG(c.a) FROM c",
            {"aggregates": ["Average"], "hasSelectValue": True, "distinctType": "None"},
            id="aggregate",
        ),
    ],
)
def test_plans_say_what_to_merge(emulated: Emulated, text: str, expected: dict[str, Any]) -> None:
    assert expected.items() <= info(emulated, text, n=2).items()


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        pytest.param(
            "SELECT c.id FROM c WHERE c.a > 1 ORDER BY c.b DESC",
            'SELECT c._rid, [{"item": c.b}] AS orderByItems, {"id": c.id} AS payload'
            " FROM c WHERE ((c.a > 1) AND ({documentdb-formattableorderbyquery-filter}))"
            " ORDER BY c.b DESC",
            id="order by",
        ),
        pytest.param(
            "SELECT VALUE COUNT(1) FROM c", 'SELECT VALUE [{"item": COUNT(1)}] FROM c', id="count"
        ),
        pytest.param(
            "SELECT VALUE AVG(c.a) FROM c",
            'SELECT VALUE [{"item": {"sum": SUM(c.a), "count": COUNT(c.a)}}] FROM c',
            id="average",
        ),
        pytest.param(
            "SELECT * FROM c ORDER BY c.a OFFSET 2 LIMIT 3",
            'SELECT c._rid, [{"item": c.a}] AS orderByItems, c AS payload'
            " FROM c WHERE ({documentdb-formattableorderbyquery-filter})"
            " ORDER BY c.a ASC OFFSET 0 LIMIT 5",
            id="offset",
        ),
        pytest.param(
            "SELECT VALUE MAX(c.a) FROM c",
            'SELECT VALUE [{"item": MAX(c.a), "item2": {"max": MAX(c.a), "count": COUNT(c.a)}}]'
            " FROM c",
            id="extreme",
        ),
        pytest.param(
            "SELECT c.a, COUNT(1) AS n FROM c GROUP BY c.a",
            'SELECT [{"item": c.a}] AS groupByItems, {"a": c.a, "n": {"item": COUNT(1)}} AS payload'
            " FROM c GROUP BY c.a",
            id="groups",
        ),
        pytest.param(
            "SELECT SUM(c.a) AS total FROM c",
            'SELECT {"total": {"item": SUM(c.a)}} AS payload FROM c',
            id="aggregate with a name",
        ),
    ],
)
def test_plans_rewrite_the_query_for_each_partition(
    emulated: Emulated, text: str, rewritten: str
) -> None:
    assert info(emulated, text)["rewrittenQuery"] == rewritten


def test_a_plan_names_the_one_partition_that_a_filter_leaves(emulated: Emulated) -> None:
    text = "SELECT VALUE COUNT(1) FROM c WHERE c.pk = 'a'"
    (one,) = orjson.loads(plan(emulated, text).body)["queryRanges"]
    assert one["min"] == one["max"]
    assert one["isMaxInclusive"]


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("SELECT c.a FROM c GROUP BY c.a", "GroupBy"),
        ("SELECT COUNT(1) FROM c", "NonValueAggregate"),
        ("SELECT VALUE COUNT(1) + 1 FROM c", "NonValueAggregate"),
    ],
)
def test_a_plan_that_the_client_cannot_follow_is_refused(
    emulated: Emulated, text: str, feature: str
) -> None:
    refused = plan(emulated, text)
    assert (refused.status, feature in message(refused)) == (400, True)
    assert plan(emulated, text, f"{FEATURES},{feature}").status == 200


@pytest.mark.parametrize(
    ("order", "allowed"),
    [
        pytest.param("c.a", True, id="one path"),
        pytest.param("c.a, c.b DESC", True, id="as in the policy"),
        pytest.param("c.a DESC, c.b", True, id="the policy's reverse"),
        pytest.param("c.a, c.b", False, id="other directions"),
        pytest.param("c.b DESC, c.a", False, id="other order"),
        pytest.param("c.secret", False, id="excluded path"),
        pytest.param("c.open.x", True, id="included below an excluded path"),
        pytest.param("c.a + 1", False, id="not a path"),
    ],
)
def test_order_by_needs_the_indexes_that_the_service_needs(order: str, *, allowed: bool) -> None:
    emulated = Emulated()
    composite = [{"path": "/a", "order": "ascending"}, {"path": "/b", "order": "descending"}]
    emulated.container(
        indexingPolicy={
            "includedPaths": [{"path": "/*"}, {"path": "/open/x/?"}],
            "excludedPaths": [{"path": "/secret/?"}, {"path": "/open/*"}],
            "compositeIndexes": [composite],
        }
    )
    text = f"SELECT * FROM c ORDER BY {order}"  # noqa: S608 - a query of Cosmos DB
    assert (emulated.query(text).status == 200) is allowed
    emulated.store.close()


def test_a_page_is_of_one_physical_range_and_the_last_has_no_token() -> None:
    emulated = Emulated(partitions=4)
    emulated.container()
    emulated.fill({"id": str(n), "pk": str(n)} for n in range(20))
    pages, token = [], None
    while True:
        headers = {**EVERYWHERE, **({"x-ms-continuation": token} if token else {})}
        page = emulated.query("SELECT * FROM c", None, **headers)
        pages.append(page)
        token = header(page, "x-ms-continuation")
        if token is None:
            break
    assert [header(p, "x-ms-documentdb-partitionkeyrangeid") for p in pages] == ["0", "1", "2", "3"]
    assert sorted(int(d["id"]) for p in pages for d in documents(p)) == list(range(20))
    emulated.store.close()


@pytest.mark.parametrize("token", ["nonsense", "+RID:~9#0#0#0"])
def test_a_continuation_that_is_not_the_querys_is_refused(emulated: Emulated, token: str) -> None:
    refused = emulated.query("SELECT * FROM c", None, **{"x-ms-continuation": token})
    assert refused.status == 400


def test_top_holds_over_pages(emulated: Emulated) -> None:
    emulated.fill({"id": str(n), "pk": "a"} for n in range(9))
    given = emulated.rows("SELECT TOP 5 VALUE c.id FROM c", None, **{"x-ms-max-item-count": "2"})
    assert given == ["0", "1", "2", "3", "4"]
