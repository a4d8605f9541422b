"""`/_emulator/…`: faults on demand, the meter, the budget, splits. No key is asked for.

| request | does |
|---|---|
| `GET /_emulator/faults` | the rules in force, with how often each struck |
| `PUT /_emulator/faults` | replaces them, as in `{"seed": 1, "rules": [RULE]}` |
| `DELETE /_emulator/faults` | no faults |
| `GET /_emulator/meter` | counts and request units since the start |
| `PUT /_emulator/meter/{span}` | begins a span |
| `GET /_emulator/meter/{span}` | what it counted so far |
| `DELETE /_emulator/meter/{span}` | ends it, with what it counted |
| `GET /_emulator/throughput` | the budget in request units a second, null for none |
| `PUT /_emulator/throughput` | sets it, as in `{"requestUnits": 1000}` |
| `DELETE /_emulator/throughput` | no budget |
| `POST /_emulator/splits` | splits a partition: `{"database": D, "container": C, "range": "0"}` |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from local.cosmos.errors import CosmosError, bad_request, not_found
from local.cosmos.messages import Response, json_response

if TYPE_CHECKING:
    from local.cosmos.budget import Budget
    from local.cosmos.faults import Faults
    from local.cosmos.messages import Request
    from local.cosmos.meter import Meter
    from local.cosmos.service import Service

ROOT: Final = "_emulator"


def administer(service: Service, request: Request) -> Response:
    """Answer a request to the admin endpoint.

    Raises:
        CosmosError: 400 for a wrong rule, 404 for an unknown path or span, 405 for the method.
    """
    match request.path[1:]:
        case ("faults",):
            return _faults(service.faults, request)
        case ("meter",) if request.method == "GET":
            return json_response(200, service.meter.total.describe())
        case ("meter", span):
            return _span(service.meter, request, span)
        case ("throughput",):
            return _throughput(service.budget, request)
        case ("splits",) if request.method == "POST":
            return _split(service, request)
    raise not_found("/" + "/".join(request.path))


def _faults(faults: Faults, request: Request) -> Response:
    match request.method:
        case "PUT":
            body = request.json_object()
            rules, seed = body.get("rules"), body.get("seed", 0)
            if not isinstance(rules, list) or not isinstance(seed, int):
                raise bad_request("Faults need a list 'rules' and, if any, an integer 'seed'.")
            faults.configure(rules, seed)
        case "DELETE":
            faults.configure([], 0)
        case "GET":
            pass
        case _:
            raise CosmosError(405, "Faults take GET, PUT and DELETE.")
    described = [rule.describe() for rule in faults.rules]
    return json_response(200, {"seed": faults.seed, "rules": described})


def _span(meter: Meter, request: Request, name: str) -> Response:
    match request.method:
        case "PUT":
            meter.begin(name)
            return json_response(200, meter.span(name).describe())
        case "GET":
            return json_response(200, meter.span(name).describe())
        case "DELETE":
            return json_response(200, meter.end(name).describe())
    raise CosmosError(405, "A meter span takes PUT, GET and DELETE.")


def _throughput(budget: Budget, request: Request) -> Response:
    match request.method:
        case "PUT":
            units = request.json_object().get("requestUnits")
            if isinstance(units, bool) or not isinstance(units, int | float) or units <= 0:
                raise bad_request("The budget needs a number 'requestUnits' over 0.")
            budget.set(units)
        case "DELETE":
            budget.set(None)
        case "GET":
            pass
        case _:
            raise CosmosError(405, "The budget takes GET, PUT and DELETE.")
    return json_response(200, {"requestUnits": budget.rate})


def _split(service: Service, request: Request) -> Response:
    """Split a physical partition; without `range`, the first one."""
    body = request.json_object()
    containers = service.store.containers
    container = containers.get(str(body.get("database")), str(body.get("container")))
    parent = str(body.get("range", container.scheme.ranges[0].id))
    children = containers.split(container, parent)
    return json_response(200, {"range": parent, "children": [each.id for each in children]})
