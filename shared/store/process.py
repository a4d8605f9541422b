"""The database of this process: opened by whoever needs it first, and by nobody twice."""

import asyncio
import os

from shared.settings import read_settings
from shared.store.client import Database, open_database


class ProcessDatabase:
    """Opens the database on first use.

    An attempt that fails is made anew by the next caller: a store that is down may come back.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._database: Database | None = None

    async def __call__(self) -> Database:
        """The open database.

        Raises SettingError when a setting is missing or wrong, and what the store raises.
        """
        async with self._lock:
            if self._database is None:
                self._database = await open_database(read_settings(os.environ))
        return self._database


process_database = ProcessDatabase()
"""The database of this process."""
