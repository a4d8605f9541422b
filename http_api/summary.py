"""`/api/summary`: what there is, in numbers, and how it came about over time."""

import asyncio
from typing import Any

import azure.functions as func

from http_api.blueprint import METHODS, bp, serve
from http_api.counting import (
    Bounds,
    activity,
    alert_numbers,
    alert_points,
    incident_numbers,
    reduction,
)
from http_api.filters import read_confidences
from http_api.parameters import Parameters
from http_api.periods import BUCKETS, MOST, Period, period_of
from http_api.problems import FieldError, invalid
from http_api.requests import Request
from http_api.responses import Response, json_response
from http_api.services import Services
from shared.times import HOUR, SECOND, format_time, parse_time


@bp.route("api/summary", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def summary(req: func.HttpRequest) -> func.HttpResponse:
    """Counts of incidents and alerts, and the time series of both."""
    return await serve(req, {"GET": show_summary})


async def show_summary(request: Request, services: Services) -> Response:
    """The summary of a period, or of everything."""
    parameters = Parameters(request)
    since, until = parameters.period()
    bucket = parameters.choice("bucket", BUCKETS, "")
    ranks = read_confidences(parameters)
    parameters.done()
    now = services.now()
    counted, table = await asyncio.gather(
        services.alert_counts.read(now // SECOND), services.incident_table.read(now // SECOND)
    )
    counts, rows = counted.parts, table.values()
    start = None if since is None else parse_time(since)
    stop = None if until is None else parse_time(until)
    active = activity(counts, rows) if start is None else None
    period = period_of(start, stop, bucket, active, now)
    _require_few(period)
    bounds = Bounds(None if start is None else period.first, None if stop is None else period.end)
    alerts = alert_numbers(counts, bounds)
    incidents = incident_numbers(rows, ranks, bounds, period)
    points = zip(period.starts(), incidents.points, alert_points(counts, period), strict=True)
    return json_response(
        {
            "from": format_time(period.first * HOUR),
            "to": format_time(period.end * HOUR),
            "bucket": period.bucket,
            "incidents": incidents.numbers,
            "alerts": alerts,
            "stages": incidents.stages,
            **reached(counted.until),
            "reduction": reduction(incidents.numbers["total"], alerts["total"]),
            "series": [
                {"startUtc": at, "incidents": of_incidents, "alerts": of_alerts}
                for at, of_incidents, of_alerts in points
            ],
        }
    )


def reached(until: int | None) -> dict[str, Any]:
    """From when on stored alerts are not counted yet, right after a burst; `until` in seconds."""
    return {} if until is None else {"alertsUntilUtc": format_time((until + 1) * SECOND)}


def _require_few(period: Period) -> None:
    if period.buckets > MOST:
        reason = f"cuts the period into {period.buckets} parts; at most {MOST} are given"
        raise invalid([FieldError("bucket", reason, tuple(BUCKETS))])
