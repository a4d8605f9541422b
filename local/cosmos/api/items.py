"""Create, upsert, read, replace, patch and delete of single items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.cosmos.charges import read_charge
from local.cosmos.errors import PARTITION_KEY_MISMATCH, CosmosError, bad_request
from local.cosmos.limits import check_item_id, check_item_size, check_partition_key, check_ttl
from local.cosmos.messages import (
    ETAG,
    IF_MATCH,
    IF_NONE_MATCH,
    IS_UPSERT,
    PARTITION_KEY,
    Headers,
    Request,
    Response,
    parse_json,
)
from local.cosmos.store.items import Check, Document, Stored, Write, etag_check

from .headers import item_headers
from .patch import patch_document
from .views import view

if TYPE_CHECKING:
    from local.cosmos.service import Service
    from local.cosmos.store.containers import Container

PREFER = b"prefer"


def create_item(service: Service, request: Request, container: Container) -> Response:
    """`POST …/docs`: create, or upsert when the header says so."""
    check_item_size(request.body)
    document = request.json_object()
    key = key_for(container, document, request.header(PARTITION_KEY))
    with service.store.items.write(container) as write:
        if request.flag(IS_UPSERT):
            stored, created = write.upsert(key, document, preconditions(request))
        else:
            stored, created = write.create(key, document), True
    return _written(request, container, key, stored, write, status=201 if created else 200)


def read_item(service: Service, request: Request, container: Container, item_id: str) -> Response:
    """`GET …/docs/{id}`: 304 when If-None-Match names the stored version."""
    key = request_key(container, request)
    seen = view(service, request, container)
    stored = seen.items.read(seen.container, key, item_id)
    headers = _headers(seen.container, key, stored)
    if request.header(IF_NONE_MATCH) == stored.etag:
        return Response(304, b"", headers)
    return Response(200, stored.doc, headers, read_charge(len(stored.doc)))


def replace_item(
    service: Service, request: Request, container: Container, item_id: str
) -> Response:
    """`PUT …/docs/{id}`."""
    check_item_size(request.body)
    document = request.json_object()
    key = key_for(container, document, request.header(PARTITION_KEY))
    with service.store.items.write(container) as write:
        stored = write.replace(key, item_id, document, preconditions(request))
    return _written(request, container, key, stored, write)


def patch_item(service: Service, request: Request, container: Container, item_id: str) -> Response:
    """`PATCH …/docs/{id}`: operations in order, all or none, under an optional condition."""
    patch = _patch(request)
    key = request_key(container, request)
    with service.store.items.write(container) as write:
        stored = write.change(
            key, item_id, patch_edit(container, key, patch), preconditions(request)
        )
    return _written(request, container, key, stored, write)


def _patch(request: Request) -> dict[str, Any]:
    """A patch body; a bare list of operations is one too."""
    body = parse_json(request.body)
    if isinstance(body, list):
        return {"operations": body}
    return request.json_object()


def delete_item(service: Service, request: Request, container: Container, item_id: str) -> Response:
    """`DELETE …/docs/{id}`."""
    key = request_key(container, request)
    with service.store.items.write(container) as write:
        write.delete(key, item_id, preconditions(request))
    physical = container.scheme.range_of(container.scheme.epk(key))
    return Response(204, b"", item_headers(container, physical), write.charge)


def delete_partition(service: Service, request: Request, container: Container) -> Response:
    """`POST …/operations/partitionkeydelete`: every item of one logical partition."""
    key = request_key(container, request)
    service.store.items.delete_partition(container, key)
    physical = container.scheme.range_of(container.scheme.epk(key))
    return Response(200, b"", item_headers(container, physical))


def patch_edit(container: Container, key: str, patch: dict[str, Any]) -> Any:
    """The edit that a patch body describes, which must leave the partition key alone."""

    def edit(stored: Stored) -> Document:
        document = patch_document(stored, patch)
        check_document(container, document)
        if container.scheme.key_of_item(document) != key:
            raise bad_request("A patch must not change the partition key.")
        return document

    return edit


def preconditions(request: Request) -> Check:
    """The check that the request's If-Match and If-None-Match ask for."""
    return etag_check(request.header(IF_MATCH), request.header(IF_NONE_MATCH))


def request_key(container: Container, request: Request) -> str:
    """The partition key in the request's header.

    Raises:
        CosmosError: 400 without one.
    """
    text = request.header(PARTITION_KEY)
    if text is None:
        raise bad_request(
            "PartitionKey value must be supplied for this operation "
            "(header x-ms-documentdb-partitionkey)."
        )
    return container.scheme.key_of_header(text)


def key_for(container: Container, document: Document, header: str | None) -> str:
    """Check a document and return its partition key.

    A hierarchical key must be there in all its levels: the SDK sends null for a missing one, which
    is not what the document holds.

    Raises:
        CosmosError: 400, with substatus 1001 when header and document disagree.
    """
    check_document(container, document)
    key = container.scheme.key_of_item(document)
    check_partition_key(key)
    if header is not None and container.scheme.key_of_header(header) != key:
        raise CosmosError(
            400,
            "PartitionKey extracted from document doesn't match the one specified in the header.",
            substatus=PARTITION_KEY_MISMATCH,
        )
    return key


def check_document(container: Container, document: Document) -> None:
    """Refuse a document with a bad id, or a bad `ttl` where items expire."""
    check_item_id(document.get("id"))
    if container.default_ttl is not None:
        check_ttl(document)


def _written(
    request: Request,
    container: Container,
    key: str,
    stored: Stored,
    write: Write,
    *,
    status: int = 200,
) -> Response:
    headers = _headers(container, key, stored)
    minimal = request.headers.get(PREFER) == b"return=minimal"
    body = b"" if minimal else stored.doc
    return Response(status, body, headers, write.charge)


def _headers(container: Container, key: str, stored: Stored) -> Headers:
    scheme = container.scheme
    headers = item_headers(container, scheme.range_of(scheme.epk(key)))
    headers.append((ETAG, stored.etag.encode()))
    headers.append((b"x-ms-item-lsn", b"%d" % stored.lsn))
    return headers
