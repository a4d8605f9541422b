"""A change feed and a lease container in memory."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from local.host.change_feed.feed import (
    FeedPage,
    FeedUnavailableError,
    PartitionRange,
    RangeGoneError,
)
from local.host.change_feed.leases import Lease, LeaseLostError, StoreUnavailableError
from tests.unit.host.virtual_time import seconds


@dataclass
class FakeFeed:
    """Changes by partition; a continuation is the number of changes before it."""

    changes: dict[str, list[dict[str, Any]]]
    #: What the next reads raise.
    faults: list[Exception] = field(default_factory=list)
    #: (seconds, partition, continuation, since) of each read.
    reads: list[tuple[float, str, str | None, datetime | None]] = field(default_factory=list)
    children: dict[str, list[str]] = field(default_factory=dict)

    async def identify(self) -> tuple[str, str]:
        return "dbRid", "collRid"

    async def ranges(self) -> list[PartitionRange]:
        gone = set(self.children)
        parents = {child: parent for parent, many in self.children.items() for child in many}
        return [
            PartitionRange(token, ("", "FF"), (parents[token],) if token in parents else ())
            for token in self.changes
            if token not in gone
        ]

    async def read(
        self, range_id: str, continuation: str | None, since: datetime | None, max_items: int
    ) -> FeedPage:
        self.reads.append((seconds(), range_id, continuation, since))
        if range_id in self.children:
            raise RangeGoneError("split")
        if self.faults:
            raise self.faults.pop(0)
        first = int(continuation or 0)
        page = self.changes[range_id][first : first + max_items]
        return FeedPage(json.dumps(page) if page else "", str(first + len(page)))


def throttled(retry_after: float) -> FeedUnavailableError:
    """Return what a read raises when it is told to wait."""
    return FeedUnavailableError("429", retry_after)


@dataclass
class FakeLeaseStore:
    """Lease documents with ETags; other hosts see the same ones."""

    leases: dict[str, Lease] = field(default_factory=dict)
    initialized: bool = False
    locked: bool = False
    #: How many of the next writes fail as out of reach.
    faults: int = 0
    _version: int = 0

    def lease_id(self, token: str) -> str:
        return f"prefix..{token}"

    def of(self, token: str) -> Lease:
        """The lease of a partition as it lies in the container."""
        return self.leases[self.lease_id(token)]

    def owners(self) -> dict[str, str | None]:
        """Who owns which partition."""
        return {lease.token: lease.owner for lease in self.leases.values()}

    async def all(self) -> list[Lease]:
        return list(self.leases.values())

    async def read(self, lease_id: str) -> Lease | None:
        return self.leases.get(lease_id)

    async def create(self, lease: Lease) -> bool:
        if lease.id in self.leases:
            return False
        self._store(lease)
        return True

    async def replace(self, lease: Lease) -> Lease | None:
        if self.faults:
            self.faults -= 1
            raise StoreUnavailableError("503")
        held = self.leases.get(lease.id)
        if held is None:
            raise LeaseLostError("gone")
        return self._store(lease) if held.etag == lease.etag else None

    async def delete(self, lease: Lease) -> None:
        self.leases.pop(lease.id, None)

    async def is_initialized(self) -> bool:
        return self.initialized

    async def mark_initialized(self) -> None:
        self.initialized = True

    async def lock(self, seconds: int) -> bool:
        taken, self.locked = self.locked, True
        return not taken and seconds > 0

    async def unlock(self) -> None:
        self.locked = False

    def _store(self, lease: Lease) -> Lease:
        self._version += 1
        stored = replace(lease, etag=f'"{self._version}"')
        self.leases[lease.id] = stored
        return stored
