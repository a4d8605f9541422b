"""The syntax tree of a query. Every node is immutable and can be compared and hashed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant; `value` may be `UNDEFINED`."""

    value: Any


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter, named with its `@`."""

    name: str


@dataclass(frozen=True, slots=True)
class Name:
    """An alias of the FROM clause."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """`base.key` or `base["key"]` or `base[expression]`."""

    base: Expr
    key: Expr


@dataclass(frozen=True, slots=True)
class Call:
    """A built-in function, its name in capitals; `udf` marks a user-defined one."""

    name: str
    args: tuple[Expr, ...]
    udf: bool = False


@dataclass(frozen=True, slots=True)
class Unary:
    """`-`, `+`, `~` or `NOT`."""

    op: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary:
    """A comparison, arithmetic, bit or string operation."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Logical:
    """`AND`, `OR` or `??` over two or more operands."""

    op: str
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Ternary:
    """`condition ? then : otherwise`."""

    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class Between:
    """`operand BETWEEN low AND high`, both inclusive."""

    operand: Expr
    low: Expr
    high: Expr


@dataclass(frozen=True, slots=True)
class InList:
    """`operand IN (items)`."""

    operand: Expr
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Like:
    """`operand LIKE pattern ESCAPE escape`."""

    operand: Expr
    pattern: Expr
    escape: Expr | None


@dataclass(frozen=True, slots=True)
class ArrayLiteral:
    """`[a, b]`."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class ObjectLiteral:
    """`{"a": x}`."""

    pairs: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True, slots=True)
class SubQuery:
    """A query inside an expression; `kind` is `EXISTS`, `ARRAY` or `SCALAR`."""

    kind: str
    query: Query


Expr = (
    Literal
    | Param
    | Name
    | Member
    | Call
    | Unary
    | Binary
    | Logical
    | Ternary
    | Between
    | InList
    | Like
    | ArrayLiteral
    | ObjectLiteral
    | SubQuery
)


@dataclass(frozen=True, slots=True)
class SelectItem:
    """One column of a SELECT list, with its name."""

    expr: Expr
    name: str


@dataclass(frozen=True, slots=True)
class Source:
    """One FROM or JOIN source.

    Attributes:
        origin: a path (`Name` or `Member`) or a query.
        alias: the name that rows go by.
        iterate: whether rows are the elements of the origin's array (`alias IN origin`).
    """

    origin: Expr | Query
    alias: str
    iterate: bool


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One ORDER BY key."""

    expr: Expr
    descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT.

    Attributes:
        star: `SELECT *`.
        value: the expression of `SELECT VALUE`, or None.
        items: the columns of a SELECT list.
        sources: FROM and JOINs in order; empty without FROM.
        top, offset, limit: a number, a parameter, or None.
    """

    star: bool
    value: Expr | None
    items: tuple[SelectItem, ...]
    distinct: bool = False
    top: Expr | None = None
    sources: tuple[Source, ...] = ()
    where: Expr | None = None
    group_by: tuple[Expr, ...] = ()
    order_by: tuple[OrderItem, ...] = ()
    offset: Expr | None = None
    limit: Expr | None = None


def default_name(expr: Expr, position: int) -> str:
    """The name of a column without an alias: its last property, or `$` and a number."""
    if isinstance(expr, Member) and isinstance(expr.key, Literal):
        key = expr.key.value
        if isinstance(key, str):
            return key
    return expr.name if isinstance(expr, Name) else f"${position}"


def children(expr: Any) -> list[Expr]:
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
