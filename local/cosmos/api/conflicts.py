"""`…/conflicts`: with one write region there never are any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.cosmos.errors import bad_request, not_found
from local.cosmos.kinds import is_query
from local.cosmos.messages import ITEM_COUNT, PARTITION_KEY, Response, json_response

from .queries import CROSS_PARTITION, DISABLED

if TYPE_CHECKING:
    from local.cosmos.messages import Request
    from local.cosmos.store.containers import Container


def read_conflicts(request: Request, container: Container, rest: tuple[str, ...]) -> Response:
    """The empty list, for a feed and for a query.

    Raises:
        CosmosError: 404 for any single conflict, 400 for a query over no named partition.
    """
    if rest:
        raise not_found(f"conflicts/{rest[0]}")
    everywhere = PARTITION_KEY not in request.headers and not request.flag(CROSS_PARTITION)
    if is_query(request) and everywhere:
        raise bad_request(DISABLED)
    body = {"_rid": container.resource.rid_text, "Conflicts": [], "_count": 0}
    return json_response(200, body, [(ITEM_COUNT, b"0")])
