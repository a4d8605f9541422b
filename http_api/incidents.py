"""`/api/incidents`: the list, one with everything on it, its alerts, and changes of state."""

import re
from typing import Final
from urllib.parse import quote

import azure.functions as func

from http_api.answers import Answer, answer_json
from http_api.batches import BATCH_LIMIT, BatchItem, answer_batch, read_batch
from http_api.blueprint import METHODS, bp, serve
from http_api.changes import outcome_of, read_change, require_version
from http_api.filters import read_filter
from http_api.identity import who
from http_api.paging import Page, answer_page, position, question, read_order, read_paging
from http_api.parameters import Parameters
from http_api.problems import conflict, missing, stale
from http_api.requests import Request, entity_tags
from http_api.selecting import EVERYTHING, Selection, read_select
from http_api.services import Services
from http_api.telling import tell_state
from http_api.views import (
    ALERT_ROW,
    INCIDENT_DETAIL,
    INCIDENT_ROW,
    alert_row,
    etag_of,
    incident_detail,
    incident_row,
)
from shared.store.alert_reads import OLDEST_FIRST, PickedStretches
from shared.store.incident_alerts import first_alerts
from shared.store.incident_reads import ORDERS, Found
from shared.store.queries import Document
from shared.store.triage import Change, StaleError

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


async def list_incidents(request: Request, services: Services) -> Answer:
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
    page = Page(found, selection.row(incident_row), asked, order, after)
    return answer_page(request, services.cursors, page, paging.limit)


async def show_incident(request: Request, services: Services) -> Answer:
    """Everything on one incident, with its history."""
    parameters = Parameters(request)
    selection = read_select(parameters, INCIDENT_DETAIL)
    parameters.done()
    found = await find_incident(request.path["id"], services)
    if found.moved:
        return moved(found, selection.query)
    return await _detail(found.document, services, selection)


async def list_incident_alerts(request: Request, services: Services) -> Answer:
    """A page of an incident's alerts, oldest first."""
    parameters = Parameters(request)
    paging = read_paging(parameters, services.most)
    selection = read_select(parameters, ALERT_ROW)
    parameters.done()
    found = await find_incident(request.path["id"], services)
    if found.moved:
        return moved(found, f"/alerts{selection.query}")
    incident_id = found.document["incidentId"]
    asked = ["incident-alerts", incident_id]
    after = position(services.cursors, asked, paging.cursor)
    members = services.incidents.members(
        incident_id,
        found.document.get("period"),
        not_before=str(after.value) if after else None,
    )
    stretches = PickedStretches(services.alerts, selection.properties)
    alerts = await first_alerts(stretches, members, after, paging.limit + 1)
    page = Page(alerts, selection.row(alert_row), asked, OLDEST_FIRST, after)
    return answer_page(request, services.cursors, page, paging.limit)


async def change_incident(request: Request, services: Services) -> Answer:
    """Change the state of one incident, if it is still the version that the caller saw."""
    Parameters(request).done()
    versions = request.if_match()
    change = read_change(request.json())
    by = who(request, trust_client_principal=services.trust_client_principal)
    found = await apply_change(request.path["id"], versions, change, by, services)
    return moved(found) if found.moved else await _detail(found.document, services)


async def change_incidents(request: Request, services: Services) -> Answer:
    """Change the state of many incidents, each for itself."""
    Parameters(request).done()
    batch = read_batch(request.json(limit=BATCH_LIMIT))
    by = who(request, trust_client_principal=services.trust_client_principal)

    async def change_one(item: BatchItem) -> tuple[int, str]:
        found = await apply_change(item.id, entity_tags(item.etag), batch.change, by, services)
        if found.moved:
            raise conflict(f"It has become part of {found.document['incidentId']}.")
        return 200, etag_of(found.document)

    return await answer_batch(batch.items, change_one)


async def apply_change(
    incident_id: str, versions: tuple[str, ...], change: Change, by: str, services: Services
) -> Found:
    """The incident after a change; the one that absorbed it, unchanged, if it has moved.

    Raises Problem when there is none, it is another version, or the change does not fit.
    """
    found = await find_incident(incident_id, services)
    if found.moved:
        return found
    require_version(etag_of(found.document), versions)
    at = services.now()
    outcome = outcome_of(found.document, change, by=by, at=at)
    try:
        await services.triage.change_incident(found.document, outcome, at=at)
    except StaleError:
        raise stale("") from None
    tell_state(found.document, outcome, services.telemetry)
    return await find_incident(incident_id, services)


async def find_incident(incident_id: str, services: Services) -> Found:
    """An incident that qualified. Raises Problem (404) when there is none."""
    found = await services.incidents.find(incident_id) if _ID.fullmatch(incident_id) else None
    if found is None or not found.document["visible"]:
        raise missing(f"The incident {incident_id}")
    return found


async def _detail(
    document: Document, services: Services, selection: Selection = EVERYTHING
) -> Answer:
    history: list[Document] = []
    if selection.needs("history"):
        history = await services.incidents.history(document["incidentId"])
    view = selection.pick(incident_detail(document, history))
    return answer_json(view, etag=selection.version(etag_of(document)))


def moved(found: Found, below: str = "") -> Answer:
    """308: the incident lives on in the one that absorbed it; the method and body still count."""
    incident_id = found.document["incidentId"]
    location = f"/api/incidents/{quote(incident_id)}{below}"
    return answer_json({"incidentId": incident_id}, status=308, headers={"Location": location})
