"""The alerts of an incident, oldest first: a lazy merge over the stretches that it covers.

An incident may cover thousands of resources, and each of them may have a hundred thousand alerts.
So a page opens only the stretches that can hold its rows, and reads no more of each than a page.
Where many begin at once, they are opened together, many resources a query.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, Protocol

from shared.concurrency import gather_bounded
from shared.store.alert_reads import OLDEST_FIRST
from shared.store.incident_reads import Member, Place
from shared.store.queries import Document, Position, position_of
from shared.times import HOUR, parse_time

ALONE: Final = 8
"""Up to so many stretches are read each by a query of its own."""
TOGETHER: Final = 250
"""So many resources go into one query where more are opened at once."""
EVIDENCE: Final = "evidence"
CONTEXT: Final = "context"


class Stretches(Protocol):
    """Where alerts are read from; see `AlertReads.stretch`."""

    async def stretch(
        self, entities: Sequence[str], period: tuple[str, str], after: Position | None, most: int
    ) -> list[Document]:
        """Rows of resources that start in a period, oldest first, after a position."""


def place(alert: Document) -> Place:
    """Where an alert stands in the order: start, id."""
    return alert["startTimeUtc"], alert["id"]


def part_of(alert: Document, interval: Mapping[str, Any]) -> str:
    """Which part of an incident an alert is, from the interval of coverage that it stands in."""
    return EVIDENCE if _hour(alert) in interval["evidence"].get(alert["sid"], ()) else CONTEXT


def _hour(alert: Document) -> int:
    return parse_time(alert["startTimeUtc"]) // HOUR


async def first_alerts(
    alerts: Stretches, covered: Iterable[Member], after: Position | None, most: int
) -> list[Document]:
    """The first `most` alerts after a position, each with its `part`: evidence or context.

    `covered` come by start.
    """
    merge = _Merge(alerts, after, most)
    members = (member for member in covered if not _passed(member, after))
    waiting = next(members, None)
    while len(merge.taken) < most:
        wave = []
        bound = merge.bound(waiting)
        while waiting is not None and waiting.start <= bound:
            wave.append(waiting)
            waiting = next(members, None)
        await merge.open(wave)
        if not merge.heap and waiting is None:
            break
        await merge.take_until(waiting.start if waiting else None)
    return merge.taken


@dataclass(slots=True)
class _Stream:
    """Stretches read by one query: the rows at hand, and whether more may follow them."""

    members: dict[str, Member]
    period: tuple[str, str]
    last: Position | None
    rows: list[Document] = field(default_factory=list)
    ended: bool = False

    def covers(self, alert: Document) -> bool:
        """Whether the alert lies in a stretch of its own resource, not only in the period."""
        return self.members[alert["entity"]].covers(place(alert))

    def part(self, alert: Document) -> str:
        """`evidence`, or `context`: beside it on the same resource at the same time."""
        is_evidence = (alert["sid"], _hour(alert)) in self.members[alert["entity"]].evidence
        return EVIDENCE if is_evidence else CONTEXT


class _Merge:
    """The alerts taken so far, and the next one of every stretch that has been opened."""

    def __init__(self, alerts: Stretches, after: Position | None, most: int) -> None:
        self.taken: list[Document] = []
        self.heap: list[tuple[Place, int, _Stream]] = []
        self._alerts = alerts
        self._after = after
        self._most = most
        self._opened = 0

    def bound(self, waiting: Member | None) -> str:
        """Stretches that start no later may hold the next alert, so they must be open."""
        if self.heap:
            return self.heap[0][0][0]
        start = waiting.start if waiting else ""
        return max(start, str(self._after.value)) if self._after else start

    async def open(self, members: list[Member]) -> None:
        """Read the head of each stretch, several at a time."""
        streams = [_stream(group, self._after) for group in _groups(members)]
        await gather_bounded(self._fill, streams)
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
            alert = stream.rows.pop()
            self.taken.append({**alert, "part": stream.part(alert)})
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
            found = await self._alerts.stretch(
                list(stream.members), stream.period, stream.last, most
            )
            stream.ended = len(found) < most
            if found:
                stream.last = position_of(found, OLDEST_FIRST)
            stream.rows = [alert for alert in reversed(found) if stream.covers(alert)]


def _stream(members: list[Member], after: Position | None) -> _Stream:
    bounds = [bound for each in members for interval in each.intervals for bound in interval]
    period = min(bounds)[0], max(bounds)[0]
    return _Stream({member.entity: member for member in members}, period, after)


def _passed(member: Member, after: Position | None) -> bool:
    """Whether all that is covered comes before a position."""
    return after is not None and member.intervals[-1][1][0] < str(after.value)


def _groups(members: list[Member]) -> Iterator[list[Member]]:
    """One stretch a group where there are few, else as many as fit one query."""
    size = 1 if len(members) <= ALONE else TOGETHER
    rest = iter(members)
    while group := list(islice(rest, size)):
        yield group
