"""Reads that lag without a session token, and what a token makes sure of."""

from typing import Any

import orjson
import pytest

from local.cosmos.messages import Response
from tests.unit.cosmos.emulated import ITEMS, Emulated, header, ids, key_of

LAG = 5.0
SESSION = "x-ms-session-token"


@pytest.fixture
def lagging() -> Emulated:
    """An emulator whose replica is five seconds behind."""
    emulated = Emulated(lag=LAG)
    emulated.container(defaultTtl=-1)
    return emulated


def read(emulated: Emulated, item_id: str, **headers: str) -> Response:
    return emulated.ask("GET", f"{ITEMS}/docs/{item_id}", None, {**key_of({"pk": "a"}), **headers})


def token(response: Response) -> dict[str, str]:
    """The session header that a client sends after this reply."""
    given = header(response, SESSION)
    assert given is not None
    return {SESSION: given}


def item(item_id: str, **more: Any) -> dict[str, Any]:
    return {"id": item_id, "pk": "a", **more}


def test_a_read_without_a_token_sees_a_write_after_the_lag(lagging: Emulated) -> None:
    lagging.create(item("1"))
    assert read(lagging, "1").status == 404
    lagging.clock.now += LAG
    assert read(lagging, "1").status == 200


def test_a_read_with_the_writes_token_sees_it_at_once(lagging: Emulated) -> None:
    made = lagging.create(item("1"))
    assert read(lagging, "1", **token(made)).status == 200


def test_an_older_version_is_seen_until_then(lagging: Emulated) -> None:
    lagging.create(item("1", n=1))
    lagging.clock.now += LAG
    changed = lagging.upsert(item("1", n=2))
    assert orjson.loads(read(lagging, "1").body)["n"] == 1
    assert orjson.loads(read(lagging, "1", **token(changed)).body)["n"] == 2


def test_a_deleted_item_is_seen_until_then(lagging: Emulated) -> None:
    lagging.create(item("1"))
    lagging.clock.now += LAG
    lagging.ask("DELETE", f"{ITEMS}/docs/1", None, key_of({"pk": "a"}))
    assert read(lagging, "1").status == 200
    lagging.clock.now += LAG
    assert read(lagging, "1").status == 404


def test_a_read_says_how_far_it_was(lagging: Emulated) -> None:
    first = lagging.create(item("1"))
    lagging.clock.now += LAG
    second = lagging.create(item("2"))
    seen = read(lagging, "1")
    assert token(seen) == token(first) != token(second)


def test_queries_and_feeds_lag_likewise(lagging: Emulated) -> None:
    lagging.create(item("1"))
    lagging.clock.now += LAG
    made = lagging.create(item("2"))
    assert lagging.rows("SELECT VALUE c.id FROM c") == ["1"]
    assert lagging.rows("SELECT VALUE c.id FROM c", None, **token(made)) == ["1", "2"]
    assert ids(lagging.changes()) == ["1"]
    assert ids(lagging.changes(**token(made))) == ["1", "2"]


def test_a_feed_never_goes_back_behind_its_continuation(lagging: Emulated) -> None:
    made = lagging.create(item("1"))
    ahead = header(lagging.changes(**token(made)), "etag")
    behind = lagging.changes(ahead)
    assert (behind.status, header(behind, "etag")) == (304, ahead)


@pytest.mark.parametrize(
    ("level", "status"), [("Strong", 200), ("BoundedStaleness", 200), ("Eventual", 404)]
)
def test_the_consistency_that_is_asked_for_decides(
    lagging: Emulated, level: str, status: int
) -> None:
    made = lagging.create(item("1"))
    headers = {"x-ms-consistency-level": level, **(token(made) if level == "Eventual" else {})}
    assert read(lagging, "1", **headers).status == status


def test_a_condition_is_held_against_what_is_written_and_not_what_was_read(
    lagging: Emulated,
) -> None:
    lagging.create(item("1"))
    lagging.clock.now += LAG
    lagging.upsert(item("1", n=2))
    stale = orjson.loads(read(lagging, "1").body)
    refused = lagging.ask(
        "PUT", f"{ITEMS}/docs/1", stale, {**key_of(stale), "if-match": stale["_etag"]}
    )
    assert refused.status == 412


def test_a_whole_partition_goes_after_the_lag(lagging: Emulated) -> None:
    lagging.create(item("1"))
    lagging.clock.now += LAG
    lagging.ask("POST", f"{ITEMS}/operations/partitionkeydelete", None, key_of({"pk": "a"}))
    assert read(lagging, "1").status == 200
    lagging.clock.now += LAG
    assert read(lagging, "1").status == 404


def test_what_expires_expires_in_the_replica_too(lagging: Emulated) -> None:
    lagging.create(item("1", ttl=10))
    lagging.clock.now += LAG
    assert read(lagging, "1").status == 200
    lagging.clock.now += LAG
    assert read(lagging, "1").status == 404


def test_a_container_that_was_made_anew_starts_empty(lagging: Emulated) -> None:
    lagging.create(item("1"))
    lagging.ask("DELETE", ITEMS)
    lagging.container()
    lagging.clock.now += LAG
    assert read(lagging, "1").status == 404


def test_what_was_there_at_the_start_is_seen_at_once(tmp_path: Any) -> None:
    before = Emulated(str(tmp_path))
    before.container()
    before.create(item("1"))
    before.store.close()
    after = Emulated(str(tmp_path), lag=LAG)
    assert read(after, "1").status == 200
    after.store.close()


@pytest.mark.parametrize("lag", [0.0, LAG])
def test_a_token_of_writes_that_are_not_known_is_refused(lag: float) -> None:
    emulated = Emulated(lag=lag)
    emulated.container()
    made = emulated.create(item("1"))
    unknown = token(made)[SESSION].replace("#1", "#99")
    refused = read(emulated, "1", **{SESSION: unknown})
    assert (refused.status, header(refused, "x-ms-substatus")) == (404, "1002")


@pytest.mark.parametrize("text", ["0:-1#1", "0:1", "0:-1#1,7:-1#1", "0:1#1#3=-1", ""])
def test_the_forms_of_a_token(lagging: Emulated, text: str) -> None:
    lagging.create(item("1"))
    assert read(lagging, "1", **{SESSION: text}).status == (200 if text else 404)
