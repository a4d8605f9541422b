"""What the stand-in holds, and how it answers questions about it."""

import pickle
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from shared.severity import Severity
from tests.browser.fakes import attacks
from tests.browser.fakes.samples import NOW, Attack, Document, alerts_of, incident_of, utc

_WHO: Final = "function key"
MERGED: Final = "5f0c7a1b2d3e4f5061728394"
"""The name of a merge."""
ALONE: Final = "No other alert near it in time shares its resource, account or address."
_DETAIL: Final = (
    "description", "killChain", "entities", "remediationSteps", "why", "absorbed", "triage",
    "history", "original", "notes", "link", "closedWith",
)  # fmt: skip
_ORDERS: Final[dict[str, Callable[[Document], Any]]] = {
    "activity": lambda entry: entry.get("lastActivityUtc") or entry["endTimeUtc"],
    "start": lambda entry: entry["startTimeUtc"],
    "received": lambda entry: entry["startTimeUtc"],
    "severity": lambda entry: Severity[entry["severity"]],
    "score": lambda entry: entry["score"],
    "created": lambda entry: entry["createdUtc"],
}


@cache
def _documents(small: int, noise: int, large: bool) -> bytes:
    """The incidents and alerts of a fresh world by id, pickled: many tests want a copy."""
    fixed = [attacks.SHOP, attacks.MINER, attacks.HOSTILE, attacks.CLOSED]
    chosen = [*fixed, *([attacks.LARGE] if large else []), *attacks.small_attacks(small)]
    incidents = {attack.id: incident_of(attack) for attack in chosen}
    alerts = [alert for attack in chosen for alert in alerts_of(attack)]
    alerts += [attacks.alone(), *attacks.noise(noise)]
    for version, document in enumerate([*incidents.values(), *alerts]):
        document["etag"] = f'"{version:08x}"'
    return pickle.dumps((incidents, {alert["alertId"]: alert for alert in alerts}))


class World:
    """Incidents and alerts by id. Every change is made under the lock."""

    def __init__(self, *, small: int = 160, noise: int = 240, large: bool = False) -> None:
        self.lock = threading.Lock()
        self.incidents: dict[str, Document]
        self.alerts: dict[str, Document]
        self.incidents, self.alerts = pickle.loads(_documents(small, noise, large))  # noqa: S301 - pickled by this module
        self.rejected: dict[str, Document] = {one["id"]: dict(one) for one in _REJECTED}
        self.rules: dict[str, Document] = {one["id"]: dict(one) for one in _RULES}
        self.moved: dict[str, str] = {}
        self.pushed: list[Any] = []
        """What was sent as alerts."""
        self.asked: set[tuple[str, str, str]] = set()
        self.most_counted = 10_000
        self.most_along = 200
        """Alerts that one request closes with their incident."""
        self.me = "dana@contoso.com"
        """Who the service says its caller is; empty where it does not say."""
        self.knows_updates = True
        self.counts_changes = True
        """Whether it says if anything has changed, as an older service does not."""
        self.behind: Document = {}
        self._version = len(self.incidents) + len(self.alerts)
        self._members: dict[str, list[Document]] = {}

    @classmethod
    def empty(cls) -> "World":
        """A service that has seen nothing yet."""
        world = cls(small=0, noise=0)
        world.incidents.clear()
        world.alerts.clear()
        world.rejected.clear()
        world.rules.clear()
        return world

    @property
    def version(self) -> str:
        """Another one after each change."""
        return str(self._version)

    def add(self, attack: Attack) -> None:
        """Add an incident with its alerts."""
        with self.lock:
            incident = incident_of(attack)
            self._store(self.incidents, attack.id, incident)
            for alert in alerts_of(attack):
                self._store(self.alerts, alert["alertId"], alert)

    def _store(self, place: dict[str, Document], key: str, document: Document) -> None:
        self._version += 1
        self._members.clear()
        place[key] = {**document, "etag": f'"{self._version:08x}"'}

    def entries(self, kind: str, query: Mapping[str, str]) -> list[Document]:
        """All entries of a kind (`incidents`, `alerts`, `both`) that pass, in order."""
        chosen: list[Document] = []
        if kind in ("incidents", "both"):
            incidents = [row(one) for one in self.incidents.values() if passes(one, query)]
            chosen += [{"kind": "incident", **one} for one in incidents]
        if kind in ("alerts", "both"):
            alerts = [self._placed(one) for one in self.alerts.values() if passes(one, query)]
            chosen += [{"kind": "alert", **one} for one in alerts]
        name, _, way = (query.get("orderBy") or "activity").partition(" ")
        order = _ORDERS[name]
        return sorted(chosen, key=lambda entry: (order(entry), str(entry)), reverse=way != "asc")

    def incident_alerts(self, incident_id: str) -> list[Document]:
        """The alerts of an incident, oldest first."""
        if incident_id not in self._members:
            mine = [one for one in self.alerts.values() if one.get("incidentId") == incident_id]
            self._members[incident_id] = [row(one) for one in sorted(mine, key=_oldest_first)]
        return self._members[incident_id]

    def _placed(self, alert: Document) -> Document:
        return {**row(alert), "incident": self.alert_detail(alert)["incident"]}

    def alert_detail(self, alert: Document) -> Document:
        """An alert with its incident, or why it has none."""
        shown = {**alert}
        incident = self.incidents.get(shown.pop("incidentId") or "")
        if incident is None:
            return {**shown, "incident": None, "incidentReason": ALONE}
        names = ("incidentId", "title", "severity", "status", "confidence")
        return {**shown, "incident": {name: incident[name] for name in names}}

    def place(self, kind: str) -> dict[str, Document]:
        """The items of a kind by id."""
        return self.incidents if kind == "incidents" else self.alerts

    def change(self, place: dict[str, Document], key: str, wanted: Document) -> Document:
        """Change an item's state and keep that in its history, one entry a field."""
        old = place[key]
        along = ("closeAlerts", "reopenAlerts")
        fields = {name: value for name, value in wanted.items() if name not in ("comment", *along)}
        common = {"atUtc": utc(datetime.now(UTC)), "by": "function key"}
        entries = [
            {**common, "what": name, "from": old.get(name), "to": value}
            for name, value in fields.items()
        ] or [{**common, "what": "comment"}]
        if "comment" in wanted:
            entries[0]["comment"] = wanted["comment"]
        history = old["history"] if "history" in old else old["triage"]["history"]
        history.extend(entries)
        triage = {**old["triage"], **{k: v for k, v in fields.items() if k.startswith("class")}}
        self._store(place, key, {**old, **fields, "triage": triage})
        if wanted.keys() & set(along):
            return {**place[key], "alertsChanged": self._follow(key, close="closeAlerts" in wanted)}
        return place[key]

    def _follow(self, key: str, *, close: bool) -> Document:
        """Close the open alerts of an incident, or open those again that were closed with it."""
        mine = [one for one in self.alerts.values() if one.get("incidentId") == key]
        if close:
            found = [one for one in mine if one["status"] in ("Active", "InProgress")]
        else:
            found = [one for one in mine if one.get("closedWith") == key]
        status = self.incidents[key]["status"] if close else "Active"
        for one in found[: self.most_along]:
            mark = {"status": status, "closedWith": key if close else None}
            self._store(self.alerts, one["alertId"], {**one, **mark})
        return {
            "changed": min(len(found), self.most_along),
            "complete": len(found) <= self.most_along,
        }

    def merge(self, key: str, others: Iterable[str], comment: str) -> None:
        """Join incidents by hand."""
        one = self.incidents[key]
        gone = [self.incidents.pop(other) for other in others]
        self.moved |= {other["incidentId"]: key for other in gone}
        for alert in self.alerts.values():
            alert["incidentId"] = self.moved.get(alert["incidentId"] or "", alert["incidentId"])
        about = ", ".join(each["incidentId"] for each in gone)
        link = {"key": "", "kind": "hand", "value": _WHO, "alerts": [], "text": "joined by hand"}
        joined = {
            "alertCount": sum(each["alertCount"] for each in (one, *gone)),
            "history": [*one["history"], _deed("merged", about, comment) | {"decision": MERGED}],
            "why": {**one["why"], "links": [link, *one["why"]["links"]]},
        }
        self._store(self.incidents, key, {**one, **joined})

    def split(self, key: str, resources: Collection[str], comment: str) -> str:
        """Split resources off an incident by hand; the id of the one that they make."""
        one, left = self.incidents[key], f"{key}-2"
        leaving = [each for each in one["resources"] if each["id"] in resources]
        staying = [each for each in one["resources"] if each["id"] not in resources]
        for name, held in ((key, staying), (left, leaving)):
            change = {"incidentId": name, "resources": held, "resourceCount": len(held)}
            history = [*one["history"], _deed("split", left, comment)] if name == key else []
            self._store(self.incidents, name, {**one, **change, "history": history})
        for alert in self.alerts.values():
            if alert["incidentId"] == key and alert["resource"]["id"] in resources:
                alert["incidentId"] = left
        return left

    def preview(self, key: str, sent: Document) -> Document:
        """What a merge or a split would make."""
        one = self.incidents[key]
        mine = self.incident_alerts(key)
        if "with" in sent:
            others = [self.incidents[other] for other in sent["with"]]
            alerts = [
                alert for other in others for alert in self.incident_alerts(other["incidentId"])
            ]
            before = [
                _part(self.incident_alerts(each["incidentId"]), each) for each in (one, *others)
            ]
            return {"before": before, "after": [_part([*mine, *alerts], one)]}
        chosen = sent.get("alerts") or sent["resources"]
        leaving = [a for a in mine if a["alertId"] in chosen or a["resource"]["id"] in chosen]
        staying = [alert for alert in mine if alert not in leaving]
        return {"before": [_part(mine, one)], "after": [_part(staying, one), _part(leaving)]}

    def undo(self, key: str) -> Document:
        """Note that a decision holds no longer."""
        one = self.incidents[key]
        history = [*one["history"], _deed("undone", "", "")]
        self._store(self.incidents, key, {**one, "history": history})
        return {"decision": "u1", "state": "done", "incidentId": key, "splitOff": []}

    def rejections(self, query: Mapping[str, str]) -> list[Document]:
        """Rejections that pass a query, without their bodies."""
        wanted = {name: query[name] for name in ("status", "reason", "source") if query.get(name)}
        chosen = [
            one
            for one in self.rejected.values()
            if all(one.get(name) == value for name, value in wanted.items())
        ]
        hidden = ("body", "history")
        return [{k: v for k, v in one.items() if k not in hidden} for one in chosen]

    def redrive(self, rejected_id: str) -> None:
        """Note that one was put back on the queue."""
        one = self.rejected[rejected_id]
        entry = {"atUtc": utc(NOW), "what": "redriven"}
        self.rejected[rejected_id] = {
            **one,
            "status": "redriven",
            "history": [*one["history"], entry],
        }

    def put_rule(self, rule_id: str, body: Document) -> Document:
        """Create or replace a rule."""
        self._version += 1
        self.rules[rule_id] = {
            "author": "function key",
            "active": True,
            "matched": 0,
            "updatedUtc": utc(NOW),
            **body,
            "id": rule_id,
            "etag": f'"{self._version:08x}"',
        }
        return self.rules[rule_id]

    def try_conditions(self, conditions: list[Document]) -> Document:
        """What conditions match; only titles are looked at."""
        values = [value for one in conditions for value in one["values"] if one["field"] == "title"]
        matched = [
            row(one)
            for one in self.alerts.values()
            if any(value.lower() in one["title"].lower() for value in values)
        ]
        return {
            "examined": len(self.alerts),
            "matched": len(matched),
            "complete": True,
            "examples": matched[:20],
        }

    def facets(self, query: Mapping[str, str]) -> Document:
        """How many incidents each further choice would leave."""
        return {
            **_facets(self.incidents, query, ("severity", "status", "confidence")),
            "byStage": {},
        }

    def alert_facets(self, query: Mapping[str, str]) -> Document:
        """The same for alerts, of which no more than `most_counted` are counted."""
        counted = dict(list(self.alerts.items())[: self.most_counted])
        complete = len(counted) == len(self.alerts)
        return {**_facets(counted, query, ("severity", "status")), "complete": complete}

    def entity(self, key: str) -> Document:
        """What is known on an entity."""
        incidents = self.entries("incidents", {"entity": key})[:50]
        alerts = self.entries("alerts", {"entity": key})[:50]
        return {
            "key": key,
            **({"firstUtc": alerts[-1]["startTimeUtc"]} if alerts else {}),
            **({"lastUtc": alerts[0]["endTimeUtc"]} if alerts else {}),
            "common": False,
            "incidents": incidents,
            "alerts": alerts,
        }

    def summary(self, query: Mapping[str, str]) -> Document:
        """Counts and the series of the period."""
        since = query.get("from") or utc(NOW - timedelta(days=7))
        start = datetime.fromisoformat(since)
        incidents = [one for one in self.incidents.values() if one["lastActivityUtc"] >= since]
        alerts = [one for one in self.alerts.values() if one["startTimeUtc"] >= since]
        step = (NOW - start) / 48
        share = 1 - len(incidents) / len(alerts) if alerts else None
        return {
            "from": since,
            "to": utc(NOW),
            "bucket": "x",
            "incidents": {**_counts(incidents), "byConfidence": _count(incidents, "confidence")},
            "alerts": _counts(alerts),
            "stages": dict(Counter(stage for one in incidents for stage in one["stages"])),
            "reduction": share,
            **self.behind,
            "series": [
                {
                    "startUtc": utc(start + step * index),
                    "incidents": _bucket(incidents, "firstActivityUtc", start + step * index, step),
                    "alerts": _bucket(alerts, "startTimeUtc", start + step * index, step),
                }
                for index in range(48)
            ],
        }


def _facets(
    items: Mapping[str, Document], query: Mapping[str, str], fields: Iterable[str]
) -> Document:
    """The number that passes, and for each field that of its values, whatever is chosen in it."""
    found: Document = {"total": sum(passes(one, query) for one in items.values())}
    for field in fields:
        others = {name: value for name, value in query.items() if name != field}
        passing = (one for one in items.values() if passes(one, others))
        found[f"by{field.capitalize()}"] = _count(passing, field)
    return found


def _deed(what: str, about: str, comment: str) -> Document:
    return {"atUtc": utc(NOW), "by": _WHO, "what": what, "from": about, "comment": comment}


def _part(alerts: list[Document], incident: Document | None = None) -> Document:
    resources = list({alert["resource"]["id"]: alert["resource"] for alert in alerts}.values())
    starts = [alert["startTimeUtc"] for alert in alerts]
    return {
        **({name: incident[name] for name in ("incidentId", "title")} if incident else {}),
        "alertCount": len(alerts),
        "resourceCount": len(resources),
        "resources": resources,
        "firstActivityUtc": min(starts),
        "lastActivityUtc": max(starts),
    }


def _oldest_first(alert: Document) -> tuple[str, str]:
    return alert["startTimeUtc"], alert["alertId"]


def row(document: Document) -> Document:
    """A document as lists show it."""
    shown = {name: value for name, value in document.items() if name not in _DETAIL}
    if "alertId" in shown:
        del shown["incidentId"]
    if "resources" in shown:
        names = ("id", "name", "type")
        shown["resources"] = [{name: one[name] for name in names} for one in shown["resources"][:3]]
    return shown


def passes(one: Document, query: Mapping[str, str]) -> bool:
    """Whether an incident or alert passes every filter of a query."""
    at = one.get("lastActivityUtc") or one["startTimeUtc"]
    begun = one.get("firstActivityUtc") or one["startTimeUtc"]
    resources = one.get("resources") or [one["resource"]]
    checks = (
        ("severity", lambda wanted: one["severity"] in wanted.split(",")),
        ("status", lambda wanted: one["status"] in wanted.split(",")),
        ("confidence", lambda wanted: "all" in wanted or one["confidence"] in wanted.split(",")),
        ("stage", lambda wanted: {*wanted.split(",")} & {*(one.get("stages") or one["tactics"])}),
        (
            "resource",
            lambda wanted: any(wanted in (each["id"], each["name"]) for each in resources),
        ),
        ("entity", lambda wanted: any(each["key"] == wanted for each in one["entities"])),
        ("assignedTo", lambda wanted: (one.get("assignedTo") or "none") == wanted),
        ("label", lambda wanted: wanted in one["labels"]),
        ("incident", lambda _: not one["incidentId"]),
        ("source", lambda wanted: wanted in (one.get("source"), *one.get("sources", ()))),
        ("from", lambda wanted: at >= wanted),
        ("to", lambda wanted: begun < wanted),
        ("updatedFrom", lambda wanted: one.get("updatedUtc", at) >= wanted),
        ("q", lambda wanted: wanted.lower() in str(one).lower()),
    )
    return all(check(query[name]) for name, check in checks if query.get(name))


def _count(entries: Iterable[Document], name: str) -> dict[str, int]:
    return dict(Counter(one[name] for one in entries))


def _counts(entries: list[Document]) -> Document:
    return {
        "total": len(entries),
        "bySeverity": _count(entries, "severity"),
        "byStatus": _count(entries, "status"),
    }


def _bucket(
    entries: Iterable[Document], name: str, start: datetime, step: timedelta
) -> dict[str, int]:
    first, last = utc(start), utc(start + step)
    return _count((one for one in entries if first <= one[name] < last), "severity")


_REJECTED: Final[tuple[Document, ...]] = (
    {
        "id": "2026-11-24-r1",
        "atUtc": utc(NOW - timedelta(hours=3)),
        "reason": "invalid",
        "message": "The alert has no time that can be read",
        "errors": [{"index": 2, "field": "startTimeUtc", "reason": "'yesterday' is no time"}],
        "source": "defender_arm",
        "body": '{"properties": {"systemAlertId": "1", "startTimeUtc": "yesterday"}}',
        "bodyBytes": 67,
        "messageId": "0c5b3a86-5c1f-4f43-9f5b-2f5be6fe2d10",
        "status": "rejected",
        "history": [],
    },
    {
        "id": "2026-11-23-r2",
        "atUtc": utc(NOW - timedelta(hours=22)),
        "reason": "unreadable",
        "message": "The message is no JSON: it ends inside a text",
        "errors": [],
        "body": '{"alerts": [{"title": "<script>alert(1)</script>',
        "bodyBytes": 48,
        "status": "rejected",
        "history": [],
    },
    {
        "id": "2026-11-23-r3",
        "atUtc": utc(NOW - timedelta(days=1)),
        "reason": "invalid",
        "message": "severity: 'Hihg' is not known",
        "errors": [{"field": "severity", "reason": "'Hihg' is not known"}],
        "source": "graph",
        "body": '{"severity": "Hihg"}',
        "bodyBytes": 20,
        "status": "accepted",
        "history": [{"atUtc": utc(NOW - timedelta(hours=20)), "what": "redriven"}],
    },
)

_RULES: Final[tuple[Document, ...]] = (
    {
        "id": "nightly-scan",
        "reason": "Our own scanner looks at every machine between one and two at night.",
        "author": "dana@contoso.com",
        "conditions": [
            {"field": "title", "operator": "contains", "values": ["port scan"]},
            {
                "field": "entity",
                "kind": "address",
                "operator": "cidr",
                "values": ["10.9.0.0/24", "10.9.1.0/24"],
            },
        ],
        "expiresUtc": "2027-01-01T00:00:00.000Z",
        "updatedUtc": utc(NOW - timedelta(days=12)),
        "active": True,
        "matched": 212,
        "etag": '"4c1e"',
    },
    {
        "id": "migration-of-mailboxes",
        "reason": "Mass access to mailboxes while they were moved.",
        "author": "li@contoso.com",
        "conditions": [{"field": "type", "values": ["MailItemsAccessed"]}],
        "expiresUtc": "2026-11-20T00:00:00.000Z",
        "updatedUtc": utc(NOW - timedelta(days=31)),
        "active": False,
        "matched": 1_840,
        "etag": '"4c1f"',
    },
)
