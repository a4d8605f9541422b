"""Databases and containers, where creating or changing one does more than storing a body."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from local.cosmos.errors import bad_request, not_implemented
from local.cosmos.indexing import complete_policy
from local.cosmos.limits import check_resource_id
from local.cosmos.messages import Headers, Request, Response, json_response
from local.cosmos.partition import parse_path
from local.cosmos.store.catalog import CONTAINER, DATABASE, Resource
from local.cosmos.store.containers import RANGE_COUNT, Container
from local.cosmos.unsupported import POLICIES

from .metadata import check_version, described
from .offers import DEFAULT_THROUGHPUT, add_offer, offer_content, throughput

if TYPE_CHECKING:
    from local.cosmos.service import Service

RU_PER_RANGE: Final = 6_000
MAX_RANGES: Final = 64
KEY_LEVELS: Final = 3
GEOSPATIAL: Final = {"type": "Geography"}
CONFLICTS: Final = {
    "mode": "LastWriterWins",
    "conflictResolutionPath": "/_ts",
    "conflictResolutionProcedure": "",
}


def create_database(service: Service, request: Request) -> Response:
    """`POST /dbs`."""
    body = request.json_object()
    check_resource_id(body.get("id"))
    offer = offer_content(request, None)
    resource = service.store.catalog.add(
        DATABASE, None, {"id": body["id"], "_colls": "colls/", "_users": "users/"}
    )
    if offer:
        add_offer(service, resource, offer)
    return described(resource, 201)


def create_container(service: Service, request: Request, database: Resource) -> Response:
    """`POST /dbs/{db}/colls`: stores the definition completed with the service's defaults."""
    body = request.json_object()
    check_resource_id(body.get("id"))
    definition = _complete(body)
    offer = offer_content(request, DEFAULT_THROUGHPUT)
    ranges = max(service.partitions, math.ceil(throughput(offer) / RU_PER_RANGE))
    resource = service.store.catalog.add(
        CONTAINER, database, definition, {RANGE_COUNT: min(ranges, MAX_RANGES)}
    )
    service.store.containers.get(database.id, resource.id)
    if offer:
        add_offer(service, resource, offer)
    return described(resource, 201)


def read_container(request: Request, container: Container) -> Response:
    """`GET …/colls/{id}`, with quota and usage when asked for."""
    headers: Headers = [
        (b"etag", container.resource.body["_etag"].encode()),
        (b"x-ms-documentdb-collection-index-transformation-progress", b"100"),
    ]
    body = container.resource.body
    if request.flag(b"x-ms-documentdb-populatequotainfo"):
        usage = f"documentsCount={container.rows};documentsSize=0;collectionSize=0;"
        headers += [
            (b"x-ms-resource-usage", usage.encode()),
            (b"x-ms-resource-quota", b"collectionSize=10485760;documentsSize=10485760;"),
        ]
    if request.flag(b"x-ms-documentdb-populatepartitionstatistics"):
        body = {
            **body,
            "statistics": [_statistics(container, item.id) for item in container.scheme.ranges],
        }
    return json_response(200, body, headers)


def replace_container(service: Service, request: Request, container: Container) -> Response:
    """`PUT …/colls/{id}`: everything but the partition key and the unique keys may change.

    Raises:
        CosmosError: 400 when the partition key or the id would change.
    """
    resource = container.resource
    check_version(request, resource)
    body = request.json_object()
    definition = _complete({**body, "id": body.get("id", resource.id)})
    if definition["partitionKey"] != resource.body["partitionKey"]:
        raise bad_request("The partition key of a container cannot be changed.")
    if definition["id"] != resource.id:
        raise bad_request("The id of a container cannot be changed.")
    ttl = container.default_ttl
    service.store.catalog.replace(resource, definition)
    if container.default_ttl != ttl:
        service.store.reset_expiry(container)
    return described(resource, 200)


def _statistics(container: Container, range_id: str) -> dict[str, Any]:
    return {
        "id": range_id,
        "sizeInKB": 0,
        "documentCount": container.rows // len(container.scheme.ranges),
        "sampledDistinctPartitionKeyCount": 0,
        "partitionKeys": [],
    }


def _complete(body: dict[str, Any]) -> dict[str, Any]:
    """A container's definition with every default that the service adds."""
    for name, feature in POLICIES.items():
        if body.get(name):
            raise not_implemented(feature)
    definition = {name: value for name, value in body.items() if not name.startswith("_")}
    definition["partitionKey"] = _partition_key(body.get("partitionKey"))
    definition["indexingPolicy"] = complete_policy(body.get("indexingPolicy"))
    definition.setdefault("conflictResolutionPolicy", CONFLICTS)
    definition.setdefault("geospatialConfig", GEOSPATIAL)
    _check_default_ttl(body)
    return definition | _LINKS


_LINKS: Final = {
    "_docs": "docs/",
    "_sprocs": "sprocs/",
    "_triggers": "triggers/",
    "_udfs": "udfs/",
    "_conflicts": "conflicts/",
}


def _partition_key(definition: Any) -> dict[str, Any]:
    if not isinstance(definition, Mapping) or not definition.get("paths"):
        raise bad_request("A container needs a partition key with at least one path.")
    paths = list(definition["paths"])
    kind = definition.get("kind", "Hash")
    if kind not in ("Hash", "MultiHash"):
        raise bad_request(f"The partition key kind {kind!r} must be Hash or MultiHash.")
    if len(paths) > (KEY_LEVELS if kind == "MultiHash" else 1):
        raise bad_request(f"Too many partition key paths: {kind} cannot have {len(paths)}.")
    for path in paths:
        parse_path(path)
    version = {} if "version" not in definition else {"version": definition["version"]}
    return {"paths": paths, "kind": kind, **version}


def _check_default_ttl(body: Mapping[str, Any]) -> None:
    ttl = body.get("defaultTtl")
    if ttl is None:
        return
    if isinstance(ttl, bool) or not isinstance(ttl, int) or ttl == 0 or ttl < -1:
        raise bad_request("The value of defaultTtl must be -1 or a positive integer, in seconds.")
