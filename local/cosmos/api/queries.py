"""Queries over the items of one container: routing, plans, pages and continuations."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import orjson

from local.cosmos.charges import query_charge
from local.cosmos.errors import CROSS_PARTITION_NOT_SERVABLE, CosmosError, bad_request
from local.cosmos.kinds import PLAN
from local.cosmos.messages import CONTINUATION, Request, Response, json_response
from local.cosmos.partition import MAX_EPK, PhysicalRange
from local.cosmos.sql.plan import make_plan
from local.cosmos.sql.prepared import Prepared, environment, prepare
from local.cosmos.sql.translate import pinned_key
from local.cosmos.store.feed import Scope

from .headers import feed_body, list_headers
from .ordering import check_order
from .pages import Execution, Page, Position
from .query_cost import documents_loaded
from .scopes import request_scope
from .views import view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from local.cosmos.service import Service
    from local.cosmos.sql.compiler import Env
    from local.cosmos.store.containers import Container

CROSS_PARTITION: Final = b"x-ms-documentdb-query-enablecrosspartition"
PLAN_FEATURES: Final = b"x-ms-cosmos-supported-query-features"
QUERY_METRICS: Final = b"x-ms-documentdb-populatequerymetrics"
INDEX_METRICS: Final = b"x-ms-cosmos-populateindexmetrics"
INDEX_METRICS_2: Final = b"x-ms-cosmos-populateindexmetrics-v2"
INDEX_UTILIZATION: Final = b"x-ms-cosmos-index-utilization"
EXECUTION_INFO: Final = b"x-ms-cosmos-query-execution-info"
DEFAULT_PAGE: Final = 1_000

NOT_SERVABLE: Final = (
    "The provided cross partition query can not be directly served by the gateway. Newer "
    "clients ask for the query plan and merge the results of each partition themselves."
)
DISABLED: Final = (
    "Cross partition query is required but disabled. Set "
    "x-ms-documentdb-query-enablecrosspartition to true, name a partition key in "
    "x-ms-documentdb-partitionkey, or filter by the partition key."
)


def query_items(service: Service, request: Request, container: Container) -> Response:
    """`POST …/docs` with a query.

    Raises:
        CosmosError: 400 for a wrong query; with substatus 1004 and the plan for one that the
            client must merge over partitions.
    """
    body = request.json_object()
    text = body.get("query")
    if not isinstance(text, str):
        raise bad_request("The query body needs the property 'query'.")
    env = environment(body.get("parameters"))
    prepared = prepare(text)
    if request.flag(PLAN):
        features = request.header(PLAN_FEATURES) or ""
        return json_response(200, make_plan(prepared.query, env, container.scheme, features))
    check_order(container, prepared.query, prepared.alias)
    seen = view(service, request, container)
    targets = _targets(request, container, prepared, env)
    position = Position.parse(request.header(CONTINUATION))
    size = request.page_size(DEFAULT_PAGE)
    execution = Execution(seen.rows, seen.container, prepared, env)
    page, physical = read_pages(execution, targets, position, size)
    scope = targets[0][0] if len(targets) == 1 else Scope(None, physical.low, physical.high)
    loaded = documents_loaded(execution, scope, physical, page)
    reply = _reply(request, seen.container, physical, page, loaded)
    if prepared.query.order_by:
        reply.headers.append((EXECUTION_INFO, _execution_info(prepared)))
    return reply


Target = tuple[Scope, PhysicalRange]


def _targets(request: Request, container: Container, prepared: Prepared, env: Env) -> list[Target]:
    """The ranges to read, one page of one range at a time."""
    named = request_scope(container, request)
    if named is not None:
        return [named]
    scheme = container.scheme
    key = pinned_key(prepared.query.where, prepared.alias, env, scheme)
    if not request.flag(CROSS_PARTITION):
        if key is None:
            raise bad_request(DISABLED)
    elif prepared.merged:
        plan = make_plan(prepared.query, env, scheme, None)
        raise CosmosError(
            400,
            NOT_SERVABLE,
            substatus=CROSS_PARTITION_NOT_SERVABLE,
            additionalErrorInfo=orjson.dumps(plan).decode(),
        )
    if key is not None:
        return [(Scope(key), scheme.range_of(scheme.epk(key)))]
    return [(Scope(None, item.low, item.high), item) for item in scheme.ranges]


def read_pages(
    execution: Execution, targets: list[Target], position: Position | None, size: int
) -> tuple[Page, PhysicalRange]:
    """The next page, which is of one range, and empty where that range has no result.

    An interval that was begun is read to its end, even if it was split meanwhile.
    """
    scheme = execution.container.scheme
    scope, physical = targets[0]
    if position is None:
        position = Position(scope.low, scope.high)
    elif len(targets) > 1:
        scope, physical = Scope(None, position.low, position.high), scheme.range_of(position.low)
    page = execution.page(scope, position, size)
    if page.next is None and len(targets) > 1 and scope.high != MAX_EPK:
        following = scheme.range_of(scope.high)
        page.next = Position(following.low, following.high)
    return page, physical


def _reply(
    request: Request, container: Container, physical: PhysicalRange, page: Page, loaded: int
) -> Response:
    headers = list_headers(container, physical, len(page.rows))
    if page.next is not None:
        headers.append((CONTINUATION, page.next.text().encode()))
    size = sum(map(len, page.rows))
    if request.flag(QUERY_METRICS):
        headers.append(_metrics(page, size, loaded))
    if request.flag(INDEX_METRICS):
        headers.append(_index_metrics(container))
    elif request.flag(INDEX_METRICS_2):
        headers.append(_index_metrics_2(container))
    charge = query_charge(loaded, page.terms, size)
    return Response(200, feed_body(container, page.rows), headers, charge)


def _execution_info(prepared: Prepared) -> bytes:
    """In which order a client that resumes finds items of equal keys: by `_rid`, or its reverse."""
    backwards = all(item.descending for item in prepared.query.order_by)
    return orjson.dumps({"reverseRidEnabled": False, "reverseIndexScan": backwards})


def _metrics(page: Page, size: int, loaded: int) -> tuple[bytes, bytes]:
    values: Iterable[tuple[str, Any]] = (
        ("totalExecutionTimeInMs", "0.10"),
        ("queryCompileTimeInMs", "0.01"),
        ("queryLogicalPlanBuildTimeInMs", "0.01"),
        ("queryPhysicalPlanBuildTimeInMs", "0.01"),
        ("queryOptimizationTimeInMs", "0.00"),
        ("VMExecutionTimeInMs", "0.05"),
        ("indexLookupTimeInMs", "0.01"),
        ("documentLoadTimeInMs", "0.01"),
        ("systemFunctionExecuteTimeInMs", "0.00"),
        ("userFunctionExecuteTimeInMs", "0.00"),
        ("retrievedDocumentCount", loaded),
        ("retrievedDocumentSize", size if page.read else 0),
        ("outputDocumentCount", len(page.rows)),
        ("outputDocumentSize", size),
        ("writeOutputTimeInMs", "0.00"),
        ("indexUtilizationRatio", "1.00"),
    )
    return b"x-ms-documentdb-query-metrics", ";".join(f"{n}={v}" for n, v in values).encode()


def _index_metrics(container: Container) -> tuple[bytes, bytes]:
    """Index metrics of a fixed shape: the partition key is what every query uses."""
    path = "/" + "/".join(container.scheme.paths[0]) + "/?"
    used = {
        "FilterExpression": "",
        "IndexSpec": path,
        "FilterPreciseSet": True,
        "IndexPreciseSet": True,
        "IndexImpactScore": "High",
    }
    metrics = {
        "UtilizedSingleIndexes": [used],
        "PotentialSingleIndexes": [],
        "UtilizedCompositeIndexes": [],
        "PotentialCompositeIndexes": [],
    }
    return INDEX_UTILIZATION, b64encode(orjson.dumps(metrics))


def _index_metrics_2(container: Container) -> tuple[bytes, bytes]:
    """The same in the second form, in which newer clients ask for it."""
    path = "/" + "/".join(container.scheme.paths[0]) + "/?"
    metrics = {
        "UtilizedIndexes": {"SingleIndexes": [{"IndexSpec": path}], "CompositeIndexes": []},
        "PotentialIndexes": {"SingleIndexes": [], "CompositeIndexes": []},
    }
    return INDEX_UTILIZATION, quote(orjson.dumps(metrics)).encode()
