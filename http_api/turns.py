"""Doing the same for many items, a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

AT_ONCE: Final = 8
T = TypeVar("T")
R = TypeVar("R")


async def few_at_once(do: Callable[[T], Awaitable[R]], items: Iterable[T]) -> list[R]:
    """The result for each item, in their order; the first exception raised is raised."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(item: T) -> R:
        async with turns:
            return await do(item)

    return await asyncio.gather(*map(one, items))
