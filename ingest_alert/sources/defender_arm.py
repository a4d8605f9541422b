"""The native format: Defender for Cloud alerts as the ARM API gives them, in all its versions.

With the ARM envelope (`id`, `name`, `type`, `properties`) or without. The previews of 2015 and the
version of 2019 say `alertName`, `reportedSeverity`, `detectedTimeUtc`, `associatedResource` and
`state` for what later ones call `alertType`, `severity`, `startTimeUtc`, `resourceIdentifiers` and
`status`.
"""

from collections.abc import Mapping
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.estate import Estate
from ingest_alert.fields import Fields
from ingest_alert.sources import microsoft
from shared.alert import Alert

NAME: Final = "defender"

_TELLING: Final = frozenset({"systemAlertId", "alertDisplayName", "reportedSeverity", "instanceId"})
_TYPE: Final = "microsoft.security/locations/alerts"


def recognise(payload: Mapping[str, Any]) -> bool:
    """Whether it has the ARM alert's own fields, in an envelope or bare."""
    properties = payload.get("properties")
    if isinstance(properties, dict):
        kind = payload.get("type")
        return not _TELLING.isdisjoint(properties) or (
            isinstance(kind, str) and kind.lower() == _TYPE
        )
    return "alertDisplayName" in payload or "systemAlertId" in payload


def parse(payload: Mapping[str, Any], estate: Estate) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(NAME, payload, estate)
    properties = payload.get("properties")
    if not isinstance(properties, dict):
        return microsoft.fill(draft, Fields(payload, draft))
    name = payload.get("name")
    own_id = name.strip() if isinstance(name, str) else ""
    return microsoft.fill(draft, Fields(properties, draft, name="properties"), own_id)
