"""What the functions of correlation work with, and what they do with a batch.

Apart from the triggers, so that an instance that only answers HTTP or reads the queue never imports
the engine.
"""

import asyncio
import json
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from correlate.model.news import RENEW, SWEEP, News
from correlate.policy import Policy, Readings, default_policy, read_policy
from correlate.reconcile.lifetime import Lifetime
from correlate.reconcile.run import BUDGET, Reconciler, Report, Surroundings
from correlate.record import Unreadable, record
from correlate.store.cosmos import CosmosStore, organisations
from correlate.store.documents import news_of, size_of
from shared.alert import digest
from shared.log_lines import line, seconds
from shared.once import Once
from shared.rejection import Rejection
from shared.settings import SettingError, Settings, read_settings
from shared.store.alert_counts import AlertCounts
from shared.store.client import Database
from shared.store.process import process_database
from shared.store.rejected import RejectedStore
from shared.telemetry import CORRELATED, FEED_LAG, INCIDENTS, process_telemetry
from shared.times import DAY, HOUR, SECOND, now

_LOG: Final = logging.getLogger("correlate")
HOURS: Final = DAY // HOUR
BUDGET_OF_ALL: Final = 180 * SECOND
"""Of an invocation, whose host ends it after five minutes."""


@dataclass(slots=True)
class Services:
    """What the functions work with. `reconcilers` are this worker's, by organisation."""

    database: Database
    settings: Settings
    policy: Policy
    readings: Readings
    rejected: RejectedStore
    counts: AlertCounts
    reconcilers: dict[str, Reconciler] = field(default_factory=dict)

    def store(self, organisation: str) -> CosmosStore:
        """The store of an organisation."""
        return CosmosStore(self.database, organisation, self.settings.alert_buckets)

    def reconciler(self, organisation: str) -> Reconciler:
        """The one reconciler of an organisation in this worker."""
        found = self.reconcilers.get(organisation)
        if found is None:
            found = self.reconcilers[organisation] = Reconciler(
                self.store(organisation),
                Surroundings(
                    self.policy,
                    self.readings,
                    Lifetime(self.settings.alert_retention_days),
                    now,
                    asyncio.sleep,
                    size_of,
                ),
            )
        return found

    async def post(self, organisation: str, news: Sequence[News]) -> None:
        """Add news of an organisation."""
        await self.store(organisation).post(news)

    async def set_aside(self, unreadable: list[Unreadable]) -> None:
        """Keep documents that cannot be read, with the reason, for people to see."""
        at = now()
        await self.rejected.add([_rejection(each, at) for each in unreadable], at=at)


def _rejection(unreadable: Unreadable, at: int) -> Rejection:
    document = unreadable.document
    return Rejection(
        reason="uncorrelated",
        message=f"The stored document cannot be correlated: {unreadable.reason}",
        body=json.dumps(document, default=str).encode(),
        message_id=f"{document.get('bucket')}/{document.get('id')}/{document.get('_etag')}",
        queued=at,
        source=str(document.get("source", "")),
    )


def services_of(database: Database, settings: Settings, policy: Policy) -> Services:
    """The services over an open database."""
    return Services(
        database,
        settings,
        policy,
        Readings(policy.mappings),
        RejectedStore(database, settings.organisation),
        AlertCounts(database, settings.alert_retention_days, settings.organisation),
    )


async def _open() -> Services:
    policy = policy_from(os.environ)
    settings = read_settings(os.environ)
    return services_of(await process_database(), settings, policy)


process_services = Once(_open)
"""The services of this process."""


async def record_documents(documents: list[dict[str, Any]]) -> None:
    """Turn a batch of stored alerts and counters into news; keep the counts up.

    Raises SettingError and PolicyError when the app is not set up right, and what the store raises.
    """
    lag = _lag_of(documents)
    try:
        services = await process_services()
        alerts = await record(documents, services.post, services.set_aside, services.readings)
    except Exception as fault:
        _retried("record", documents, lag, fault)
        raise
    telemetry = process_telemetry()
    telemetry.add(CORRELATED, alerts)
    telemetry.record(FEED_LAG, max(lag, 0) / SECOND)
    _LOG.info(line("recorded", lag=seconds(lag), alerts=alerts, documents=len(documents)))
    await services.counts.keep_up(now() // SECOND)


async def reconcile_documents(documents: list[dict[str, Any]]) -> None:
    """Do what a batch of news says, one organisation after the other.

    Raises as `record_documents` does.
    """
    lag = _lag_of(documents)
    try:
        services = await process_services()
        news = await _readable(documents, services)
        names = sorted({each.organisation for each in news})
        for organisation in names:
            mine = [each for each in news if each.organisation == organisation]
            budget = min(BUDGET, BUDGET_OF_ALL // len(names))
            report = await services.reconciler(organisation).run(mine, budget)
            _tell(organisation, len(mine), lag, report)
    except Exception as fault:
        _retried("reconcile", documents, lag, fault)
        raise


async def _readable(documents: Iterable[dict[str, Any]], services: Services) -> list[News]:
    """The news; what is none is set aside and does not stop the rest."""
    found: list[News] = []
    unreadable: list[Unreadable] = []
    for document in documents:
        try:
            found.append(news_of(document))
        except (KeyError, TypeError, ValueError) as fault:
            unreadable.append(Unreadable(document, f"{type(fault).__name__}: {fault}"))
    if unreadable:
        await services.set_aside(unreadable)
    return found


def _tell(organisation: str, news: int, lag: int, report: Report) -> None:
    telemetry = process_telemetry()
    for what, number in sorted(report.changes.items()):
        telemetry.add(INCIDENTS, number, change=what)
    _LOG.info(
        line(
            "reconciled",
            organisation=organisation,
            lag=seconds(lag),
            news=news,
            computed=report.computed,
            batches=report.batches,
            putOff=report.put_off,
            failed=report.failed,
        )
    )
    for note in report.notes:
        _LOG.info(line(note.what, incident=note.incident))


def _retried(step: str, documents: Sequence[object], lag: int, fault: Exception) -> None:
    kind = type(fault).__name__
    _LOG.warning(line("retried", step=step, documents=len(documents), lag=seconds(lag), fault=kind))


def _lag_of(documents: Iterable[Mapping[str, Any]]) -> int:
    """How long ago the oldest of the documents was written, in milliseconds; 0 without any."""
    stamps = [stamp for each in documents if isinstance(stamp := each.get("_ts"), int)]
    return now() - min(stamps) * SECOND if stamps else 0


async def tell_the_hour() -> None:
    """Post the hour's renewal for each organisation, and the day's sweep where it is its hour.

    Ids are made of the hour, so that what is told twice is told once.
    """
    services = await process_services()
    hour = now() // HOUR
    for organisation in await organisations(services.database):
        await services.post(organisation, hourly(organisation, hour))


def hourly(organisation: str, hour: int) -> list[News]:
    """The news of an hour (since 1970); each organisation sweeps in an hour of its own."""
    news = [News(f"renew-{hour}", organisation, RENEW, hour=hour)]
    if hour % HOURS == int(digest(organisation)[:8], 16) % HOURS:
        news.append(News(f"sweep-{hour}", organisation, SWEEP, hour=hour))
    return news


def policy_from(environment: Mapping[str, str]) -> Policy:
    """The policy: the file that POLICY_FILE names, or the one that ships.

    Raises SettingError when the file cannot be read, PolicyError when it cannot be used.
    """
    name = environment.get("POLICY_FILE", "")
    if not name:
        return default_policy()
    try:
        text = Path(name).read_text(encoding="utf-8")
    except OSError as fault:
        raise SettingError(f"POLICY_FILE names {name!r}, which cannot be read: {fault}") from fault
    return read_policy(text, name=name)
