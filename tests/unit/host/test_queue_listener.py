"""The queue trigger, statement by statement (docs: Azure Storage queue trigger, host.json)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path

import pytest

from local.host.hostjson import QueuesSection
from local.host.queues.listener import QueueListener
from local.host.queues.messages import Message
from tests.unit.host.fake_queue import FakeQueue
from tests.unit.host.virtual_time import run, seconds, seeded

ROOT = Path(__file__).resolve().parents[3]
Function = Callable[[Message, bytes], Awaitable[bool]]


async def succeed(_message: Message, _body: bytes) -> bool:
    return True


async def fail(_message: Message, _body: bytes) -> bool:
    return False


def play(
    queue: FakeQueue,
    function: Function = succeed,
    *,
    for_seconds: float = 60.0,
    grace: float = 0.0,
    **settings: object,
) -> FakeQueue:
    """Let a listener watch the queue for a while, then stop it; return the poison queue."""
    poison = FakeQueue(f"{queue.name}-poison")

    async def scenario() -> None:
        section = QueuesSection.model_validate(settings)
        has_poison = not queue.name.endswith("-poison")
        listener = QueueListener(queue, poison if has_poison else None, section, function, seeded())
        await listener.start()
        await asyncio.sleep(for_seconds)
        await listener.stop(grace)

    run(scenario())
    return poison


def test_a_function_receives_the_decoded_body() -> None:
    queue, bodies = FakeQueue(), []

    async def keep(_message: Message, body: bytes) -> bool:
        bodies.append(body)
        return True

    queue.add(b"caf\xc3\xa9")
    play(queue, keep)
    assert bodies == [b"caf\xc3\xa9"]


def test_without_encoding_the_body_is_the_text() -> None:
    queue, bodies = FakeQueue(), []

    async def keep(_message: Message, body: bytes) -> bool:
        bodies.append(body)
        return True

    queue.add("plain")
    play(queue, keep, messageEncoding="none")
    assert bodies == [b"plain"]


def test_success_deletes_the_message() -> None:
    queue = FakeQueue()
    queue.add(b"x")
    play(queue)
    assert queue.left == {}


def test_a_received_message_is_hidden_for_ten_minutes() -> None:
    queue = FakeQueue()
    queue.add(b"x")

    async def hang(_message: Message, _body: bytes) -> bool:
        await asyncio.sleep(200)
        return True

    play(queue, hang, for_seconds=100, grace=1000)
    assert len(queue.operations("delete")) == 1  # it was not handed out again meanwhile


def test_visibility_is_renewed_at_half_time_and_the_newest_receipt_deletes() -> None:
    queue = FakeQueue()
    queue.add(b"x")

    async def slow(_message: Message, _body: bytes) -> bool:
        await asyncio.sleep(22 * 60)
        return True

    play(queue, slow, for_seconds=23 * 60)
    assert queue.operations("hide") == [(minutes * 60, ("m1", 600)) for minutes in (5, 10, 15, 20)]
    assert queue.left == {}


def test_renewal_ends_when_another_host_has_taken_the_message() -> None:
    queue = FakeQueue()
    queue.add(b"x")

    async def lose(message: Message, _body: bytes) -> bool:
        await queue.hide(message, 600)  # changes the receipt, as another reader would
        await asyncio.sleep(9 * 60)
        return True

    play(queue, lose, for_seconds=9.5 * 60)
    assert len(queue.operations("hide")) == 2  # ours above, and one renewal that noticed
    assert list(queue.left) == ["m1"]  # not deleted: it belongs to the other


def test_failure_releases_the_message_after_the_visibility_timeout() -> None:
    queue, attempts = FakeQueue(), []
    queue.add(b"x")

    async def fail_at(message: Message, _body: bytes) -> bool:
        attempts.append((seconds(), message.dequeue_count))
        return False

    play(queue, fail_at, visibilityTimeout="00:00:10", maxPollingInterval="00:00:00.100")
    assert [count for _, count in attempts] == [1, 2, 3, 4, 5]
    assert all(9.99 <= b - a <= 10.2 for (a, _), (b, _) in pairwise(attempts))


def test_the_last_allowed_failure_goes_to_the_poison_queue_and_is_then_deleted() -> None:
    queue = FakeQueue()
    queue.add(b"x", dequeue_count=4)
    poison = play(queue, fail)
    assert [held.text for held in poison.left.values()] == ["eA=="]
    assert queue.left == {}


def test_a_message_is_in_the_poison_queue_before_it_is_deleted() -> None:
    queue = FakeQueue(fail_delete=True)
    queue.add(b"x", dequeue_count=4)
    poison = play(queue, fail)
    assert len(poison.left) == len(queue.left) == 1


@pytest.mark.parametrize(
    ("name", "body", "dequeue_count"),
    [
        pytest.param("alerts", "not base64!", 0, id="invalid base64"),
        pytest.param("alerts", b"x", 5, id="received more often than maxDequeueCount"),
    ],
)
def test_poison_without_an_invocation(name: str, body: bytes | str, dequeue_count: int) -> None:
    queue, invoked = FakeQueue(name), []

    async def keep(message: Message, _body: bytes) -> bool:
        invoked.append(message.id)
        return True

    queue.add(body, dequeue_count)
    poison = play(queue, keep)
    assert (invoked, len(poison.left), queue.left) == ([], 1, {})


def test_a_poison_queue_has_no_poison_queue_of_its_own() -> None:
    queue = FakeQueue("alerts-poison")
    queue.add(b"x")
    poison = play(queue, fail)
    assert poison.left == {}
    assert list(queue.left) == ["m1"]  # hidden, to come back after ten minutes


def test_a_missing_queue_is_never_created_but_awaited() -> None:
    queue = FakeQueue(exists=False)
    play(queue, for_seconds=10, maxPollingInterval="00:00:02")
    assert queue.operations("put") == []
    assert len(queue.operations("receive")) > 4


def test_polls_of_an_empty_queue_back_off_to_the_maximum() -> None:
    queue = FakeQueue()
    play(queue, for_seconds=120, maxPollingInterval="00:00:30")
    times = [when for when, _ in queue.operations("receive")]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps[0] == pytest.approx(0.1)
    for n, gap in enumerate(gaps[1:8], start=1):
        assert 0.1 + 0.8 * 0.1 * 2 ** (n - 1) <= gap <= 0.1 + 1.2 * 0.1 * 2 ** (n - 1)
    assert gaps[-1] == pytest.approx(30)


def test_a_message_starts_the_back_off_again() -> None:
    queue = FakeQueue()

    async def arrive_late() -> None:
        section = QueuesSection.model_validate({"maxPollingInterval": "00:00:20"})
        listener = QueueListener(queue, FakeQueue("p"), section, succeed, seeded())
        await listener.start()
        await asyncio.sleep(100)
        queue.add(b"x")
        await asyncio.sleep(100)
        await listener.stop(0)

    run(arrive_late())
    found = next(when for when, _ in queue.operations("delete"))
    after = [when for when, _ in queue.operations("receive") if when > found]
    assert after[0] - found == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("batch", "threshold", "most"),
    [
        pytest.param(16, 8, 24, id="batchSize plus newBatchThreshold"),
        pytest.param(32, 0, 32, id="one batch at a time"),
        pytest.param(1, 0, 1, id="one message at a time"),
    ],
)
def test_how_many_messages_run_at_once(batch: int, threshold: int, most: int) -> None:
    queue, running, seen = FakeQueue(), set(), []
    for _ in range(100):
        queue.add(b"x")

    async def count(message: Message, _body: bytes) -> bool:
        running.add(message.id)
        seen.append(len(running))
        await asyncio.sleep(1 + 0.01 * len(seen))  # they end one after the other
        running.discard(message.id)
        return True

    play(queue, count, for_seconds=400, batchSize=batch, newBatchThreshold=threshold)
    assert queue.left == {}
    assert max(seen) == most
    assert {count for _, count in queue.operations("receive")} == {batch}


def test_stopping_lets_running_messages_end_and_takes_no_new_one() -> None:
    queue = FakeQueue()
    queue.add(b"x")

    async def slow(_message: Message, _body: bytes) -> bool:
        await asyncio.sleep(5)
        queue.add(b"late")
        return True

    play(queue, slow, for_seconds=1, grace=10)
    assert list(queue.left) == ["m2"]


def test_what_does_not_end_within_the_grace_time_is_released_at_once() -> None:
    queue = FakeQueue()
    queue.add(b"x")

    async def endless(_message: Message, _body: bytes) -> bool:
        await asyncio.sleep(1e9)
        return True

    play(queue, endless, for_seconds=1, grace=3)
    assert queue.operations("hide") == [(4.0, ("m1", 0))]
    assert list(queue.left) == ["m1"]


def test_an_hour_of_failures_poisons_nothing_under_the_projects_settings() -> None:
    queue, host_json = FakeQueue(), json.loads((ROOT / "host.json").read_text())
    for number in range(100):
        queue.add(str(number).encode())

    async def work(_message: Message, _body: bytes) -> bool:
        await asyncio.sleep(0.1)  # refused at once, as when no budget is left
        return seconds() > 3600

    poison = play(queue, work, for_seconds=3700, **host_json["extensions"]["queues"])
    assert (len(poison.left), len(queue.left)) == (0, 0)
