"""Something that is opened by whoever needs it first, and by nobody twice."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Opens on first use; an attempt that fails is made anew by the next caller."""

    def __init__(self, opening: Callable[[], Awaitable[T]]) -> None:
        self._opening = opening
        self._lock = asyncio.Lock()
        self._opened: T | None = None

    async def __call__(self) -> T:
        """What is opened. Raises what opening it raises."""
        if self._opened is None:
            async with self._lock:
                if self._opened is None:
                    self._opened = await self._opening()
        return self._opened
