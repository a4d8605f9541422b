"""`/api/incidents/{id}/merge/preview`, `/split/preview`: what a decision would make of incidents.

It asks for nothing and keeps nothing: what correlation covers by now says what there would be.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import azure.functions as func

from http_api.blueprint import METHODS, bp, serve
from http_api.changes import read_model
from http_api.decisions import (
    Merge,
    Split,
    alerts_to_split,
    others_to_merge,
    resources_to_split,
)
from http_api.incidents import find_incident, moved
from http_api.parameters import Parameters
from http_api.requests import Request
from http_api.responses import Response, json_response
from http_api.services import Services
from shared.concurrency import gather_bounded
from shared.store.incident_alerts import EVIDENCE, first_alerts, place
from shared.store.incident_reads import Member
from shared.store.queries import Document

MOST_NAMED: Final = 50
"""Resources that each part of a preview names; they are all counted."""


@bp.route("api/incidents/{id}/merge/preview", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def merge_preview(req: func.HttpRequest) -> func.HttpResponse:
    """What joining an incident with others would make."""
    return await serve(req, {"POST": preview_merge})


@bp.route("api/incidents/{id}/split/preview", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def split_preview(req: func.HttpRequest) -> func.HttpResponse:
    """What splitting an incident would make."""
    return await serve(req, {"POST": preview_split})


async def preview_merge(request: Request, services: Services) -> Response:
    """The incidents as they are, and the one that they would be."""
    Parameters(request).done()
    body = read_model(Merge, request.json())
    found = await find_incident(request.path["id"], services)
    if found.moved:
        return moved(request, found, "/merge/preview")
    others = await others_to_merge(found.document, body.incidents, services)
    incidents = [found.document, *others]
    members = await gather_bounded(services.incidents.members, incidents)
    before = [_named(each, part(own)) for each, own in zip(incidents, members, strict=True)]
    together = part([member for own in members for member in own])
    return json_response({"before": before, "after": [_named(found.document, together)]})


async def preview_split(request: Request, services: Services) -> Response:
    """The incident as it is, and the two that it would be: what stays first."""
    Parameters(request).done()
    body = read_model(Split, request.json())
    found = await find_incident(request.path["id"], services)
    if found.moved:
        return moved(request, found, "/split/preview")
    incident = found.document
    members = await services.incidents.members(incident)
    if body.alerts:
        leaving = await alerts_to_split(incident, body, services)
        stays, leaves = await _without_alerts(members, leaving, services), part_of_alerts(leaving)
    else:
        chosen = {member.entity for member in resources_to_split(body, members)}
        stays = part(member for member in members if member.entity not in chosen)
        leaves = part(member for member in members if member.entity in chosen)
    before = [_named(incident, part(members))]
    return json_response({"before": before, "after": [_named(incident, stays), leaves]})


def part(members: Iterable[Member]) -> dict[str, Any]:
    """What members hold together. The period runs from the first start to the last."""
    some = [member for member in members if member.intervals]
    return _part(
        evidence=sum(member.evidence_count for member in some),
        context=sum(member.context_count for member in some),
        resources={member.entity: member.resource for member in some},
        starts=[bound[0] for member in some for pair in member.intervals for bound in pair],
    )


def part_of_alerts(alerts: Sequence[tuple[Document, str]]) -> dict[str, Any]:
    """What alerts are together, each with the part that it is of its incident."""
    evidence = sum(kind == EVIDENCE for _, kind in alerts)
    return _part(
        evidence=evidence,
        context=len(alerts) - evidence,
        resources={alert["entity"]: alert["resource"] for alert, _ in alerts},
        starts=[alert["startTimeUtc"] for alert, _ in alerts],
    )


async def _without_alerts(
    members: Sequence[Member], leaving: Sequence[tuple[Document, str]], services: Services
) -> dict[str, Any]:
    """What members hold without some of their alerts."""
    whole, gone = part(members), part_of_alerts(leaving)
    names = {alert["id"] for alert, _ in leaving}
    first = await first_alerts(services.alerts, members, None, len(names) + 1)
    staying = next(alert["startTimeUtc"] for alert in first if alert["id"] not in names)
    emptied = [member for member in members if _is_emptied(member, leaving)]
    return {
        **whole,
        **{f"{name}Count": whole[f"{name}Count"] - gone[f"{name}Count"] for name in _COUNTED},
        "resourceCount": whole["resourceCount"] - len(emptied),
        "resources": part([each for each in members if each not in emptied])["resources"],
        "firstActivityUtc": staying,
    }


_COUNTED: Final = ("alert", "evidence", "context")


def _is_emptied(member: Member, leaving: Iterable[tuple[Document, str]]) -> bool:
    own = [alert for alert, _ in leaving if alert["entity"] == member.entity]
    return sum(member.covers(place(alert)) for alert in own) >= member.alerts


def _part(
    *, evidence: int, context: int, resources: dict[str, Document], starts: list[str]
) -> dict[str, Any]:
    named = sorted(resources.values(), key=lambda resource: (resource["name"], resource["id"]))
    period = {"firstActivityUtc": min(starts), "lastActivityUtc": max(starts)} if starts else {}
    return {
        "alertCount": evidence + context,
        "evidenceCount": evidence,
        "contextCount": context,
        "resourceCount": len(named),
        "resources": [
            {name: resource[name] for name in ("id", "name", "type")}
            for resource in named[:MOST_NAMED]
        ],
        **period,
    }


def _named(incident: Document, what: dict[str, Any]) -> dict[str, Any]:
    names = {name: incident[name] for name in ("incidentId", "title")}
    return names | what
