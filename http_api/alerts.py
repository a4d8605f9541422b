"""`/api/alerts`: the list, one with everything on it and its incident, and changes of state."""

import re
from collections.abc import Collection
from typing import Final

import azure.functions as func

from http_api.answers import Answer, answer_json, digest, json_body
from http_api.batches import BATCH_LIMIT, BatchItem, answer_batch, read_batch
from http_api.blueprint import METHODS, bp, serve
from http_api.changes import outcome_of, read_change, require_version
from http_api.filters import read_filter
from http_api.identity import who
from http_api.paging import Page, answer_page, position, question, read_order, read_paging
from http_api.parameters import Parameters
from http_api.problems import missing, stale
from http_api.requests import Request, entity_tags
from http_api.selecting import EVERYTHING, Selection, read_select
from http_api.services import Services
from http_api.views import ALERT_DETAIL, ALERT_ROW, alert_detail, alert_row, etag_of
from shared.store.alert_reads import ORDERS
from shared.store.alert_search import Found, search
from shared.store.filters import Filter
from shared.store.queries import Document, Order, Position
from shared.store.triage import Change, StaleError

ALL_BUT_POST: Final = tuple(name for name in METHODS if name != "POST")
_ID: Final = re.compile(r"[\w.:-]{1,200}", re.ASCII)


@bp.route("api/alerts", methods=ALL_BUT_POST, auth_level=func.AuthLevel.FUNCTION)
async def alerts(req: func.HttpRequest) -> func.HttpResponse:
    """All alerts, in incidents or not, filtered, ordered, paged; `intake` takes new ones."""
    return await serve(req, {"GET": list_alerts, "PATCH": change_alerts}, beside=("POST",))


@bp.route("api/alerts/{id}", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def alert(req: func.HttpRequest) -> func.HttpResponse:
    """One alert, and changes of its state."""
    return await serve(req, {"GET": show_alert, "PATCH": change_alert})


async def list_alerts(request: Request, services: Services) -> Answer:
    """A page of alerts."""
    parameters = Parameters(request)
    wanted = read_filter(parameters, incidents=False)
    order = read_order(parameters, ORDERS)
    paging = read_paging(parameters, services.most)
    selection = read_select(parameters, ALERT_ROW)
    parameters.done()
    asked = question("alerts", wanted, order)
    after = position(services.cursors, asked, paging.cursor)
    found = await read_alerts(
        services, wanted, order, after, paging.limit + 1, only=selection.properties
    )
    page = Page(found.rows, selection.row(alert_row), asked, order, after, found.reached)
    return answer_page(request, services.cursors, page, paging.limit)


async def read_alerts(
    services: Services,
    wanted: Filter,
    order: Order,
    after: Position | None,
    most: int,
    *,
    only: Collection[str] = (),
) -> Found:
    """At most `most` rows of a list of alerts, and where a search for words has come to."""
    if wanted.words:
        return await search(services.alerts, wanted, order, after, most, services.now, only=only)
    return Found(await services.alerts.page(wanted, order, after, most, only=only), None)


async def show_alert(request: Request, services: Services) -> Answer:
    """Everything on one alert, with its incident or the reason why it has none."""
    parameters = Parameters(request)
    selection = read_select(parameters, ALERT_DETAIL)
    parameters.done()
    return await _detail(await find_alert(request.path["id"], services), services, selection)


async def change_alert(request: Request, services: Services) -> Answer:
    """Change the state of one alert, if it is still the version that the caller saw."""
    Parameters(request).done()
    versions = request.if_match()
    change = read_change(request.json())
    by = who(request, trust_client_principal=services.trust_client_principal)
    return await _detail(
        await apply_change(request.path["id"], versions, change, by, services), services
    )


async def change_alerts(request: Request, services: Services) -> Answer:
    """Change the state of many alerts, each for itself."""
    Parameters(request).done()
    batch = read_batch(request.json(limit=BATCH_LIMIT))
    by = who(request, trust_client_principal=services.trust_client_principal)

    async def change_one(item: BatchItem) -> tuple[int, str]:
        versions = entity_tags(item.etag)
        document = await apply_change(item.id, versions, batch.change, by, services)
        return 200, etag_of(document)

    return await answer_batch(batch.items, change_one)


async def apply_change(
    alert_id: str, versions: tuple[str, ...], change: Change, by: str, services: Services
) -> Document:
    """The alert after a change.

    Raises Problem when there is none, it is another version, or the change does not fit.
    """
    document = await find_alert(alert_id, services)
    require_version(etag_of(document), versions)
    outcome = outcome_of(document, change, by=by, at=services.now())
    try:
        await services.triage.change_alert(document, outcome)
    except StaleError:
        raise stale("") from None
    return await find_alert(alert_id, services)


async def find_alert(alert_id: str, services: Services) -> Document:
    """An alert. Raises Problem (404) when there is none."""
    found = await services.alerts.find(alert_id) if _ID.fullmatch(alert_id) else None
    if found is None:
        raise missing(f"The alert {alert_id}")
    return found


async def _detail(
    document: Document, services: Services, selection: Selection = EVERYTHING
) -> Answer:
    """The version shown covers the incident too: it changes when the alert does not."""
    incident, reason = None, ""
    if selection.needs("incident", "incidentReason"):
        belonging = await services.membership.incident_of(document)
        incident, reason = belonging.incident, belonging.reason
    view = selection.pick(alert_detail(document, incident, reason))
    version = f"{etag_of(document)}.{digest(json_body(view))[:12]}"
    if "etag" in view:
        view["etag"] = f'"{version}"'
    return answer_json(view, etag=version)
