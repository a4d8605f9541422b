"""Doing the same for many things, a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

AT_ONCE: Final = 8
"""Requests that one caller has under way at once: more make the store's client no faster."""
T = TypeVar("T")
R = TypeVar("R")


async def gather_bounded(
    do: Callable[[T], Awaitable[R]], items: Iterable[T], *, at_once: int = AT_ONCE
) -> list[R]:
    """The result for each item, in their order.

    The first exception is raised, after what was still under way has been cancelled and has ended.
    """
    turns = asyncio.Semaphore(at_once)

    async def one(item: T) -> R:
        async with turns:
            return await do(item)

    tasks = [asyncio.ensure_future(one(item)) for item in items]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
