"""What the endpoints work with, put together in one place and made once a process."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from http_api.cursors import Cursors, cursor_key
from http_api.settings import read_api_settings
from shared.once import Once
from shared.settings import SettingError, Settings, read_settings
from shared.store.alert_counts import AlertCounts
from shared.store.alert_reads import AlertReads
from shared.store.changes import Changes
from shared.store.client import Database
from shared.store.decisions import Decisions
from shared.store.formats import FormatDocuments
from shared.store.incident_reads import IncidentReads
from shared.store.incident_table import IncidentTable
from shared.store.membership import Membership
from shared.store.process import process_database
from shared.store.rejected import RejectedStore
from shared.store.suppression_rules import SuppressionRules
from shared.store.triage import Triage
from shared.telemetry import OFF, Telemetry, process_telemetry
from shared.times import now


@dataclass(frozen=True, slots=True)
class Services:
    """The store's readers and writers, the cursors, the clock, and some settings.

    All of it is of the `organisations` that the caller may see. `most` is the largest page;
    `origin` is what links begin with; `now` gives milliseconds since 1970.
    """

    organisations: tuple[str, ...]

    incidents: IncidentReads
    alerts: AlertReads
    membership: Membership
    triage: Triage
    rejected: RejectedStore
    rules: SuppressionRules
    formats: FormatDocuments
    alert_counts: AlertCounts
    incident_table: IncidentTable
    decisions: Decisions
    changes: Changes
    cursors: Cursors
    most: int
    trust_client_principal: bool
    origin: str = ""
    own_networks: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    telemetry: Telemetry = OFF
    now: Callable[[], int] = now


def compose(
    database: Database,
    settings: Settings,
    *,
    trust_client_principal: bool,
    origin: str = "",
    telemetry: Telemetry = OFF,
) -> Services:
    """Services over an open database. Raises SettingError when no cursor key can be had."""
    if not settings.cursor_key and not settings.cosmos_connection:
        raise SettingError(
            "CURSOR_KEY is not set: with a managed identity there is no key to derive one from;"
            " give any secret text, the same on every instance"
        )
    own = settings.organisation
    visible = (own,)
    incidents = IncidentReads(database, visible)
    return Services(
        organisations=visible,
        incidents=incidents,
        alerts=AlertReads(database, settings.alert_buckets, visible),
        membership=Membership(database, incidents),
        triage=Triage(database),
        rejected=RejectedStore(database, own),
        rules=SuppressionRules(database),
        formats=FormatDocuments(database),
        alert_counts=AlertCounts(database, settings.alert_retention_days, own),
        incident_table=IncidentTable(database, own),
        decisions=Decisions(database, visible),
        changes=Changes(database, visible, now),
        cursors=Cursors(cursor_key(settings.cursor_key, settings.cosmos_connection)),
        most=settings.page_limit,
        trust_client_principal=trust_client_principal,
        origin=origin,
        own_networks=settings.own_networks,
        proxies=settings.proxies,
        telemetry=telemetry,
    )


async def _open() -> Services:
    own = read_api_settings(os.environ)
    return compose(
        await process_database(),
        read_settings(os.environ),
        trust_client_principal=own.trust_client_principal,
        origin=own.origin,
        telemetry=process_telemetry(),
    )


process_services = Once(_open)
"""The services of this process.

Raises SettingError when a setting is missing or wrong, and what the store raises.
"""
