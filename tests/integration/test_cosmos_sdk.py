"""The protocol, as the unmodified SDK speaks it, synchronous and asynchronous."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.core import MatchConditions
from azure.cosmos import ContainerProxy, CosmosClient, PartitionKey, exceptions
from azure.cosmos.aio import CosmosClient as AsyncClient

from tests.integration.cosmos_support import KEY, Emulator, emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPOSITES = [
    [{"path": "/n", "order": "descending"}, {"path": "/id", "order": "descending"}],
]


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with emulator("--data", ":memory:", "--partitions", "4") as started:
        yield started


@pytest.fixture(scope="module")
def client(running: Emulator) -> Iterator[CosmosClient]:
    with CosmosClient(running.address, KEY) as opened:
        yield opened


@pytest.fixture
def container(client: CosmosClient, request: pytest.FixtureRequest) -> Iterator[ContainerProxy]:
    database = client.create_database_if_not_exists("tests")
    name = request.node.name.translate(str.maketrans("[]/", "---"))
    policy: Any = {"compositeIndexes": COMPOSITES}
    made = database.create_container(name, PartitionKey("/pk"), indexing_policy=policy)
    yield made
    database.delete_container(name)


@pytest.fixture
def filled(container: ContainerProxy) -> ContainerProxy:
    for n in range(20):
        container.create_item(
            {"id": f"i{n:02d}", "pk": f"p{n % 5}", "n": n, "tags": ["a", f"t{n}"]}
        )
    return container


def across(container: ContainerProxy, text: str, **parameters: Any) -> list[Any]:
    named: Any = [{"name": f"@{name}", "value": value} for name, value in parameters.items()]
    return list(container.query_items(text, parameters=named, enable_cross_partition_query=True))


def test_an_item_goes_through_its_whole_life(container: ContainerProxy) -> None:
    made = container.create_item({"id": "1", "pk": "a", "n": 1})
    assert container.read_item("1", "a") == made
    changed = container.replace_item(
        made, {**made, "n": 2}, etag=made["_etag"], match_condition=MatchConditions.IfNotModified
    )
    assert container.upsert_item({**changed, "n": 3})["n"] == 3
    patched = container.patch_item("1", "a", [{"op": "incr", "path": "/n", "value": 1}])
    assert patched["n"] == 4
    container.delete_item(patched, "a")
    with pytest.raises(exceptions.CosmosResourceNotFoundError):
        container.read_item("1", "a")


def test_refusals_are_the_sdks_exceptions(container: ContainerProxy) -> None:
    made = container.create_item({"id": "1", "pk": "a"})
    container.replace_item(made, made)
    with pytest.raises(exceptions.CosmosResourceExistsError):
        container.create_item({"id": "1", "pk": "a"})
    with pytest.raises(exceptions.CosmosAccessConditionFailedError):
        container.replace_item(
            made, made, etag=made["_etag"], match_condition=MatchConditions.IfNotModified
        )
    with pytest.raises(exceptions.CosmosHttpResponseError) as refusal:
        list(container.query_items("SELECT * FORM c", partition_key="a"))
    assert refusal.value.status_code == 400


def test_a_batch_is_all_or_nothing(container: ContainerProxy) -> None:
    container.execute_item_batch(
        [("create", ({"id": "1", "pk": "a"},)), ("upsert", ({"id": "2", "pk": "a"},))], "a"
    )
    with pytest.raises(exceptions.CosmosBatchOperationError) as failure:
        container.execute_item_batch(
            [("create", ({"id": "3", "pk": "a"},)), ("create", ({"id": "1", "pk": "a"},))], "a"
        )
    assert (failure.value.error_index, failure.value.status_code) == (1, 409)
    assert len(list(container.read_all_items())) == 2


@pytest.mark.parametrize(
    ("options", "status"),
    [
        pytest.param({"filter_predicate": "from c where c.n = 1"}, None, id="condition holds"),
        pytest.param({"filter_predicate": "from c where c.n = 2"}, 412, id="condition fails"),
        pytest.param({"if_match_etag": '"stale"'}, 412, id="stale ETag"),
    ],
)
def test_a_batch_is_held_together_by_a_conditional_patch(
    container: ContainerProxy, options: dict[str, Any], status: int | None
) -> None:
    container.create_item({"id": "head", "pk": "a", "n": 1})
    patch = [{"op": "incr", "path": "/n", "value": 1}]
    operations: Any = [
        ("patch", ("head", patch), options),
        ("create", ({"id": "1", "pk": "a"},)),
    ]
    if status is None:
        container.execute_item_batch(operations, "a")
    else:
        with pytest.raises(exceptions.CosmosBatchOperationError) as failure:
            container.execute_item_batch(operations, "a")
        assert (failure.value.error_index, failure.value.status_code) == (0, status)
        assert [each["statusCode"] for each in failure.value.operation_responses] == [status, 424]
    assert container.read_item("head", "a")["n"] == (2 if status is None else 1)
    assert len(list(container.read_all_items())) == (2 if status is None else 1)


def test_a_batch_replaces_under_an_etag(container: ContainerProxy) -> None:
    made = container.create_item({"id": "1", "pk": "a", "n": 1})
    replace: Any = ("replace", ("1", {**made, "n": 2}), {"if_match_etag": made["_etag"]})
    (done,) = container.execute_item_batch([replace], "a")
    assert (done["statusCode"], done["resourceBody"]["n"]) == (200, 2)
    again: Any = ("replace", ("1", {**made, "n": 3}), {"if_match_etag": made["_etag"]})
    with pytest.raises(exceptions.CosmosBatchOperationError) as failure:
        container.execute_item_batch([again], "a")
    assert failure.value.status_code == 412


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("SELECT VALUE COUNT(1) FROM c", [20], id="count"),
        pytest.param("SELECT VALUE SUM(c.n) FROM c", [190], id="sum"),
        pytest.param("SELECT VALUE AVG(c.n) FROM c", [9.5], id="average"),
        pytest.param("SELECT VALUE MAX(c.n) FROM c", [19], id="max"),
        pytest.param("SELECT VALUE MIN(c.n) FROM c WHERE c.n > @n", [4], id="min"),
        pytest.param(
            "SELECT VALUE c.n FROM c ORDER BY c.n DESC OFFSET 2 LIMIT 3", [17, 16, 15], id="order"
        ),
        pytest.param("SELECT TOP 2 VALUE c.n FROM c ORDER BY c.n", [0, 1], id="top"),
        pytest.param(
            "SELECT TOP 2 VALUE c.n FROM c WHERE c.n < 9 OR (c.n = 9 AND c.id < 'i09')"
            " ORDER BY c.n DESC, c.id DESC",
            [8, 7],
            id="keyset",
        ),
        pytest.param(
            "SELECT VALUE c.n FROM c WHERE ARRAY_CONTAINS(c.tags, 't7') OR STARTSWITH(c.id, 'i0')"
            " AND c.n IN (1, 2) ORDER BY c.n",
            [1, 2, 7],
            id="functions",
        ),
        pytest.param(
            "SELECT VALUE c.n FROM c WHERE EXISTS(SELECT VALUE t FROM t IN c.tags WHERE t = 't5')",
            [5],
            id="exists",
        ),
    ],
)
def test_queries_over_four_partitions_are_merged(
    filled: ContainerProxy, text: str, expected: list[Any]
) -> None:
    assert across(filled, text, n=3) == expected


def test_distinct_values_of_four_partitions(filled: ContainerProxy) -> None:
    found = across(filled, "SELECT DISTINCT VALUE c.pk FROM c")
    assert sorted(found) == ["p0", "p1", "p2", "p3", "p4"]


@pytest.mark.parametrize(
    "text", ["SELECT c.pk, COUNT(1) AS n FROM c GROUP BY c.pk", "SELECT COUNT(1) AS n FROM c"]
)
def test_what_the_sdk_cannot_merge_fails_as_in_the_service(
    filled: ContainerProxy, text: str
) -> None:
    with pytest.raises(exceptions.CosmosHttpResponseError) as refusal:
        across(filled, text)
    assert refusal.value.status_code == 400


def test_one_partition_groups_by_itself(filled: ContainerProxy) -> None:
    text = "SELECT c.pk, COUNT(1) AS n FROM c GROUP BY c.pk"
    assert list(filled.query_items(text, partition_key="p1")) == [{"pk": "p1", "n": 4}]


def test_pages_can_be_resumed_by_their_token(filled: ContainerProxy) -> None:
    query = filled.query_items("SELECT * FROM c", partition_key="p1", max_item_count=3)
    pages = query.by_page()
    first = [item["id"] for item in next(pages)]
    token = pages.continuation_token  # type: ignore[attr-defined]  # the pager's own attribute
    rest = [item["id"] for page in query.by_page(token) for item in page]
    assert first + rest == ["i01", "i06", "i11", "i16"]


def test_many_items_are_read_at_once(filled: ContainerProxy) -> None:
    wanted: Any = [(f"i{n:02d}", f"p{n % 5}") for n in range(15)]
    found = filled.read_items([*wanted, ("none", "p1"), ("i01", "p2")])
    assert [item["id"] for item in found] == [f"i{n:02d}" for n in range(15)]


def test_each_feed_range_has_its_part_of_the_changes(filled: ContainerProxy) -> None:
    ranges = list(filled.read_feed_ranges())
    assert len(ranges) == 4
    parts = [
        [
            item["id"]
            for item in filled.query_items_change_feed(feed_range=one, start_time="Beginning")
        ]
        for one in ranges
    ]
    assert sorted(item for part in parts for item in part) == [f"i{n:02d}" for n in range(20)]
    assert sum(bool(part) for part in parts) > 1


def test_the_change_feed_goes_on_from_its_continuation(filled: ContainerProxy) -> None:
    list(filled.query_items_change_feed(start_time="Beginning"))
    etag = filled.client_connection.last_response_headers["etag"]
    filled.upsert_item({"id": "i03", "pk": "p3", "n": 33})
    (changed,) = filled.query_items_change_feed(continuation=etag)
    assert (changed["id"], changed["n"]) == ("i03", 33)
    assert isinstance(changed["_lsn"], int)


def test_a_read_may_use_a_session_token(filled: ContainerProxy) -> None:
    made = filled.create_item({"id": "s", "pk": "p1"})
    token = made.get_response_headers()["x-ms-session-token"]
    assert filled.read_item("s", "p1", session_token=token)["id"] == "s"


async def test_the_asynchronous_client_gets_the_same(running: Emulator) -> None:
    async with AsyncClient(running.address, KEY) as client:
        database = await client.create_database_if_not_exists("async")
        container = await database.create_container("items", PartitionKey("/pk"))
        for n in range(12):
            await container.create_item({"id": str(n), "pk": f"p{n % 3}", "n": n})
        summed: Any = container.query_items("SELECT VALUE SUM(c.n) FROM c")
        numbers = [item async for item in summed]
        assert numbers == [66]
        within: Any = container.query_items("SELECT VALUE COUNT(1) FROM c", partition_key="p1")
        assert [item async for item in within] == [4]
        wanted: Any = [(str(n), f"p{n % 3}") for n in range(12)]
        assert len(await container.read_items(wanted)) == 12
        feed = container.query_items_change_feed(start_time="Beginning")
        assert len([item async for item in feed]) == 12
        batch: Any = [("patch", ("1", [{"op": "incr", "path": "/n", "value": 1}]))]
        (result,) = await container.execute_item_batch(batch, "p1")
        assert result["resourceBody"]["n"] == 2
        await client.delete_database("async")
