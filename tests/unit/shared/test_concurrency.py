"""Many things done, a few at a time."""

import asyncio

import pytest

from shared.concurrency import gather_bounded


async def test_results_come_in_the_order_of_the_things() -> None:
    async def after(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return turns

    assert await gather_bounded(after, [5, 1, 3]) == [5, 1, 3]


async def test_no_more_are_under_way_than_may_be() -> None:
    under_way, most = 0, 0

    async def work(_: int) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    await gather_bounded(work, range(20), at_once=3)
    assert most == 3


async def test_the_first_fault_is_raised_once_nothing_is_under_way() -> None:
    ended: list[str] = []

    async def work(name: str) -> None:
        if name == "fault":
            raise LookupError(name)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    with pytest.raises(LookupError, match="fault"):
        await gather_bounded(work, ["waits", "fault", "waits too"])
    assert sorted(ended) == ["waits", "waits too"]
