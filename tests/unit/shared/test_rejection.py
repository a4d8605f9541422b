import pytest

from shared.rejection import (
    MOST_BODY_BYTES,
    RejectedId,
    Rejection,
    body_of,
    redrive_message,
    redrive_origin,
    rejected_document,
)
from shared.store.rejected import RejectedStore
from tests.unit.shared.alerts import START
from tests.unit.shared.fake_container import FakeContainer


def rejection(
    body: bytes = b"{}", *, index: int | None = 3, message: str = "no title"
) -> Rejection:
    return Rejection(
        reason="invalid",
        message=message,
        body=body,
        message_id="m-1",
        queued=START,
        source="defender",
        errors=[{"index": 3, "field": "title", "reason": "missing"}],
        index=index,
    )


def test_the_document_says_what_where_and_why() -> None:
    document = rejected_document(rejection(), at=START + 5)
    assert document["day"] == "2026-03-08"
    assert document["atUtc"] == "2026-03-08T20:00:00.005Z"
    assert document["errors"] == [{"index": 3, "field": "title", "reason": "missing"}]
    assert (document["body"], document["status"]) == ("{}", "rejected")


def test_the_same_message_refused_again_is_the_same_document() -> None:
    first, again = (rejected_document(rejection(), at=at) for at in (START, START + 86_400_000))
    other = rejected_document(rejection(index=4), at=START)
    assert (first["day"], first["id"]) == (again["day"], again["id"])
    assert first["id"] != other["id"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"a": 1}', id="text"),
        pytest.param(b"\xff\x00garbage", id="no UTF-8"),
        pytest.param("é\u2028".encode(), id="beyond ASCII"),
    ],
)
def test_a_body_comes_back_as_it_was(body: bytes) -> None:
    document = rejected_document(rejection(body), at=START)
    assert body_of(document) == body


def test_a_body_beyond_the_largest_is_cut_and_cannot_be_read_again() -> None:
    document = rejected_document(rejection("é".encode() * MOST_BODY_BYTES), at=START)
    assert len(document["body"].encode()) <= MOST_BODY_BYTES
    assert document["bodyCut"] is True
    assert body_of(document) is None


def test_a_redrive_names_its_rejection() -> None:
    place = RejectedId("2026-03-08", "a1")
    assert redrive_origin(redrive_message(place)) == place


@pytest.mark.parametrize(
    "message",
    [b"", b"[]", b'{"redriveOf":', b'{"redriveOf":1}', b'{"redriveOf":{"day":"a"}}'],
)
def test_any_other_message_is_no_redrive(message: bytes) -> None:
    assert redrive_origin(message) is None


async def test_a_rejection_is_kept_once_and_its_redrive_noted() -> None:
    container = FakeContainer("day")
    store = RejectedStore(container.database)
    await store.add([rejection(), rejection()], at=START)
    (place,) = container.documents
    where = RejectedId(*place)
    await store.mark_redriven(where, at=START + 1)
    await store.mark_refused_again(where, rejection(message="no time"), at=START + 2)
    await store.mark_redriven(where, at=START + 3)
    await store.mark_accepted(where, at=START + 4)
    document = await store.find(where)
    assert document is not None
    assert (document["status"], document["message"]) == ("accepted", "no time")
    assert [entry["what"] for entry in document["history"]] == [
        "redriven",
        "rejected",
        "redriven",
        "accepted",
    ]
    assert document["history"][1]["message"] == "no title"


async def test_marking_what_is_gone_does_nothing() -> None:
    store = RejectedStore(FakeContainer("day").database)
    assert await store.mark_accepted(RejectedId("2026-01-01", "x"), at=START) is None
