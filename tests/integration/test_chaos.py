"""Two hosts, four partitions, faults of every kind, a killed host and a killed emulator."""

import json
import random
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.stack import Stack, StackOptions
from local.stack.part import Part
from local.stack.ports import choose
from local.stack.stack import host_spec
from tests.integration.campaigns import campaign
from tests.integration.conftest import QUICK
from tests.integration.stack_client import QueueHandle, Site, wait_until
from tests.integration.test_pipeline import complete, expected, outcome, pages, unsound

ATTACKS = 12
NOISE = 400
MESSAGE = 25
FAULTS = ("429", "449", "503", "410", "408", "reset", "lost-reply")
SHARE = 0.05 / len(FAULTS)
#: On 410 the SDK reads the ranges of the partitions, under a lock that a 410 to that very request
#: would have it take again: it waits for itself for ever. The service does not answer that so.
ON_ITEMS = ("create", "upsert", "read", "replace", "patch", "delete", "batch", "query", "changes")
SETTINGS = QUICK | {
    "AzureFunctionsJobHost__extensions__queues__receiveVisibility": "00:00:04",
    # Nothing is to end as poison here: the faults strike far more often than five times a message.
    "AzureFunctionsJobHost__extensions__queues__maxDequeueCount": "1000",
}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(StackOptions(data=tmp_path, partitions=4, environment=SETTINGS))
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture
def second_host(stack: Stack) -> Iterator[Part]:
    part = Part(host_spec(stack, choose(0), "second", stack.options))
    part.start()
    part.wait_ready()
    yield part
    part.stop()


def strike(stack: Stack) -> None:
    """A share of all requests goes wrong, in every way."""
    on_items = {"fault": "410", "kinds": ON_ITEMS}
    struck = [on_items if name == "410" else {"fault": name} for name in FAULTS]
    rules = [each | {"share": SHARE, "waitMs": 5} for each in struck]
    _faults(stack, "PUT", {"seed": 7, "rules": rules})


def _faults(stack: Stack, method: str, content: Any = None) -> None:
    connection = HTTPConnection(urlsplit(stack.cosmos).netloc, timeout=10)
    connection.request(method, "/_emulator/faults", json.dumps(content) if content else None)
    reply = connection.getresponse()
    assert reply.status < 300, reply.read()
    connection.close()


def restart(part: Part) -> None:
    part.kill()
    part.start()
    part.wait_ready()


def stored(site: Site) -> list[str]:
    return [row["systemAlertId"] for row in pages(site, "/api/alerts?limit=500")]


@pytest.mark.timeout(280)
def test_nothing_is_lost_and_each_campaign_is_one_incident(
    stack: Stack, second_host: Part, open_own: Callable[[str], QueueHandle]
) -> None:
    attacks = [campaign(noise=NOISE) for _ in range(ATTACKS)]
    alerts = [alert for each in attacks for alert in each.alerts]
    chance = random.Random(3)  # noqa: S311 - an order, not a secret
    sent = alerts + [alert for alert in alerts if chance.random() < 0.05]
    assert len(sent) >= 5_000
    chance.shuffle(sent)
    strike(stack)
    queue = open_own(stack.storage_connection)
    for start in range(0, len(sent), MESSAGE):
        queue.push(sent[start : start + MESSAGE])

    site = Site(stack.http)
    messages = queue.length
    wait_until(lambda: queue.length < 0.8 * messages, "a fifth of the messages", seconds=90)
    restart(stack.host)
    wait_until(lambda: queue.length < 0.5 * messages, "half of the messages", seconds=90)
    restart(stack.emulator)
    strike(stack)
    second_host.check_alive()
    wait_until(lambda: queue.length == 0, "an empty queue", seconds=150)

    _faults(stack, "DELETE")
    for each in attacks:
        wait_until(lambda each=each: complete(site, each), "an incident", seconds=60)  # type: ignore[misc]  # mypy cannot type a lambda's default
    ids = stored(site)
    assert len(ids) == len(set(ids)), "an alert is stored twice"
    assert set(ids) == {alert["properties"]["systemAlertId"] for alert in alerts}
    assert site.get("/api/rejected")["value"] == []
    assert outcome(site) == expected(attacks)
    assert not unsound(stack)
