"""Transactional batches."""

from typing import Any

import orjson
import pytest

from local.cosmos.limits import BATCH_BYTES
from tests.unit.cosmos.emulated import ITEMS, Emulated, header, key_of


def item(item_id: str, **more: Any) -> dict[str, Any]:
    return {"id": item_id, "pk": "a", **more}


def create(item_id: str, **more: Any) -> dict[str, Any]:
    return {"operationType": "Create", "resourceBody": item(item_id, **more)}


def run(emulated: Emulated, *operations: dict[str, Any]) -> Any:
    headers = {**key_of({"pk": "a"}), "x-ms-cosmos-is-batch-request": "True"}
    return emulated.ask("POST", f"{ITEMS}/docs", list(operations), headers)


def statuses(response: Any) -> list[int]:
    return [result["statusCode"] for result in orjson.loads(response.body)]


def test_each_kind_of_operation_has_its_own_status_and_result(emulated: Emulated) -> None:
    emulated.fill([item("old", n=1), item("gone")])
    done = run(
        emulated,
        create("new"),
        {"operationType": "Upsert", "resourceBody": item("up")},
        {"operationType": "Upsert", "resourceBody": item("old", n=2)},
        {"operationType": "Replace", "id": "old", "resourceBody": item("old", n=3)},
        {
            "operationType": "Patch",
            "id": "old",
            "resourceBody": {"operations": [{"op": "incr", "path": "/n", "value": 1}]},
        },
        {"operationType": "Read", "id": "old"},
        {"operationType": "Delete", "id": "gone"},
    )
    assert done.status == 200
    assert statuses(done) == [201, 201, 200, 200, 200, 200, 204]
    results = orjson.loads(done.body)
    assert results[5]["resourceBody"]["n"] == 4
    assert results[5]["eTag"] == results[4]["resourceBody"]["_etag"]


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        pytest.param(create("old"), 409, id="conflict"),
        pytest.param({"operationType": "Read", "id": "none"}, 404, id="missing"),
        pytest.param(
            {
                "operationType": "Replace",
                "id": "old",
                "resourceBody": item("old"),
                "ifMatch": '"stale"',
            },
            412,
            id="stale",
        ),
        pytest.param(create("other") | {"resourceBody": {"id": "x", "pk": "b"}}, 400, id="key"),
        pytest.param({"operationType": "Fly", "id": "old"}, 400, id="unknown operation"),
    ],
)
def test_one_failure_undoes_all_and_is_named(
    emulated: Emulated, operation: dict[str, Any], status: int
) -> None:
    emulated.fill([item("old")])
    failed = run(emulated, create("before"), operation, create("after"))
    assert statuses(failed) == [424, status, 424]
    assert emulated.rows("SELECT VALUE c.id FROM c") == ["old"]
    assert emulated.create(item("before")).status == 201


def conditional(condition: str | None = None, if_match: str | None = None) -> dict[str, Any]:
    """A patch of `old` that adds one to its `n`, under a condition, an ETag or both."""
    body: dict[str, Any] = {"operations": [{"op": "incr", "path": "/n", "value": 1}]}
    operation: dict[str, Any] = {"operationType": "Patch", "id": "old", "resourceBody": body}
    if condition is not None:
        body["condition"] = condition
    if if_match is not None:
        operation["ifMatch"] = if_match
    return operation


HOLDS, FAILS = "from c where c.n = 1", "from c where c.n > 1"


@pytest.mark.parametrize(
    ("condition", "etag", "status"),
    [
        pytest.param(HOLDS, None, 200, id="condition holds"),
        pytest.param(FAILS, None, 412, id="condition fails"),
        pytest.param("from c where not is_defined(c.head)", None, 200, id="of what is absent"),
        pytest.param(None, "current", 200, id="ETag is current"),
        pytest.param(None, "stale", 412, id="ETag is stale"),
        pytest.param(HOLDS, "current", 200, id="both hold"),
        pytest.param(HOLDS, "stale", 412, id="only the condition holds"),
        pytest.param(FAILS, "current", 412, id="only the ETag holds"),
        pytest.param("from c where", None, 400, id="condition that cannot be read"),
    ],
)
def test_a_conditional_patch_decides_over_the_whole_batch(
    emulated: Emulated, condition: str | None, etag: str | None, status: int
) -> None:
    emulated.fill([item("old", n=1)])
    current = orjson.loads(emulated.read("old", "a").body)["_etag"]
    patch = conditional(condition, current if etag == "current" else etag and f'"{etag}"')
    done = run(emulated, create("before"), patch, create("after"))
    applied = status == 200
    assert done.status == (200 if applied else 207)
    assert statuses(done) == ([201, 200, 201] if applied else [424, status, 424])
    assert emulated.rows("SELECT VALUE c.n FROM c WHERE c.id = 'old'") == [2 if applied else 1]
    assert emulated.read("before", "a").status == (200 if applied else 404)


def test_a_condition_sees_what_the_batch_has_done_before_it(emulated: Emulated) -> None:
    emulated.fill([item("old", n=1)])
    twice = run(emulated, conditional(HOLDS), conditional("from c where c.n = 2"))
    assert statuses(twice) == [200, 200]
    assert statuses(run(emulated, conditional("from c where c.n = 3"), conditional(HOLDS))) == [
        424,
        412,
    ]


def test_a_failure_has_a_substatus_and_the_others_cost_nothing(emulated: Emulated) -> None:
    emulated.fill([item("old")])
    before, failed = orjson.loads(run(emulated, create("new"), create("old")).body)
    assert before == {"statusCode": 424, "requestCharge": 0.0}
    assert (failed["statusCode"], failed["subStatusCode"]) == (409, 0)
    assert failed["requestCharge"] > 0


def test_a_failed_batch_leaves_the_feed_as_it_was(emulated: Emulated) -> None:
    emulated.fill([item("old")])
    etag = header(emulated.changes(), "etag")
    run(emulated, create("before"), create("old"))
    assert emulated.changes(etag).status == 304


def test_an_operation_sees_what_those_before_it_did(emulated: Emulated) -> None:
    assert statuses(run(emulated, create("x"), {"operationType": "Read", "id": "x"})) == [201, 200]


@pytest.mark.parametrize(
    ("operations", "status"),
    [
        pytest.param([], 400, id="none"),
        pytest.param([create(str(n)) for n in range(101)], 400, id="over a hundred"),
        pytest.param([create("big", text="x" * BATCH_BYTES)], 413, id="over two megabytes"),
    ],
)
def test_limits(emulated: Emulated, operations: list[dict[str, Any]], status: int) -> None:
    assert run(emulated, *operations).status == status


def test_a_hundred_operations_are_allowed(emulated: Emulated) -> None:
    assert statuses(run(emulated, *[create(str(n)) for n in range(100)])) == [201] * 100


def bulk(emulated: Emulated, *operations: dict[str, Any], **headers: str) -> Any:
    """A batch of operations that stand alone, in the first physical range."""
    given = {
        "x-ms-cosmos-is-batch-request": "true",
        "x-ms-cosmos-batch-atomic": "false",
        "x-ms-cosmos-batch-continue-on-error": "true",
        "x-ms-documentdb-partitionkeyrangeid": "0",
        **headers,
    }
    return emulated.ask("POST", f"{ITEMS}/docs", list(operations), given)


def of_key(key: str, operation: dict[str, Any]) -> dict[str, Any]:
    return {"partitionKey": orjson.dumps([key]).decode(), **operation}


def made(item_id: str, key: str) -> dict[str, Any]:
    body = {"id": item_id, "pk": key}
    return of_key(key, {"operationType": "Create", "resourceBody": body})


def test_a_bulk_batch_is_of_many_partitions_and_each_operation_stands_alone(
    emulated: Emulated,
) -> None:
    emulated.fill([item("old")])
    done = bulk(
        emulated,
        made("1", "b"),
        made("old", "a"),
        of_key("c", {"operationType": "Read", "id": "none"}),
        made("2", "d"),
        of_key("a", conditional(FAILS)),
    )
    assert done.status == 207
    assert statuses(done) == [201, 409, 404, 201, 412]
    assert sorted(emulated.rows("SELECT VALUE c.id FROM c")) == ["1", "2", "old"]


def test_a_bulk_batch_without_a_failure_is_a_plain_success(emulated: Emulated) -> None:
    done = bulk(emulated, made("1", "b"), of_key("b", {"operationType": "Delete", "id": "1"}))
    assert (done.status, statuses(done)) == (200, [201, 204])


def test_a_bulk_batch_ends_at_a_failure_when_told_to(emulated: Emulated) -> None:
    stop = {"x-ms-cosmos-batch-continue-on-error": "false"}
    done = bulk(emulated, made("1", "a"), made("1", "a"), made("2", "a"), **stop)
    assert statuses(done) == [201, 409, 424]


def test_a_bulk_operation_of_another_physical_partition_is_gone() -> None:
    emulated = Emulated(partitions=2)
    emulated.container()
    keys = [f"k{n}" for n in range(8)]
    done = bulk(emulated, *(made("x", key) for key in keys))
    assert set(statuses(done)) == {201, 410}
    (gone, *_) = [each for each in orjson.loads(done.body) if each["statusCode"] == 410]
    assert gone["subStatusCode"] == 1002


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"x-ms-documentdb-partitionkeyrangeid": "9"}, 410, id="unknown range"),
        pytest.param({"x-ms-documentdb-partitionkey": "[1,2]"}, 400, id="no range"),
    ],
)
def test_a_bulk_batch_names_a_range(
    emulated: Emulated, headers: dict[str, str], status: int
) -> None:
    assert bulk(emulated, made("1", "a"), **headers).status == status
