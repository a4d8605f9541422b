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
from shared.store.definitions import ALERTS, INCIDENTS, NEWS
from shared.store.documents import ConflictError, transact
from shared.store.expiry import seconds_left
from shared.store.news import PERSON, post_news
from shared.store.queries import Document
from shared.store.tally import past_of
from shared.times import format_time, parse_time

CLOSED: Final = frozenset({"Resolved", "Dismissed"})
MOST_ALERT_HISTORY: Final = 200
"""An alert keeps its latest changes within itself."""

_IN_TRIAGE: Final[tuple[str, ...]] = ("classification", "classificationReason")
FIELDS: Final[tuple[str, ...]] = ("status", *_IN_TRIAGE, "assignedTo", "labels")
"""What can be changed, in the order in which history tells it."""


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
        triage.pop("closedWith", None)
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
        self._news = database.container(NEWS)

    async def change_incident(self, document: Document, outcome: Outcome, *, at: int) -> None:
        """Write an outcome to the version of the incident that was read, with its history.

        Correlation is told where the state changes: what a closed incident covers takes in no
        more. Were that lost, it would see the state when it next writes to the incident.

        Raises ConflictError when the incident has changed meanwhile.
        """
        if not outcome.entries:
            return
        incident_id, organisation = document["incidentId"], document["organisation"]
        operations = _operations(outcome, {"updatedUtc": format_time(at)})
        history = _history(document, outcome, at)
        await transact(
            self._incidents,
            organisation,
            [
                ("patch", (incident_id, operations), {"if_match_etag": document["_etag"]}),
                *(("create", (entry,)) for entry in history),
            ],
        )
        if "status" in outcome.set:
            body = {"incidentId": incident_id}
            await post_news(self._news, organisation, PERSON, body, history[0]["id"])

    async def change_alert(self, document: Document, outcome: Outcome, *, at: int) -> None:
        """Write an outcome to the version of the alert that was read; its history is within it.

        Raises ConflictError when the alert has changed meanwhile.
        """
        if not outcome.entries:
            return
        triage = dict(outcome.set.get("triage", document.get("triage", {})))
        history = [*triage.get("history", []), *outcome.entries]
        triage["history"] = history[-MOST_ALERT_HISTORY:]
        more: dict[str, Any] = {
            "triage": triage,
            "past": past_of(document),
            "updatedUtc": format_time(at),
        }
        more["ttl"] = seconds_left(parse_time(document["expiresUtc"]), at)
        operations = _operations(outcome, more)

        async def write() -> Document:
            return await self._alerts.patch_item(
                document["id"],
                document["bucket"],
                operations,
                etag=document["_etag"],
                match_condition=MatchConditions.IfNotModified,
                no_response=True,
            )

        try:
            await retrying(write)
        except exceptions.CosmosAccessConditionFailedError as fault:
            raise ConflictError(document["id"]) from fault


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
            "organisation": document["organisation"],
            "incidentId": document["incidentId"],
            **entry,
        }
        for number, entry in enumerate(outcome.entries)
    ]
