"""Which incident an alert belongs to, or why it belongs to none."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from azure.cosmos import exceptions

from shared.alert import Finding
from shared.store.client import Database
from shared.store.definitions import INCIDENTS
from shared.store.incident_alerts import place
from shared.store.incident_reads import IncidentReads
from shared.store.queries import Document
from shared.times import DAY, HOUR, parse_time

SUPPRESSED: Final = "A suppression rule dismissed it, so it takes no part in correlation."
NO_ATTACK: Final = "It tells of no attack, so it takes no part in correlation."
NOT_YET: Final = "It has not been correlated yet: that follows within seconds of its arrival."
NO_STAGE: Final = "It names no stage of the kill chain, and the alerts tied to it make no incident."
BY_CHANCE: Final = (
    "It and the alerts tied to it are nothing that chance would not make: together they are not"
    " rare enough to be an incident."
)


@dataclass(frozen=True, slots=True)
class Belonging:
    """The incident that an alert is part of, or None and a sentence that says why."""

    incident: Document | None
    reason: str = ""


class Membership:
    """Looks up where alerts of an organisation belong. `database` is not closed here."""

    def __init__(self, database: Database, incidents: IncidentReads, organisation: str) -> None:
        self._documents = database.container(INCIDENTS)
        self._incidents = incidents
        self._organisation = organisation

    async def incident_of(self, alert: Document) -> Belonging:
        """Where an alert belongs: the incident that covers its resource at its place in time."""
        if alert.get("suppressedBy"):
            return Belonging(None, SUPPRESSED)
        if alert.get("finding", Finding.ATTACK) != Finding.ATTACK:
            return Belonging(None, NO_ATTACK)
        coverage = await self._incidents.coverage(alert["entity"])
        name = covering(alert, coverage["intervals"]) if coverage else None
        found = await self._incidents.find(name) if name else None
        if found is not None and found.document["visible"]:
            return Belonging(found.document)
        if not await self._is_known(alert):
            return Belonging(None, NOT_YET)
        return Belonging(None, BY_CHANCE if alert.get("tactics") else NO_STAGE)

    async def _is_known(self, alert: Document) -> bool:
        """Whether correlation has taken the alert in."""
        start = parse_time(alert["startTimeUtc"])
        name = f"a-{alert['entity']}-{start // DAY}"
        try:
            activity = await self._documents.read_item(name, self._organisation)
        except exceptions.CosmosResourceNotFoundError:
            return False
        return any(
            (cell["sid"], cell["hour"]) == (alert["sid"], start // HOUR)
            for cell in activity["cells"]
        )


def covering(alert: Document, intervals: Iterable[Document]) -> str | None:
    """The incident of the interval that an alert stands in."""
    at = list(place(alert))
    for each in intervals:
        if each["first"] <= at <= each["last"]:
            return str(each["incident"])
    return None
