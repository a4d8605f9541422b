"""From syntax tree back to query text, for the queries that a plan rewrites."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from .ast import (
    ArrayLiteral,
    Between,
    Binary,
    Call,
    Expr,
    InList,
    Like,
    Literal,
    Logical,
    Member,
    Name,
    ObjectLiteral,
    Param,
    Query,
    Source,
    SubQuery,
    Ternary,
    Unary,
    default_name,
)
from .values import UNDEFINED

_PLAIN: Final = re.compile(r"[A-Za-z_]\w*")


def render(expr: Expr) -> str:
    """The text of an expression, with parentheses wherever they could matter."""
    text: str = _RENDERERS[type(expr)](expr)
    return text


def render_query(query: Query) -> str:
    """The text of a whole query."""
    if query.star:
        columns = "*"
    elif query.value is not None:
        columns = f"VALUE {render(query.value)}"
    else:
        columns = ", ".join(_column(item.expr, item.name) for item in query.items)
    parts = ["SELECT"]
    if query.distinct:
        parts.append("DISTINCT")
    if query.top is not None:
        parts.append(f"TOP {render(query.top)}")
    parts += [columns, render_tail(query)]
    return " ".join(part for part in parts if part)


def render_tail(query: Query) -> str:
    """Everything after the SELECT list."""
    parts = []
    if query.sources:
        parts.append("FROM " + " JOIN ".join(map(_source, query.sources)))
    if query.where is not None:
        parts.append(f"WHERE {render(query.where)}")
    if query.group_by:
        parts.append("GROUP BY " + ", ".join(map(render, query.group_by)))
    if query.order_by:
        keys = (f"{render(o.expr)} {'DESC' if o.descending else 'ASC'}" for o in query.order_by)
        parts.append("ORDER BY " + ", ".join(keys))
    if query.offset is not None and query.limit is not None:
        parts.append(f"OFFSET {render(query.offset)} LIMIT {render(query.limit)}")
    return " ".join(parts)


def _column(expr: Expr, name: str) -> str:
    implied = name.startswith("$") or default_name(expr, 0) == name
    return render(expr) if implied else f"{render(expr)} AS {name}"


def _source(source: Source) -> str:
    origin = source.origin
    text = f"({render_query(origin)})" if isinstance(origin, Query) else render(origin)
    if source.iterate:
        return f"{source.alias} IN {text}"
    return text if text == source.alias else f"{text} AS {source.alias}"


def _literal(tree: Literal) -> str:
    if tree.value is UNDEFINED:
        return "undefined"
    return json.dumps(tree.value)


def _member(tree: Member) -> str:
    key: Any = tree.key.value if isinstance(tree.key, Literal) else None
    if isinstance(key, str) and _PLAIN.fullmatch(key):
        return f"{render(tree.base)}.{key}"
    return f"{render(tree.base)}[{render(tree.key)}]"


def _call(tree: Call) -> str:
    return f"{'udf.' if tree.udf else ''}{tree.name}({', '.join(map(render, tree.args))})"


def _subquery(tree: SubQuery) -> str:
    kind = "" if tree.kind == "SCALAR" else tree.kind
    return f"{kind}({render_query(tree.query)})"


def _object(tree: ObjectLiteral) -> str:
    pairs = (f"{json.dumps(name)}: {render(value)}" for name, value in tree.pairs)
    return "{" + ", ".join(pairs) + "}"


def _like(tree: Like) -> str:
    escape = f" ESCAPE {render(tree.escape)}" if tree.escape else ""
    return f"({render(tree.operand)} LIKE {render(tree.pattern)}{escape})"


_RENDERERS: Final[dict[type, Any]] = {
    Literal: _literal,
    Param: lambda tree: tree.name,
    Name: lambda tree: tree.name,
    Member: _member,
    Call: _call,
    Unary: lambda tree: f"({tree.op} {render(tree.operand)})",
    Binary: lambda tree: f"({render(tree.left)} {tree.op} {render(tree.right)})",
    Logical: lambda tree: "(" + f" {tree.op} ".join(map(render, tree.operands)) + ")",
    Ternary: lambda tree: (
        f"({render(tree.condition)} ? {render(tree.then)} : {render(tree.otherwise)})"
    ),
    Between: lambda tree: (
        f"({render(tree.operand)} BETWEEN {render(tree.low)} AND {render(tree.high)})"
    ),
    InList: lambda tree: f"({render(tree.operand)} IN ({', '.join(map(render, tree.items))}))",
    Like: _like,
    ArrayLiteral: lambda tree: "[" + ", ".join(map(render, tree.items)) + "]",
    ObjectLiteral: _object,
    SubQuery: _subquery,
}
