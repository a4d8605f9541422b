"""From method and path to the handler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .api import metadata
from .api.account import read_account
from .api.batch import run_batch
from .api.conflicts import read_conflicts
from .api.containers import (
    create_container,
    create_database,
    read_container,
    replace_container,
)
from .api.feeds import read_feed
from .api.items import (
    create_item,
    delete_item,
    delete_partition,
    patch_item,
    read_item,
    replace_item,
)
from .api.offers import read_offer, replace_offer
from .api.queries import query_items
from .api.ranges import read_ranges
from .errors import (
    COLLECTION_RID_MISMATCH,
    OWNER_NOT_FOUND,
    CosmosError,
    not_found,
    not_implemented,
)
from .kinds import BATCH, PLAN, is_query
from .messages import INTENDED_RID, Request, Response
from .store.catalog import CONTAINER, DATABASE, OFFER, PERMISSION, USER, Resource
from .unsupported import SCRIPTS

if TYPE_CHECKING:
    from .service import Service
    from .store.containers import Container

AUTHORIZATION: Final = b"authorization"


def route(service: Service, request: Request) -> Response:
    """Answer a request.

    Raises:
        CosmosError: any refusal.
    """
    if AUTHORIZATION not in request.headers:
        raise CosmosError(401, "The request needs the header 'authorization'.")
    match request.path:
        case ("dbs", database, "colls", name, *rest):
            return _container_or_below(service, request, database, name, rest)
        case ("dbs", *rest):
            return _databases_or_below(service, request, rest)
        case ("offers", *rest) if len(rest) < 2:
            if not rest:
                return _many(service, request, OFFER, None)
            return _offer(service, request, service.store.catalog.find(OFFER, None, rest[0]))
        case ():
            return read_account(request)
    raise not_found("/" + "/".join(request.path))


def _container_or_below(
    service: Service, request: Request, database: str, name: str, rest: list[str]
) -> Response:
    if not rest:
        return _one_container(service, request, database, name)
    container = _container(service, request, database, name)
    if rest[0] != "docs" or len(rest) > 2:
        return _below_container(service, request, container, tuple(rest))
    if len(rest) == 2:
        return _item(service, request, container, service.store.items.id_of(container, rest[1]))
    return _items(service, request, container)


def _databases_or_below(service: Service, request: Request, rest: list[str]) -> Response:
    if not rest:
        return _databases(service, request)
    database = service.store.catalog.find(DATABASE, None, rest[0])
    if len(rest) == 1:
        return _one(service, request, database)
    return _below_database(service, request, database, tuple(rest[1:]))


def _items(service: Service, request: Request, container: Container) -> Response:
    if request.method == "GET":
        return read_feed(service, request, container)
    if request.method != "POST":
        raise _wrong_method(request)
    if request.flag(BATCH):
        return run_batch(service, request, container)
    if is_query(request) or request.flag(PLAN):
        return query_items(service, request, container)
    return create_item(service, request, container)


def _item(service: Service, request: Request, container: Container, item_id: str) -> Response:
    match request.method:
        case "GET":
            return read_item(service, request, container, item_id)
        case "PUT":
            return replace_item(service, request, container, item_id)
        case "DELETE":
            return delete_item(service, request, container, item_id)
        case "PATCH":
            return patch_item(service, request, container, item_id)
    raise _wrong_method(request)


def _container(service: Service, request: Request, database: str, name: str) -> Container:
    """The container, which must be the one that the client means."""
    try:
        container = service.store.containers.get(database, name)
    except CosmosError as missing:
        missing.substatus = OWNER_NOT_FOUND
        raise
    intended = request.header(INTENDED_RID)
    if intended is not None and intended != container.resource.rid_text:
        raise CosmosError(
            400,
            "The container was recreated since the client read it.",
            substatus=COLLECTION_RID_MISMATCH,
        )
    return container


def _below_container(
    service: Service, request: Request, container: Container, rest: tuple[str, ...]
) -> Response:
    if rest == ("pkranges",) and request.method == "GET":
        return read_ranges(request, container)
    if rest == ("operations", "partitionkeydelete") and request.method == "POST":
        return delete_partition(service, request, container)
    if rest[0] == "conflicts":
        return read_conflicts(request, container, rest[1:])
    if rest[0] in SCRIPTS:
        raise not_implemented(SCRIPTS[rest[0]])
    raise not_found("/".join(rest))


def _one_container(service: Service, request: Request, database: str, name: str) -> Response:
    container = service.store.containers.get(database, name)
    match request.method:
        case "GET":
            return read_container(request, container)
        case "PUT":
            return replace_container(service, request, container)
        case "DELETE":
            return metadata.delete(service, request, container.resource)
    raise _wrong_method(request)


def _below_database(
    service: Service, request: Request, database: Resource, rest: tuple[str, ...]
) -> Response:
    find = service.store.catalog.find
    match rest:
        case ("colls",) if request.method == "POST" and not is_query(request):
            return create_container(service, request, database)
        case ("colls",):
            return _many(service, request, CONTAINER, database)
        case ("users",):
            return _many(service, request, USER, database)
        case ("users", name):
            return _one(service, request, find(USER, database, name))
        case ("users", name, "permissions"):
            return _many(service, request, PERMISSION, find(USER, database, name))
        case ("users", user, "permissions", name):
            owner = find(USER, database, user)
            return _one(service, request, find(PERMISSION, owner, name))
    if rest[0] in SCRIPTS:
        raise not_implemented(SCRIPTS[rest[0]])
    raise not_found("/".join(rest))


def _databases(service: Service, request: Request) -> Response:
    if request.method == "POST" and not is_query(request):
        return create_database(service, request)
    return _many(service, request, DATABASE, None)


def _many(service: Service, request: Request, kind: str, owner: Resource | None) -> Response:
    if request.method == "GET":
        return metadata.list_all(service, request, kind, owner)
    if request.method != "POST":
        raise _wrong_method(request)
    if is_query(request):
        return metadata.query(service, request, kind, owner)
    return metadata.create(service, request, kind, owner)


def _one(service: Service, request: Request, resource: Resource) -> Response:
    match request.method:
        case "GET":
            return metadata.read(request, resource)
        case "PUT" if resource.kind != DATABASE:
            return metadata.replace(service, request, resource)
        case "DELETE":
            return metadata.delete(service, request, resource)
    raise _wrong_method(request)


def _offer(service: Service, request: Request, offer: Resource) -> Response:
    match request.method:
        case "GET":
            return read_offer(offer)
        case "PUT":
            return replace_offer(service, request, offer)
    raise _wrong_method(request)


def _wrong_method(request: Request) -> CosmosError:
    return CosmosError(405, f"{request.method} is not allowed on /{'/'.join(request.path)}.")
