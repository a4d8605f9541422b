"""Reading what the service stores, for the auditor. Nothing is written."""

from collections.abc import Sequence
from typing import Final

from correlate.model.cell import Point
from correlate.reconcile.lifetime import Lifetime
from correlate.store.documents import record_of
from local.audit.stored import Placed, Stored, stored_of
from shared.store.client import Database
from shared.store.definitions import ALERTS, INCIDENTS
from shared.store.queries import Conditions, rows
from shared.times import parse_time

_KINDS: Final = ("coverage", "incident", "redirect", "decision")
_ALERT: Final = "c.id, c.entity, c.startTimeUtc, c.sid"


async def read_stored(
    database: Database, organisation: str, *, retention_days: int, now: int
) -> Stored:
    """All that is audited of an organisation, whose service should be at rest meanwhile.

    Raises what the store raises; KeyError or ValueError where a document is none of the service's.
    """
    conditions = Conditions()
    conditions.compare("organisation", "=", organisation)
    conditions.among("type", _KINDS)
    incidents = database.container(INCIDENTS)
    documents = await rows(incidents, conditions.select("*"), partition=organisation)
    return stored_of(
        map(record_of, documents),
        await _alerts(database, organisation),
        Lifetime(retention_days).frozen(now),
    )


async def _alerts(database: Database, organisation: str) -> dict[str, Sequence[Placed]]:
    conditions = Conditions()
    conditions.compare("type", "=", "alert")
    conditions.compare("organisation", "=", organisation)
    conditions.compare("takesPart", "=", value=True)
    found: dict[str, list[Placed]] = {}
    for row in await rows(database.container(ALERTS), conditions.select(_ALERT)):
        place = Placed(Point(parse_time(row["startTimeUtc"]), row["id"]), row["sid"])
        found.setdefault(row["entity"], []).append(place)
    return {entity: sorted(places) for entity, places in found.items()}
