"""Databases, containers, offers, users, and what is not implemented."""

from typing import Any

import orjson
import pytest

from tests.unit.cosmos.emulated import ITEMS, Emulated, header, message

KEY = {"paths": ["/pk"], "kind": "Hash", "version": 2}


def make(emulated: Emulated, headers: dict[str, str] | None = None, **definition: Any) -> Any:
    body = {"id": "other", "partitionKey": KEY, **definition}
    return emulated.ask("POST", "dbs/db/colls", body, headers)


def body(response: Any) -> dict[str, Any]:
    value: dict[str, Any] = orjson.loads(response.body)
    return value


def test_a_container_comes_back_with_the_services_defaults(emulated: Emulated) -> None:
    made = body(make(emulated))
    assert made["indexingPolicy"] == {
        "indexingMode": "consistent",
        "automatic": True,
        "includedPaths": [{"path": "/*"}],
        "excludedPaths": [{"path": '/"_etag"/?'}],
    }
    assert made["partitionKey"] == KEY
    assert made["conflictResolutionPolicy"]["mode"] == "LastWriterWins"


def test_a_taken_id_is_a_conflict(emulated: Emulated) -> None:
    assert emulated.ask("POST", "dbs", {"id": "db"}).status == 409
    assert make(emulated, id="items").status == 409


@pytest.mark.parametrize(
    ("definition", "status", "reason"),
    [
        pytest.param({"partitionKey": None}, 400, "needs a partition key", id="no key"),
        pytest.param(
            {"partitionKey": {"paths": ["pk"], "kind": "Hash"}}, 400, "must start with", id="path"
        ),
        pytest.param(
            {"partitionKey": {"paths": ["/a", "/b"], "kind": "Hash"}}, 400, "Too many", id="paths"
        ),
        pytest.param({"id": "a?b"}, 400, "illegal character", id="id"),
        pytest.param({"defaultTtl": 0}, 400, "defaultTtl", id="ttl"),
        pytest.param({"indexingPolicy": {"indexingMode": "lazy"}}, 400, "mode", id="mode"),
        pytest.param(
            {"indexingPolicy": {"includedPaths": [{"path": "x"}]}}, 400, "start with", id="index"
        ),
        pytest.param({"vectorEmbeddingPolicy": {"x": 1}}, 501, "vector search", id="vectors"),
        pytest.param({"fullTextPolicy": {"x": 1}}, 501, "full-text", id="full text"),
        pytest.param({"computedProperties": [{}]}, 501, "computed", id="computed properties"),
    ],
)
def test_a_definition_that_cannot_be_had_is_refused(
    emulated: Emulated, definition: dict[str, Any], status: int, reason: str
) -> None:
    refused = make(emulated, **definition)
    assert (refused.status, reason in message(refused)) == (status, True)


@pytest.mark.parametrize(
    "change", [{"partitionKey": {**KEY, "paths": ["/x"]}}, {"id": "renamed"}], ids=["key", "id"]
)
def test_key_and_id_of_a_container_cannot_change(
    emulated: Emulated, change: dict[str, Any]
) -> None:
    assert emulated.ask("PUT", ITEMS, {"id": "items", "partitionKey": KEY, **change}).status == 400


def test_unique_keys_hold_within_a_partition(emulated: Emulated) -> None:
    make(emulated, uniqueKeyPolicy={"uniqueKeys": [{"paths": ["/mail"]}]})

    def add(item_id: str, key: str, **more: Any) -> int:
        headers = {"x-ms-documentdb-partitionkey": f'["{key}"]'}
        document = {"id": item_id, "pk": key, **more}
        return emulated.ask("POST", "dbs/db/colls/other/docs", document, headers).status

    assert add("1", "a", mail="x") == 201
    assert add("2", "a", mail="x") == 409
    assert add("2", "a", mail="y") == 201
    assert add("1", "b", mail="x") == 201
    assert add("3", "a") == 201
    assert add("4", "a") == 409


def test_a_deleted_container_takes_its_items_along(emulated: Emulated) -> None:
    emulated.fill([{"id": "1", "pk": "a"}])
    assert emulated.ask("DELETE", ITEMS).status == 204
    assert emulated.ask("GET", ITEMS).status == 404
    emulated.container()
    assert emulated.rows("SELECT * FROM c") == []


def test_a_container_made_anew_is_told_from_the_one_the_client_knew(emulated: Emulated) -> None:
    known = body(emulated.ask("GET", ITEMS))["_rid"]
    emulated.ask("DELETE", ITEMS)
    emulated.container()
    headers = {"x-ms-cosmos-intended-collection-rid": known}
    refused = emulated.query("SELECT * FROM c", None, **headers)
    assert (refused.status, header(refused, "x-ms-substatus")) == (400, "1024")


def test_a_deleted_database_takes_everything_along(emulated: Emulated) -> None:
    assert emulated.ask("DELETE", "dbs/db").status == 204
    assert emulated.ask("GET", ITEMS).status == 404


def test_metadata_is_queried_like_items(emulated: Emulated) -> None:
    query = {
        "query": "SELECT * FROM r WHERE r.id = @id",
        "parameters": [{"name": "@id", "value": "db"}],
    }
    found = emulated.ask("POST", "dbs", query, {"content-type": "application/query+json"})
    assert [database["id"] for database in body(found)["Databases"]] == ["db"]


def test_throughput_is_an_offer_that_can_be_read_and_replaced(emulated: Emulated) -> None:
    make(emulated, {"x-ms-offer-throughput": "500"})
    offers = body(emulated.ask("GET", "offers"))["Offers"]
    offer = next(o for o in offers if o["content"]["offerThroughput"] == 500)
    offer["content"]["offerThroughput"] = 600
    replaced = emulated.ask("PUT", f"offers/{offer['id']}", offer)
    assert body(replaced)["content"]["offerThroughput"] == 600


@pytest.mark.parametrize(
    "headers",
    [
        {"x-ms-offer-throughput": "399"},
        {"x-ms-cosmos-offer-autopilot-settings": '{"maxThroughput": 999}'},
    ],
    ids=["fixed", "automatic"],
)
def test_too_little_throughput_is_refused(emulated: Emulated, headers: dict[str, str]) -> None:
    assert make(emulated, headers).status == 400


def test_users_and_permissions_are_stored(emulated: Emulated) -> None:
    assert emulated.ask("POST", "dbs/db/users", {"id": "u"}).status == 201
    permission = {"id": "p", "permissionMode": "Read", "resource": ITEMS}
    made = emulated.ask("POST", "dbs/db/users/u/permissions", permission)
    assert body(made)["_token"]
    assert emulated.ask("DELETE", "dbs/db/users/u/permissions/p").status == 204


def test_there_are_never_any_conflicts(emulated: Emulated) -> None:
    assert body(emulated.ask("GET", f"{ITEMS}/conflicts"))["_count"] == 0
    assert emulated.ask("GET", f"{ITEMS}/conflicts/x").status == 404


@pytest.mark.parametrize(
    "path", ["nothing", "dbs/db/nothing", f"{ITEMS}/nothing", "dbs/no", "dbs/db/colls/no/docs"]
)
def test_what_does_not_exist_is_404(emulated: Emulated, path: str) -> None:
    assert emulated.ask("GET", path).status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "dbs"), ("PUT", "dbs/db"), ("PUT", f"{ITEMS}/docs"), ("POST", f"{ITEMS}/docs/1")],
)
def test_a_method_that_makes_no_sense_is_405(emulated: Emulated, method: str, path: str) -> None:
    assert emulated.ask(method, path, {}).status == 405


def test_metadata_survives_a_restart(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = str(tmp_path_factory.mktemp("data"))
    first = Emulated(folder, partitions=2)
    first.container(defaultTtl=5)
    before = body(first.ask("GET", ITEMS))
    first.store.close()
    second = Emulated(folder)
    assert body(second.ask("GET", ITEMS)) == before
    assert len(second.store.containers.get("db", "items").scheme.ranges) == 2
    second.store.close()
