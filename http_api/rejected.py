"""`/api/rejected`: what could not be read, why, and another try."""

import re
from dataclasses import astuple
from typing import Any, Final, List  # noqa: UP035 - Azure's library knows no `list[str]` in a binding

import azure.functions as func

from http_api.blueprint import METHODS, bp, serve
from http_api.paging import Page, next_link, page_response, position, read_paging
from http_api.parameters import Parameters
from http_api.problems import conflict, missing
from http_api.requests import Request
from http_api.responses import Response, json_response
from http_api.services import Services
from http_api.views import rejected_detail, rejected_row
from shared.concurrency import gather_bounded
from shared.rejection import RejectedId, redrive_message
from shared.store.queries import Document, position_of
from shared.store.rejected import NEWEST_FIRST, RejectedFilter

STATUSES: Final = ("rejected", "redriven", "accepted")
MOST_AT_ONCE: Final = 200
"""Rejections that one request puts back on the queue."""
_ID: Final = re.compile(r"(\d{4}-\d\d-\d\d)-([0-9a-f]{1,64})", re.ASCII)


@bp.route("api/rejected", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def rejected(req: func.HttpRequest) -> func.HttpResponse:
    """What could not be read, newest first."""
    return await serve(req, {"GET": list_rejected})


@bp.route("api/rejected/{id}", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def rejection(req: func.HttpRequest) -> func.HttpResponse:
    """One rejection with its body."""
    return await serve(req, {"GET": show_rejected})


@bp.queue_output(arg_name="messages", queue_name="alerts", connection="AzureWebJobsStorage")
@bp.route("api/rejected/{id}/redrive", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def redrive(
    req: func.HttpRequest,
    messages: func.Out[List[str]],  # noqa: UP006 - see the import
) -> func.HttpResponse:
    """Put one back on the queue."""

    async def post(request: Request, services: Services) -> Response:
        Parameters(request).done()
        document = await find_rejection(request.path["id"], services)
        if reason := hindrance(document):
            raise conflict(f"It cannot be redriven: {reason}.")
        messages.set([await _redriven(document, services)])
        return json_response({"queued": 1, "skipped": 0}, status=202)

    return await serve(req, {"POST": post})


@bp.queue_output(arg_name="messages", queue_name="alerts", connection="AzureWebJobsStorage")
@bp.route("api/rejected/redrive", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def redrive_all(
    req: func.HttpRequest,
    messages: func.Out[List[str]],  # noqa: UP006 - see the import
) -> func.HttpResponse:
    """Put those that match a filter back on the queue, as many at once as a request may."""

    async def post(request: Request, services: Services) -> Response:
        parameters = Parameters(request)
        wanted = read_rejected_filter(parameters, statuses=("rejected",))
        paging = read_paging(parameters, MOST_AT_ONCE, default=MOST_AT_ONCE)
        parameters.done()
        asked = ["redrive", astuple(wanted)]
        after = position(services.cursors, asked, paging.cursor)
        found = await services.rejected.page(wanted, after, paging.limit + 1)
        shown = found[: paging.limit]
        fit = [row for row in shown if not hindrance(row)]
        texts = await gather_bounded(lambda row: _redriven(row, services), fit)
        messages.set(texts)
        body: dict[str, Any] = {"queued": len(texts), "skipped": len(shown) - len(texts)}
        if len(found) > paging.limit:
            end = position_of(shown, NEWEST_FIRST)
            cursor = services.cursors.write(asked, [end.value, end.id])
            body["nextLink"] = next_link(request, services.origin, cursor)
        return json_response(body, status=202)

    return await serve(req, {"POST": post})


async def list_rejected(request: Request, services: Services) -> Response:
    """A page of rejections, without their bodies."""
    parameters = Parameters(request)
    statuses = parameters.choices("status", {name: name for name in STATUSES})
    wanted = read_rejected_filter(parameters, statuses=statuses)
    paging = read_paging(parameters, services.most)
    parameters.done()
    asked = ["rejected", astuple(wanted)]
    after = position(services.cursors, asked, paging.cursor)
    found = await services.rejected.page(wanted, after, paging.limit + 1)
    page = Page(found, rejected_row, asked, NEWEST_FIRST)
    return page_response(request, services, page, paging.limit)


async def show_rejected(request: Request, services: Services) -> Response:
    """One rejection whole."""
    Parameters(request).done()
    return json_response(rejected_detail(await find_rejection(request.path["id"], services)))


def read_rejected_filter(parameters: Parameters, *, statuses: tuple[str, ...]) -> RejectedFilter:
    """The filter of rejections: `reason`, `source`, `from` and `to`."""
    since, until = parameters.period()
    return RejectedFilter(
        reasons=parameters.many("reason"),
        sources=parameters.many("source"),
        statuses=statuses,
        start=since or "",
        end=until or "",
    )


def hindrance(row: Document) -> str:
    """Why a rejection cannot be redriven; "" when it can."""
    if row["status"] == "accepted":
        return "it was accepted when it was redriven, so its alerts are stored"
    if row["reason"] == "uncorrelated":
        return "its alert is stored, and is correlated again when its source updates it"
    if row.get("bodyCut"):
        return "only the beginning of its body was kept: push it anew from its source"
    return ""


async def _redriven(row: Document, services: Services) -> str:
    """The message of a rejection, noted as redriven.

    It is noted before it is queued: one that was noted and not queued can be redriven again.
    """
    place = RejectedId(row["day"], row["id"])
    await services.rejected.mark_redriven(place, at=services.now())
    return redrive_message(place).decode()


async def find_rejection(name: str, services: Services) -> Document:
    """The rejection of an id. Raises Problem (404) where there is none."""
    match = _ID.fullmatch(name)
    found = await services.rejected.find(RejectedId(match[1], match[2])) if match else None
    if found is None:
        raise missing(f"The rejection {name}")
    return found
