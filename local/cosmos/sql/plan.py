"""Query plans: what a client must do to merge a query over partitions, as the gateway says it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from local.cosmos.errors import bad_request
from local.cosmos.partition import MAX_EPK, PartitionScheme

from .aggregates import AGGREGATES
from .ast import (
    ArrayLiteral,
    Call,
    Expr,
    Literal,
    Member,
    Name,
    ObjectLiteral,
    Query,
    SelectItem,
    SubQuery,
)
from .program import Program, root_alias
from .render import render, render_query
from .translate import pinned_key

if TYPE_CHECKING:
    from .compiler import Env

PLAN_VERSION: Final = 2
AGGREGATE_NAMES: Final = {
    "COUNT": "Count",
    "COUNTIF": "CountIf",
    "SUM": "Sum",
    "AVG": "Average",
    "MIN": "Min",
    "MAX": "Max",
}


def needs_plan(query: Query) -> bool:
    """Whether the results of several partitions must be merged by the client."""
    return bool(
        query.top is not None
        or query.distinct
        or query.order_by
        or query.group_by
        or query.offset is not None
        or has_aggregates(query)
    )


def has_aggregates(query: Query) -> bool:
    """Whether the SELECT clause aggregates (a query inside it does not count)."""
    exprs = [query.value] if query.value is not None else [item.expr for item in query.items]
    return any(map(_aggregating, exprs))


def _aggregating(expr: Expr) -> bool:
    if isinstance(expr, Call) and not expr.udf and expr.name in AGGREGATES:
        return True
    return any(map(_aggregating, _children(expr)))


def _children(expr: Any) -> list[Expr]:
    """The direct sub-expressions of a tree, not looking into queries."""
    if isinstance(expr, SubQuery):
        return []
    if isinstance(expr, ObjectLiteral):
        return [value for _, value in expr.pairs]
    found: list[Any] = []
    for name in expr.__dataclass_fields__:
        value = getattr(expr, name)
        found += value if isinstance(value, tuple) else [value]
    return [item for item in found if hasattr(item, "__dataclass_fields__")]


def make_plan(
    query: Query, env: Env, scheme: PartitionScheme, features: str | None
) -> dict[str, Any]:
    """The plan of a query, with the text to run on each partition.

    Args:
        features: what the client says it can merge (comma-separated), or None not to check.

    Raises:
        CosmosError: 400 when the query needs what the client cannot do.
    """
    if features is not None:
        _check_features(query, features)
    skip, most = Program(query).bounds(env)
    aggregate = query.value if has_aggregates(query) else None
    info: dict[str, Any] = {
        "distinctType": _distinct_type(query),
        "top": most if query.top is not None else None,
        "offset": skip if query.offset is not None else None,
        "limit": most if query.limit is not None else None,
        "orderBy": [] if aggregate else [_direction(o.descending) for o in query.order_by],
        "orderByExpressions": [] if aggregate else [render(o.expr) for o in query.order_by],
        "groupByExpressions": [render(expr) for expr in query.group_by],
        "groupByAliases": [],
        "aggregates": [AGGREGATE_NAMES[aggregate.name]] if isinstance(aggregate, Call) else [],
        "groupByAliasToAggregateType": {},
        "rewrittenQuery": render_query(_rewritten(query, skip, most)),
        "hasSelectValue": query.value is not None,
        "hasNonStreamingOrderBy": False,
    }
    return {
        "partitionedQueryExecutionInfoVersion": PLAN_VERSION,
        "queryInfo": info,
        "queryRanges": [_query_range(query, env, scheme)],
    }


def _check_features(query: Query, supported: str) -> None:
    known = {name.strip() for name in supported.split(",")}
    needed = []
    if query.group_by:
        needed.append("GroupBy")
    if has_aggregates(query) and not _bare_aggregate(query):
        needed.append("NonValueAggregate")
    missing = [name for name in needed if name not in known]
    if missing:
        raise bad_request(
            "Query contains the following features, which the calling client does not support: "
            + " ".join(missing)
        )


def _bare_aggregate(query: Query) -> bool:
    return isinstance(query.value, Call) and query.value.name in AGGREGATES


def _distinct_type(query: Query) -> str:
    if not query.distinct:
        return "None"
    return "Ordered" if query.order_by else "Unordered"


def _direction(descending: bool) -> str:
    return "Descending" if descending else "Ascending"


def _rewritten(query: Query, skip: int, most: int | None) -> Query:
    """The query for one partition, whose results the client can merge."""
    if isinstance(query.value, Call) and has_aggregates(query):
        item = ObjectLiteral((("item", _partial(query.value)),))
        return replace(query, value=ArrayLiteral((item,)), order_by=(), top=None)
    limited = query
    if query.offset is not None:
        keep_all = query.distinct and query.order_by
        limited = replace(
            query,
            offset=None if keep_all else Literal(0),
            limit=None if keep_all else Literal(skip + (most or 0)),
        )
    if not query.order_by:
        return limited
    alias = root_alias(query) or query.sources[0].alias
    keys = tuple(ObjectLiteral((("item", order.expr),)) for order in query.order_by)
    items = (
        SelectItem(Member(Name(alias), Literal("_rid")), "_rid"),
        SelectItem(ArrayLiteral(keys), "orderByItems"),
        SelectItem(_payload(query, alias), "payload"),
    )
    return replace(limited, star=False, value=None, items=items)


def _partial(aggregate: Call) -> Expr:
    if aggregate.name != "AVG":
        return aggregate
    return ObjectLiteral(
        (("sum", Call("SUM", aggregate.args)), ("count", Call("COUNT", aggregate.args)))
    )


def _payload(query: Query, alias: str) -> Expr:
    if query.star:
        return Name(alias)
    if query.value is not None:
        return query.value
    return ObjectLiteral(tuple((item.name, item.expr) for item in query.items))


def _query_range(query: Query, env: Env, scheme: PartitionScheme) -> dict[str, Any]:
    key = pinned_key(query.where, root_alias(query), env, scheme)
    if key is None:
        return {"min": "", "max": MAX_EPK, "isMinInclusive": True, "isMaxInclusive": False}
    epk = scheme.epk(key)
    return {"min": epk, "max": epk, "isMinInclusive": True, "isMaxInclusive": True}
