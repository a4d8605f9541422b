"""The composition root: what the function works with, put together once a process."""

import os

from ingest_alert.estate import UNSTATED, Estate, read_estate
from ingest_alert.handling import Services
from ingest_alert.mapping.stored import StoredFormats
from ingest_alert.organisations import ONE, Organisations
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
    organisations: Organisations = ONE,
) -> Services:
    """Services over an open database."""
    return Services(
        alerts=AlertWriter(database, keeping),
        rejected=RejectedStore(database, organisations.own),
        rules=Suppressions(database, now),
        now=now,
        telemetry=telemetry,
        estate=estate,
        formats=StoredFormats(FormatDocuments(database), now),
        organisations=organisations,
    )


async def _open() -> Services:
    settings = read_settings(os.environ)
    keeping = Keeping(settings.alert_buckets, settings.alert_retention_days)
    estate = read_estate(settings.own_networks, settings.proxies)
    organisations = Organisations(settings.organisation, dict(settings.tenants))
    return compose(await process_database(), process_telemetry(), keeping, estate, organisations)


process_services = Once(_open)
"""The services of this process.

Raises SettingError when a setting is missing or wrong, and what the store raises.
"""
