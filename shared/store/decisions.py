"""What people decided about what belongs together, on its way from the API to correlation.

A decision is a document among the alerts, in the partition of the incident's own alert: so the
change feed delivers it, again and again until it is carried out, and it goes with the retention.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from azure.cosmos import exceptions

from shared.store.client import Database, retrying
from shared.store.definitions import ALERTS
from shared.store.queries import Document

ASKED: Final = "asked"
DONE: Final = "done"
REFUSED: Final = "refused"


class Decisions:
    """Keeps decisions, and what came of them. `database` is not closed here."""

    def __init__(self, database: Database) -> None:
        self._alerts = database.container(ALERTS)

    async def find(self, incident_id: str, name: str) -> Document | None:
        """The decision on an incident with that name."""
        try:
            return await self._alerts.read_item(_id(name), _partition(incident_id))
        except exceptions.CosmosResourceNotFoundError:
            return None

    async def ask(self, incident_id: str, name: str, decision: Mapping[str, Any]) -> Document:
        """Keep a decision to be carried out; the one that is kept where it was asked before."""
        document = {
            **decision,
            "id": _id(name),
            "type": "decision",
            "resourceKey": _partition(incident_id),
            "incidentId": incident_id,
            "name": name,
            "state": ASKED,
        }
        try:
            await retrying(lambda: self._alerts.create_item(dict(document), no_response=True))
        except exceptions.CosmosResourceExistsError:
            return await self.find(incident_id, name) or document
        return document

    async def finish(
        self, document: Document, *, incident: str, split_off: Sequence[str], refusal: str
    ) -> None:
        """Note what came of a decision; one that is gone already needs no note."""
        change: list[dict[str, Any]] = [
            {"op": "set", "path": "/state", "value": REFUSED if refusal else DONE},
            {"op": "set", "path": "/outcome", "value": incident},
            {"op": "set", "path": "/splitOff", "value": list(split_off)},
            {"op": "set", "path": "/refusal", "value": refusal},
        ]
        name, partition = document["id"], document["resourceKey"]
        try:
            await retrying(
                lambda: self._alerts.patch_item(name, partition, list(change), no_response=True)
            )
        except exceptions.CosmosResourceNotFoundError:
            return


def _id(name: str) -> str:
    return f"decision-{name}"


def _partition(incident_id: str) -> str:
    """An incident goes by the id of one of its alerts, whose partition comes first."""
    return incident_id.partition("-")[0]
