"""Everything that is kept: one SQLite file in WAL mode, written by one process."""

from __future__ import annotations

from .catalog import Catalog, Clock
from .connection import DataInUseError, checkpoint, lock_folder, open_connection
from .containers import Containers
from .feed import Feed
from .items import Items
from .rows import Rows

__all__ = ["DataInUseError", "Store"]


class Store:
    """The emulator's data: metadata, items, change feeds and queries over one SQLite file.

    Args:
        data: the folder of the file (created if missing), or `:memory:`.
        clock: seconds since 1970.

    Raises:
        DataInUseError: another emulator uses the folder.
    """

    def __init__(self, data: str, clock: Clock) -> None:
        self._data = data
        self._lock = lock_folder(data)
        self._connection = open_connection(data)
        self.clock = clock
        self.catalog = Catalog(self._connection, clock)
        self.containers = Containers(self._connection, self.catalog)
        self.items = Items(self._connection, clock)
        self.feed = Feed(self._connection, clock)
        self.rows = Rows(self._connection, clock)

    def close(self) -> None:
        """Close the file; nothing may be used after."""
        self._connection.close()
        if self._lock:
            self._lock.close()

    def checkpoint(self) -> None:
        """Keep the write-ahead log short; safe to call from another thread."""
        checkpoint(self._data)
