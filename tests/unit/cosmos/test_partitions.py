"""Partition keys, hashes and physical ranges."""

import itertools
from typing import Any

import orjson
import pytest
from azure.cosmos import PartitionKey

from local.cosmos.errors import CosmosError
from local.cosmos.partition import PartitionScheme, parse_path
from tests.unit.cosmos.emulated import ITEMS, Emulated, header, key_of


def scheme(*paths: str, ranges: int = 1, version: int = 2) -> PartitionScheme:
    kind = "Hash" if len(paths) == 1 else "MultiHash"
    return PartitionScheme({"paths": list(paths), "kind": kind, "version": version}, ranges)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/a", ("a",)),
        ("/a/b", ("a", "b")),
        ('/"a b"/c', ("a b", "c")),
        ("/'a/b'", ("a/b",)),
    ],
)
def test_paths(path: str, names: tuple[str, ...]) -> None:
    assert parse_path(path) == names


@pytest.mark.parametrize("path", ["a", "/", "", "/a//b"])
def test_a_malformed_path_is_refused(path: str) -> None:
    with pytest.raises(CosmosError):
        parse_path(path)


@pytest.mark.parametrize(
    ("item", "key"),
    [
        ({"a": {"b": "x"}}, '["x"]'),
        ({"a": {"b": 1.0}}, "[1]"),
        ({"a": {"b": None}}, "[null]"),
        ({"a": {}}, "[{}]"),
        ({"a": "x"}, "[{}]"),
        ({"a": {"b": {"c": 1}}}, "[{}]"),
    ],
    ids=["text", "number", "null", "missing", "parent missing", "object"],
)
def test_the_key_of_an_item(item: dict[str, Any], key: str) -> None:
    assert scheme("/a/b").key_of_item(item) == key


def test_a_missing_level_of_a_hierarchical_key_is_not_null() -> None:
    assert scheme("/a", "/b").key_of_item({"a": 1}) == "[1,{}]"
    assert scheme("/a", "/b").key_of_item({"a": 1, "b": None}) == "[1,null]"


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("value", ["text", 5, 2.5, True, None])
def test_the_hash_is_the_sdks(version: int, value: Any) -> None:
    own = scheme("/a", version=version)
    theirs = PartitionKey("/a", version=version)._get_effective_partition_key_string([value])
    assert own.epk(orjson.dumps([value]).decode()) == str(theirs).upper()


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_ranges_cover_the_space_without_gap_or_overlap(version: int, count: int) -> None:
    ranges = scheme("/a", ranges=count, version=version).ranges
    assert [item.id for item in ranges] == [str(n) for n in range(count)]
    assert (ranges[0].low, ranges[-1].high) == ("", "FF")
    assert all(one.high == two.low for one, two in itertools.pairwise(ranges))


@pytest.mark.parametrize("version", [1, 2])
def test_keys_spread_over_all_ranges_evenly(version: int) -> None:
    own = scheme("/a", ranges=4, version=version)
    counts = dict.fromkeys("0123", 0)
    for number in range(400):
        counts[own.range_of(own.epk(f'["key-{number}"]')).id] += 1
    assert min(counts.values()) > 60


@pytest.mark.parametrize("text", ["a", '"a"', '["a","b"]', "{}"])
def test_a_malformed_key_header_is_refused(emulated: Emulated, text: str) -> None:
    headers = {"x-ms-documentdb-partitionkey": text}
    assert emulated.ask("GET", f"{ITEMS}/docs/1", None, headers).status == 400


def test_the_ranges_are_listed_with_an_etag() -> None:
    emulated = Emulated(partitions=3)
    emulated.container()
    listed = emulated.ask("GET", f"{ITEMS}/pkranges")
    assert len(orjson.loads(listed.body)["PartitionKeyRanges"]) == 3
    headers = {"if-none-match": header(listed, "etag") or ""}
    assert emulated.ask("GET", f"{ITEMS}/pkranges", None, headers).status == 304
    emulated.store.close()


def test_throughput_adds_ranges_as_in_the_service() -> None:
    emulated = Emulated()
    emulated.ask("POST", "dbs", {"id": "db"})
    definition = {"id": "items", "partitionKey": {"paths": ["/pk"], "kind": "Hash", "version": 2}}
    emulated.ask("POST", "dbs/db/colls", definition, {"x-ms-offer-throughput": "30000"})
    assert len(emulated.store.containers.get("db", "items").scheme.ranges) == 5
    emulated.store.close()


def test_a_hierarchical_key_works_as_a_whole() -> None:
    emulated = Emulated()
    emulated.ask("POST", "dbs", {"id": "db"})
    key = {"paths": ["/a", "/b"], "kind": "MultiHash", "version": 2}
    emulated.ask("POST", "dbs/db/colls", {"id": "items", "partitionKey": key})
    headers = {"x-ms-documentdb-partitionkey": '["x",1]'}
    made = emulated.ask("POST", f"{ITEMS}/docs", {"id": "1", "a": "x", "b": 1}, headers)
    assert made.status == 201
    assert emulated.ask("GET", f"{ITEMS}/docs/1", None, headers).status == 200
    assert emulated.ask("GET", f"{ITEMS}/docs/1", None, key_of({"pk": "x"})).status == 400
    headers = {"x-ms-documentdb-partitionkey": '["x",null]'}
    refused = emulated.ask("POST", f"{ITEMS}/docs", {"id": "2", "a": "x"}, headers)
    assert (refused.status, header(refused, "x-ms-substatus")) == (400, "1001")
    emulated.store.close()


LEVELS = {"paths": ["/tenant", "/user"], "kind": "MultiHash", "version": 2}


def levelled() -> Emulated:
    """A container with a key of two levels: three tenants of three users each."""
    emulated = Emulated(partitions=4)
    emulated.ask("POST", "dbs", {"id": "db"})
    emulated.ask("POST", "dbs/db/colls", {"id": "items", "partitionKey": LEVELS})
    for tenant, user in itertools.product("ABC", "xyz"):
        key = orjson.dumps([tenant, user]).decode()
        body = {"id": tenant + user, "tenant": tenant, "user": user}
        headers = {"x-ms-documentdb-partitionkey": key}
        assert emulated.ask("POST", f"{ITEMS}/docs", body, headers).status == 201
    return emulated


@pytest.mark.parametrize(
    ("key", "found"),
    [
        (["A"], ["Ax", "Ay", "Az"]),
        (["B", "y"], ["By"]),
        (["D"], []),
    ],
    ids=["prefix", "whole key", "unknown"],
)
def test_a_prefix_of_a_hierarchical_key_names_all_partitions_below_it(
    key: list[str], found: list[str]
) -> None:
    emulated = levelled()
    headers = {"x-ms-documentdb-partitionkey": orjson.dumps(key).decode()}
    assert sorted(emulated.rows("SELECT VALUE c.id FROM c", None, **headers)) == found
    changes = emulated.ask("GET", f"{ITEMS}/docs", None, {"a-im": "Incremental Feed", **headers})
    assert changes.status == (200 if found else 304)


def test_a_single_item_needs_the_whole_key() -> None:
    headers = {"x-ms-documentdb-partitionkey": '["A"]'}
    assert levelled().ask("GET", f"{ITEMS}/docs/Ax", None, headers).status == 400


def test_an_item_of_a_missing_container_names_the_owner(emulated: Emulated) -> None:
    missing = emulated.ask("GET", "dbs/db/colls/none/docs/1", None, key_of({"pk": "a"}))
    assert (missing.status, header(missing, "x-ms-substatus")) == (404, "1003")
    assert header(emulated.ask("GET", "dbs/db/colls/none"), "x-ms-substatus") is None
