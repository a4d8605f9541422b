"""The composition root: what the function works with, put together once a process."""

import os

from ingest_alert.estate import UNSTATED, Estate, read_estate
from ingest_alert.handling import Services
from shared.once import Once
from shared.settings import read_settings
from shared.store.alert_writes import AlertWriter
from shared.store.client import Database
from shared.store.process import process_database
from shared.store.rejected import RejectedStore
from shared.store.suppressions import Suppressions
from shared.telemetry import OFF, Telemetry, process_telemetry
from shared.times import now


def compose(database: Database, telemetry: Telemetry = OFF, estate: Estate = UNSTATED) -> Services:
    """Services over an open database."""
    return Services(
        alerts=AlertWriter(database),
        rejected=RejectedStore(database),
        rules=Suppressions(database, now),
        now=now,
        telemetry=telemetry,
        estate=estate,
    )


async def _open() -> Services:
    settings = read_settings(os.environ)
    estate = read_estate(settings.own_networks, settings.proxies)
    return compose(await process_database(), process_telemetry(), estate)


process_services = Once(_open)
"""The services of this process.

Raises SettingError when a setting is missing or wrong, and what the store raises.
"""
