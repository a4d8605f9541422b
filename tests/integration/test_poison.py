"""A poison message on the real stack: it appears among the rejected, and a redrive stores it."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from local.stack import Stack
from tests.integration.stack_client import QueueHandle, Site, wait_until


@pytest.fixture(scope="module")
def poison(stack: Stack, open_queue: Callable[[str], QueueHandle]) -> QueueHandle:
    """The app's poison queue, which the host would make."""
    assert stack.http
    queue = open_queue("alerts-poison")
    queue.create()
    return queue


def alert(name: str, **more: Any) -> dict[str, Any]:
    at = "2026-05-01T08:00:00Z"
    plain = {"alertDisplayName": name, "alertType": "T", "startTimeUtc": at}
    return {"properties": {"systemAlertId": name, "compromisedEntity": name, **plain, **more}}


def kept(site: Site, name: str) -> list[Any]:
    """The poison rejections whose body names an alert."""
    rows = site.get("/api/rejected?reason=poison&limit=500")["value"]
    details = [site.get(f"/api/rejected/{row['id']}") for row in rows]
    return [each for each in details if f'"{name}"' in each.get("body", "")]


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


def test_a_large_batch_is_set_aside_alert_by_alert(site: Site, poison: QueueHandle) -> None:
    name = f"poison-{uuid.uuid4().hex[:8]}"
    text = "x" * 1_000
    poison.push([alert(f"{name}-{n}", compromisedEntity=name, description=text) for n in range(35)])
    found = wait_until(
        lambda: [each for each in [kept(site, name)] if len(each) == 35], "all to be set aside"
    )[0]
    names = {json.loads(each["body"])["properties"]["systemAlertId"] for each in found}
    assert names == {f"{name}-{n}" for n in range(35)}
