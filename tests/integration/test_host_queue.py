"""The queue trigger against the real Azurite."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.conftest import HostRunner, RunningHost
from tests.integration.stack_client import QueueHandle, wait_until


@pytest.fixture(scope="module")
def queue(open_queue: Callable[[str], QueueHandle]) -> QueueHandle:
    """The module's queue, which exists."""
    queue = open_queue(f"q{uuid.uuid4().hex[:12]}")
    queue.create()
    return queue


@pytest.fixture(scope="module")
def host(hosts: HostRunner, queue: QueueHandle) -> RunningHost:
    """A host that watches the queue."""
    return run_host(hosts, queue)


@pytest.fixture
def body() -> str:
    """A message of the test's own."""
    return f"message {uuid.uuid4()}"


def run_host(hosts: HostRunner, queue: QueueHandle) -> RunningHost:
    return hosts.run("recorder", RECORDER_QUEUE=queue.name, RECORDER_DB="no-database")


def taken(host: RunningHost, body: str) -> list[dict[str, Any]]:
    """What the function received with that body."""
    record = host.site.get("/seen").get("take", [])
    return [message for message in record if message["body"] == body]


def bodies(host: RunningHost) -> list[str]:
    return [message["body"] for message in host.site.get("/seen").get("take", [])]


def test_a_message_is_decoded_invoked_and_deleted(
    host: RunningHost, queue: QueueHandle, body: str
) -> None:
    queue.push(f"café {body}".encode())
    wait_until(lambda: taken(host, f"café {body}"), "the message was taken")
    wait_until(lambda: queue.length == 0, "the message was deleted")


def test_a_function_gets_the_messages_metadata(
    host: RunningHost, queue: QueueHandle, body: str
) -> None:
    queue.push(body.encode())
    (message,) = wait_until(lambda: taken(host, body), "the message was taken")
    assert message["id"]
    assert message["popReceipt"]
    assert message["dequeueCount"] == 1
    inserted, expires, next_visible = message["times"]
    assert inserted < next_visible < expires


def test_a_failing_message_comes_back_and_ends_in_the_poison_queue(
    host: RunningHost,
    queue: QueueHandle,
    body: str,
    open_queue: Callable[[str], QueueHandle],
) -> None:
    poison = open_queue(f"{queue.name}-poison")
    host.site.call("POST", "/fail", [body])
    queue.push(body.encode())
    wait_until(lambda: body.encode() in poison.bodies(), "the message was set aside")
    wait_until(lambda: queue.length == 0, "the original was deleted")
    attempts = taken(host, body)
    assert [message["dequeueCount"] for message in attempts] == [1, 2, 3]
    assert len({message["invocation"] for message in attempts}) == 3


def test_invalid_base64_goes_to_the_poison_queue_uninvoked(
    hosts: HostRunner, open_queue: Callable[[str], QueueHandle]
) -> None:
    queue = open_queue(f"raw{uuid.uuid4().hex[:12]}")
    queue.create()
    queue.push_text("this is no base64!")
    host = run_host(hosts, queue)
    poison = open_queue(f"{queue.name}-poison")
    wait_until(lambda: poison.texts() == ["this is no base64!"], "the message was set aside")
    assert bodies(host) == []
    host.part.stop()


def test_a_missing_queue_is_awaited_and_not_created(
    hosts: HostRunner, open_queue: Callable[[str], QueueHandle], body: str
) -> None:
    queue = open_queue(f"late{uuid.uuid4().hex[:12]}")
    host = run_host(hosts, queue)
    wait_until(lambda: f"The queue '{queue.name}' does not exist" in host.log, "it was polled")
    assert not queue.exists
    queue.create()
    queue.push(body.encode())
    wait_until(lambda: taken(host, body), "the message was taken")
    host.part.stop()


def test_a_queue_output_creates_its_queue_and_encodes(
    host: RunningHost, queue: QueueHandle, open_queue: Callable[[str], QueueHandle]
) -> None:
    copies = open_queue(f"{queue.name}-copies")
    assert host.site.call("POST", "/copy", body="grüße".encode()).status == 202
    assert copies.bodies() == ["grüße".encode()]


def test_two_hosts_share_one_queue(
    host: RunningHost, hosts: HostRunner, queue: QueueHandle, body: str
) -> None:
    second = run_host(hosts, queue)
    sent = [f"{n} {body}" for n in range(100)]
    queue.push(*(text.encode() for text in sent))

    def received() -> list[str]:
        return [text for text in bodies(host) + bodies(second) if text.endswith(body)]

    wait_until(lambda: len(received()) >= 100, "all were taken")
    assert sorted(received()) == sorted(sent)
    second.part.stop()


def test_a_stopped_host_leaves_nothing_hidden(
    hosts: HostRunner, queue: QueueHandle, body: str
) -> None:
    second = run_host(hosts, queue)
    queue.push(*(f"{n} {body}".encode() for n in range(50)))
    wait_until(lambda: bodies(second), "it has begun")
    second.part.stop()
    wait_until(lambda: queue.length == 0, "the other host took the rest")
