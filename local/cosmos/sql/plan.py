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
    Logical,
    Member,
    Name,
    ObjectLiteral,
    Query,
    SelectItem,
    children,
)
from .program import Program, root_alias
from .render import render, render_query
from .translate import pinned_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .compiler import Env

PLAN_VERSION: Final = 2
EXTREMES: Final = ("MIN", "MAX")
#: Where a client puts the condition from which it goes on, or `true`.
FILTER: Final = "{documentdb-formattableorderbyquery-filter}"
FILTER_MARK: Final = Literal("documentdb-formattableorderbyquery-filter")
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
    return bool(aggregate_calls(query))


def aggregate_calls(query: Query) -> list[Call]:
    """The aggregates of the SELECT clause, leaving out those of a query inside it."""
    exprs = [query.value] if query.value is not None else [item.expr for item in query.items]
    return [call for expr in exprs for call in _aggregates(expr)]


def _aggregates(expr: Expr) -> Iterator[Call]:
    if isinstance(expr, Call) and _aggregate_name(expr) is not None:
        yield expr
    for child in children(expr):
        yield from _aggregates(child)


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
    grouped = has_aggregates(query) or bool(query.group_by)
    info: dict[str, Any] = {
        "distinctType": _distinct_type(query),
        "top": most if query.top is not None else None,
        "offset": skip if query.offset is not None else None,
        "limit": most if query.limit is not None else None,
        "orderBy": [] if grouped else [_direction(o.descending) for o in query.order_by],
        "orderByExpressions": [] if grouped else [render(o.expr) for o in query.order_by],
        "groupByExpressions": [render(expr) for expr in query.group_by],
        "groupByAliases": [item.name for item in query.items] if grouped else [],
        "aggregates": _value_aggregates(query),
        "groupByAliasToAggregateType": _aggregate_types(query) if grouped else {},
        "rewrittenQuery": _rewritten_text(query, skip, most),
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
    missing = [name for name in _features(query) if name not in known]
    if missing:
        raise bad_request(
            "Query contains the following features, which the calling client does not support: "
            + " ".join(missing)
        )


def _features(query: Query) -> list[str]:
    """What a client must be able to do to merge the query, by the service's names."""
    aggregates = aggregate_calls(query)
    needs = {
        "Distinct": query.distinct,
        "GroupBy": query.group_by,
        "NonValueAggregate": aggregates and not _bare_aggregate(query),
        "Aggregate": aggregates and _bare_aggregate(query),
        "MultipleAggregates": len(aggregates) > 1,
        "CountIf": any(call.name == "COUNTIF" for call in aggregates),
        "OffsetAndLimit": query.offset is not None,
        "OrderBy": len(query.order_by) == 1,
        "MultipleOrderBy": len(query.order_by) > 1,
        "Top": query.top is not None,
    }
    return [name for name, needed in needs.items() if needed]


def _bare_aggregate(query: Query) -> bool:
    return query.value is not None and _aggregate_name(query.value) is not None


def _aggregate_name(expr: Expr) -> str | None:
    """The plan's name of an aggregate call, None for any other expression."""
    if isinstance(expr, Call) and not expr.udf and expr.name in AGGREGATES:
        return AGGREGATE_NAMES[expr.name]
    return None


def _value_aggregates(query: Query) -> list[str]:
    name = None if query.value is None else _aggregate_name(query.value)
    return [] if name is None else [name]


def _aggregate_types(query: Query) -> dict[str, str | None]:
    """For each name of the SELECT list, how its partial results are merged; None as they are."""
    return {item.name: _aggregate_name(item.expr) for item in query.items}


def _distinct_type(query: Query) -> str:
    if not query.distinct:
        return "None"
    return "Ordered" if query.order_by else "Unordered"


def _direction(descending: bool) -> str:
    return "Descending" if descending else "Ascending"


def _rewritten_text(query: Query, skip: int, most: int | None) -> str:
    """The text for one partition; an ORDER BY has a place for where a client goes on from."""
    text = render_query(_rewritten(query, skip, most))
    return text.replace(render(FILTER_MARK), f"({FILTER})") if query.order_by else text


def _rewritten(query: Query, skip: int, most: int | None) -> Query:
    """The query for one partition, whose results the client can merge."""
    if query.group_by or (has_aggregates(query) and not _bare_aggregate(query)):
        return _grouped(query)
    if isinstance(query.value, Call) and has_aggregates(query):
        return replace(query, value=_partial_list(query.value), order_by=(), top=None)
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
    where = FILTER_MARK if query.where is None else Logical("AND", (query.where, FILTER_MARK))
    return replace(limited, star=False, value=None, items=items, where=where)


def _grouped(query: Query) -> Query:
    """Groups with partial aggregates; what is left of the query the client does."""
    if query.value is None:
        pairs = tuple((item.name, _partial_or_plain(item.expr)) for item in query.items)
        payload: Expr = ObjectLiteral(pairs)
    elif _aggregate_name(query.value) is None:
        payload = query.value
    else:
        payload = _partial_list(query.value)
    items = [SelectItem(payload, "payload")]
    if query.group_by:
        keys = tuple(ObjectLiteral((("item", expr),)) for expr in query.group_by)
        items.insert(0, SelectItem(ArrayLiteral(keys), "groupByItems"))
    return replace(
        query, value=None, items=tuple(items), top=None, offset=None, limit=None, distinct=False
    )


def _partial_or_plain(expr: Expr) -> Expr:
    """The partial result of an aggregate as clients merge it; anything else as it is."""
    if not isinstance(expr, Call) or _aggregate_name(expr) is None:
        return expr
    if expr.name == "AVG":
        parts = (("sum", Call("SUM", expr.args)), ("count", Call("COUNT", expr.args)))
        return ObjectLiteral((("item", ObjectLiteral(parts)),))
    if expr.name not in EXTREMES:
        return ObjectLiteral((("item", expr),))
    # A partition without a value gives a count of 0, and no extreme: older clients read `item`.
    with_count = ((expr.name.lower(), expr), ("count", Call("COUNT", expr.args)))
    return ObjectLiteral((("item", expr), ("item2", ObjectLiteral(with_count))))


def _partial_list(aggregate: Expr) -> Expr:
    return ArrayLiteral((_partial_or_plain(aggregate),))


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
