"""Physical partitions that split while clients read."""

from typing import Any

import orjson
import pytest

from local.cosmos.app import App
from tests.unit.cosmos.emulated import (
    ACROSS,
    ITEMS,
    Emulated,
    documents,
    header,
    ids,
    key_of,
)

RANGE = "x-ms-documentdb-partitionkeyrangeid"
PAGE = "x-ms-max-item-count"
TOKEN = "x-ms-continuation"


def split(emulated: Emulated, range_id: str = "0") -> list[str]:
    """Split a range and return the ids of its children."""
    body = {"database": "db", "container": "items", "range": range_id}
    done = emulated.ask("POST", "_emulator/splits", body)
    assert done.status == 200, done.body
    children: list[str] = orjson.loads(done.body)["children"]
    return children


def ranges(emulated: Emulated, **headers: str) -> list[dict[str, Any]]:
    reply = emulated.ask("GET", f"{ITEMS}/pkranges", None, headers)
    return [] if reply.status == 304 else orjson.loads(reply.body)["PartitionKeyRanges"]


def fill(emulated: Emulated, count: int = 40) -> list[str]:
    names = [f"i{n:02d}" for n in range(count)]
    emulated.fill({"id": name, "pk": name, "n": n % 5} for n, name in enumerate(names))
    return names


def test_the_halves_take_the_place_of_the_range_and_name_it(emulated: Emulated) -> None:
    assert split(emulated) == ["1", "2"]
    one, two = ranges(emulated)
    assert (one["id"], two["id"]) == ("1", "2")
    assert (one["minInclusive"], two["maxExclusive"]) == ("", "FF")
    assert one["maxExclusive"] == two["minInclusive"]
    assert one["parents"] == two["parents"] == ["0"]


def test_a_grandchild_names_all_its_ancestors(emulated: Emulated) -> None:
    split(emulated)
    split(emulated, "2")
    assert [(each["id"], each["parents"]) for each in ranges(emulated)] == [
        ("1", ["0"]),
        ("3", ["0", "2"]),
        ("4", ["0", "2"]),
    ]


def test_a_client_gets_the_ranges_that_came_since(emulated: Emulated) -> None:
    split(emulated)
    etag = header(emulated.ask("GET", f"{ITEMS}/pkranges"), "etag")
    assert etag is not None
    assert ranges(emulated, **{"if-none-match": etag}) == []
    split(emulated, "1")
    assert [each["id"] for each in ranges(emulated, **{"if-none-match": etag})] == ["3", "4"]


@pytest.mark.parametrize("what", ["query", "change feed"])
def test_the_range_that_was_split_is_gone(emulated: Emulated, what: str) -> None:
    split(emulated)
    reply = emulated.query("SELECT * FROM c") if what == "query" else emulated.changes()
    assert (reply.status, header(reply, "x-ms-substatus")) == (410, "1002")


def test_items_are_found_as_before(emulated: Emulated) -> None:
    names = fill(emulated)
    split(emulated)
    assert all(emulated.read(name, name).status == 200 for name in names)


@pytest.mark.parametrize(
    "text", ["SELECT * FROM c", "SELECT * FROM c ORDER BY c.n", "SELECT * FROM c ORDER BY c.n DESC"]
)
def test_a_continuation_of_the_parent_goes_on_in_each_half(emulated: Emulated, text: str) -> None:
    names = fill(emulated)
    first = emulated.query(text, None, **{PAGE: "13"})
    token = header(first, TOKEN)
    assert token is not None
    seen = ids(first)
    for child in split(emulated):
        rest = emulated.rows(text, None, **{RANGE: child, TOKEN: token})
        seen += [row["id"] for row in rest]
    assert sorted(seen) == names


def test_a_query_over_all_ranges_goes_on_after_a_split(emulated: Emulated) -> None:
    names = fill(emulated)
    across = {ACROSS: "True", PAGE: "7"}
    reply = emulated.query("SELECT * FROM c", None, **across)
    seen = ids(reply)
    splits = iter(["0", "1", "2"])
    while token := header(reply, TOKEN):
        if following := next(splits, None):
            split(emulated, following)
        reply = emulated.query("SELECT * FROM c", None, **across, **{TOKEN: token})
        seen += ids(reply)
    assert sorted(seen) == names


def test_the_change_feed_of_the_parent_goes_on_in_each_half(emulated: Emulated) -> None:
    names = fill(emulated)
    first = emulated.changes(**{PAGE: "13"})
    etag, seen = header(first, "etag"), ids(first)
    for child in split(emulated):
        seen += ids(emulated.changes(etag, **{RANGE: child}))
    assert sorted(seen) == names


def test_groups_that_were_counted_before_a_split_are_not_counted_twice(emulated: Emulated) -> None:
    fill(emulated)
    text = "SELECT c.pk, COUNT(1) AS n FROM c GROUP BY c.pk"
    token = header(emulated.query(text, None, **{PAGE: "5"}), TOKEN)
    assert token is not None
    child, _ = split(emulated)
    assert emulated.query(text, None, **{RANGE: child, TOKEN: token}).status == 400


def test_a_split_outlives_a_restart(tmp_path: Any) -> None:
    emulated = Emulated(str(tmp_path))
    emulated.container()
    split(emulated)
    emulated.store.close()
    again = Emulated(str(tmp_path))
    assert [each["id"] for each in ranges(again)] == ["1", "2"]
    again.store.close()


@pytest.mark.parametrize(
    "body",
    [
        {"database": "db", "container": "items", "range": "9"},
        {"database": "db", "container": "none"},
    ],
    ids=["range", "container"],
)
def test_what_does_not_exist_cannot_be_split(emulated: Emulated, body: dict[str, str]) -> None:
    assert emulated.ask("POST", "_emulator/splits", body).status == 404


def test_the_application_answers_while_a_partition_splits(emulated: Emulated) -> None:
    assert isinstance(emulated.app, App)
    fill(emulated, 5)
    split(emulated)
    assert emulated.create({"id": "new", "pk": "new"}).status == 201
    assert len(documents(emulated.ask("GET", f"{ITEMS}/docs", None, key_of({"pk": "new"})))) == 1
