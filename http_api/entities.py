"""`/api/entities/{kind}/{value}`: everything known on one account, host, address or file."""

import asyncio
from typing import Any, Final
from urllib.parse import quote, unquote

import azure.functions as func

from http_api.alerts import with_membership
from http_api.blueprint import METHODS, bp, serve
from http_api.parameters import Parameters
from http_api.problems import FieldError, invalid, missing
from http_api.requests import Request
from http_api.responses import Response, json_response
from http_api.services import Services
from http_api.views import alert_row, incident_row
from shared.entities import KINDS, make_key
from shared.store import alert_reads, incident_reads
from shared.store.filters import Filter
from shared.store.queries import Document, Order

SHOWN: Final = 50
"""Incidents and alerts that are shown; the links lead to all of them."""
_LATEST_INCIDENTS: Final = Order(incident_reads.ORDERS["activity"])
_LATEST_ALERTS: Final = Order(alert_reads.ORDERS["activity"])


@bp.route("api/entities/{kind}/{*value}", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def entity(req: func.HttpRequest) -> func.HttpResponse:
    """One entity: when it was seen, its incidents, its alerts."""
    return await serve(req, {"GET": show_entity})


async def show_entity(request: Request, services: Services) -> Response:
    """The entity's key, its first and last alert, and the latest incidents and alerts of it."""
    parameters = Parameters(request)
    parameters.done()
    value = unquote(request.path.get("value", ""))
    keys = read_keys(request.path["kind"], value)
    wanted = Filter(confidences=(), entities=keys)
    incidents, alerts = await asyncio.gather(
        services.incidents.page(wanted, _LATEST_INCIDENTS, None, SHOWN),
        services.alerts.page(wanted, _LATEST_ALERTS, None, SHOWN),
    )
    if not alerts and not incidents:
        raise missing(f"The {request.path['kind']} {value}")
    key = keys[0]
    return json_response(
        {
            "kind": request.path["kind"],
            "value": value,
            "key": key,
            **await _seen(wanted, alerts, services),
            "incidents": [incident_row(row) for row in incidents],
            "alerts": [alert_row(row) for row in await with_membership(alerts, services)],
            "incidentsLink": f"/api/incidents?confidence=all&entity={quote(key, safe='')}",
            "alertsLink": f"/api/alerts?entity={quote(key, safe='')}",
        }
    )


def read_keys(kind: str, value: str) -> tuple[str, ...]:
    """The keys that an entity may have: of its value, or as it stands, as details show it.

    Raises Problem (400) for what can have no key.
    """
    if kind not in KINDS:
        raise invalid([FieldError("kind", f"{kind!r} is not known", KINDS)])
    of_value = make_key(kind, value)
    as_it_stands = f"{kind}:{value}" if ":" in value else None
    keys = tuple(dict.fromkeys(key for key in (of_value, as_it_stands) if key is not None))
    if not keys:
        reason = f"{value!r} says nothing of who or where, so it ties nothing together"
        raise invalid([FieldError("value", reason)])
    return keys


async def _seen(wanted: Filter, latest: list[Document], services: Services) -> dict[str, Any]:
    """When the entity's alerts began and ended; the first is sought only if it is not at hand."""
    if not latest:
        return {}
    first = min(row["startTimeUtc"] for row in latest)
    if len(latest) == SHOWN:
        (oldest,) = await services.alerts.page(wanted, alert_reads.OLDEST_FIRST, None, 1)
        first = oldest["startTimeUtc"]
    return {"firstUtc": first, "lastUtc": latest[0]["endTimeUtc"]}
