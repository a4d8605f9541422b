"""`/api/alerts`: the list, one with everything on it and its incident, and changes of state."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

import azure.functions as func

from http_api.batches import BATCH_LIMIT, BatchItem, batch_response, read_batch
from http_api.blueprint import METHODS, bp, serve
from http_api.changes import outcome_of, read_change, require_version
from http_api.filters import read_filter
from http_api.identity import who
from http_api.paging import Page, page_response, position, question, read_order, read_paging
from http_api.parameters import Parameters
from http_api.problems import missing, stale
from http_api.projection import EVERYTHING, Selection, read_select
from http_api.requests import Request, entity_tags
from http_api.responses import Response, digest, json_body, json_response
from http_api.services import Services
from http_api.views import ALERT_DETAIL, ALERT_ROW, alert_detail, alert_row, etag_of
from shared.store.alert_reads import ORDERS
from shared.store.alert_search import PATIENCE, Found, search
from shared.store.documents import ConflictError
from shared.store.filters import Filter
from shared.store.membership import Belonging
from shared.store.queries import Document, Order, Position, position_of
from shared.store.triage import Change

ALL_BUT_POST: Final = tuple(name for name in METHODS if name != "POST")
_ID: Final = re.compile(r"[\w.:-]{1,200}", re.ASCII)


@bp.route("api/alerts", methods=ALL_BUT_POST, auth_level=func.AuthLevel.FUNCTION)
async def alerts(req: func.HttpRequest) -> func.HttpResponse:
    """All alerts, in incidents or not, filtered, ordered, paged; `ingestion` takes new ones."""
    return await serve(req, {"GET": list_alerts, "PATCH": change_alerts}, beside=("POST",))


@bp.route("api/alerts/{id}", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def alert(req: func.HttpRequest) -> func.HttpResponse:
    """One alert, and changes of its state."""
    return await serve(req, {"GET": show_alert, "PATCH": change_alert})


async def list_alerts(request: Request, services: Services) -> Response:
    """A page of alerts."""
    parameters = Parameters(request)
    wanted = read_filter(parameters, alerts=True)
    order = read_order(parameters, ORDERS)
    paging = read_paging(parameters, services.most)
    selection = read_select(parameters, ALERT_ROW)
    parameters.done()
    asked = question("alerts", wanted, order)
    after = position(services.cursors, asked, paging.cursor)
    found = await read_alerts(
        services, wanted, order, after, paging.limit + 1, only=selection.properties
    )
    rows = found.rows
    if selection.needs(*OF_MEMBERSHIP):
        rows = await with_membership(rows, services)
    page = Page(rows, selection.row(alert_row), asked, order, found.reached)
    return page_response(request, services, page, paging.limit)


async def read_alerts(
    services: Services,
    wanted: Filter,
    order: Order,
    after: Position | None,
    most: int,
    *,
    only: Collection[str] = (),
) -> Found:
    """At most `most` rows of a list of alerts, and where one that has to look itself has come to.

    That is a search for words, and one for alerts that are in no incident: each ends after about a
    second with what it has found.
    """
    if wanted.unplaced:
        return await _unplaced(services, wanted, order, after, most, only)
    if wanted.words:
        return await search(services.alerts, wanted, order, after, most, services.now, only=only)
    return Found(await services.alerts.page(wanted, order, after, most, only=only), None)


async def _unplaced(
    services: Services,
    wanted: Filter,
    order: Order,
    after: Position | None,
    most: int,
    only: Collection[str],
) -> Found:
    """As `read_alerts`, of alerts that are in no incident, as most are: few are passed over."""
    began = services.now()
    others = replace(wanted, unplaced=False)
    found: list[Document] = []
    place = after
    while True:
        page = await read_alerts(services, others, order, place, most, only=only)
        rows = await with_membership(page.rows, services)
        found += [row for row in rows if row["incident"] is None]
        place = page.reached or (position_of(page.rows, order) if page.rows else None)
        if len(found) >= most:
            return Found(found[:most], None)
        if page.reached is None and len(page.rows) < most:
            return Found(found, None)
        if services.now() - began >= PATIENCE:
            return Found(found, place)


OF_MEMBERSHIP: Final = ("incident", "part")
"""The fields of a row that tell which incident an alert is in."""


async def with_membership(rows: Sequence[Document], services: Services) -> list[Document]:
    """The rows of alerts, each with the incident that it is in, or None, and as which part."""
    known = await services.membership.of_alerts([row for row in rows if "incident" not in row])
    belongings = iter(known)
    return [row if "incident" in row else _placed(row, next(belongings)) for row in rows]


def _placed(row: Document, belonging: Belonging) -> Document:
    placed = {**row, "incident": belonging.incident}
    return placed | {"part": belonging.part} if belonging.incident else placed


async def show_alert(request: Request, services: Services) -> Response:
    """Everything on one alert, with its incident or the reason why it has none."""
    parameters = Parameters(request)
    selection = read_select(parameters, ALERT_DETAIL)
    parameters.done()
    return await _detail(await find_alert(request.path["id"], services), services, selection)


async def change_alert(request: Request, services: Services) -> Response:
    """Change the state of one alert, if it is still the version that the caller saw."""
    Parameters(request).done()
    versions = request.if_match()
    change = read_change(request.json())
    by = who(request, trust_client_principal=services.trust_client_principal)
    return await _detail(
        await apply_change(request.path["id"], versions, change, by, services), services
    )


async def change_alerts(request: Request, services: Services) -> Response:
    """Change the state of many alerts, each for itself."""
    Parameters(request).done()
    batch = read_batch(request.json(limit=BATCH_LIMIT))
    by = who(request, trust_client_principal=services.trust_client_principal)

    async def change_one(item: BatchItem) -> tuple[int, str]:
        versions = entity_tags(item.etag)
        document = await apply_change(item.id, versions, batch.change, by, services)
        return 200, etag_of(document)

    return await batch_response(batch.items, change_one)


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
        await services.triage.change_alert(document, outcome, at=services.now())
    except ConflictError:
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
) -> Response:
    """The version shown covers the incident too: it changes when the alert does not."""
    reason = ""
    if selection.needs(*OF_MEMBERSHIP, "incidentReason"):
        (document,) = await with_membership([document], services)
        if document["incident"] is None:
            reason = await services.membership.why_outside(document)
    view = selection.pick(alert_detail(document, reason))
    version = f"{etag_of(document)}.{digest(json_body(view))[:12]}"
    if "etag" in view:
        view["etag"] = f'"{version}"'
    return json_response(view, etag=version)
