"""`/api/incidents`: the list, one with everything on it, its alerts, and changes of state."""

import re
from typing import Final
from urllib.parse import quote

import azure.functions as func

from http_api.answers import Answer, answer_json
from http_api.blueprint import METHODS, bp, serve
from http_api.changes import outcome_of, read_change, require_version
from http_api.filters import read_filter
from http_api.identity import who
from http_api.paging import Page, answer_page, position, question, read_order, read_paging
from http_api.parameters import Parameters
from http_api.problems import missing, stale
from http_api.requests import Request
from http_api.services import Services
from http_api.views import alert_row, etag_of, incident_detail, incident_row
from shared.store.alert_reads import OLDEST_FIRST
from shared.store.incident_alerts import first_alerts
from shared.store.incident_reads import ORDERS, Found
from shared.store.queries import Document
from shared.store.triage import StaleError

_ID: Final = re.compile(r"[\w.:-]{1,200}", re.ASCII)


@bp.route("api/incidents", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def incidents(req: func.HttpRequest) -> func.HttpResponse:
    """The incidents that qualified, filtered, ordered, paged."""
    return await serve(req, {"GET": list_incidents})


@bp.route("api/incidents/{id}", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def incident(req: func.HttpRequest) -> func.HttpResponse:
    """One incident, and changes of its state."""
    return await serve(req, {"GET": show_incident, "PATCH": change_incident})


@bp.route("api/incidents/{id}/alerts", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def incident_alerts(req: func.HttpRequest) -> func.HttpResponse:
    """The alerts of one incident, oldest first."""
    return await serve(req, {"GET": list_incident_alerts})


async def list_incidents(request: Request, services: Services) -> Answer:
    """A page of incidents."""
    parameters = Parameters(request)
    wanted = read_filter(parameters, incidents=True)
    order = read_order(parameters, ORDERS)
    paging = read_paging(parameters, services.most)
    parameters.done()
    asked = question("incidents", wanted, order)
    after = position(services.cursors, asked, paging.cursor)
    found = await services.incidents.page(wanted, order, after, paging.limit + 1)
    page = Page(found, incident_row, asked, order, after)
    return answer_page(request, services.cursors, page, paging.limit)


async def show_incident(request: Request, services: Services) -> Answer:
    """Everything on one incident, with its history."""
    Parameters(request).done()
    found = await _find(request, services)
    return _moved(found) if found.moved else await _detail(found.document, services)


async def list_incident_alerts(request: Request, services: Services) -> Answer:
    """A page of an incident's alerts, oldest first."""
    parameters = Parameters(request)
    paging = read_paging(parameters, services.most)
    parameters.done()
    found = await _find(request, services)
    if found.moved:
        return _moved(found, "/alerts")
    incident_id = found.document["incidentId"]
    asked = ["incident-alerts", incident_id]
    after = position(services.cursors, asked, paging.cursor)
    members = services.incidents.members(
        incident_id,
        found.document.get("period"),
        not_before=str(after.value) if after else None,
    )
    alerts = await first_alerts(services.alerts, members, after, paging.limit + 1)
    page = Page(alerts, alert_row, asked, OLDEST_FIRST, after)
    return answer_page(request, services.cursors, page, paging.limit)


async def change_incident(request: Request, services: Services) -> Answer:
    """Change the state of one incident, if it is still the version that the caller saw."""
    Parameters(request).done()
    versions = request.if_match()
    change = read_change(request.json())
    found = await _find(request, services)
    if found.moved:
        return _moved(found)
    document = found.document
    require_version(etag_of(document), versions)
    at = services.now()
    by = who(request, trust_client_principal=services.trust_client_principal)
    outcome = outcome_of(document, change, by=by, at=at)
    try:
        await services.triage.change_incident(document, outcome, at=at)
    except StaleError:
        raise stale("") from None
    return await _detail((await _find(request, services)).document, services)


async def _find(request: Request, services: Services) -> Found:
    incident_id = request.path["id"]
    found = await services.incidents.find(incident_id) if _ID.fullmatch(incident_id) else None
    if found is None or not found.document["visible"]:
        raise missing(f"The incident {incident_id}")
    return found


async def _detail(document: Document, services: Services) -> Answer:
    history = await services.incidents.history(document["incidentId"])
    return answer_json(incident_detail(document, history), etag=etag_of(document))


def _moved(found: Found, below: str = "") -> Answer:
    """308: the incident lives on in the one that absorbed it; the method and body still count."""
    incident_id = found.document["incidentId"]
    location = f"/api/incidents/{quote(incident_id)}{below}"
    return answer_json({"incidentId": incident_id}, status=308, headers={"Location": location})
