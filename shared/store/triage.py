"""What people decide about incidents and alerts: the change, its history, and its write.

Triage belongs to people and evidence to correlation: a change names the properties that it sets and
leaves every other one alone. Every change goes with its history, in one write, against the version
that the person saw.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from azure.core import MatchConditions
from azure.cosmos import exceptions

from shared.store.client import Database, retrying
from shared.store.definitions import ALERTS, INCIDENTS
from shared.store.queries import Document
from shared.store.tally import past_of
from shared.times import format_time

CLOSED: Final = frozenset({"Resolved", "Dismissed"})
MOST_ALERT_HISTORY: Final = 200
"""An alert keeps its latest changes within itself."""

_IN_TRIAGE: Final[tuple[str, ...]] = ("classification", "classificationReason")
FIELDS: Final[tuple[str, ...]] = ("status", *_IN_TRIAGE, "assignedTo", "labels")
"""What can be changed, in the order in which history tells it."""


class StaleError(Exception):
    """The item has changed since the version that the change is based on."""


class UnfittingError(ValueError):
    """The change does not fit the item; `field` is the part at fault, the message says why."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.field = name


@dataclass(frozen=True, slots=True)
class Change:
    """New values by field, of `FIELDS`; None clears one. `comment` is kept in the history."""

    values: Mapping[str, Any]
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change does: properties to set, properties to remove, history entries to add."""

    set: Mapping[str, Any] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    entries: tuple[Document, ...] = ()


def decide(document: Document, change: Change, *, by: str, at: int) -> Outcome:
    """What a change does to an incident or an alert. `at` is the instant of the change.

    Values that are already so are no change. Closing notes when; opening again forgets it; a
    classification that is cleared takes its reason with it.

    Raises UnfittingError for a reason without a classification.
    """
    values = dict(change.values)
    if "classification" in values and values["classification"] is None:
        values.setdefault("classificationReason", None)
    differing = {
        name: values[name]
        for name in FIELDS
        if name in values and values[name] != _now(document, name)
    }
    triage = _triage(document, differing, at)
    if triage.get("classificationReason") and not triage.get("classification"):
        raise UnfittingError("classificationReason", "a reason needs a classification")
    direct = {name: value for name, value in differing.items() if name not in _IN_TRIAGE}
    new = {name: value for name, value in direct.items() if value is not None}
    if triage != document.get("triage", {}):
        new["triage"] = triage
    return Outcome(
        new,
        tuple(name for name, value in direct.items() if value is None),
        _entries(document, differing, change.comment, {"atUtc": format_time(at), "by": by}),
    )


def _now(document: Document, name: str) -> Any:
    holder = document.get("triage", {}) if name in _IN_TRIAGE else document
    return holder.get(name, [] if name == "labels" else None)


def _triage(document: Document, differing: Mapping[str, Any], at: int) -> Document:
    triage = dict(document.get("triage", {}))
    for name in _IN_TRIAGE:
        if name in differing:
            triage[name] = differing[name]
    if "status" in differing:
        was_closed = document["status"] in CLOSED
        if differing["status"] not in CLOSED:
            triage["closedUtc"] = None
        elif not was_closed:
            triage["closedUtc"] = format_time(at)
    return {name: value for name, value in triage.items() if value is not None}


def _entries(
    document: Document, differing: Mapping[str, Any], comment: str | None, common: Document
) -> tuple[Document, ...]:
    """One entry a field; the comment goes with the first, or stands alone."""
    entries = []
    for name, value in differing.items():
        entry = common | {"what": name, "from": _now(document, name), "to": value}
        entries.append({key: part for key, part in entry.items() if part is not None})
    if comment is not None:
        if not entries:
            entries.append(common | {"what": "comment"})
        entries[0]["comment"] = comment
    return tuple(entries)


class Triage:
    """Writes changes of state. `database` is not closed here."""

    def __init__(self, database: Database) -> None:
        self._incidents = database.container(INCIDENTS)
        self._alerts = database.container(ALERTS)

    async def change_incident(self, document: Document, outcome: Outcome, *, at: int) -> None:
        """Write an outcome to the version of the incident that was read, with its history.

        Raises StaleError when the incident has changed meanwhile.
        """
        if not outcome.entries:
            return
        incident_id = document["incidentId"]
        operations = _operations(outcome, {"updatedUtc": format_time(at)})
        history = _history(document, outcome, at)

        async def write() -> object:
            # The SDK empties the options that it is given, so each attempt brings its own.
            batch: list[Any] = [
                ("patch", (incident_id, operations), {"if_match_etag": document["_etag"]}),
                *(("create", (entry,)) for entry in history),
            ]
            return await self._incidents.execute_item_batch(batch, incident_id)

        try:
            await retrying(write)
        except exceptions.CosmosBatchOperationError as fault:
            if fault.status_code == 412:
                raise StaleError from fault
            raise

    async def change_alert(self, document: Document, outcome: Outcome) -> None:
        """Write an outcome to the version of the alert that was read; its history is within it.

        Raises StaleError when the alert has changed meanwhile.
        """
        if not outcome.entries:
            return
        triage = dict(outcome.set.get("triage", document.get("triage", {})))
        history = [*triage.get("history", []), *outcome.entries]
        triage["history"] = history[-MOST_ALERT_HISTORY:]
        operations = _operations(outcome, {"triage": triage, "past": past_of(document)})

        async def write() -> Document:
            return await self._alerts.patch_item(
                document["id"],
                document["resourceKey"],
                operations,
                etag=document["_etag"],
                match_condition=MatchConditions.IfNotModified,
                no_response=True,
            )

        try:
            await retrying(write)
        except exceptions.CosmosAccessConditionFailedError as fault:
            raise StaleError from fault


def _operations(outcome: Outcome, more: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The patch operations of an outcome: at most one a property, well below the limit of ten."""
    values = {**outcome.set, **more}
    return [
        *({"op": "set", "path": f"/{name}", "value": value} for name, value in values.items()),
        *({"op": "remove", "path": f"/{name}"} for name in outcome.remove),
    ]


def _history(document: Document, outcome: Outcome, at: int) -> list[Document]:
    """The history documents. Their ids follow from the version changed, so no two ever meet."""
    version = hashlib.sha256(document["_etag"].encode()).hexdigest()[:12]
    return [
        {
            "id": f"h-{at:015d}-{version}-{number}",
            "type": "history",
            "incidentId": document["incidentId"],
            **entry,
        }
        for number, entry in enumerate(outcome.entries)
    ]
