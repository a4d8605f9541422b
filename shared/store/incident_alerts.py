"""The alerts of an incident, oldest first: a lazy merge over the stretches that it covers.

An incident may cover thousands of resources, and each of them may have a hundred thousand alerts.
So a page opens only the stretches that can hold its rows, and reads no more of each than a page.
Where many begin at once, they are opened together, many partitions a query.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Protocol, TypeAlias

from shared.store.alert_reads import OLDEST_FIRST
from shared.store.incident_reads import Member
from shared.store.queries import Document, Position, position_of

ALONE: Final = 8
"""Up to so many stretches are read each by a query of its own, within its partition."""
TOGETHER: Final = 250
"""So many partitions go into one query where more are opened at once."""
_AT_ONCE: Final = 8


class Stretches(Protocol):
    """Where alerts are read from; see `AlertReads.stretch`."""

    async def stretch(
        self, partitions: Sequence[str], period: tuple[str, str], after: Position | None, most: int
    ) -> list[Document]:
        """Rows of resources that start in a period, oldest first, after a position."""


Place: TypeAlias = tuple[str, str, str]


def place(alert: Document) -> Place:
    """Where an alert stands in the order: start, id, partition."""
    return alert["startTimeUtc"], alert["id"], alert["resourceKey"]


async def first_alerts(
    alerts: Stretches, members: AsyncIterator[Member], after: Position | None, most: int
) -> list[Document]:
    """The first `most` alerts after a position. `members` come by start."""
    merge = _Merge(alerts, after, most)
    waiting = await anext(members, None)
    while len(merge.taken) < most:
        wave = []
        bound = merge.bound(waiting)
        while waiting is not None and waiting.start <= bound:
            wave.append(waiting)
            waiting = await anext(members, None)
        await merge.open(wave)
        if not merge.heap and waiting is None:
            break
        await merge.take_until(waiting.start if waiting else None)
    return merge.taken


@dataclass(slots=True)
class _Stream:
    """Stretches read by one query: the rows at hand, and whether more may follow them."""

    intervals: dict[str, tuple[tuple[str, str], ...]]
    period: tuple[str, str]
    last: Position | None
    rows: list[Document] = field(default_factory=list)
    ended: bool = False

    def covers(self, alert: Document) -> bool:
        """Whether the alert lies in a stretch of its own resource, not only in the period."""
        return any(
            start <= alert["startTimeUtc"] <= end
            for start, end in self.intervals[alert["resourceKey"]]
        )


class _Merge:
    """The alerts taken so far, and the next one of every stretch that has been opened."""

    def __init__(self, alerts: Stretches, after: Position | None, most: int) -> None:
        self.taken: list[Document] = []
        self.heap: list[tuple[Place, int, _Stream]] = []
        self._alerts = alerts
        self._after = after
        self._most = most
        self._opened = 0
        self._gate = asyncio.Semaphore(_AT_ONCE)

    def bound(self, waiting: Member | None) -> str:
        """Stretches that start no later may hold the next alert, so they must be open."""
        if self.heap:
            return self.heap[0][0][0]
        start = waiting.start if waiting else ""
        return max(start, str(self._after.value)) if self._after else start

    async def open(self, members: list[Member]) -> None:
        """Read the head of each stretch, several at a time."""
        streams = [_stream(group, self._after) for group in _groups(members)]
        await asyncio.gather(*map(self._fill, streams))
        for stream in streams:
            self._opened += 1
            self._push(stream, self._opened)

    async def take_until(self, start: str | None) -> None:
        """Take alerts in order while no stretch that is still closed can come before them."""
        while self.heap and len(self.taken) < self._most:
            at, number, stream = self.heap[0]
            if start is not None and at[0] >= start:
                return
            heapq.heappop(self.heap)
            self.taken.append(stream.rows.pop())
            if len(self.taken) < self._most:
                await self._fill(stream)
                self._push(stream, number)

    def _push(self, stream: _Stream, number: int) -> None:
        if stream.rows:
            heapq.heappush(self.heap, (place(stream.rows[-1]), number, stream))

    async def _fill(self, stream: _Stream) -> None:
        """Read on until there is a row that a stretch covers, or nothing more."""
        most = self._most - len(self.taken)
        while not stream.rows and not stream.ended:
            async with self._gate:
                found = await self._alerts.stretch(
                    list(stream.intervals), stream.period, stream.last, most
                )
            stream.ended = len(found) < most
            if found:
                stream.last = position_of(found, OLDEST_FIRST, stream.last)
            stream.rows = [alert for alert in reversed(found) if stream.covers(alert)]


def _stream(members: list[Member], after: Position | None) -> _Stream:
    intervals = {member.partition: member.intervals for member in members}
    bounds = [bound for each in intervals.values() for interval in each for bound in interval]
    return _Stream(intervals, (min(bounds), max(bounds)), after)


def _groups(members: list[Member]) -> Iterator[list[Member]]:
    """One stretch a group where there are few, else as many as fit one query."""
    size = 1 if len(members) <= ALONE else TOGETHER
    rest = iter(members)
    while group := list(islice(rest, size)):
        yield group
