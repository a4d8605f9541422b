"""Versions of one alert: what is stored of each, which of two is newer, and what an update keeps.

A source may send an alert again with another state, end or entities. The newest by the source's own
time wins, whatever the order of arrival; what people decided about the alert stays. `takes_part`
decides which alerts take part in incidents.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.alert import (
    STATUSES,
    Alert,
    Finding,
    alert_document,
    bucket_of,
    digest,
    status_of,
)
from shared.store.expiry import expiry, seconds_left
from shared.store.tally import past_of
from shared.times import DAY, format_time, parse_time

MOST_BYTES: Final = 1_400_000
"""Bytes of a document that leave room, in an item of two megabytes, for what is added later."""
_OF_PEOPLE: Final = ("triage", "assignedTo", "labels", "suppressedBy", "receivedTimeUtc")
"""What an update leaves alone, with `status` once a person has decided anything."""
_OF_CORRELATION: Final = ("startTimeUtc", "entity", "sid", "keys", "takesPart")
"""What a join cannot take back: where it changes, days are counted anew."""
MOST_RECOUNTS: Final = 20
"""Days of resources that an alert's rewrites name: the latest."""


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


@dataclass(frozen=True, slots=True)
class Keeping:
    """How alerts are kept: in how many partitions of `alerts`, and for how many days."""

    buckets: int = 4
    retention_days: int = 90


def document_to_store(
    alert: Alert, keeping: Keeping, *, received: int, rule: str | None = None
) -> tuple[dict[str, Any], int]:
    """The document of an alert with its version, and its size in bytes.

    `rule` is the suppression rule that dismisses it, if one does. An original that would not fit in
    an item is left out, and a note says so.
    """
    document = alert_document(alert, received=received)
    expires = expiry(alert.start, received, keeping.retention_days)
    document |= {
        "bucket": bucket_of(alert.id, keeping.buckets),
        "sourceVersion": version_of(alert),
        "expiresUtc": format_time(expires),
        "ttl": seconds_left(expires, received),
    }
    if rule is not None:
        document |= {"status": "Dismissed", "suppressedBy": rule}
    document["takesPart"] = takes_part(document)
    size = _bytes(document)
    if size > MOST_BYTES:
        document["original"] = None
        document["notes"].append(
            f"The original is left out: with it the alert has {size} bytes,"
            f" and at most {MOST_BYTES} can be stored."
        )
        size = _bytes(document)
    return document, size


def takes_part(document: Mapping[str, Any]) -> bool:
    """Whether an alert can be of an incident: it tells of an attack, and no rule dismissed it.

    Decided here alone, and stored with the alert.
    """
    return document["finding"] == Finding.ATTACK and "suppressedBy" not in document


def updated_document(stored: dict[str, Any], newer: dict[str, Any]) -> dict[str, Any]:
    """The document of the newer version, with what belongs to people as it is stored.

    A rule that only the newer version matches changes nothing: the alert takes part already. Where
    what correlation knows of the alert changes, `recount` names the days of the resources that are
    to be read anew, as `[entity, day]`: those of this rewrite and of the latest before it.
    """
    document = {name: value for name, value in newer.items() if name not in _OF_PEOPLE}
    document |= {name: stored[name] for name in _OF_PEOPLE if name in stored}
    document["status"] = status_of(newer["sourceStatus"])
    document["past"] = past_of(stored)
    document["updatedUtc"] = newer["receivedTimeUtc"]
    if stored["expiresUtc"] > newer["expiresUtc"]:
        # An open incident covers it, so that correlation has let it live longer.
        document["expiresUtc"] = stored["expiresUtc"]
        received = parse_time(newer["receivedTimeUtc"])
        document["ttl"] = seconds_left(parse_time(stored["expiresUtc"]), received)
    if stored.get("triage") or stored.get("suppressedBy"):
        document["status"] = stored["status"]
    document["takesPart"] = takes_part(document)
    marks = [*stored.get("recount", []), *_moved(stored, document)]
    if marks:
        distinct = dict.fromkeys((entity, day) for entity, day in reversed(marks))
        document["recount"] = [list(mark) for mark in distinct][:MOST_RECOUNTS]
    return document


def _moved(stored: Mapping[str, Any], document: Mapping[str, Any]) -> list[list[Any]]:
    """The days of resources on which a rewrite changes what correlation knows."""
    if all(stored.get(name) == document.get(name) for name in _OF_CORRELATION):
        return []
    return [
        [version["entity"], parse_time(version["startTimeUtc"]) // DAY]
        for version in (stored, document)
        if version["takesPart"]
    ]


def _bytes(document: dict[str, Any]) -> int:
    return len(json.dumps(document, separators=(",", ":")))
