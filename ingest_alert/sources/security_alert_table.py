"""Rows of the `SecurityAlert` table of Log Analytics and Microsoft Sentinel.

Lists may stand as JSON in texts or with commas, empty values as empty texts, and times without a
zone. `AlertType` is one constant for whole products. `TenantId` is the workspace's id.
"""

from collections.abc import Mapping
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.estate import Estate
from ingest_alert.fields import Fields
from ingest_alert.sources import microsoft
from shared.alert import Alert

NAME: Final = "security-alert-table"


def recognise(payload: Mapping[str, Any]) -> bool:
    """Whether it is a row of that table: it says so, or has the columns of one."""
    if payload.get("Type") == "SecurityAlert":
        return True
    return "SystemAlertId" in payload and (
        "TenantId" in payload or "AlertDisplayName" not in payload
    )


def parse(payload: Mapping[str, Any], estate: Estate) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(NAME, payload, estate)
    return microsoft.fill(draft, Fields(payload, draft))
