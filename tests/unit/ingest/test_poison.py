"""A poison message: set aside so that people see it and can redrive it."""

import json

import pytest

from http_api.queue_messages import MESSAGE_BYTES
from ingest_alert.handling import Message, Services, ingest
from ingest_alert.poison import keep
from shared.rejection import RejectedId, Rejection, redrive_message
from tests.unit.ingest.fakes import NOW, Alerts, Rejections
from tests.unit.ingest.sampling import native

QUEUED = NOW - 5_000
BATCH = [native(systemAlertId=f"a-{n}", description="x" * 1_000) for n in range(35)]


def poison(body: bytes) -> Message:
    return Message("p-1", body, QUEUED)


async def test_it_is_kept_whole_with_its_message_id_and_deliveries(
    services: Services, rejected: Rejections, alerts: Alerts
) -> None:
    body = json.dumps(native()).encode()
    await keep(poison(body), 2, services)
    (kept,) = rejected.kept
    assert (kept.reason, kept.body, kept.message_id) == ("poison", body, "p-1")
    assert (kept.queued, kept.index) == (QUEUED, None)
    assert "2026-03-08T19:59:55.000Z (delivery 2 from there)" in kept.message
    assert not alerts.taken


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        pytest.param(json.dumps(BATCH).encode(), 35, id="a batch"),
        pytest.param(json.dumps(native()).encode().ljust(MESSAGE_BYTES), 1, id="the largest"),
        pytest.param(b"", 0, id="empty"),
        pytest.param(b"\xff\x00" * (MESSAGE_BYTES // 2), 0, id="no text"),
    ],
)
async def test_whatever_it_is_it_can_be_redriven(
    services: Services, rejected: Rejections, alerts: Alerts, body: bytes, stored: int
) -> None:
    await keep(poison(body), 1, services)
    (kept,) = rejected.kept
    await ingest(Message("m", rejected.redrive(kept), NOW), services)
    assert len(alerts.taken) == stored
    assert rejected.marks == ["accepted" if stored else "refused: unreadable"]


async def test_a_redrive_that_ends_as_poison_is_noted_where_it_came_from(
    services: Services, rejected: Rejections
) -> None:
    await keep(poison(rejected.redrive(Rejection("invalid", "x", b"{}", "m-0", NOW))), 1, services)
    assert rejected.marks == ["refused: poison"]
    assert not rejected.kept


async def test_a_redrive_that_ends_as_poison_is_kept_when_where_it_came_from_is_gone(
    services: Services, rejected: Rejections
) -> None:
    gone = redrive_message(RejectedId("2026-01-01", "gone"))
    await keep(poison(gone), 1, services)
    assert [each.body for each in rejected.kept] == [gone]
