"""`/api/incidents`: the list, one with everything on it, its alerts, and changes of state."""

import re
from typing import Any, Final
from urllib.parse import quote, urlencode

import azure.functions as func

from http_api.batches import BATCH_LIMIT, BatchItem, batch_response, read_batch
from http_api.blueprint import METHODS, bp, serve
from http_api.cascade import cascade, check_cascade
from http_api.changes import IncidentChange, outcome_of, read_incident_change, require_version
from http_api.filters import read_filter
from http_api.identity import who
from http_api.paging import (
    Page,
    page_response,
    position,
    question,
    read_order,
    read_paging,
    shared_query,
)
from http_api.parameters import Parameters
from http_api.problems import conflict, missing, stale
from http_api.projection import EVERYTHING, Selection, read_select
from http_api.requests import Request, entity_tags
from http_api.responses import Response, json_response
from http_api.services import Services
from http_api.state_log import log_state_change
from http_api.views import (
    ALERT_ROW,
    INCIDENT_DETAIL,
    INCIDENT_ROW,
    alert_row,
    etag_of,
    incident_detail,
    incident_row,
)
from shared.store.alert_reads import OLDEST_FIRST, Picked, PickedStretches
from shared.store.documents import ConflictError
from shared.store.incident_alerts import first_alerts
from shared.store.incident_reads import ORDERS, Found
from shared.store.queries import Document
from shared.store.triage import Change

_ID: Final = re.compile(r"[\w.:-]{1,200}", re.ASCII)


@bp.route("api/incidents", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def incidents(req: func.HttpRequest) -> func.HttpResponse:
    """The incidents that qualified, filtered, ordered, paged; and changes of many at once."""
    return await serve(req, {"GET": list_incidents, "PATCH": change_incidents})


@bp.route("api/incidents/{id}", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def incident(req: func.HttpRequest) -> func.HttpResponse:
    """One incident, and changes of its state."""
    return await serve(req, {"GET": show_incident, "PATCH": change_incident})


@bp.route("api/incidents/{id}/alerts", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def incident_alerts(req: func.HttpRequest) -> func.HttpResponse:
    """The alerts of one incident, oldest first."""
    return await serve(req, {"GET": list_incident_alerts})


async def list_incidents(request: Request, services: Services) -> Response:
    """A page of incidents."""
    parameters = Parameters(request)
    wanted = read_filter(parameters, incidents=True)
    order = read_order(parameters, ORDERS)
    paging = read_paging(parameters, services.most)
    selection = read_select(parameters, INCIDENT_ROW)
    parameters.done()
    asked = question("incidents", wanted, order)
    after = position(services.cursors, asked, paging.cursor)
    found = await services.incidents.page(
        wanted, order, after, paging.limit + 1, only=selection.properties
    )
    page = Page(found, selection.row(incident_row), asked, order)
    return page_response(request, services, page, paging.limit)


async def show_incident(request: Request, services: Services) -> Response:
    """Everything on one incident, with its history."""
    parameters = Parameters(request)
    selection = read_select(parameters, INCIDENT_DETAIL)
    parameters.done()
    found = await find_incident(request.path["id"], services)
    if found.moved:
        return moved(request, found)
    return await _detail(found.document, services, selection)


async def list_incident_alerts(request: Request, services: Services) -> Response:
    """A page of an incident's alerts, oldest first."""
    parameters = Parameters(request)
    paging = read_paging(parameters, services.most)
    selection = read_select(parameters, ALERT_ROW)
    parameters.done()
    found = await find_incident(request.path["id"], services)
    if found.moved:
        return moved(request, found, "/alerts")
    incident_id = found.document["incidentId"]
    asked = ["incident-alerts", incident_id]
    after = position(services.cursors, asked, paging.cursor)
    members = await services.incidents.members(found.document)
    stretches = PickedStretches(services.alerts, Picked(selection.properties))
    alerts = await first_alerts(stretches, members, after, paging.limit + 1)
    rows = [{**alert, "incident": found.document} for alert in alerts]
    page = Page(rows, selection.row(alert_row), asked, OLDEST_FIRST)
    return page_response(request, services, page, paging.limit)


async def change_incident(request: Request, services: Services) -> Response:
    """Change the state of one incident, if it is still the version that the caller saw.

    Where it is asked for, its alerts follow.
    """
    Parameters(request).done()
    versions = request.if_match()
    asked = read_incident_change(request.json())
    by = who(request, trust_client_principal=services.trust_client_principal)
    found = await apply_change(request.path["id"], versions, asked.change(), by, services, asked)
    if found.moved:
        return moved(request, found)
    cascaded = None
    if asked.closeAlerts or asked.reopenAlerts:
        cascaded = await cascade(found.document, asked, by, services)
    return await _detail(found.document, services, cascaded=cascaded)


async def change_incidents(request: Request, services: Services) -> Response:
    """Change the state of many incidents, each for itself."""
    Parameters(request).done()
    batch = read_batch(request.json(limit=BATCH_LIMIT))
    by = who(request, trust_client_principal=services.trust_client_principal)

    async def change_one(item: BatchItem) -> tuple[int, str]:
        found = await apply_change(item.id, entity_tags(item.etag), batch.change, by, services)
        if found.moved:
            raise conflict(f"It has become part of {found.document['incidentId']}.")
        return 200, etag_of(found.document)

    return await batch_response(batch.items, change_one)


async def apply_change(
    incident_id: str,
    versions: tuple[str, ...],
    change: Change,
    by: str,
    services: Services,
    asked: IncidentChange | None = None,
) -> Found:
    """The incident after a change; the one that absorbed it, unchanged, if it has moved.

    `asked` is what its alerts are to do. Raises Problem when there is none, it is another version,
    or the change does not fit.
    """
    found = await find_incident(incident_id, services)
    if found.moved:
        return found
    require_version(etag_of(found.document), versions)
    at = services.now()
    outcome = outcome_of(found.document, change, by=by, at=at)
    if asked is not None:
        check_cascade(asked, outcome.set.get("status", found.document["status"]))
    try:
        await services.triage.change_incident(found.document, outcome, at=at)
    except ConflictError:
        raise stale("") from None
    log_state_change(found.document, outcome, services.telemetry)
    return await find_incident(incident_id, services)


async def find_incident(incident_id: str, services: Services) -> Found:
    """An incident that qualified. Raises Problem (404) when there is none."""
    found = await services.incidents.find(incident_id) if _ID.fullmatch(incident_id) else None
    if found is None or not found.document["visible"]:
        raise missing(f"The incident {incident_id}")
    return found


async def _detail(
    document: Document,
    services: Services,
    selection: Selection = EVERYTHING,
    *,
    cascaded: dict[str, Any] | None = None,
) -> Response:
    history: list[Document] = []
    if selection.needs("history"):
        history = await services.incidents.history(document)
    view = selection.pick(incident_detail(document, history))
    if cascaded is not None:
        view["alertsChanged"] = cascaded
    return json_response(view, etag=selection.version(etag_of(document)))


def moved(request: Request, found: Found, below: str = "") -> Response:
    """308: the incident lives on in the one that absorbed it; method, body and query still count.

    A cursor is of a list of the one that is gone, so it is left out; so are keys.
    """
    incident_id = found.document["incidentId"]
    query = urlencode(shared_query(request))
    location = f"/api/incidents/{quote(incident_id)}{below}{'?' if query else ''}{query}"
    return json_response({"incidentId": incident_id}, status=308, headers={"Location": location})
