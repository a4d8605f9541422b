"""What the function works with, put together once a process."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping

from ingest_alert.handling import Services
from shared.settings import read_settings
from shared.store.alert_writes import AlertWriter
from shared.store.client import Database, open_database
from shared.store.rejected import RejectedStore
from shared.store.suppressions import Suppressions
from shared.times import now


def compose(database: Database) -> Services:
    """Services over an open database."""
    return Services(
        alerts=AlertWriter(database),
        rejected=RejectedStore(database),
        rules=Suppressions(database, now),
        now=now,
    )


async def open_services(environment: Mapping[str, str]) -> Services:
    """Connect as the environment says. Raises SettingError naming what is missing or wrong."""
    return compose(await open_database(read_settings(environment)))


class Once:
    """Services that are opened by the first message, and by no other.

    An attempt that fails is made anew by the next message: a store that is down may come back.
    """

    def __init__(self, opening: Callable[[], Awaitable[Services]]) -> None:
        self._opening = opening
        self._lock = asyncio.Lock()
        self._services: Services | None = None

    async def __call__(self) -> Services:
        """The services, opened if need be."""
        if self._services is None:
            async with self._lock:
                if self._services is None:
                    self._services = await self._opening()
        return self._services


process_services = Once(lambda: open_services(os.environ))
"""The services of this process."""
