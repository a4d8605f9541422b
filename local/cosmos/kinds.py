"""What a request is, in one word: for the meter, and for choosing which requests fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .messages import AIM, IS_UPSERT

if TYPE_CHECKING:
    from .messages import Request

BATCH: Final = b"x-ms-cosmos-is-batch-request"
PLAN: Final = b"x-ms-cosmos-is-query-plan-request"
IS_QUERY: Final = b"x-ms-documentdb-isquery"
QUERY_TYPE: Final = b"application/query+json"

ITEM_KINDS: Final = {"GET": "read", "PUT": "replace", "PATCH": "patch", "DELETE": "delete"}
KINDS: Final = (
    "create",
    "upsert",
    "read",
    "replace",
    "patch",
    "delete",
    "batch",
    "query",
    "plan",
    "feed",
    "changes",
    "ranges",
    "metadata",
)


def kind_of(request: Request) -> str:
    """One of `KINDS`; everything that is not about items or ranges is `metadata`."""
    path = request.path
    if len(path) < 5 or path[2] != "colls":
        return "metadata"
    if path[4] == "pkranges":
        return "ranges"
    if path[4] != "docs":
        return "metadata"
    if len(path) > 5:
        return ITEM_KINDS.get(request.method, "metadata")
    if request.method == "GET":
        return "changes" if AIM in request.headers else "feed"
    return _kind_of_post(request)


def container_of(request: Request) -> str | None:
    """The container that the request's path names, or None."""
    return request.path[3] if len(request.path) > 3 and request.path[2] == "colls" else None


def is_query(request: Request) -> bool:
    """Whether a POST is a query rather than a create."""
    return request.flag(IS_QUERY) or request.headers.get(b"content-type", b"").startswith(
        QUERY_TYPE
    )


def _kind_of_post(request: Request) -> str:
    if request.flag(BATCH):
        return "batch"
    if request.flag(PLAN):
        return "plan"
    if is_query(request):
        return "query"
    return "upsert" if request.flag(IS_UPSERT) else "create"
