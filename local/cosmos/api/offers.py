"""Offers: how much throughput a database or a container was given, and the least it may have.

Throughput may never fall below a hundredth of the most that it ever was (a tenth with autoscale),
nor below 400 and 1,000 RU/s. Source: "Minimum throughput limits" in the product's documentation.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from local.cosmos.errors import bad_request
from local.cosmos.messages import ETAG, Request, Response, json_response, parse_json
from local.cosmos.store.catalog import OFFER, Resource

from .metadata import check_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.cosmos.service import Service
    from local.cosmos.store.containers import Container

DEFAULT_THROUGHPUT: Final = 400
LEAST_THROUGHPUT: Final = 400
LEAST_AUTOSCALE: Final = 1_000
STEP: Final = 100
AUTOSCALE_STEP: Final = 1_000
THROUGHPUT: Final = b"x-ms-offer-throughput"
AUTOSCALE: Final = b"x-ms-cosmos-offer-autopilot-settings"
MINIMUM: Final = b"x-ms-cosmos-min-throughput"
HIGHEST: Final = "highest"
RU_PER_PARTITION: Final = 10_000


def offer_content(request: Request, default: int | None) -> dict[str, Any] | None:
    """The throughput that the headers ask for.

    Raises:
        CosmosError: 400 when it is too little.
    """
    text = request.header(AUTOSCALE)
    if text is not None:
        settings = parse_json(text.encode())
        return _checked({"offerAutopilotSettings": settings}, 0)
    units = request.header(THROUGHPUT)
    if units is None and default is None:
        return None
    return _checked({"offerThroughput": int(units) if units is not None else default}, 0)


def throughput(offer: Mapping[str, Any] | None) -> int:
    """The most request units a second that an offer's content gives."""
    if not offer:
        return 0
    settings: Mapping[str, Any] = offer.get("offerAutopilotSettings") or {}
    most: int = settings.get("maxThroughput") or offer.get("offerThroughput") or 0
    return most


def add_offer(service: Service, resource: Resource, content: dict[str, Any]) -> None:
    """Store the offer of a new database or container."""
    body = {
        "resource": resource.body["_self"],
        "offerType": "Invalid",
        "offerResourceId": resource.rid_text,
        "offerVersion": "V2",
        "content": content,
    }
    service.store.catalog.add(OFFER, None, body, {HIGHEST: throughput(content)})


def read_offer(offer: Resource) -> Response:
    """`GET /offers/{id}`, with the least that it may become."""
    return _described(offer)


def replace_offer(service: Service, request: Request, offer: Resource) -> Response:
    """`PUT /offers/{id}`: more at once, less only down to the least.

    A container's partitions split where each would have to serve more than it can.

    Raises:
        CosmosError: 400 when it is too little or no multiple of the step, 412 when stale.
    """
    check_version(request, offer)
    body = request.json_object()
    content = body.get("content")
    if not isinstance(content, dict):
        raise bad_request("An offer needs an object 'content'.")
    highest = offer.hidden.get(HIGHEST, 0)
    kept = {**body, "id": offer.id, "content": _checked(content, highest)}
    offer.hidden[HIGHEST] = max(highest, throughput(content))
    service.store.catalog.replace(offer, kept)
    for container in service.store.containers.every():
        if container.resource.body["_self"] == body.get("resource"):
            _split_for(service, container, throughput(kept["content"]))
    return _described(offer)


def _split_for(service: Service, container: Container, units: int) -> None:
    """Split the widest ranges until each has no more than a physical partition can serve."""
    while len(container.scheme.ranges) * RU_PER_PARTITION < units:
        widest = max(container.scheme.ranges, key=lambda each: each.end - each.start)
        service.store.containers.split(container, widest.id)


def _described(offer: Resource) -> Response:
    least = _least(offer.body["content"], offer.hidden.get(HIGHEST, 0))
    headers = [(ETAG, offer.body["_etag"].encode()), (MINIMUM, b"%d" % least)]
    return json_response(200, offer.body, headers)


def _least(content: Mapping[str, Any], highest: int) -> int:
    if content.get("offerAutopilotSettings"):
        return max(LEAST_AUTOSCALE, _rounded(highest / 10, AUTOSCALE_STEP))
    return max(LEAST_THROUGHPUT, _rounded(highest / 100, STEP))


def _rounded(units: float, step: int) -> int:
    return math.ceil(units / step) * step


def _checked(content: Mapping[str, Any], highest: int) -> dict[str, Any]:
    """The content of an offer, complete."""
    units, least = throughput(content), _least(content, highest)
    autoscale = content.get("offerAutopilotSettings")
    step = AUTOSCALE_STEP if autoscale else STEP
    if units < least:
        raise bad_request(
            f"Requested throughput {units} is less than required minimum throughput {least}."
        )
    if units % step:
        raise bad_request(f"The offer should have throughput in steps of {step}, not {units}.")
    base = {"offerIsRUPerMinuteThroughputEnabled": False}
    if autoscale:
        return {
            "offerThroughput": units // 10,
            "offerAutopilotSettings": dict(autoscale),
            **base,
        }
    return {"offerThroughput": units, **base}
