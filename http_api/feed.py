"""`/api/feed`: incidents and alerts in one list, the newest activity first."""

import asyncio
from dataclasses import astuple, dataclass
from typing import Any, Final

import azure.functions as func

from http_api.alerts import OF_MEMBERSHIP, read_alerts, with_membership
from http_api.blueprint import METHODS, bp, serve
from http_api.filters import read_filter
from http_api.paging import next_link, read_paging
from http_api.parameters import Parameters
from http_api.projection import Selection, read_select
from http_api.requests import Request
from http_api.responses import Response, json_response
from http_api.services import Services
from http_api.views import ALERT_ROW, FEED_ROW, INCIDENT_ROW, alert_row, incident_row
from shared.store.alert_reads import ORDERS as ALERT_ORDERS
from shared.store.alert_search import Found
from shared.store.filters import Filter
from shared.store.incident_reads import ORDERS as INCIDENT_ORDERS
from shared.store.queries import Document, Order, Position, Value, position_of

SHOWS: Final = {
    "both": ("incident", "alert"),
    "incidents": ("incident",),
    "alerts": ("alert",),
}
"""What can be shown, and the kinds that it takes; of one instant, incidents come first."""
_ORDERS: Final = {
    "incident": Order(INCIDENT_ORDERS["activity"]),
    "alert": Order(ALERT_ORDERS["activity"]),
}
ABOVE_EVERY_ID: Final = "\U0010ffff"
"""Sorts after every id, so that no row of that instant is passed over."""
_VIEWS: Final = {"incident": incident_row, "alert": alert_row}
_FIELDS: Final = {"incident": INCIDENT_ROW, "alert": ALERT_ROW}
_LEAST: Final = ("id",)
"""What is read of a kind that has none of the fields selected: nothing named means all."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the feed: its kind, the document, and when its activity was."""

    kind: str
    document: Document

    @property
    def at(self) -> str:
        """The instant of its latest activity."""
        return str(self.document[_ORDERS[self.kind].path])

    def view(self, selection: Selection) -> dict[str, Any]:
        """As the feed shows it: its kind always, and of its fields those selected."""
        return {"kind": self.kind, **selection.pick(_VIEWS[self.kind](self.document))}


@bp.route("api/feed", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def feed(req: func.HttpRequest) -> func.HttpResponse:
    """Incidents, alerts, or both, newest activity first."""
    return await serve(req, {"GET": list_feed})


async def list_feed(request: Request, services: Services) -> Response:
    """A page of the feed."""
    parameters = Parameters(request)
    show = parameters.choice("show", SHOWS, "both")
    wanted = read_filter(parameters, incidents=True, alerts=True)
    paging = read_paging(parameters, services.most)
    selection = read_select(parameters, FEED_ROW)
    parameters.done()
    asked = ["feed", show, astuple(wanted)]
    place = services.cursors.read(asked, paging.cursor) if paging.cursor else None
    starts = {kind: position_for(kind, place) for kind in SHOWS[show]}
    pages = await asyncio.gather(
        *(
            _read(services, kind, wanted, start, paging.limit + 1, columns(kind, selection))
            for kind, start in starts.items()
        )
    )
    reached = next((page.reached.value for page in pages if page.reached), None)
    entries = merge(
        [Entry(kind, row) for kind, page in zip(starts, pages, strict=True) for row in page.rows],
        reached,
    )
    shown = entries[: paging.limit]
    if selection.needs(*OF_MEMBERSHIP):
        shown = await _with_membership(shown, services)
    body: dict[str, Any] = {"value": [entry.view(selection) for entry in shown]}
    end = ["alert", reached, None] if reached is not None else None
    if len(entries) > paging.limit:
        end = place_after(shown)
    if end is not None:
        body["nextLink"] = next_link(request, services.origin, services.cursors.write(asked, end))
    return json_response(body)


async def _with_membership(entries: list[Entry], services: Services) -> list[Entry]:
    """The entries, of which alerts say which incident they are in."""
    alerts = [entry.document for entry in entries if entry.kind == "alert"]
    placed = iter(await with_membership(alerts, services))
    return [
        Entry(entry.kind, next(placed)) if entry.kind == "alert" else entry for entry in entries
    ]


async def _read(
    services: Services,
    kind: str,
    wanted: Filter,
    start: Position | None,
    most: int,
    only: tuple[str, ...],
) -> Found:
    if kind == "alert":
        return await read_alerts(services, wanted, _ORDERS[kind], start, most, only=only)
    rows = await services.incidents.page(wanted, _ORDERS[kind], start, most, only=only)
    return Found(rows, None)


def columns(kind: str, selection: Selection) -> tuple[str, ...]:
    """The columns that a kind's entries need, beside those of paging; none is all."""
    if not selection.names:
        return ()
    return selection.among(_FIELDS[kind]).properties or _LEAST


def place_after(shown: list[Entry]) -> list[Any]:
    """The place after the last entry shown, `[kind, instant, id]`."""
    kind = shown[-1].kind
    rows = [entry.document for entry in shown if entry.kind == kind]
    end = position_of(rows, _ORDERS[kind])
    return [kind, end.value, end.id]


def merge(entries: list[Entry], reached: Value | None = None) -> list[Entry]:
    """Newest activity first; of one instant, incidents before alerts, then the greater id.

    Nothing before the instant that a search has `reached`: alerts of then may still be found.
    """
    if reached is not None:
        entries = [entry for entry in entries if entry.at >= str(reached)]
    by_id = sorted(entries, key=lambda entry: entry.document["id"], reverse=True)
    by_kind = sorted(by_id, key=lambda entry: entry.kind != "incident")
    return sorted(by_kind, key=lambda entry: entry.at, reverse=True)


def position_for(kind: str, place: list[Any] | None) -> Position | None:
    """Where the rows of a kind go on after the feed's place, as `place_after` gives it.

    The kind that the place is of goes on after that very row. Of the same instant, alerts are all
    still to come after an incident, and incidents are all past after an alert.
    """
    if place is None:
        return None
    last_kind, at, last_id = place
    if kind == last_kind:
        return Position(at, last_id)
    return Position(at, None) if kind == "incident" else Position(at, ABOVE_EVERY_ID)
