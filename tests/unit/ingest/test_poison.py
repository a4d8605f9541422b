"""A poison message: set aside so that people see it and can redrive it."""

import json

import pytest

from http_api.rejected import message_of
from ingest_alert.handling import Message, Services, ingest
from ingest_alert.poison import REDRIVABLE_BYTES, keep
from shared.rejection import (
    RejectedId,
    Rejection,
    open_redrive,
    redrive_message,
    rejected_document,
)
from tests.unit.ingest.fakes import NOW, Alerts, Rejections
from tests.unit.ingest.sampling import native

QUEUED = NOW - 5_000


def poison(body: bytes) -> Message:
    return Message("p-1", body, QUEUED)


async def test_it_is_kept_whole_with_its_message_id_and_deliveries(
    services: Services, rejected: Rejections, alerts: Alerts
) -> None:
    body = json.dumps(native()).encode()
    assert await keep(poison(body), 2, services) == 1
    (kept,) = rejected.kept
    assert (kept.reason, kept.body, kept.message_id) == ("poison", body, "p-1")
    assert (kept.queued, kept.index) == (QUEUED, None)
    assert "2026-03-08T19:59:55.000Z (delivery 2 from there)" in kept.message
    assert not alerts.taken


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\x00", id="no text"),
        pytest.param(b"x" * REDRIVABLE_BYTES * 2, id="large and no JSON"),
        pytest.param(
            json.dumps(native(description="x" * REDRIVABLE_BYTES)).encode(), id="one large alert"
        ),
    ],
)
async def test_what_cannot_be_divided_is_kept_as_it_is(
    services: Services, rejected: Rejections, body: bytes
) -> None:
    await keep(poison(body), 1, services)
    assert [each.body for each in rejected.kept] == [body]


async def test_a_batch_too_large_to_be_redriven_whole_is_kept_alert_by_alert(
    services: Services, rejected: Rejections, alerts: Alerts
) -> None:
    batch = [native(systemAlertId=f"a-{n}", description="x" * 1_000) for n in range(40)]
    assert await keep(poison(json.dumps(batch).encode()), 1, services) == 40
    assert [each.index for each in rejected.kept] == list(range(40))
    assert len({rejected_document(each, at=NOW)["id"] for each in rejected.kept}) == 40
    for each in rejected.kept:
        again = message_of(rejected_document(each, at=NOW))
        await ingest(Message("m", again.encode(), NOW), services)
    assert [alert.source_id for alert in alerts.taken] == [f"a-{n}" for n in range(40)]


async def test_the_largest_that_is_kept_whole_can_be_redriven(
    services: Services, rejected: Rejections
) -> None:
    body = b"[" + b" " * (REDRIVABLE_BYTES - 2) + b"]"
    await keep(poison(body), 1, services)
    (kept,) = rejected.kept
    again = message_of(rejected_document(kept, at=NOW))
    assert open_redrive(again.encode())[0] == body


@pytest.mark.parametrize(
    ("known", "marks", "kept"),
    [
        pytest.param(True, ["refused known: poison"], [], id="noted where it came from"),
        pytest.param(False, ["refused gone: poison"], [b"{}"], id="kept anew when that is gone"),
    ],
)
async def test_a_redrive_that_ends_as_poison(
    services: Services, rejected: Rejections, known: bool, marks: list[str], kept: list[bytes]
) -> None:
    origin = rejected.known if known else RejectedId("2026-01-01", "gone")
    refused = rejected_document(Rejection("invalid", "no title", b"{}", "m-0", NOW), at=NOW)
    body = redrive_message(refused | {"day": origin.day, "id": origin.id})
    await keep(poison(body), 1, services)
    assert rejected.marks == marks
    assert [each.body for each in rejected.kept] == kept
