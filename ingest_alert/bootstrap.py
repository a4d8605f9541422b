"""The composition root: what the function works with, put together once a process."""

import os

from ingest_alert.estate import UNSTATED, Estate, read_estate
from ingest_alert.handling import Services
from ingest_alert.mapping.stored import StoredFormats
from shared.alert import ORGANISATION
from shared.alert_versions import Keeping
from shared.once import Once
from shared.settings import read_settings
from shared.store.alert_writes import AlertWriter
from shared.store.client import Database
from shared.store.formats import FormatDocuments
from shared.store.process import process_database
from shared.store.rejected import RejectedStore
from shared.store.suppressions import Suppressions
from shared.telemetry import OFF, Telemetry, process_telemetry
from shared.times import now


def compose(
    database: Database,
    telemetry: Telemetry = OFF,
    keeping: Keeping = Keeping(),  # noqa: B008 - frozen
    estate: Estate = UNSTATED,
    organisation: str = ORGANISATION,
) -> Services:
    """Services over an open database."""
    return Services(
        alerts=AlertWriter(database, keeping),
        rejected=RejectedStore(database),
        rules=Suppressions(database, now),
        now=now,
        telemetry=telemetry,
        estate=estate,
        formats=StoredFormats(FormatDocuments(database), now),
        organisation=organisation,
    )


async def _open() -> Services:
    settings = read_settings(os.environ)
    keeping = Keeping(settings.alert_buckets, settings.alert_retention_days)
    estate = read_estate(settings.own_networks, settings.proxies)
    return compose(
        await process_database(), process_telemetry(), keeping, estate, settings.organisation
    )


process_services = Once(_open)
"""The services of this process.

Raises SettingError when a setting is missing or wrong, and what the store raises.
"""
