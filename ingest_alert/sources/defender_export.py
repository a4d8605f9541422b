"""Defender for Cloud alerts as continuous export and workflow automation give them.

The fields of the ARM alert in PascalCase; `AzureResourceId` stands beside `ResourceIdentifiers`,
`Intent` may be a comma list, a new alert's `Status` is `New`.
"""

from collections.abc import Mapping
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.estate import Estate
from ingest_alert.fields import Fields
from ingest_alert.sources import microsoft
from shared.alert import Alert

NAME: Final = "defender-export"


def recognise(payload: Mapping[str, Any]) -> bool:
    """Whether it names its title as only this format does; table rows may, beside `TenantId`."""
    return (
        "AlertDisplayName" in payload
        and "TenantId" not in payload
        and payload.get("Type") != "SecurityAlert"
    )


def parse(payload: Mapping[str, Any], estate: Estate) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(NAME, payload, estate)
    return microsoft.fill(draft, Fields(payload, draft))
