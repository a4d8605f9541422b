"""`/api/incidents/facets`: how many incidents each further choice would leave, for a filter."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import azure.functions as func

from http_api.blueprint import METHODS, bp, serve
from http_api.counting import SEVERITIES, STAGES
from http_api.filters import CONFIDENCES, read_filter
from http_api.parameters import Parameters
from http_api.requests import Request
from http_api.responses import Response, json_response
from http_api.services import Services
from shared.alert import STATUSES
from shared.severity import Severity
from shared.store.filters import Filter
from shared.store.incident_table import IncidentRow
from shared.times import SECOND


@dataclass(frozen=True, slots=True)
class Facet:
    """One part of the filter: what a row has of it, and the values that there are."""

    values: tuple[str, ...]
    of: Callable[[IncidentRow], tuple[str, ...]]


FACETS: Final[Mapping[str, Facet]] = {
    "bySeverity": Facet(SEVERITIES, lambda row: (row.severity,)),
    "byStatus": Facet(STATUSES, lambda row: (row.status,)),
    "byStage": Facet(STAGES, lambda row: row.stages),
    "byConfidence": Facet(tuple(CONFIDENCES), lambda row: (row.confidence,)),
}


@bp.route("api/incidents/facets", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def facets(req: func.HttpRequest) -> func.HttpResponse:
    """Counts for the current filter of incidents."""
    return await serve(req, {"GET": count_facets})


async def count_facets(request: Request, services: Services) -> Response:
    """The number that the filter lets through, and for each facet the number of each choice."""
    parameters = Parameters(request)
    wanted = read_filter(parameters, incidents=True)
    parameters.done()
    table = await services.incident_table.read(services.now() // SECOND)
    rest = beyond_facets(wanted)
    rows: Iterable[IncidentRow] = table.values()
    if rest != Filter(confidences=()):
        found = await services.incidents.ids(rest)
        rows = [row for incident_id, row in table.items() if incident_id in found]
    return json_response(count(rows, chosen(wanted)))


def beyond_facets(wanted: Filter) -> Filter:
    """The filter without its facets: what the store has to be asked for."""
    return replace(wanted, severities=(), statuses=(), stages=(), confidences=())


def chosen(wanted: Filter) -> dict[str, frozenset[str]]:
    """What is chosen in each facet; nothing is all."""
    confidences = (name for name, rank in CONFIDENCES.items() if rank in wanted.confidences)
    return {
        "bySeverity": frozenset(Severity(rank).name for rank in wanted.severities),
        "byStatus": frozenset(wanted.statuses),
        "byStage": frozenset(wanted.stages),
        "byConfidence": frozenset(confidences),
    }


def count(
    rows: Iterable[IncidentRow], choices: Mapping[str, frozenset[str]]
) -> dict[str, int | dict[str, int]]:
    """The total, and each facet counted as if nothing were chosen in it, but in all others."""
    total = 0
    counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for row in rows:
        failing = [
            name
            for name, facet in FACETS.items()
            if choices[name] and choices[name].isdisjoint(facet.of(row))
        ]
        total += not failing
        for name in FACETS if not failing else failing if len(failing) == 1 else ():
            counts[name].update(FACETS[name].of(row))
    every = {
        name: {value: counts[name][value] for value in facet.values}
        for name, facet in FACETS.items()
    }
    return {"total": total, **every}
