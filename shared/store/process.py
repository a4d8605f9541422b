"""The database of this process: one client, whichever function needs it first."""

import os

from shared.once import Once
from shared.settings import read_settings
from shared.store.client import Database, open_database
from shared.telemetry import process_telemetry


async def _open() -> Database:
    return await open_database(read_settings(os.environ), process_telemetry())


process_database = Once(_open)
"""The database of this process. Raises SettingError when a setting is missing or wrong."""
