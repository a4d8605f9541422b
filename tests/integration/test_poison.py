"""Bad messages on the real stack: each ends among the rejected, whence a redrive takes it."""

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from http_api.queue_messages import MESSAGE_BYTES
from local.stack import Stack
from shared.alert_versions import Keeping
from shared.times import DAY, format_time, now
from tests.integration.conftest import KEPT_DAYS
from tests.integration.stack_client import QueueHandle, Site, wait_until
from tests.unit.ingest.memory import Store
from tests.unit.ingest.messages_made import make_message

BROKEN = 300
YESTERDAY = format_time(now() - DAY)


@pytest.fixture(scope="module")
def poison(stack: Stack, open_queue: Callable[[str], QueueHandle]) -> QueueHandle:
    """The app's poison queue, which the host would make."""
    assert stack.http
    queue = open_queue("alerts-poison")
    queue.create()
    return queue


def alert(name: str, **more: Any) -> dict[str, Any]:
    plain = {"alertDisplayName": name, "alertType": "T", "startTimeUtc": YESTERDAY}
    return {"properties": {"systemAlertId": name, "compromisedEntity": name, **plain, **more}}


def rejected(site: Site, reason: str) -> list[Any]:
    """The rejections for a reason, with their bodies as text."""
    rows = site.get(f"/api/rejected?reason={reason}&limit=500")["value"]
    details = [site.get(f"/api/rejected/{row['id']}") for row in rows]
    return [{"body": "", **each} for each in details]


def kept(site: Site, name: str) -> list[Any]:
    """The poison rejections whose body names an alert."""
    return [each for each in rejected(site, "poison") if f'"{name}"' in each["body"]]


def stored(site: Site, name: str) -> list[Any]:
    found: list[Any] = site.get(f"/api/alerts?resource=host:{name}")["value"]
    return found


def test_a_poison_message_is_shown_and_redriven(
    site: Site, poison: QueueHandle, alerts_queue: QueueHandle
) -> None:
    name = f"poison-{uuid.uuid4().hex[:8]}"
    poison.push(alert(name))
    (found,) = wait_until(lambda: kept(site, name), "the message to be set aside")
    assert found["status"] == "rejected"
    assert "poison queue" in found["message"]
    assert json.loads(found["body"]) == alert(name)
    assert not stored(site, name)
    wait_until(lambda: poison.length == 0, "the message to leave the poison queue")
    assert site.call("POST", f"/api/rejected/{found['id']}/redrive").status == 202
    wait_until(lambda: stored(site, name), "the redriven alert to be stored")
    wait_until(lambda: kept(site, name)[0]["status"] == "accepted", "the redrive to be noted")
    wait_until(lambda: alerts_queue.length == 0, "the queue to be empty")


def test_the_largest_message_is_set_aside_whole_and_redriven(
    site: Site, poison: QueueHandle
) -> None:
    name = f"poison-{uuid.uuid4().hex[:8]}"
    batch = [alert(f"{name}-{n}", compromisedEntity=name, alertType="x" * 999) for n in range(35)]
    poison.push(json.dumps(batch).encode().ljust(MESSAGE_BYTES))
    (found,) = wait_until(
        lambda: [each for each in rejected(site, "poison") if name in each["body"]],
        "the message to be set aside",
    )
    assert site.call("POST", f"/api/rejected/{found['id']}/redrive").status == 202
    wait_until(lambda: len(stored(site, name)) == len(batch), "the redriven alerts to be stored")


def test_the_largest_message_is_refused_and_redriven_and_keeps_its_history(
    site: Site, alerts_queue: QueueHandle
) -> None:
    name = f"refused-{uuid.uuid4().hex[:8]}"
    alerts_queue.push(json.dumps({"colour": name}).encode().ljust(MESSAGE_BYTES - 1) + b"!")

    def found() -> list[Any]:
        return [each for each in rejected(site, "unreadable") if name in each["body"]]

    (first,) = wait_until(found, "the message to be set aside")
    assert first["bodyBytes"] == MESSAGE_BYTES
    assert site.call("POST", f"/api/rejected/{first['id']}/redrive").status == 202
    history = wait_until(
        lambda: [each["what"] for each in found()[0]["history"]][1:], "the redrive to be refused"
    )
    assert history == ["rejected"]
    assert [each["body"] for each in found()] == [first["body"]]


def rejected_since(site: Site, moment: str) -> list[Any]:
    """The rejections made since then, without their bodies."""
    rows, path = [], f"/api/rejected?from={moment}&limit=500"
    while path:
        page = site.get(path)
        rows += page["value"]
        path = page.get("nextLink", "")
    return rows


async def test_broken_messages_of_every_kind_are_stored_or_rejected_and_never_poison(
    site: Site, alerts_queue: QueueHandle
) -> None:
    """As handling in memory stores and rejects them, which its own test holds to account."""
    wait_until(lambda: alerts_queue.length == 0, "the queue to be empty")
    moment = format_time(int(time.time() * 1_000))
    expected = Store(now(), Keeping(retention_days=KEPT_DAYS))
    for seed in range(BROKEN):
        if body := make_message(seed):
            alerts_queue.push(body)
            await expected.push(body, f"m-{seed}")
    wait_until(lambda: alerts_queue.length == 0, "the queue to be empty", seconds=60)
    rows = rejected_since(site, moment)
    kept = expected.rejected.documents.values()
    assert Counter(row["reason"] for row in rows) == Counter(each["reason"] for each in kept)
    for document in expected.alerts.of_type("alert"):
        assert site.get(f"/api/alerts/{document['alertId']}")["title"] == document["title"]


def test_a_plain_message_is_read_like_one_in_base64(site: Site, alerts_queue: QueueHandle) -> None:
    name = f"plain-{uuid.uuid4().hex[:8]}"
    alerts_queue.push_text(json.dumps(alert(name), ensure_ascii=False))
    wait_until(lambda: stored(site, name), "the alert to be stored")
    alerts_queue.push_text(f"this is no alert: {name}")
    wait_until(
        lambda: [each for each in rejected(site, "unreadable") if name in each["body"]],
        "the text to be set aside",
    )
