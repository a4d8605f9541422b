"""The change feed and the feed of items."""

import pytest

from tests.unit.cosmos.emulated import ITEMS, Emulated, documents, header, ids, key_of


def items(*numbers: int, key: str = "a") -> list[dict[str, object]]:
    return [{"id": str(number), "pk": key} for number in numbers]


def test_from_the_beginning_it_gives_every_item_in_the_order_of_its_last_change(
    emulated: Emulated,
) -> None:
    emulated.fill(items(1, 2, 3))
    emulated.upsert({"id": "1", "pk": "a", "n": 2})
    page = emulated.changes()
    assert ids(page) == ["2", "3", "1"]
    assert [item["_lsn"] for item in documents(page)] == [2, 3, 4]
    assert documents(page)[-1]["n"] == 2


def test_reading_on_from_the_etag_gives_only_what_is_new(emulated: Emulated) -> None:
    emulated.fill(items(1))
    first = emulated.changes()
    emulated.fill(items(2))
    second = emulated.changes(header(first, "etag"))
    assert ids(second) == ["2"]
    assert emulated.changes(header(second, "etag")).status == 304


def test_no_changes_is_304_with_an_etag_to_go_on_from(emulated: Emulated) -> None:
    emulated.fill(items(1))
    nothing = emulated.changes("*")
    assert nothing.status == 304
    emulated.fill(items(2))
    assert ids(emulated.changes(header(nothing, "etag"))) == ["2"]


def test_pages_hold_what_was_asked_for_and_join_without_gap_or_repeat(emulated: Emulated) -> None:
    emulated.fill(items(*range(10)))
    etag, seen = None, []
    while (page := emulated.changes(etag, **{"x-ms-max-item-count": "3"})).status == 200:
        assert len(ids(page)) <= 3
        seen += ids(page)
        etag = header(page, "etag")
    assert seen == [str(number) for number in range(10)]


def test_the_items_of_one_batch_share_an_lsn_and_a_page(emulated: Emulated) -> None:
    batch = [{"operationType": "Create", "resourceBody": item} for item in items(1, 2, 3)]
    headers = {**key_of({"pk": "a"}), "x-ms-cosmos-is-batch-request": "True"}
    emulated.ask("POST", f"{ITEMS}/docs", batch, headers)
    emulated.fill(items(4))
    page = emulated.changes(**{"x-ms-max-item-count": "1"})
    assert {item["_lsn"] for item in documents(page)} == {1}
    assert ids(emulated.changes(header(page, "etag"))) == ["4"]


def test_a_deleted_item_is_not_in_the_feed_but_advances_it(emulated: Emulated) -> None:
    emulated.fill(items(1))
    emulated.ask("DELETE", f"{ITEMS}/docs/1", None, key_of({"pk": "a"}))
    nothing = emulated.changes()
    assert (nothing.status, header(nothing, "etag")) == (304, '"2"')


def test_from_a_time_it_leaves_out_what_changed_before(emulated: Emulated) -> None:
    emulated.fill(items(1))
    emulated.clock.now += 60
    emulated.fill(items(2))
    moment = "Fri, 15 Jan 2027 08:00:30 GMT"
    assert ids(emulated.changes(**{"if-modified-since": moment})) == ["2"]


@pytest.mark.parametrize(
    "headers",
    [{"if-none-match": '"x"'}, {"if-modified-since": "soon"}, {"x-ms-max-item-count": "-2"}],
    ids=["etag", "time", "page size"],
)
def test_a_malformed_start_is_refused(emulated: Emulated, headers: dict[str, str]) -> None:
    assert emulated.changes(**headers).status == 400


def test_all_versions_and_deletes_is_not_implemented(emulated: Emulated) -> None:
    assert emulated.changes(**{"a-im": "Full-Fidelity Feed"}).status == 501


def test_one_partition_has_a_feed_of_its_own(emulated: Emulated) -> None:
    emulated.fill([*items(1, key="a"), *items(2, key="b")])
    headers = {"a-im": "Incremental Feed", **key_of({"pk": "b"})}
    assert ids(emulated.ask("GET", f"{ITEMS}/docs", None, headers)) == ["2"]


def test_an_interval_of_the_hash_space_has_a_feed_of_its_own() -> None:
    emulated = Emulated()
    emulated.container()
    emulated.fill({"id": str(n), "pk": str(n)} for n in range(20))
    middle = "20000000000000000000000000000000"
    low = emulated.changes(**{"x-ms-start-epk": "", "x-ms-end-epk": middle})
    high = emulated.changes(**{"x-ms-start-epk": middle, "x-ms-end-epk": "FF"})
    assert ids(low)
    assert ids(high)
    assert sorted(ids(low) + ids(high), key=int) == [str(n) for n in range(20)]
    emulated.store.close()


def test_the_feed_of_items_pages_through_all(emulated: Emulated) -> None:
    emulated.fill(items(*range(7)))
    headers = {"x-ms-max-item-count": "3"}
    seen = []
    while True:
        page = emulated.ask("GET", f"{ITEMS}/docs", None, headers)
        seen += ids(page)
        token = header(page, "x-ms-continuation")
        if token is None:
            break
        headers["x-ms-continuation"] = token
    assert seen == [str(number) for number in range(7)]


def test_a_range_that_does_not_exist_is_gone(emulated: Emulated) -> None:
    gone = emulated.changes(**{"x-ms-documentdb-partitionkeyrangeid": "7"})
    assert (gone.status, header(gone, "x-ms-substatus")) == (410, "1002")


def test_numbers_go_on_after_a_restart_even_when_the_last_items_are_gone(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = str(tmp_path_factory.mktemp("data"))
    first = Emulated(folder)
    first.container()
    first.fill(items(1, 2))
    etag = header(first.changes(), "etag")
    first.ask("DELETE", f"{ITEMS}/docs/2", None, key_of({"pk": "a"}))
    first.store.close()
    second = Emulated(folder)
    second.fill(items(3))
    assert ids(second.changes(etag)) == ["3"]
    assert [item["_lsn"] for item in documents(second.changes(etag))] == [4]
    second.store.close()
