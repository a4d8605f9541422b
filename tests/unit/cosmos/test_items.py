"""Single items: what is stored, and what is refused with which status."""

import json
from typing import Any

import orjson
import pytest

from local.cosmos.limits import ITEM_BYTES
from local.cosmos.messages import Request
from tests.unit.cosmos.emulated import ITEMS, Emulated, header, key_of, message

ONE = {"id": "1", "pk": "a", "n": 1}


def body(response: Any) -> dict[str, Any]:
    value: dict[str, Any] = orjson.loads(response.body)
    return value


def test_a_created_item_comes_back_with_its_system_properties(emulated: Emulated) -> None:
    made = body(emulated.create(ONE))
    assert ONE.items() <= made.items()
    assert {"_rid", "_self", "_etag", "_ts", "_attachments"} <= set(made)
    assert made["_ts"] == int(emulated.clock.now)
    assert body(emulated.read("1", "a")) == made


def test_replies_carry_what_the_sdk_reads(emulated: Emulated) -> None:
    made = emulated.create(ONE)
    assert header(made, "etag") == body(made)["_etag"]
    assert header(made, "x-ms-session-token") == "0:-1#1"
    assert header(made, "x-ms-documentdb-partitionkeyrangeid") == "0"
    assert header(made, "x-ms-alt-content-path") == ITEMS
    assert header(made, "lsn") == "1"
    assert made.charge > emulated.read("1", "a").charge > 0


def test_an_item_is_found_by_its_resource_id_too(emulated: Emulated) -> None:
    made = body(emulated.create(ONE))
    assert body(emulated.read(made["_rid"], "a")) == made


def test_the_same_id_may_stand_in_two_partitions(emulated: Emulated) -> None:
    assert emulated.create(ONE).status == 201
    assert emulated.create({**ONE, "pk": "b"}).status == 201
    assert emulated.create(ONE).status == 409


@pytest.mark.parametrize(
    ("first", "second"),
    [(1, 1.0), (None, None), ({}, {})],
    ids=["1 is 1.0", "null", "missing"],
)
def test_equal_keys_are_one_partition(emulated: Emulated, first: Any, second: Any) -> None:
    for key in (first, second):
        document = {"id": "1"} if key == {} else {"id": "1", "pk": key}
        last = emulated.create(document)
    assert last.status == 409


@pytest.mark.parametrize(("first", "second"), [(1, True), (0, False), (1, "1"), (None, {})])
def test_keys_of_two_types_are_two_partitions(emulated: Emulated, first: Any, second: Any) -> None:
    for key in (first, second):
        document = {"id": "1"} if key == {} else {"id": "1", "pk": key}
        assert emulated.create(document).status == 201


def test_upsert_creates_and_then_replaces(emulated: Emulated) -> None:
    assert emulated.upsert(ONE).status == 201
    assert emulated.upsert({**ONE, "n": 2}).status == 200
    assert body(emulated.read("1", "a"))["n"] == 2


def test_replace_keeps_the_resource_id_and_changes_the_etag(emulated: Emulated) -> None:
    made = body(emulated.create(ONE))
    after = body(emulated.ask("PUT", f"{ITEMS}/docs/1", {**ONE, "n": 2}, key_of(ONE)))
    assert after["_rid"] == made["_rid"]
    assert after["_etag"] != made["_etag"]


def test_replace_may_change_the_id(emulated: Emulated) -> None:
    emulated.create(ONE)
    assert emulated.ask("PUT", f"{ITEMS}/docs/1", {**ONE, "id": "2"}, key_of(ONE)).status == 200
    assert (emulated.read("1", "a").status, emulated.read("2", "a").status) == (404, 200)


def test_a_deleted_item_is_gone(emulated: Emulated) -> None:
    emulated.create(ONE)
    assert emulated.ask("DELETE", f"{ITEMS}/docs/1", None, key_of(ONE)).status == 204
    assert emulated.ask("DELETE", f"{ITEMS}/docs/1", None, key_of(ONE)).status == 404


def test_a_whole_partition_can_be_deleted(emulated: Emulated) -> None:
    emulated.fill([ONE, {**ONE, "id": "2"}, {**ONE, "pk": "b"}])
    done = emulated.ask("POST", f"{ITEMS}/operations/partitionkeydelete", None, key_of(ONE))
    assert done.status == 200
    assert emulated.rows("SELECT VALUE c.pk FROM c") == ["b"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("etag", "refused"),
    [("stored", False), ("*", False), ('"stale"', True)],
    ids=["current", "any", "stale"],
)
def test_if_match(emulated: Emulated, method: str, etag: str, *, refused: bool) -> None:
    made = body(emulated.create(ONE))
    sent = {"PUT": ONE, "PATCH": {"operations": [{"op": "set", "path": "/n", "value": 2}]}}
    match = made["_etag"] if etag == "stored" else etag
    done = emulated.ask(
        method, f"{ITEMS}/docs/1", sent.get(method), {**key_of(ONE), "if-match": match}
    )
    assert (done.status == 412) is refused


def test_upsert_heeds_if_match(emulated: Emulated) -> None:
    emulated.create(ONE)
    upsert = {"x-ms-documentdb-is-upsert": "True", "if-match": '"stale"'}
    assert emulated.create(ONE, **upsert).status == 412


def test_a_read_of_the_version_that_the_client_has_is_304(emulated: Emulated) -> None:
    etag = body(emulated.create(ONE))["_etag"]
    headers = {**key_of(ONE), "if-none-match": etag}
    assert emulated.ask("GET", f"{ITEMS}/docs/1", None, headers).status == 304


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        pytest.param({"pk": "a"}, "'id' is missing", id="no id"),
        pytest.param({"id": "", "pk": "a"}, "non-empty string", id="empty id"),
        pytest.param({"id": 1, "pk": "a"}, "non-empty string", id="number as id"),
        pytest.param({"id": "a/b", "pk": "a"}, "illegal character", id="slash in id"),
        pytest.param({"id": "a#b", "pk": "a"}, "illegal character", id="hash in id"),
        pytest.param({"id": "x" * 1024, "pk": "a"}, "over 1023 bytes", id="long id"),
        pytest.param({"id": "1", "pk": "k" * 2100}, "over 2048 bytes", id="long key"),
        pytest.param([1], "JSON object", id="not an object"),
    ],
)
def test_a_bad_document_is_refused(emulated: Emulated, document: Any, reason: str) -> None:
    headers = key_of(document) if isinstance(document, dict) else key_of({})
    refused = emulated.ask("POST", f"{ITEMS}/docs", document, headers)
    assert refused.status == 400
    assert reason in message(refused)


def test_a_key_in_the_header_that_is_not_the_documents_is_refused(emulated: Emulated) -> None:
    refused = emulated.ask("POST", f"{ITEMS}/docs", ONE, key_of({"pk": "other"}))
    assert (refused.status, header(refused, "x-ms-substatus")) == (400, "1001")


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_operations_on_one_item_need_a_key(emulated: Emulated, method: str) -> None:
    sent: dict[str, str] | None = {} if method == "PATCH" else None
    refused = emulated.ask(method, f"{ITEMS}/docs/1", sent)
    assert (refused.status, "PartitionKey" in message(refused)) == (400, True)


def test_an_item_over_two_megabytes_is_refused_with_413(emulated: Emulated) -> None:
    assert emulated.create({**ONE, "text": "x" * ITEM_BYTES}).status == 413
    assert emulated.create({**ONE, "text": "x" * (ITEM_BYTES - 1000)}).status == 201


def test_a_request_without_a_key_for_the_account_is_401(emulated: Emulated) -> None:
    unsigned = emulated.app.answer(Request("GET", ("dbs",), {}))
    assert unsigned is not None
    assert unsigned.status == 401


def test_a_reply_can_be_asked_to_be_empty(emulated: Emulated) -> None:
    made = emulated.create(ONE, prefer="return=minimal")
    assert (made.status, made.body) == (201, b"")


@pytest.mark.parametrize("text", ["\ud800", "é\U0001f600", "a\u0000b"])
def test_any_text_survives(emulated: Emulated, text: str) -> None:
    headers = {n.encode(): v.encode() for n, v in {**key_of(ONE), "authorization": "k"}.items()}
    sent = json.dumps({**ONE, "text": text}).encode()
    made = emulated.app.answer(Request("POST", tuple(f"{ITEMS}/docs".split("/")), headers, sent))
    assert made is not None
    assert made.status == 201
    assert json.loads(emulated.read("1", "a").body)["text"] == text
