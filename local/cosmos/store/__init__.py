"""Everything that is kept: one SQLite file in WAL mode, written by one process."""

from __future__ import annotations

from .catalog import Catalog, Clock
from .connection import DataInUseError, checkpoint, lock_folder, open_connection
from .containers import Container, Containers
from .feed import Feed
from .items import Items
from .replica import Replica
from .rows import Rows

__all__ = ["DataInUseError", "Store"]


class Store:
    """The emulator's data: metadata, items, change feeds and queries over one SQLite file.

    Args:
        data: the folder of the file (created if missing), or `:memory:`.
        clock: seconds since 1970.
        lag: how far (seconds) a read without a session token may be behind; 0 is not at all.

    Raises:
        DataInUseError: another emulator uses the folder.
    """

    def __init__(self, data: str, clock: Clock, lag: float = 0.0) -> None:
        self._data = data
        self._lock = lock_folder(data)
        self._connection = open_connection(data)
        self.clock = clock
        self.catalog = Catalog(self._connection, clock)
        self.containers = Containers(self._connection, self.catalog)
        self.replica = Replica(self._connection, clock, lag) if lag else None
        self.items = Items(self._connection, clock, self.replica)
        self.feed = Feed(self._connection, clock)
        self.rows = Rows(self._connection, clock)

    def purge(self, limit: int) -> None:
        """Delete at most `limit` expired items of each container."""
        for container in self.containers.every():
            self.items.purge(container, limit)
        if self.replica is not None:
            self.replica.purge(limit)

    def reset_expiry(self, container: Container) -> None:
        """Set every item's expiry anew after the container's default changed."""
        self.items.reset_expiry(container)
        if self.replica is not None:
            self.replica.reset_expiry(container)

    def forget_deleted(self) -> None:
        """Drop what is remembered of containers that were deleted."""
        alive = self.containers.forget()
        if self.replica is not None:
            self.replica.forget(alive)

    def close(self) -> None:
        """Close the file; nothing may be used after."""
        self._connection.close()
        if self._lock:
            self._lock.close()

    def checkpoint(self) -> None:
        """Keep the write-ahead log short; safe to call from another thread."""
        checkpoint(self._data)
