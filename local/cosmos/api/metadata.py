"""Databases, containers, users, permissions and offers: create, list, query, read, replace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from local.cosmos.errors import bad_request
from local.cosmos.limits import check_resource_id
from local.cosmos.messages import (
    ETAG,
    IF_MATCH,
    IF_NONE_MATCH,
    IS_UPSERT,
    ITEM_COUNT,
    Headers,
    Request,
    Response,
    json_response,
)
from local.cosmos.sql.prepared import environment, prepare
from local.cosmos.store.items import Stored, etag_check

if TYPE_CHECKING:
    from local.cosmos.service import Service
    from local.cosmos.store.catalog import Resource

LIST_NAMES: Final = {
    "dbs": "Databases",
    "colls": "DocumentCollections",
    "users": "Users",
    "permissions": "Permissions",
    "offers": "Offers",
}


def create(service: Service, request: Request, kind: str, owner: Resource | None) -> Response:
    """Create a resource, or replace the one of the same id when the upsert header says so."""
    body = request.json_object()
    check_resource_id(body.get("id"))
    existing = {item.id: item for item in service.store.catalog.list_of(kind, owner)}
    if request.flag(IS_UPSERT) and body["id"] in existing:
        service.store.catalog.replace(existing[body["id"]], _decorated(kind, body))
        return described(existing[body["id"]], 200)
    resource = service.store.catalog.add(kind, owner, _decorated(kind, body))
    return described(resource, 201)


def read(request: Request, resource: Resource) -> Response:
    """The resource; 304 when If-None-Match names its version."""
    if request.header(IF_NONE_MATCH) == resource.body["_etag"]:
        return Response(304, b"", [(ETAG, resource.body["_etag"].encode())])
    return described(resource, 200)


def replace(service: Service, request: Request, resource: Resource) -> Response:
    """Replace the resource's body."""
    body = request.json_object()
    check_version(request, resource)
    body.setdefault("id", resource.id)
    service.store.catalog.replace(resource, _decorated(resource.kind, body))
    return described(resource, 200)


def delete(service: Service, request: Request, resource: Resource) -> Response:
    """Delete the resource and everything below it."""
    check_version(request, resource)
    service.store.catalog.remove(resource)
    service.store.forget_deleted()
    return Response(204)


def list_all(service: Service, request: Request, kind: str, owner: Resource | None) -> Response:
    """Every resource of a kind below an owner."""
    bodies = [item.body for item in service.store.catalog.list_of(kind, owner)]
    return listed(request, kind, owner, bodies)


def query(service: Service, request: Request, kind: str, owner: Resource | None) -> Response:
    """The resources that a query selects."""
    body = request.json_object()
    if not isinstance(body.get("query"), str):
        raise bad_request("The query body needs the property 'query'.")
    documents = [item.body for item in service.store.catalog.list_of(kind, owner)]
    prepared = prepare(body["query"])
    results = prepared.program.run(documents, environment(body.get("parameters")))
    return listed(request, kind, owner, results)


def listed(request: Request, kind: str, owner: Resource | None, bodies: list[Any]) -> Response:
    """A page of resources; the continuation is how many came before."""
    start = int(request.header(b"x-ms-continuation") or 0)
    size = request.page_size(1_000)
    page = bodies[start : start + size]
    headers: Headers = [(ITEM_COUNT, str(len(page)).encode())]
    if start + size < len(bodies):
        headers.append((b"x-ms-continuation", str(start + size).encode()))
    body = {
        "_rid": owner.rid_text if owner else "",
        LIST_NAMES[kind]: page,
        "_count": len(page),
    }
    return json_response(200, body, headers)


def described(resource: Resource, status: int) -> Response:
    """A reply that carries one resource."""
    return json_response(status, resource.body, [(ETAG, resource.body["_etag"].encode())])


def check_version(request: Request, resource: Resource) -> None:
    """Hold the request's preconditions against the resource's ETag.

    Raises:
        CosmosError: 412 when they fail.
    """
    check = etag_check(request.header(IF_MATCH), request.header(IF_NONE_MATCH))
    check(Stored(0, 0, resource.body["_etag"], b""))


def _decorated(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body with the links or the token that its kind has."""
    if kind == "users":
        return {**body, "_permissions": "permissions/"}
    if kind == "permissions":
        return {**body, "_token": "type=resource&ver=1&sig=emulator"}
    if kind == "dbs":
        return {**body, "_colls": "colls/", "_users": "users/"}
    return body
