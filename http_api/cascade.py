"""The alerts of an incident follow its state: closed with it, and opened again with it.

An alert that is closed with an incident says so, so that exactly those can be opened again. One
request changes a bounded number of alerts; the same again goes on with those that are left.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from http_api.changes import IncidentChange
from http_api.problems import FieldError, invalid
from http_api.services import Services
from shared.alert import STATUSES
from shared.concurrency import gather_bounded
from shared.store.alert_reads import Picked, PickedStretches
from shared.store.documents import ConflictError
from shared.store.incident_alerts import first_alerts
from shared.store.queries import Document
from shared.store.triage import CLOSED, Change, Outcome, decide

MOST: Final = 200
"""Alerts that one request changes."""
_OPEN: Final = tuple(status for status in STATUSES if status not in CLOSED)
_FOLLOWED: Final = ("status", "classification", "classificationReason")
_IDS: Final = ("id",)


def check_cascade(asked: IncidentChange, status: str) -> None:
    """Raise Problem (400) where alerts cannot follow an incident that will have that state."""
    errors = []
    if asked.closeAlerts and status not in CLOSED:
        errors.append(FieldError("closeAlerts", "only a state that closes the incident does so"))
    if asked.reopenAlerts and status in CLOSED:
        errors.append(FieldError("reopenAlerts", "only a state that opens the incident does so"))
    if errors:
        raise invalid(errors)


async def cascade(
    incident: Document, asked: IncidentChange, by: str, services: Services
) -> dict[str, Any]:
    """Change the alerts as the incident, which has changed, was; how many, and whether all were.

    An alert that somebody changes at the same time is left to the next request.
    """
    incident_id = incident["incidentId"]
    if asked.closeAlerts:
        picked = Picked(_IDS, statuses=_OPEN)
    else:
        picked = Picked(_IDS, statuses=tuple(CLOSED), closed_with=incident_id)
    members = await services.incidents.members(incident)
    stretches = PickedStretches(services.alerts, picked)
    found = await first_alerts(stretches, members, None, MOST + 1)
    change = _change(incident, asked)
    mark = {"closedWith": incident_id} if asked.closeAlerts else {}

    async def change_one(row: Document) -> bool:
        return await _change_alert(row["id"], change, mark, by, services)

    changed = sum(await gather_bounded(change_one, found[:MOST]))
    return {"changed": changed, "complete": changed == len(found)}


def _change(incident: Document, asked: IncidentChange) -> Change:
    """What an alert takes over: the state, and when closed, what the incident turned out to be."""
    what = "Closed" if asked.closeAlerts else "Opened again"
    comment = asked.comment or f"{what} with the incident {incident['incidentId']}."
    if not asked.closeAlerts:
        return Change({"status": "Active"}, comment)
    known = {**incident.get("triage", {}), "status": incident["status"]}
    return Change({name: known[name] for name in _FOLLOWED if name in known}, comment)


async def _change_alert(
    alert_id: str, change: Change, mark: Mapping[str, str], by: str, services: Services
) -> bool:
    """Change one alert; False where it is no longer there or somebody else changed it."""
    document = await services.alerts.find(alert_id)
    if document is None:
        return False
    at = services.now()
    outcome = _marked(document, decide(document, change, by=by, at=at), mark)
    try:
        await services.triage.change_alert(document, outcome, at=at)
    except ConflictError:
        return False
    return True


def _marked(document: Document, outcome: Outcome, mark: Mapping[str, str]) -> Outcome:
    triage = {**outcome.set.get("triage", document.get("triage", {})), **mark}
    return replace(outcome, set={**outcome.set, "triage": triage})
