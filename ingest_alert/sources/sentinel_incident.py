"""Alerts of a Microsoft Sentinel incident, as automation rules hand the incident to a webhook.

The envelope is opened into its alerts, each with the incident that it belongs to. Sentinel lists
the entities of the incident as a whole; an alert gets them all, and a note says so. An incident
without alerts is itself the alert.
"""

from collections.abc import Mapping
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.estate import Estate
from ingest_alert.fields import Fields
from ingest_alert.sources import microsoft
from shared.alert import Alert

NAME: Final = "sentinel-incident"

_TYPE: Final = "microsoft.securityinsights/incidents"
_AS_ALERT: Final = {
    "title": "alertDisplayName",
    "firstactivitytimeutc": "startTimeUtc",
    "lastactivitytimeutc": "endTimeUtc",
    "createdtimeutc": "timeGeneratedUtc",
    "lastmodifiedtimeutc": "processingEndTimeUtc",
    "incidenturl": "alertUri",
    "relatedentities": "entities",
}
"""What an incident's properties are called on an alert; the others are called the same."""


def recognise(payload: Mapping[str, Any]) -> bool:
    """Whether it is one alert of an opened incident, or an incident that has none."""
    if "sentinelIncident" in payload and "alert" in payload:
        return True
    incident = payload.get("object", payload)
    if not isinstance(incident, dict) or not isinstance(incident.get("properties"), dict):
        return False
    kind = incident.get("type")
    return isinstance(kind, str) and kind.lower() == _TYPE


def parse(payload: Mapping[str, Any], estate: Estate) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(NAME, payload, estate)
    whole = Fields(payload, draft)
    if "sentinelIncident" in payload:
        return _parse_alert(draft, whole)
    incident = whole.sub("object") or whole
    properties = incident.sub("properties")
    renamed = {_AS_ALERT.get(name, name): properties.get(name) for name in properties.names}
    more = properties.sub("additionaldata")
    renamed["vendorName"] = "Microsoft"
    renamed["productName"] = ", ".join(more.texts("alertproductnames")) or "Microsoft Sentinel"
    renamed |= {name: more.list(name) for name in ("tactics", "techniques")}
    return microsoft.fill(draft, Fields(renamed, draft, incident, "properties"), _name(incident))


def _parse_alert(draft: Draft, whole: Fields) -> Alert:
    alert = whole.sub("alert")
    properties = alert.sub("properties") or alert
    related = whole.at("sentinelincident", "properties").list("relatedentities")
    merged = dict(properties.raw)
    if related and not properties.list("entities"):
        merged["entities"] = related
        draft.note("Its entities are those of its Sentinel incident.")
    return microsoft.fill(draft, Fields(merged, draft, alert, "properties"), _name(alert))


def _name(item: Fields) -> str:
    return item.text("name") or item.text("id").rpartition("/")[2]
