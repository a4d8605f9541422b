"""`/api/incidents/{id}/merge`, `/split`, `/undo`: what people decide about what belongs together.

A decision is kept for correlation, which carries it out within seconds and writes the history. The
same request again tells what came of it, and decides nothing anew; so does `/api/decisions/{name}`.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Self

import azure.functions as func
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from http_api.blueprint import METHODS, bp, serve
from http_api.changes import read_model, require_version
from http_api.identity import who
from http_api.incidents import find_incident, moved
from http_api.parameters import Parameters
from http_api.problems import FieldError, conflict, invalid, missing
from http_api.requests import Request
from http_api.responses import Response, json_response
from http_api.services import Services
from http_api.views import etag_of
from shared.concurrency import gather_bounded
from shared.store.decisions import ASKED, DONE, REFUSED
from shared.store.incident_reads import Member
from shared.store.queries import Document
from shared.store.triage import CLOSED
from shared.times import format_time

MOST_MERGED: Final = 10
MOST_SPLIT: Final = 50
MOST_ALERTS: Final = 200
LONGEST_ABOUT: Final = 600
_DISTINCT: Final[JsonDict] = {"uniqueItems": True}
_NAME: Final = re.compile(r"[0-9a-f]{24}", re.ASCII)
_SHOWN: Final = ("kind", "about", "by", "atUtc", "comment", "refusal", "undoes")

Comment = (
    Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)] | None
)
Name = Annotated[str, StringConstraints(min_length=1, max_length=1_024)]


class Merge(BaseModel):
    """Incidents that are one with this one."""

    model_config = ConfigDict(defer_build=True, extra="forbid", strict=True)

    incidents: list[Name] = Field(
        alias="with",
        min_length=1,
        max_length=MOST_MERGED,
        description="Their ids.",
        json_schema_extra=_DISTINCT,
    )
    comment: Comment = Field(default=None, description="Why, kept in the history.")


def _only(named: str, other: str) -> JsonDict:
    """The schema of a body that names one thing, and not another."""
    limits: JsonDict = {named: {"minItems": 1}, other: {"maxItems": 0}}
    return {"required": [named], "properties": limits}


class Split(BaseModel):
    """Resources, or alerts, that do not belong to this incident: one of the two."""

    model_config = ConfigDict(
        defer_build=True,
        extra="forbid",
        strict=True,
        json_schema_extra={"oneOf": [_only("resources", "alerts"), _only("alerts", "resources")]},
    )

    resources: list[Name] = Field(
        default=[],
        max_length=MOST_SPLIT,
        description="Ids of its resources, some but not all.",
        json_schema_extra=_DISTINCT,
    )
    alerts: list[Name] = Field(
        default=[],
        max_length=MOST_ALERTS,
        description="Ids of its alerts, some but not all.",
        json_schema_extra=_DISTINCT,
    )
    comment: Comment = Field(default=None, description="Why, kept in the history.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.resources) == bool(self.alerts):
            raise ValueError("name resources or alerts, one of the two")
        return self

    @property
    def what(self) -> str:
        """The field that names what leaves."""
        return "resources" if self.resources else "alerts"


class Undo(BaseModel):
    """A merge or a split that is to hold no longer."""

    model_config = ConfigDict(defer_build=True, extra="forbid", strict=True)

    decision: Name = Field(description="The name that the history of the incident gives it.")
    comment: Comment = Field(default=None, description="Why, kept in the history.")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A decision before it is asked for: on which incident, what it names, and how it reads."""

    kind: str
    incident: Document
    about: str
    comment: str | None
    named: Mapping[str, str | Sequence[str]]


@bp.route("api/incidents/{id}/merge", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def merge(req: func.HttpRequest) -> func.HttpResponse:
    """Join an incident with others."""
    return await serve(req, {"POST": merge_incidents})


@bp.route("api/incidents/{id}/split", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def split(req: func.HttpRequest) -> func.HttpResponse:
    """Split resources or alerts off an incident."""
    return await serve(req, {"POST": split_incident})


@bp.route("api/incidents/{id}/undo", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def undo(req: func.HttpRequest) -> func.HttpResponse:
    """Undo a merge or a split."""
    return await serve(req, {"POST": undo_decision})


@bp.route("api/decisions/{name}", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def decision(req: func.HttpRequest) -> func.HttpResponse:
    """What came of a decision."""
    return await serve(req, {"GET": show_decision})


async def show_decision(request: Request, services: Services) -> Response:
    """A decision: asked for, done, or refused and why."""
    Parameters(request).done()
    name = request.path["name"]
    document = await services.decisions.find(name) if _NAME.fullmatch(name) else None
    if document is None:
        raise missing(f"The decision {name}")
    return json_response(decision_view(document))


async def merge_incidents(request: Request, services: Services) -> Response:
    """Keep the decision that incidents are one, or tell what came of it."""
    Parameters(request).done()
    versions = request.if_match()
    body = read_model(Merge, request.json())
    begun = await _begin(request, services, versions, "merge", body.incidents, body.comment)
    if isinstance(begun, Response):
        return begun
    name, incident = begun
    others = await others_to_merge(incident, body.incidents, services)
    titles = ", ".join(f"“{each['title']}”" for each in (incident, *others))
    named = {"with": [each["incidentId"] for each in others]}
    wanted = _Wanted("merge", incident, titles, body.comment, named)
    return await _ask(request, services, name, wanted)


async def split_incident(request: Request, services: Services) -> Response:
    """Keep the decision that a part of an incident is not of it, or tell what came of it."""
    Parameters(request).done()
    versions = request.if_match()
    body = read_model(Split, request.json())
    ids = [*body.resources, *body.alerts]
    begun = await _begin(request, services, versions, "split", ids, body.comment)
    if isinstance(begun, Response):
        return begun
    name, incident = begun
    _require_open(incident)
    members = await services.incidents.members(incident)
    if body.alerts:
        await alerts_to_split(incident, body, services)
        about, named = f"{len(ids)} alerts", {"alerts": body.alerts}
    else:
        leaving = resources_to_split(body, members)
        about = ", ".join(each.resource["name"] for each in leaving)
        named = {"resources": [each.entity for each in leaving]}
    wanted = _Wanted("split", incident, about, body.comment, named)
    return await _ask(request, services, name, wanted)


async def undo_decision(request: Request, services: Services) -> Response:
    """Keep the decision that another holds no longer, or tell what came of it."""
    Parameters(request).done()
    versions = request.if_match()
    body = read_model(Undo, request.json())
    begun = await _begin(request, services, versions, "undo", [body.decision], body.comment)
    if isinstance(begun, Response):
        return begun
    name, incident = begun
    _require_open(incident)
    undone = None
    if _NAME.fullmatch(body.decision):
        undone = await services.decisions.find(body.decision)
    if undone is None or undone["state"] != DONE or undone["kind"] == "undo":
        raise missing(f"A merge or split {body.decision} that was carried out")
    if undone.get("voided"):
        raise conflict("It has been undone already.")
    about = f"{undone['kind']}: {undone.get('about', '')}"
    named = {"undoes": body.decision}
    wanted = _Wanted("undo", incident, about, body.comment, named)
    return await _ask(request, services, name, wanted)


async def alerts_to_split(
    incident: Document, body: Split, services: Services
) -> list[tuple[Document, str]]:
    """The alerts of an incident that are to leave it, each with the part that it is of it.

    Raises Problem: 400 for one named twice, 409 for one that is none of it or where none stays.
    """
    _check_named("alerts", body.alerts)
    found = await gather_bounded(services.alerts.find, body.alerts)
    known = [alert for alert in found if alert is not None]
    places = await services.membership.of_alerts(known)
    parts = {
        alert["id"]: place.part
        for alert, place in zip(known, places, strict=True)
        if place.incident and place.incident["incidentId"] == incident["incidentId"]
    }
    strangers = [
        FieldError("alerts", f"{alert_id} is no alert of the incident", index=index)
        for index, alert_id in enumerate(body.alerts)
        if alert_id not in parts
    ]
    if strangers:
        raise conflict("; ".join(error.reason for error in strangers), strangers)
    if len(parts) >= incident["alertCount"]:
        raise conflict("Nothing would be left of the incident: leave out at least one alert.")
    return [(alert, parts[alert["id"]]) for alert in known]


def resources_to_split(body: Split, members: Sequence[Member]) -> list[Member]:
    """The incident's resources that are named.

    Raises Problem: 400 for one named twice, 409 for one that is none of it or where none stays.
    """
    _check_named("resources", body.resources)
    held = {member.resource["id"]: member for member in members}
    strangers = [
        FieldError("resources", f"{each} is no resource of the incident", index=index)
        for index, each in enumerate(body.resources)
        if each not in held
    ]
    if strangers:
        raise conflict("; ".join(error.reason for error in strangers), strangers)
    if all(member.resource["id"] in body.resources for member in members if member.alerts):
        raise conflict("Nothing would be left of the incident: leave out at least one resource.")
    return [held[each] for each in body.resources]


async def others_to_merge(
    incident: Document, ids: Sequence[str], services: Services
) -> list[Document]:
    """The other incidents of a merge. Raises Problem: 400, 404 or 409 with each at fault."""
    _check_named("with", ids)
    if incident["incidentId"] in ids:
        raise invalid([FieldError("with", "is the incident itself", index=0)])
    others = []
    errors = []
    for index, incident_id in enumerate(ids):
        found = await find_incident(incident_id, services)
        if (reason := _apart(incident, found.document, moved=found.moved)) is not None:
            errors.append(FieldError("with", f"{incident_id} {reason}", index=index))
        others.append(found.document)
    if errors:
        raise conflict("; ".join(error.reason for error in errors), errors)
    return others


def _apart(incident: Document, other: Document, *, moved: bool) -> str | None:
    """Why two incidents cannot be merged; None where they can."""
    if other["organisation"] != incident["organisation"]:
        return "is of another organisation"
    if not moved:
        return None
    same = other["incidentId"] == incident["incidentId"]
    return "is part of it already" if same else f"has become part of {other['incidentId']}"


async def _begin(
    request: Request,
    services: Services,
    versions: tuple[str, ...],
    kind: str,
    ids: Sequence[str],
    comment: str | None,
) -> tuple[str, Document] | Response:
    """The decision's name and the incident it is on; or what came of it, where it was asked before.

    Raises Problem where the incident does not exist, or is another version.
    """
    found = await find_incident(request.path["id"], services)
    based_on = [etag_of(found.document)] if "*" in versions else list(versions)
    name = _name(request.path["id"], kind, based_on, ids, comment)
    if (known := await services.decisions.find(name)) is not None:
        return _response(known)
    if found.moved:
        return moved(request, found, f"/{kind}")
    require_version(etag_of(found.document), versions)
    return name, found.document


def _require_open(incident: Document) -> None:
    if incident["status"] in CLOSED:
        raise conflict("The incident is closed; set its status to Active first.")


def _check_named(field: str, ids: Sequence[str]) -> None:
    """Raise Problem (400) where one is named twice."""
    errors = [
        FieldError(field, "is named more than once", index=index)
        for index, each in enumerate(ids)
        if each in ids[:index]
    ]
    if errors:
        raise invalid(errors)


def _name(
    incident_id: str,
    kind: str,
    based_on: Sequence[str],
    ids: Sequence[str],
    comment: str | None,
) -> str:
    """What a request goes by: the same for the same decision on the same version.

    One that is on any version is on the present one.
    """
    text = json.dumps([incident_id, kind, based_on, ids, comment])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


async def _ask(request: Request, services: Services, name: str, wanted: _Wanted) -> Response:
    by = who(request, trust_client_principal=services.trust_client_principal)
    asked: dict[str, Any] = {
        "kind": wanted.kind,
        "incidentId": wanted.incident["incidentId"],
        "by": by,
        "atUtc": format_time(services.now()),
        "about": wanted.about[:LONGEST_ABOUT],
        "comment": wanted.comment or "",
        **wanted.named,
    }
    own = wanted.incident["organisation"]
    return _response(await services.decisions.ask(own, name, asked))


def decision_view(document: Document) -> dict[str, Any]:
    """A decision as it is shown: how it stands, and the incident that stands after it."""
    return {
        "decision": document["name"],
        "state": document["state"],
        "incidentId": document.get("outcome") or document["incidentId"],
        "splitOff": list(document.get("splitOff") or ()),
        **{name: document[name] for name in _SHOWN if document.get(name)},
        **({"undone": True} if document.get("voided") else {}),
    }


def _response(document: Document) -> Response:
    """202 until the decision is carried out, then 200. Raises Problem (409) when it was refused."""
    if document["state"] == REFUSED:
        raise conflict(str(document["refusal"]))
    status = 202 if document["state"] == ASKED else 200
    headers = {"Location": f"/api/decisions/{document['name']}"}
    if status == 202:
        headers["Retry-After"] = "1"
    return json_response(decision_view(document), status=status, headers=headers)
