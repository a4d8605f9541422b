"""`/api/entities/{kind}/{value}`: everything known on one account, host, address or file."""

import asyncio
from typing import Any, Final
from urllib.parse import quote, unquote

import azure.functions as func

from http_api.answers import Answer, answer_json
from http_api.blueprint import METHODS, bp, serve
from http_api.parameters import Parameters
from http_api.problems import FieldError, invalid, missing
from http_api.requests import Request
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


async def show_entity(request: Request, services: Services) -> Answer:
    """The entity's key, its first and last alert, and the latest incidents and alerts of it."""
    parameters = Parameters(request)
    parameters.done()
    value = unquote(request.path.get("value", ""))
    keys = read_keys(request.path["kind"], value)
    wanted = Filter(confidences=(), entities=keys)
    incidents, alerts, records = await asyncio.gather(
        services.incidents.page(wanted, _LATEST_INCIDENTS, None, SHOWN),
        services.alerts.page(wanted, _LATEST_ALERTS, None, SHOWN),
        asyncio.gather(*map(services.membership.entity, keys)),
    )
    known = [record for record in records if record is not None]
    if not alerts and not known:
        raise missing(f"The {request.path['kind']} {value}")
    key = known[0]["key"] if known else keys[0]
    return answer_json(
        {
            "kind": request.path["kind"],
            "value": value,
            "key": key,
            **await _seen(wanted, alerts, services),
            "common": any(tie.get("common") for record in known for tie in record["ties"]),
            "incidents": [incident_row(row) for row in incidents],
            "alerts": [alert_row(row) for row in alerts],
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
