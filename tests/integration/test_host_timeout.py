"""A function that runs too long: the worker is restarted, and what ran beside it comes again."""

import uuid
from collections.abc import Callable
from typing import Any

from tests.integration.conftest import HostRunner
from tests.integration.stack_client import QueueHandle, Site, wait_until


def record(site: Site) -> dict[str, Any]:
    """What the app has done since its process began; nothing while it restarts."""
    try:
        reply = site.call("GET", "/seen")
    except OSError:
        return {}
    found: dict[str, Any] = reply.json() if reply.status == 200 else {}
    return found


def test_a_timeout_restarts_the_worker_and_poisons_only_what_never_ends(
    hosts: HostRunner, open_queue: Callable[[str], QueueHandle]
) -> None:
    queue = open_queue(f"q{uuid.uuid4().hex[:12]}")
    queue.create()
    host = hosts.run("stuck", STUCK_QUEUE=queue.name)
    before = record(host.site)
    queue.push(b"first", b"stuck")
    wait_until(lambda: "first 1" in record(host.site).get("done", []), "what is quick is done")
    after = wait_until(
        lambda: (
            (found := record(host.site)).get("began", before["began"]) != before["began"] and found
        ),
        "the worker restarted",
    )
    assert after["done"] == []
    assert "restarting the worker" in host.log
    poison = open_queue(f"{queue.name}-poison")
    wait_until(poison.texts, "what never ends was set aside", seconds=30)
    assert poison.bodies() == [b"stuck"]
    queue.push(b"last")
    wait_until(lambda: "last 1" in record(host.site).get("done", []), "others are done", seconds=30)
    host.part.stop()
