"""Time to live: the container's default and each item's own."""

from typing import Any

import pytest

from tests.unit.cosmos.emulated import ITEMS, Emulated, ids, key_of


def with_default(ttl: int | None) -> Emulated:
    emulated = Emulated()
    emulated.container("/pk", **({} if ttl is None else {"defaultTtl": ttl}))
    return emulated


@pytest.mark.parametrize(
    ("default", "own", "lives"),
    [
        pytest.param(10, ..., 10, id="the default"),
        pytest.param(10, 20, 20, id="longer than the default"),
        pytest.param(10, -1, None, id="never, by its own word"),
        pytest.param(-1, ..., None, id="never, by default"),
        pytest.param(-1, 5, 5, id="only its own"),
        pytest.param(None, 5, None, id="switched off"),
    ],
)
def test_an_item_lives(default: int | None, own: Any, lives: int | None) -> None:
    emulated = with_default(default)
    emulated.fill([{"id": "1", "pk": "a", **({} if own is ... else {"ttl": own})}])
    emulated.clock.now += (lives or 1_000_000) - 1
    assert emulated.read("1", "a").status == 200
    emulated.clock.now += 1
    assert emulated.read("1", "a").status == (404 if lives else 200)
    emulated.store.close()


def test_an_expired_item_is_nowhere() -> None:
    emulated = with_default(10)
    emulated.fill([{"id": "1", "pk": "a"}])
    emulated.clock.now += 10
    assert emulated.rows("SELECT * FROM c") == []
    assert emulated.rows("SELECT VALUE COUNT(1) FROM c") == [0]
    assert emulated.changes().status == 304
    assert emulated.ask("DELETE", f"{ITEMS}/docs/1", None, key_of({"pk": "a"})).status == 404
    emulated.store.close()


def test_the_id_of_an_expired_item_is_free() -> None:
    emulated = with_default(10)
    emulated.fill([{"id": "1", "pk": "a"}])
    emulated.clock.now += 10
    assert emulated.create({"id": "1", "pk": "a"}).status == 201
    emulated.store.close()


def test_each_write_starts_an_items_life_anew() -> None:
    emulated = with_default(10)
    emulated.fill([{"id": "1", "pk": "a"}])
    emulated.clock.now += 9
    emulated.upsert({"id": "1", "pk": "a"})
    emulated.clock.now += 9
    assert emulated.read("1", "a").status == 200
    emulated.store.close()


@pytest.mark.parametrize("ttl", [0, -2, 1.5, "1", True, None])
def test_a_wrong_time_to_live_is_refused(ttl: Any) -> None:
    emulated = with_default(10)
    assert emulated.create({"id": "1", "pk": "a", "ttl": ttl}).status == 400
    emulated.store.close()


def test_a_new_default_holds_for_items_that_are_there() -> None:
    emulated = with_default(None)
    emulated.fill([{"id": "1", "pk": "a"}, {"id": "2", "pk": "a", "ttl": 100}])
    definition = {
        "id": "items",
        "partitionKey": {"paths": ["/pk"], "kind": "Hash", "version": 2},
        "defaultTtl": 10,
    }
    assert emulated.ask("PUT", ITEMS, definition).status == 200
    emulated.clock.now += 10
    assert emulated.rows("SELECT VALUE c.id FROM c") == ["2"]
    emulated.store.close()


def test_purging_removes_only_what_expired() -> None:
    emulated = with_default(10)
    emulated.fill([{"id": "1", "pk": "a"}, {"id": "2", "pk": "a", "ttl": -1}])
    emulated.clock.now += 10
    container = emulated.store.containers.get("db", "items")
    assert emulated.store.items.purge(container, 100) == 1
    assert container.rows == 1
    assert ids(emulated.changes()) == ["2"]
    emulated.store.close()
