"""Every query that the app sends: its scope, its order, and the index that serves it.

The table in `docs/architecture.md` is made of what is recorded here.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from shared.alert_versions import Keeping
from shared.store import alert_reads, incident_reads
from shared.store.alert_backlog import read_backlog
from shared.store.alert_counts import AlertCounts
from shared.store.alert_reads import AlertReads
from shared.store.alert_writes import AlertWriter
from shared.store.changes import Changes
from shared.store.client import Database
from shared.store.definitions import ALERTS
from shared.store.filters import Filter
from shared.store.formats import FormatDocuments
from shared.store.incident_reads import IncidentReads
from shared.store.incident_table import IncidentTable
from shared.store.queries import Order, Position
from shared.store.rejected import RejectedFilter, RejectedStore
from shared.store.suppression_rules import SuppressionRules
from tests.unit.docs.named_tests import document
from tests.unit.shared.recording import Asked, RecordingDatabase

OWN = ("main",)
INCIDENT = {"incidentId": "main-1", "organisation": "main"}
PLACE = Position("2026-11-24T00:00:00.000Z", "1" * 24)
NARROW = Filter(
    severities=(3,),
    statuses=("Active",),
    stages=("Impact",),
    entities=("account:anna",),
    resources=("web01",),
    sources=("falco",),
    owners=("ann", "none"),
    labels=("vip",),
    since="a",
    until="b",
    updated_since="a",
    words=("miner",),
)
ROW: dict[str, Any] = {"startTimeUtc": "2026-11-24T00:00:00.000Z", "severityRank": 1}

Reading = Callable[[Database], Awaitable[object]]


def many(text: str) -> list[Any]:
    """More alerts than a reading of the backlog takes at once."""
    return [{**ROW, "status": "Active", "_ts": at} for at in range(1 if "TOP 1 " in text else 9)]


def alerts(database: Database) -> AlertReads:
    return AlertReads(database, 4, OWN)


def incidents(database: Database) -> IncidentReads:
    return IncidentReads(database, OWN)


def orders(reads: dict[str, str]) -> list[Order]:
    return [Order(path, way) for path in reads.values() for way in (True, False)]


async def list_alerts(database: Database) -> None:
    for order in orders(alert_reads.ORDERS):
        for wanted in (Filter(), NARROW):
            await alerts(database).page(wanted, order, PLACE, 50)


async def list_incidents(database: Database) -> None:
    for order in orders(incident_reads.ORDERS):
        for wanted in (Filter(), NARROW):
            await incidents(database).page(wanted, order, PLACE, 50)


async def stretch(database: Database, *entities: str) -> None:
    await alerts(database).stretch(entities, ("a", "b"), PLACE, 50)


async def count(database: Database) -> None:
    await AlertCounts(database, 90, "main").read(0)


async def backlog(database: Database) -> None:
    await read_backlog(database.container(ALERTS), "main", 0, 5)


async def versions(database: Database) -> None:
    writer = AlertWriter(database, Keeping())
    await writer._versions("0", ["1" * 24, "n-1"])


async def changes(database: Database) -> None:
    await Changes(database, OWN, lambda: 0).version()


READINGS: dict[str, Reading] = {
    "lists of alerts, in each order": list_alerts,
    "an incident's alerts on a resource": lambda database: stretch(database, "e"),
    "an incident's alerts on many resources": lambda database: stretch(database, "e", "f"),
    "a dry run of a rule": lambda database: alerts(database).received("a", PLACE, 50),
    "which of a batch are there": versions,
    "what was stored since the counts": backlog,
    "lists of incidents, in each order": list_incidents,
    "facets of incidents": lambda database: incidents(database).ids(NARROW),
    "incidents that alerts name": lambda database: incidents(database).mentions("main", ["main-1"]),
    "which incidents cover resources": lambda database: incidents(database).coverage("main", "ef"),
    "what an incident covers": lambda database: incidents(database).members(INCIDENT),
    "an incident's history": lambda database: incidents(database).history(INCIDENT),
    "incidents changed since": lambda database: IncidentTable(database, "main").read(0),
    "the counts of alerts": count,
    "whether anything is new": changes,
    "lists of rejections": lambda database: RejectedStore(database).page(
        RejectedFilter(("invalid",), ("falco",), ("rejected",), "a", "b"), PLACE, 50
    ),
    "all suppression rules": lambda database: SuppressionRules(database).every(),
    "all formats": lambda database: FormatDocuments(database).every(),
}


async def recorded(reading: Reading) -> list[Asked]:
    database = RecordingDatabase(many if reading is backlog else lambda _text: [])
    await reading(database.database)
    assert database.asked
    return database.asked


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
async def test_an_index_serves_each_query(reading: Reading) -> None:
    faults = {asked.text: faults for asked in await recorded(reading) if (faults := asked.faults())}
    assert not faults


def scope(asked: Asked) -> str:
    return "all" if asked.partition is None else "one"


MOST_NAMED = 5


async def rows() -> list[str]:
    """The table's rows: queries that differ in values, filters or orders alone are one."""
    found: list[str] = []
    for what, reading in READINGS.items():
        shapes: dict[tuple[str, str], list[Asked]] = {}
        for asked in await recorded(reading):
            shapes.setdefault((asked.container.name, scope(asked)), []).append(asked)
        for (container, where), asked_so in shapes.items():
            widest = max(asked_so, key=lambda asked: len(asked.filtered))
            names = widest.filtered[:MOST_NAMED]
            names += ["…"] if len(widest.filtered) > MOST_NAMED else []
            ordered = dict.fromkeys(asked.index for asked in asked_so if asked.ordered)
            found.append(
                f"| {what} | `{container}` | {where} | {', '.join(names)} | {'; '.join(ordered)} |"
            )
    return found


async def test_the_document_has_the_queries_as_they_are_sent() -> None:
    text = document("architecture.md")
    table = text.partition("\n## Queries\n")[2].partition("\n## ")[0]
    told = [line for line in table.splitlines() if line.startswith("| ") and "---" not in line]
    assert told[1:] == await rows()
