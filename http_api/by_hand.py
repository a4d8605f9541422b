"""`/api/incidents/{id}/merge` and `/split`: what people decide about what belongs together.

A decision is kept for correlation, which carries it out within seconds and writes the history. The
same request again tells what came of it, and decides nothing anew.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

import azure.functions as func
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from http_api.answers import Answer, answer_json
from http_api.blueprint import METHODS, bp, serve
from http_api.changes import read_model, require_version
from http_api.identity import who
from http_api.incidents import find_incident, moved
from http_api.parameters import Parameters
from http_api.problems import FieldError, Problem, conflict, invalid
from http_api.requests import Request
from http_api.services import Services
from http_api.views import etag_of
from shared.entities import key_id
from shared.store.decisions import ASKED, REFUSED
from shared.store.queries import Document
from shared.store.triage import CLOSED
from shared.times import format_time

MOST_MERGED: Final = 10
MOST_SPLIT: Final = 50
LONGEST_ABOUT: Final = 600

Comment = (
    Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)] | None
)
Name = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class Merge(BaseModel):
    """Incidents that are one with this one."""

    model_config = ConfigDict(defer_build=True, extra="forbid", strict=True)

    with_: list[Name] = Field(
        alias="with", min_length=1, max_length=MOST_MERGED, description="Ids of incidents."
    )
    comment: Comment = Field(default=None, description="Why, kept in the history.")


class Split(BaseModel):
    """Resources whose alerts do not belong to this incident."""

    model_config = ConfigDict(defer_build=True, extra="forbid", strict=True)

    resources: list[Name] = Field(
        min_length=1, max_length=MOST_SPLIT, description="Ids of its resources, some but not all."
    )
    comment: Comment = Field(default=None, description="Why, kept in the history.")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A decision: what is done, to what in words, why, and the ids that it names."""

    kind: str
    about: str
    comment: str | None
    named: Mapping[str, Sequence[str]]


@bp.route("api/incidents/{id}/merge", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def merge(req: func.HttpRequest) -> func.HttpResponse:
    """Join an incident with others."""
    return await serve(req, {"POST": merge_incidents})


@bp.route("api/incidents/{id}/split", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def split(req: func.HttpRequest) -> func.HttpResponse:
    """Split resources off an incident."""
    return await serve(req, {"POST": split_incident})


async def merge_incidents(request: Request, services: Services) -> Answer:
    """Keep the decision that incidents are one, or tell what came of it."""
    Parameters(request).done()
    versions = request.if_match()
    body = read_model(Merge, request.json())
    begun = await _begin(request, services, versions, "merge", body.with_, body.comment)
    if isinstance(begun, Answer):
        return begun
    name, incident = begun
    _check_named("with", body.with_, incident["incidentId"])
    others = [
        await _other(index, other, incident, services) for index, other in enumerate(body.with_)
    ]
    titles = ", ".join(f"“{each['title']}”" for each in (incident, *others))
    named = {"with": body.with_}
    return await _ask(request, services, name, _Wanted("merge", titles, body.comment, named))


async def split_incident(request: Request, services: Services) -> Answer:
    """Keep the decision that resources do not belong to an incident, or tell what came of it."""
    Parameters(request).done()
    versions = request.if_match()
    body = read_model(Split, request.json())
    begun = await _begin(request, services, versions, "split", body.resources, body.comment)
    if isinstance(begun, Answer):
        return begun
    name, incident = begun
    _check_named("resources", body.resources)
    covered = await services.incidents.covered(incident["incidentId"])
    leaving = _leaving(body.resources, covered)
    names = ", ".join(each["name"] for each in leaving)
    named = {"resources": [key_id(each["key"]) for each in leaving]}
    return await _ask(request, services, name, _Wanted("split", names, body.comment, named))


async def _begin(
    request: Request,
    services: Services,
    versions: tuple[str, ...],
    kind: str,
    ids: Sequence[str],
    comment: str | None,
) -> Answer | tuple[str, Document]:
    """The name of what is asked and the incident as it stands; an answer where that is known.

    Raises Problem where the incident is closed, or not the version that the caller saw.
    """
    found = await find_incident(request.path["id"], services)
    name = _name(kind, found.document, versions, sorted(ids), comment)
    if (answer := await _known(request, services, name)) is not None:
        return answer
    if found.moved:
        return moved(found, f"/{kind}")
    return name, _changeable(found.document, versions)


def _leaving(wanted: Sequence[str], covered: Sequence[Document]) -> list[Document]:
    """The incident's resources that are named. Raises Problem (409)."""
    held = {row["resource"]["id"]: row["resource"] for row in covered}
    strangers = [
        FieldError("resources", f"{each} is no resource of the incident", index=index)
        for index, each in enumerate(wanted)
        if each not in held
    ]
    if strangers:
        raise conflict("; ".join(error.reason for error in strangers), strangers)
    staying = [row for row in covered if row["resource"]["id"] not in wanted]
    if not any(row["alertCount"] for row in staying):
        raise conflict("Nothing would be left of the incident: leave out at least one resource.")
    return [held[each] for each in wanted]


def _check_named(field: str, names: Sequence[str], itself: str = "") -> None:
    """Raise Problem (400) for what is named twice, or is the incident itself."""
    errors = [
        FieldError(
            field,
            "is the incident itself" if name == itself else "is named more than once",
            index=index,
        )
        for index, name in enumerate(names)
        if name == itself or name in names[:index]
    ]
    if errors:
        raise invalid(errors)


def _changeable(incident: Document, versions: tuple[str, ...]) -> Document:
    """The incident, if it is the version that the caller saw, and open. Raises Problem."""
    require_version(etag_of(incident), versions)
    if incident["status"] in CLOSED:
        raise conflict("The incident is closed; set its status to Active first.")
    return incident


async def _other(index: int, name: str, incident: Document, services: Services) -> Document:
    """An incident to join. Raises Problem: 404 for none, 409 for one that cannot be joined."""
    found = await find_incident(name, services)
    other = found.document
    if other["incidentId"] == incident["incidentId"]:
        raise _unfit(index, f"{name} is part of this incident already.")
    if found.moved:
        raise _unfit(index, f"{name} has become part of {other['incidentId']}.")
    if other["status"] in CLOSED:
        raise _unfit(index, f"{name} is closed; set its status to Active first.")
    return other


def _unfit(index: int, reason: str) -> Problem:
    return conflict(reason, [FieldError("with", reason, index=index)])


def _name(
    kind: str,
    incident: Document,
    versions: tuple[str, ...],
    named: Sequence[str],
    comment: str | None,
) -> str:
    """What a request goes by: the same for the same decision on the same version.

    One that is on any version is on the present one.
    """
    based_on = [etag_of(incident)] if "*" in versions else list(versions)
    text = json.dumps([kind, based_on, list(named), comment])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


async def _known(request: Request, services: Services, name: str) -> Answer | None:
    """What came of the request, where it was made before."""
    document = await services.decisions.find(request.path["id"], name)
    return None if document is None else _answer(document)


async def _ask(request: Request, services: Services, name: str, wanted: _Wanted) -> Answer:
    by = who(request, trust_client_principal=services.trust_client_principal)
    decision: dict[str, Any] = {
        "kind": wanted.kind,
        "by": by,
        "atUtc": format_time(services.now()),
        "about": wanted.about[:LONGEST_ABOUT],
        "comment": wanted.comment or "",
        **wanted.named,
    }
    return _answer(await services.decisions.ask(request.path["id"], name, decision))


def _answer(document: Document) -> Answer:
    """202 while a decision waits to be carried out, 200 after. Raises Problem (409) if refused."""
    if document["state"] == ASKED:
        body = {"state": "asked", "incidentId": document["incidentId"], "splitOff": []}
        return answer_json(body, status=202, headers={"Retry-After": "1"})
    if document["state"] == REFUSED:
        raise conflict(document["refusal"])
    body = {
        "state": "done",
        "incidentId": document["outcome"],
        "splitOff": document["splitOff"],
    }
    return answer_json(body)
