"""`/api/alerts/facets`: how many alerts each further choice would leave, for a filter.

Whole hours come from the counts that are kept, whatever the number of alerts. What those do not
tell, the rest of an hour or a filter by anything but severity, state and time, is counted alert by
alert, up to a limit that the answer admits to.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import azure.functions as func

from http_api.alerts import read_alerts
from http_api.blueprint import METHODS, bp, serve
from http_api.counting import SEVERITIES, Bounds
from http_api.filters import read_filter
from http_api.parameters import Parameters
from http_api.requests import Request
from http_api.responses import Response, json_response
from http_api.services import Services
from shared.alert import STATUSES
from shared.severity import Severity
from shared.store.alert_reads import ORDERS
from shared.store.filters import Filter
from shared.store.queries import Order
from shared.store.tally import Counts, split_key
from shared.times import HOUR, SECOND, format_time, parse_time

MOST_COUNTED: Final = 5_000
"""Alerts that are counted one by one, the latest."""
_LATEST: Final = Order(ORDERS["start"])

Cells: TypeAlias = Counter[tuple[int, str]]
"""How many alerts there are, by severity rank and state."""


@dataclass(frozen=True, slots=True)
class Split:
    """A period as the whole hours within it, None for none, and the periods left at its ends."""

    hours: Bounds | None
    ends: tuple[tuple[str, str], ...]


@bp.route("api/alerts/facets", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def alert_facets(req: func.HttpRequest) -> func.HttpResponse:
    """Counts for the current filter of alerts."""
    return await serve(req, {"GET": count_facets})


async def count_facets(request: Request, services: Services) -> Response:
    """The number that the filter lets through, and for both facets the number of each choice."""
    parameters = Parameters(request)
    wanted = read_filter(parameters, alerts=True)
    parameters.done()
    rest = replace(wanted, severities=(), statuses=())
    if rest == Filter(confidences=(), since=wanted.since, until=wanted.until):
        split = split_period(wanted.since, wanted.until)
        kept, complete = Cells(), True
        if split.hours is not None:
            counted_so_far = await services.alert_counts.read(services.now() // SECOND)
            kept = cells_within(counted_so_far.parts, split.hours)
            complete = counted_so_far.until is None
        ends = [replace(rest, since=since, until=until) for since, until in split.ends]
    else:
        kept, complete, ends = Cells(), True, [rest]
    for each in ends:
        found = await read_alerts(
            services, each, _LATEST, None, MOST_COUNTED + 1, only=("severityRank", "status")
        )
        complete &= len(found.rows) <= MOST_COUNTED and found.reached is None
        kept.update((row["severityRank"], row["status"]) for row in found.rows[:MOST_COUNTED])
    return json_response({**counted(kept, wanted), "complete": complete})


def split_period(since: str | None, until: str | None) -> Split:
    """The whole hours of a period, and what is left before and after them; None is open."""
    first = None if since is None else -(-parse_time(since) // HOUR)
    end = None if until is None else parse_time(until) // HOUR
    start = since if first is None else format_time(first * HOUR)
    stop = until if end is None else format_time(end * HOUR)
    if since and until and start and stop and start > stop:
        return Split(None, ((since, until),))
    pieces = ((since, start), (stop, until))
    ends = tuple((begin, finish) for begin, finish in pieces if begin and finish and begin < finish)
    return Split(Bounds(first, end), ends)


def cells_within(parts: Iterable[Counts], bounds: Bounds) -> Cells:
    """The alerts that the kept counts have within whole hours."""
    cells = Cells()
    for part in parts:
        for hour, keys in part.items():
            if bounds.hold(hour, hour):
                for key, number in keys.items():
                    cells[split_key(key)] += number
    return cells


def counted(cells: Mapping[tuple[int, str], int], wanted: Filter) -> dict[str, Any]:
    """The total, and either facet counted as if nothing were chosen in it, but in the other."""
    total = 0
    severities: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    for (rank, status), number in cells.items():
        severe = not wanted.severities or rank in wanted.severities
        in_state = not wanted.statuses or status in wanted.statuses
        total += number if severe and in_state else 0
        severities[Severity(rank).name] += number if in_state else 0
        statuses[status] += number if severe else 0
    return {
        "total": total,
        "bySeverity": {name: severities[name] for name in SEVERITIES},
        "byStatus": {name: statuses[name] for name in STATUSES},
    }
