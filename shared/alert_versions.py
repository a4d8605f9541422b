"""Versions of one alert: what is stored of each, which of two is newer, and what an update keeps.

A source may send an alert again with another state, end or entities. The newest by the source's own
time wins, whatever the order of arrival; what people decided about the alert stays.
"""

import json
from typing import Any, Final

from shared.alert import STATUSES, Alert, alert_document, digest, status_of
from shared.store.tally import past_of
from shared.times import format_time

MOST_BYTES: Final = 1_400_000
"""Bytes of a document that leave room, in an item of two megabytes, for what is added later."""
_OF_PEOPLE: Final = ("triage", "assignedTo", "labels", "suppressedBy", "receivedTimeUtc")
"""What an update leaves alone, with `status` once a person has decided anything."""


def version_of(alert: Alert) -> str:
    """A text that orders the versions of an alert: of two, the greater is the newer.

    It goes by when the source last changed it, then by when it ends, then by the more settled
    state, and last by a digest of what is shown, so that any two that differ are ordered. Equal
    versions say the same.
    """
    modified = alert.generated if alert.modified is None else alert.modified
    content = digest(
        alert.title,
        alert.description,
        alert.status,
        repr((alert.severity, alert.tactics, alert.techniques, alert.start, alert.remediation)),
        repr(alert.entities),
    )
    settled = STATUSES.index(status_of(alert.status))
    return f"{format_time(modified)} {format_time(alert.end)} {settled} {content[:16]}"


def document_to_store(
    alert: Alert, *, received: int, rule: str | None = None
) -> tuple[dict[str, Any], int]:
    """The document of an alert with its version, and its size in bytes.

    `rule` is the suppression rule that dismisses it, if one does. An original that would not fit in
    an item is left out, and a note says so.
    """
    document = alert_document(alert, received=received)
    document["sourceVersion"] = version_of(alert)
    if rule is not None:
        document |= {"status": "Dismissed", "suppressedBy": rule}
    size = _bytes(document)
    if size > MOST_BYTES:
        document["original"] = None
        document["notes"].append(
            f"The original is left out: with it the alert has {size} bytes,"
            f" and at most {MOST_BYTES} can be stored."
        )
        size = _bytes(document)
    return document, size


def updated_document(stored: dict[str, Any], newer: dict[str, Any]) -> dict[str, Any]:
    """The document of the newer version, with what belongs to people as it is stored.

    A rule that only the newer version matches changes nothing: the alert takes part already.
    """
    document = {name: value for name, value in newer.items() if name not in _OF_PEOPLE}
    document |= {name: stored[name] for name in _OF_PEOPLE if name in stored}
    document["status"] = status_of(newer["sourceStatus"])
    document["past"] = past_of(stored)
    if stored.get("triage") or stored.get("suppressedBy"):
        document["status"] = stored["status"]
    return document


def _bytes(document: dict[str, Any]) -> int:
    return len(json.dumps(document, separators=(",", ":")))
