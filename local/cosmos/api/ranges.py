"""`GET …/pkranges`: the physical ranges of a container."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.cosmos.messages import ETAG, IF_NONE_MATCH, ITEM_COUNT, Request, Response, json_response

if TYPE_CHECKING:
    from local.cosmos.partition import PhysicalRange
    from local.cosmos.store.containers import Container


def read_ranges(request: Request, container: Container) -> Response:
    """All ranges with an ETag; 304 when the client has them already."""
    resource = container.resource
    etag = f'"ranges-{resource.rid_text}-{len(container.scheme.ranges)}"'
    headers = [(ETAG, etag.encode())]
    if request.header(IF_NONE_MATCH) == etag:
        return Response(304, b"", headers)
    ranges = [_describe(container, item) for item in container.scheme.ranges]
    body = {
        "_rid": resource.rid_text,
        "PartitionKeyRanges": ranges,
        "_count": len(ranges),
    }
    headers.append((ITEM_COUNT, str(len(ranges)).encode()))
    return json_response(200, body, headers)


def _describe(container: Container, item: PhysicalRange) -> dict[str, Any]:
    resource = container.resource
    return {
        "_rid": f"{resource.rid_text}{item.id}",
        "id": item.id,
        "_etag": resource.body["_etag"],
        "minInclusive": item.low,
        "maxExclusive": item.high,
        "ridPrefix": int(item.id),
        "_self": f"{resource.link}pkranges/{item.id}/",
        "throughputFraction": 1 / len(container.scheme.ranges),
        "status": "online",
        "parents": [],
        "_ts": resource.body["_ts"],
        "_lsn": container.lsn,
    }
