"""Reads that go together: fewer requests, and each as fresh as one of its own."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from shared.store.documents import SharedReads

Item = tuple[str, str]


class Container:
    """Answers a request when it is told to, with what it held when the request was made."""

    def __init__(self) -> None:
        self.documents: dict[Item, dict[str, Any]] = {}
        self.requests: list[list[Item]] = []
        self.faults: list[Exception] = []
        self.asked = asyncio.Event()
        self.answering = asyncio.Event()

    def put(self, name: str, partition: str, value: int) -> None:
        self.documents[name, partition] = {"id": name, "pk": partition, "n": value}

    async def read_items(self, items: Sequence[Item]) -> list[dict[str, Any]]:
        self.requests.append(list(items))
        self.asked.set()
        found = [dict(self.documents[item]) for item in items if item in self.documents]
        await self.answering.wait()
        if self.faults:
            raise self.faults.pop(0)
        return found


@pytest.fixture
def container() -> Container:
    return Container()


@pytest.fixture
def reads(container: Container) -> SharedReads:
    return SharedReads(container, "pk")  # type: ignore[arg-type]  # a stand-in for the SDK's container


async def test_what_is_asked_while_one_is_under_way_goes_together(
    container: Container, reads: SharedReads
) -> None:
    for name in "abc":
        container.put(name, "p", 1)
    first = asyncio.create_task(reads.read([("a", "p")]))
    await container.asked.wait()
    others = [asyncio.create_task(reads.read([(name, "p"), ("none", "p")])) for name in "bc"]
    await asyncio.sleep(0)
    container.answering.set()
    answers = await asyncio.gather(first, *others)
    assert [[each["id"] for each in answer] for answer in answers] == [["a"], ["b"], ["c"]]
    assert [sorted(request) for request in container.requests] == [
        [("a", "p")],
        [("b", "p"), ("c", "p"), ("none", "p")],
    ]


async def test_a_read_is_not_answered_by_one_that_was_sent_before(
    container: Container, reads: SharedReads
) -> None:
    container.put("a", "p", 1)
    first = asyncio.create_task(reads.read([("a", "p")]))
    await container.asked.wait()
    container.put("a", "p", 2)
    second = asyncio.create_task(reads.read([("a", "p")]))
    await asyncio.sleep(0)
    container.answering.set()
    assert [each["n"] for each in await first] == [1]
    assert [each["n"] for each in await second] == [2]


async def test_one_id_in_two_partitions_is_two_documents(
    container: Container, reads: SharedReads
) -> None:
    container.put("a", "p", 1)
    container.put("a", "q", 2)
    container.answering.set()
    assert [each["n"] for each in await reads.read([("a", "q"), ("a", "p")])] == [2, 1]


async def test_a_failed_request_is_made_again_by_the_next_that_waited(
    container: Container, reads: SharedReads
) -> None:
    container.put("a", "p", 1)
    container.put("b", "p", 2)
    container.faults = [OSError("gone")]
    both = [asyncio.create_task(reads.read([(name, "p")])) for name in "ab"]
    await container.asked.wait()
    container.answering.set()
    failed, answer = await asyncio.gather(*both, return_exceptions=True)
    assert isinstance(failed, OSError)
    assert isinstance(answer, list)
    assert [each["n"] for each in answer] == [2]


async def test_nothing_is_asked_for_nothing(container: Container, reads: SharedReads) -> None:
    assert await reads.read([]) == []
    assert container.requests == []
