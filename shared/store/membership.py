"""Which incident an alert belongs to, or why it belongs to none."""

from dataclasses import dataclass
from typing import Final

from azure.cosmos import exceptions

from shared.entities import key_id
from shared.store.client import Database
from shared.store.definitions import ENTITIES
from shared.store.incident_reads import IncidentReads
from shared.store.queries import Document

SUPPRESSED: Final = "A suppression rule dismissed it, so it takes no part in correlation."
NOT_YET: Final = "It has not been correlated yet: that follows within seconds of its arrival."
ALONE: Final = "No other alert near it in time shares its resource, account, host, address or file."
NO_STAGE: Final = "It names no stage of the kill chain, and the alerts tied to it make no incident."
OUTSIDE: Final = (
    "It is tied to the alerts of an incident, but it lies outside the time in which the attack"
    " happened."
)
NOT_ALIGNED: Final = (
    "It is tied to other alerts, but together they do not line up with the kill chain well enough"
    " to be an incident."
)


@dataclass(frozen=True, slots=True)
class Belonging:
    """The incident that an alert is part of, or None and a sentence that says why."""

    incident: Document | None
    reason: str = ""


class Membership:
    """Looks up where alerts belong. `database` is not closed here."""

    def __init__(self, database: Database, incidents: IncidentReads) -> None:
        self._entities = database.container(ENTITIES)
        self._incidents = incidents

    async def incident_of(self, alert: Document) -> Belonging:
        """Where an alert belongs: the incident among the nodes of its resource's session."""
        if alert.get("suppressedBy"):
            return Belonging(None, SUPPRESSED)
        nodes = await self._nodes(alert)
        if nodes is None:
            return Belonging(None, NOT_YET)
        found = [each for node in nodes if (each := await self._incidents.find(node))]
        for each in found:
            if each.document["visible"] and _within(each.document, alert["startTimeUtc"]):
                return Belonging(each.document)
        if any(each.document["visible"] for each in found):
            return Belonging(None, OUTSIDE)
        if not found:
            return Belonging(None, ALONE)
        return Belonging(None, NOT_ALIGNED if alert.get("tactics") else NO_STAGE)

    async def entity(self, key: str) -> Document | None:
        """What correlation knows of a key: its sessions and ties; None when it knows nothing."""
        entity_id = key_id(key)
        try:
            return await self._entities.read_item(entity_id, entity_id)
        except exceptions.CosmosResourceNotFoundError:
            return None

    async def _nodes(self, alert: Document) -> list[str] | None:
        """The nodes of the session in which the alert starts; None where there is no session.

        A node without a document is an alert that is still alone.
        """
        document = await self.entity(alert["resource"]["key"])
        if document is None:
            return None
        at = alert["startTimeUtc"]
        for session in document["sessions"]:
            if session["start"] <= at <= session["end"]:
                return list(session["nodes"])
        return None


def _within(incident: Document, instant: str) -> bool:
    """Whether an instant lies in the time that an incident covers."""
    period = incident.get("period")
    return not period or period[0] <= instant <= period[1]
