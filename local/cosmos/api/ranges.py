"""`GET …/pkranges`: the physical ranges of a container."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.cosmos.messages import ETAG, IF_NONE_MATCH, ITEM_COUNT, Request, Response, json_response

if TYPE_CHECKING:
    from local.cosmos.partition import PhysicalRange
    from local.cosmos.store.containers import Container


def read_ranges(request: Request, container: Container) -> Response:
    """All ranges with an ETag, or those that came since the client's; 304 when it has them all."""
    resource, scheme = container.resource, container.scheme
    stem = f'"ranges-{resource.rid_text}-'
    etag = f'{stem}{len(scheme.splits)}"'
    headers = [(ETAG, etag.encode())]
    known = request.header(IF_NONE_MATCH)
    if known == etag:
        return Response(304, b"", headers)
    splits = known.removeprefix(stem).rstrip('"') if known and known.startswith(stem) else ""
    found = scheme.ranges_since(int(splits)) if splits.isdigit() else scheme.ranges
    ranges = [_describe(container, item) for item in found]
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
        "parents": list(item.parents),
        "_ts": resource.body["_ts"],
        "_lsn": container.lsn,
    }
