"""What the change-feed function works with, and what it does with a batch.

Apart from the trigger, so that an instance that only answers HTTP or reads the queue never imports
the engine.
"""

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from correlate.batch import Unreadable, correlate_batch
from correlate.orders import carry_out_orders
from correlate.policy import Policy, Readings, default_policy, read_policy
from correlate.records import CosmosCorrelationStore
from correlate.report import lag_of
from shared.log_lines import line, seconds
from shared.once import Once
from shared.rejection import Rejection
from shared.settings import SettingError, read_settings
from shared.store.alert_counts import AlertCounts
from shared.store.decisions import Decisions
from shared.store.process import process_database
from shared.store.rejected import RejectedStore
from shared.telemetry import process_telemetry
from shared.times import SECOND, now

_LOG: Final = logging.getLogger("correlate")


@dataclass(frozen=True, slots=True)
class Services:
    """What the function works with."""

    store: CosmosCorrelationStore
    rejected: RejectedStore
    counts: AlertCounts
    decisions: Decisions
    policy: Policy
    readings: Readings

    async def set_aside(self, unreadable: list[Unreadable]) -> None:
        """Keep documents that cannot be read, with the reason, for people to see."""
        at = now()
        await self.rejected.add([_rejection(each, at) for each in unreadable], at=at)


def _rejection(unreadable: Unreadable, at: int) -> Rejection:
    document = unreadable.document
    return Rejection(
        reason="uncorrelated",
        message=f"The stored alert cannot be correlated: {unreadable.reason}",
        body=json.dumps(document, default=str).encode(),
        message_id=f"{document.get('resourceKey')}/{document.get('id')}/{document.get('_etag')}",
        queued=at,
        source=str(document.get("source", "")),
    )


async def _open() -> Services:
    policy = policy_from(os.environ)
    settings = read_settings(os.environ)
    database = await process_database()
    readings = Readings(policy.mappings)
    return Services(
        CosmosCorrelationStore(database, readings, retention_days=policy.retention_days),
        RejectedStore(database),
        AlertCounts(database, settings.alert_retention_days),
        Decisions(database),
        policy,
        readings,
    )


process_services = Once(_open)
"""The services of this process."""


async def correlate_documents(documents: list[dict[str, Any]]) -> None:
    """Correlate a batch of stored alerts with the process's services; keep the counts up.

    Decisions of people that come with them are carried out after.

    Raises SettingError and PolicyError when the app is not set up right, and what the store raises.
    """
    try:
        services = await process_services()
        await correlate_batch(
            documents,
            services.store,
            services.set_aside,
            services.policy,
            services.readings,
            now,
            telemetry=process_telemetry(),
        )
        decided = await carry_out_orders(
            documents, services.store, services.decisions.finish, services.policy, now
        )
    except Exception as fault:
        lag = seconds(lag_of(documents, now()))
        kind = type(fault).__name__
        _LOG.warning(line("retried", documents=len(documents), lag=lag, fault=kind))
        raise
    for request, result in decided:
        what = "refused" if result.refusal else request.decision.kind
        _LOG.info(line("decided", what=what, incident=request.incident, into=result.incident))
    await services.counts.keep_up(now() // SECOND)


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
