"""Everything that is kept: one SQLite file in WAL mode, written by one process."""

from __future__ import annotations

from .catalog import Catalog, Clock
from .connection import open_connection
from .containers import Containers
from .feed import Feed
from .items import Items
from .rows import Rows


class Store:
    """The emulator's data: metadata, items, change feeds and queries over one SQLite file.

    Args:
        data: the folder of the file (created if missing), or `:memory:`.
        clock: seconds since 1970.
    """

    def __init__(self, data: str, clock: Clock) -> None:
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
