"""Leases: which host reads which partition of a container, and how far it has come.

The documents and rules are those of the change-feed processor of the .NET SDK (version 3): every
write carries `If-Match`; a conflict is resolved by reading the lease again and looking at its
owner; whoever finds another owner has lost the lease.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol, Self, TypeVar

T = TypeVar("T")

_CONFLICT_RETRIES = 5
_TRANSIENT_RETRIES = 5
_TRANSIENT_PAUSE_SECONDS = 0.2
_MODE = "Incremental Feed"


class LeaseLostError(Exception):
    """Another host owns the lease, or it is gone."""


class StoreUnavailableError(Exception):
    """The lease container could not be reached for now."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One partition's lease. `continuation` is the feed's ETag: None = nothing handled yet."""

    id: str
    token: str
    owner: str | None = None
    continuation: str | None = None
    timestamp: datetime = field(default=datetime.fromtimestamp(0, UTC))
    etag: str = ""
    #: The range of hashes that the partition covers, as (inclusive minimum, exclusive maximum).
    bounds: tuple[str, str] = ("", "FF")
    properties: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read a lease document."""
        bounds = (document.get("FeedRange") or {}).get("Range", {})
        stamp = document.get("timestamp")
        return cls(
            id=document["id"],
            token=document["LeaseToken"],
            owner=document.get("Owner") or None,
            continuation=document.get("ContinuationToken") or None,
            timestamp=(
                datetime.fromisoformat(stamp)
                if stamp
                else datetime.fromtimestamp(document.get("_ts", 0), UTC)
            ),
            etag=document.get("_etag", ""),
            bounds=(bounds.get("min", ""), bounds.get("max", "FF")),
            properties=document.get("properties") or {},
        )

    def document(self) -> dict[str, Any]:
        """Return the document to store."""
        return {
            "id": self.id,
            "version": 0,
            "LeaseToken": self.token,
            "FeedRange": {"Range": {"min": self.bounds[0], "max": self.bounds[1]}},
            "Owner": self.owner,
            "ContinuationToken": self.continuation,
            "properties": dict(self.properties),
            "timestamp": self.timestamp.isoformat(),
            "Mode": _MODE,
        }


class LeaseStore(Protocol):
    """The lease container, seen through one prefix. Any call may raise StoreUnavailableError."""

    def lease_id(self, token: str) -> str:
        """Return the id of a partition's lease."""

    async def all(self) -> list[Lease]:
        """Return all leases under the prefix."""

    async def read(self, lease_id: str) -> Lease | None:
        """Return a lease, None when it is gone."""

    async def create(self, lease: Lease) -> bool:
        """Create a lease; False = it exists."""

    async def replace(self, lease: Lease) -> Lease | None:
        """Replace a lease if its ETag still holds; None = it does not.

        Raises:
            LeaseLostError: the lease is gone.

        """

    async def delete(self, lease: Lease) -> None:
        """Delete a lease; nothing happens when it is gone."""

    async def is_initialized(self) -> bool:
        """Whether the leases of all partitions have been created."""

    async def mark_initialized(self) -> None:
        """Say that they have."""

    async def lock(self, seconds: int) -> bool:
        """Take the right to create them; it ends by itself. False = another host has it."""

    async def unlock(self) -> None:
        """Give the right back."""


@dataclass(frozen=True, slots=True)
class LeaseManager:
    """Changes leases in the name of one owner."""

    store: LeaseStore
    owner: str
    now: Callable[[], datetime]

    async def acquire(self, lease: Lease) -> Lease:
        """Become the owner, unless the lease has changed hands since it was read."""
        return await self._update(lease, lease.owner, lambda held: replace(held, owner=self.owner))

    async def renew(self, lease: Lease) -> Lease:
        """Show that its owner lives."""
        return await self._update(await self._refreshed(lease), self.owner, lambda held: held)

    async def checkpoint(self, lease: Lease, continuation: str) -> Lease:
        """Record how far the feed has been handled."""
        return await self._update(
            lease, self.owner, lambda held: replace(held, continuation=continuation)
        )

    async def release(self, lease: Lease) -> None:
        """Give it up, so that another host may take it at once."""
        await self._update(
            await self._refreshed(lease), self.owner, lambda held: replace(held, owner=None)
        )

    async def _refreshed(self, lease: Lease) -> Lease:
        current = await _patiently(partial(self.store.read, lease.id))
        if current is None:
            raise LeaseLostError(f"lease {lease.id} is gone")
        return current

    async def _update(
        self, lease: Lease, owner: str | None, change: Callable[[Lease], Lease]
    ) -> Lease:
        for _ in range(_CONFLICT_RETRIES + 1):
            if lease.owner != owner:
                raise LeaseLostError(f"lease {lease.id} was taken by {lease.owner}")
            changed = replace(change(lease), timestamp=self.now())
            stored = await _patiently(partial(self.store.replace, changed))
            if stored is not None:
                return stored
            lease = await self._refreshed(lease)
        raise LeaseLostError(f"lease {lease.id} keeps changing")


async def _patiently(call: Callable[[], Awaitable[T]]) -> T:
    """Try again while the store is out of reach: every lease operation may be repeated."""
    for attempt in range(_TRANSIENT_RETRIES):
        try:
            return await call()
        except StoreUnavailableError:
            await asyncio.sleep(_TRANSIENT_PAUSE_SECONDS * 2**attempt)
    return await call()
