"""The documented API over a world: what each request is answered, apart from HTTP itself."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

from tests.browser.fakes.samples import Document
from tests.browser.fakes.world import MERGED, World

Outcome = tuple[int, Any]
MARKDOWN: Final = "# Credential theft\n"


class Problem(Exception):  # noqa: N818 - an answer, not a fault of the stand-in
    """What is answered in place of what was asked for."""

    def __init__(self, status: int, title: str, detail: str = "") -> None:
        self.status, self.title, self.detail = status, title, detail

    def view(self) -> Document:
        """As it is sent."""
        return {"title": self.title, "status": self.status, "detail": self.detail}


@dataclass(slots=True)
class Behaviour:
    """What a test makes the service do. `fail` is a status for every call, or 0.

    `refuse` is what every call is refused with: a status and what is said.
    """

    key: str = ""
    read_only: bool = False
    fail: int = 0
    refuse: tuple[int, str] | None = None
    statuses: list[tuple[str, str, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Call:
    """One request below `/api`: its path in decoded parts, header names in lower case."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    sent: Any


def answer(world: World, behaviour: Behaviour, call: Call) -> Outcome:
    """The status and body of a call. Raises Problem."""
    if behaviour.fail:
        raise Problem(behaviour.fail, "Failed", "The store does not answer.")
    if behaviour.refuse:
        status, detail = behaviour.refuse
        raise Problem(status, "Refused", detail)
    if behaviour.key and call.headers.get("x-functions-key") != behaviour.key:
        raise Problem(401, "Unauthorized")
    if behaviour.read_only and call.method != "GET":
        raise Problem(403, "Forbidden", "This needs the role Incidents.Triage.")
    with world.lock:
        return _METHODS[call.method](world, call)


def _get(world: World, call: Call) -> Outcome:
    if call.path == ("changes",) and world.counts_changes:
        return 200, {"version": world.version}
    if call.path == ("me",) and world.me:
        return 200, {"name": world.me, "roles": ["Incidents.Triage"]}
    if "updatedFrom" in call.query and not world.knows_updates:
        raise Problem(400, "The request is not valid", "updatedFrom is not known")
    listed = _listed(world, call)
    return (200, _page(call, listed)) if listed is not None else _single(world, call)


def _listed(world: World, call: Call) -> list[Any] | None:
    """What a list holds in all, or None where the path is no list."""
    match call.path:
        case ["incidents" | "alerts" as kind]:
            return world.entries(kind, call.query)
        case ["feed"]:
            return world.entries(call.query["show"], call.query)
        case ["incidents", one, "alerts"]:
            return world.incident_alerts(one)
        case ["rejected"]:
            return world.rejections(call.query)
        case ["suppressions"]:
            return list(world.rules.values())
    return None


def _single(world: World, call: Call) -> Outcome:
    match call.path:
        case ["summary"]:
            return 200, world.summary(call.query)
        case ["incidents", *rest]:
            return _incident(world, rest, call)
        case ["alerts", "facets"]:
            return 200, world.alert_facets(call.query)
        case ["alerts", one] if one in world.alerts:
            return 200, world.alert_detail(world.alerts[one])
        case ["rejected", one] if one in world.rejected:
            return 200, world.rejected[one]
        case ["entities", kind, value]:
            return 200, world.entity(f"{kind}:{value}")
    raise _nothing(call)


def _incident(world: World, rest: list[str], call: Call) -> Outcome:
    match rest:
        case ["facets"]:
            return 200, world.facets(call.query)
        case [one, "export"] if one in world.incidents:
            return 200, MARKDOWN
        case [one] if one in world.moved:
            return 308, {"incidentId": world.moved[one]}
        case [one] if one in world.incidents:
            return 200, world.incidents[one]
    raise _nothing(call)


def _nothing(call: Call) -> Problem:
    return Problem(404, "Not found", f"There is nothing at {'/'.join(call.path)}.")


def _page(call: Call, found: list[Any]) -> Document:
    size = int(call.query.get("limit", 50))
    start = int(base64.b64decode(call.query["cursor"])) if "cursor" in call.query else 0
    body: Document = {"value": found[start : start + size]}
    if start + size < len(found):
        cursor = base64.b64encode(str(start + size).encode()).decode()
        asked = urlencode({**call.query, "cursor": cursor})
        path = "/".join(map(quote, call.path))
        body["nextLink"] = f"http://elsewhere.invalid/api/{path}?{asked}"
    return body


def _patch(world: World, call: Call) -> Outcome:
    if len(call.path) == 1:
        return 200, {"value": [_outcome(world, call, item) for item in call.sent["items"]]}
    kind, key = call.path
    _require(world.place(kind).get(key), call.headers.get("if-match", ""))
    return 200, world.change(world.place(kind), key, call.sent)


def _outcome(world: World, call: Call, item: Document) -> Document:
    place = world.place(call.path[0])
    try:
        _require(place.get(item["id"]), item["etag"])
    except Problem as problem:
        return {"id": item["id"], "status": problem.status, "problem": problem.view()}
    changed = world.change(place, item["id"], call.sent["change"])
    return {"id": item["id"], "status": 200, "etag": changed["etag"]}


def _require(stored: Document | None, version: str) -> None:
    if stored is None:
        raise Problem(404, "Not found")
    if not version:
        raise Problem(428, "Precondition required")
    if version != stored["etag"]:
        raise Problem(412, "The item has changed")


def _post(world: World, call: Call) -> Outcome:
    match call.path:
        case ["rejected", *rest]:
            return _redrive(world, call, rest)
        case ["alerts"]:
            world.pushed.append(call.sent)
            return 202, {"items": 1, "messages": 1}
        case ["incidents", one, "merge" | "split" as what]:
            return _decide(world, call, one, what)
        case ["incidents", one, "merge" | "split", "preview"]:
            return 200, world.preview(one, call.sent)
        case ["incidents", one, "undo"]:
            _require(world.incidents.get(one), call.headers.get("if-match", ""))
            return 200, world.undo(one)
        case ["suppressions", "dry-run"]:
            return 200, world.try_conditions(call.sent["conditions"])
    raise _nothing(call)


def _redrive(world: World, call: Call, rest: list[str]) -> Outcome:
    """One rejection, or all that pass the query, back on the queue."""
    waiting = rest[:-1] or [
        one["id"] for one in world.rejections({**call.query, "status": "rejected"})
    ]
    for one in waiting:
        world.redrive(one)
    return 202, {"queued": len(waiting), "skipped": 0}


def _decide(world: World, call: Call, one: str, what: str) -> Outcome:
    """A decision is carried out when it is asked for the second time."""
    asked = (one, what, str(call.sent))
    if asked not in world.asked:
        _require(world.incidents.get(one), call.headers.get("if-match", ""))
        world.asked.add(asked)
        return 202, {"state": "asked", "incidentId": one, "splitOff": []}
    if what == "merge":
        world.merge(one, call.sent["with"], call.sent.get("comment", ""))
        return 200, {"decision": MERGED, "state": "done", "incidentId": one, "splitOff": []}
    left = world.split(one, call.sent.get("resources", ()), call.sent.get("comment", ""))
    return 200, {"state": "done", "incidentId": one, "splitOff": [left]}


def _put(world: World, call: Call) -> Outcome:
    _, rule_id = call.path
    if rule_id in world.rules:
        _require(world.rules[rule_id], call.headers.get("if-match", ""))
    return 200, world.put_rule(rule_id, call.sent)


def _delete(world: World, call: Call) -> Outcome:
    _, rule_id = call.path
    _require(world.rules.get(rule_id), call.headers.get("if-match", ""))
    del world.rules[rule_id]
    return 204, None


_METHODS: Final[dict[str, Callable[[World, Call], Outcome]]] = {
    "GET": _get,
    "PATCH": _patch,
    "POST": _post,
    "PUT": _put,
    "DELETE": _delete,
}
