"""From query text to syntax tree."""

from __future__ import annotations

import re
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import VisitError

from local.cosmos.errors import CosmosError, bad_request

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
    OrderItem,
    Param,
    Query,
    SelectItem,
    Source,
    SubQuery,
    Ternary,
    Unary,
    default_name,
)
from .values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_QUERY_BYTES: Final = 512 * 1024


def parse(text: str) -> Query:
    """The tree of a query.

    Raises:
        CosmosError: 400 with the position of the error.
    """
    if len(text) > MAX_QUERY_BYTES:
        raise bad_request("The query text is over 512 KB.")
    alike = alternatives(text)
    if alike:
        return _expanded(*alike)
    try:
        query: Any = _parser().parse(text)
    except UnexpectedInput as error:
        raise bad_request(
            f"Syntax error in the query at line {error.line}, column {error.column}: "
            f"{error.get_context(text).strip()}"
        ) from None
    except VisitError as error:
        if isinstance(error.orig_exc, CosmosError):
            raise error.orig_exc from None
        raise
    return cast("Query", query)


def alternatives(text: str) -> tuple[str, list[list[str]]] | None:
    """A query whose WHERE is a long list of alike alternatives, as its first one and names.

    Clients that read many items by key send `( … @a0 … ) OR ( … @a1 … ) OR …`: parsing one
    alternative and filling in the parameters of the others is far cheaper. The names are the
    parameters of each alternative in the order of the text.
    """
    match = _ALTERNATIVES.fullmatch(text)
    if not match:
        return None
    parts = match["parts"].split(" OR ")
    shape = _PARAMETER.sub("@", parts[0])
    if len(parts) < 2 or any(_PARAMETER.sub("@", part) != shape for part in parts):
        return None
    return f"{match['head']}{parts[0]}", [_PARAMETER.findall(part) for part in parts]


def _expanded(first: str, names: list[list[str]]) -> Query:
    query = parse(first)
    if query.where is None or query.order_by or query.group_by:
        raise bad_request("Syntax error in the query.")
    operands = tuple(_renamed(query.where, iter(each)) for each in names)
    return replace(query, where=Logical("OR", operands))


def _renamed(tree: Any, names: Iterator[str]) -> Any:
    """The tree with its parameters renamed in the order of the text."""
    if isinstance(tree, Param):
        return Param(next(names))
    if isinstance(tree, tuple):
        return tuple(_renamed(item, names) for item in tree)
    if isinstance(tree, Binary | Logical | Call):
        fields = ((field.name, getattr(tree, field.name)) for field in dataclass_fields(tree))
        return type(tree)(**{name: _renamed(value, names) for name, value in fields})
    return tree


_ALTERNATIVES: Final = re.compile(
    r"(?P<head>SELECT \* FROM c WHERE )\( (?P<parts>\( [^()'\"]*(\(c\.\w+\)[^()'\"]*)* \)"
    r"( OR \( [^()'\"]*(\(c\.\w+\)[^()'\"]*)* \))+) \)"
)
_PARAMETER: Final = re.compile(r"@\w+")


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", transformer=_Builder())


_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) == 5 else _ESCAPES.get(code, code)


def _text(token: Token) -> str:
    return _ESCAPE.sub(_unescape, token[1:-1])


def _number(text: str) -> int | float:
    if text[:2].lower() == "0x":
        return int(text, 16)
    return int(text) if text.isdigit() else float(text)


def _count(token: Token) -> Expr:
    return Param(str(token)) if token.type == "PARAM" else Literal(_number(token))


def _kept(children: Sequence[Any]) -> list[Any]:
    """Children without keyword tokens and the None of an empty optional."""
    return [
        child
        for child in children
        if child is not None and not (isinstance(child, Token) and child.type not in _CARRIERS)
    ]


_CARRIERS: Final = {"NAME", "STRING", "NUMBER", "PARAM"}


@v_args(inline=False)
class _Builder(Transformer[Token, Any]):
    """Builds the tree bottom-up while lark parses."""

    def start(self, children: list[Any]) -> Query:
        return children[0]  # type: ignore[no-any-return]  # the grammar puts a query here

    def query(self, children: list[Any]) -> Query:
        parts: dict[str, Any] = {}
        for child in children:
            if isinstance(child, dict):
                parts.update(child)
        _name_columns(parts)
        return Query(**parts)

    def distinct(self, _: list[Any]) -> dict[str, Any]:
        return {"distinct": True}

    def top(self, children: list[Any]) -> dict[str, Any]:
        return {"top": _count(children[1])}

    def select_star(self, _: list[Any]) -> dict[str, Any]:
        return {"star": True, "value": None, "items": ()}

    def select_value(self, children: list[Any]) -> dict[str, Any]:
        return {"star": False, "value": children[1], "items": ()}

    def select_list(self, children: list[Any]) -> dict[str, Any]:
        return {"star": False, "value": None, "items": tuple(children)}

    def select_item(self, children: list[Any]) -> tuple[Expr, str | None]:
        return children[0], children[1] if len(children) > 1 else None

    def alias(self, children: list[Any]) -> str:
        return str(children[-1])

    def from_clause(self, children: list[Any]) -> dict[str, Any]:
        return {"sources": tuple(_kept(children))}

    def iterate_source(self, children: list[Any]) -> Source:
        return Source(children[2], str(children[0]), iterate=True)

    def path_source(self, children: list[Any]) -> Source:
        path = children[0]
        alias = children[1] if len(children) > 1 else default_name(path, 0)
        return Source(path, alias, iterate=False)

    def query_source(self, children: list[Any]) -> Source:
        alias = children[1] if len(children) > 1 else ""
        return Source(children[0], alias, iterate=False)

    def iterate_query_source(self, children: list[Any]) -> Source:
        return Source(children[2], str(children[0]), iterate=True)

    def container_path(self, children: list[Any]) -> Expr:
        path: Expr = Name(str(children[0]))
        for key in children[1:]:
            path = Member(path, Literal(key))
        return path

    def step(self, children: list[Token]) -> str | int:
        token = children[0]
        if token.type == "STRING":
            return _text(token)
        return int(token) if token.type == "NUMBER" else str(token)

    def where(self, children: list[Any]) -> dict[str, Any]:
        return {"where": children[1]}

    def group_by(self, children: list[Any]) -> dict[str, Any]:
        return {"group_by": tuple(children[2:])}

    def order_by(self, children: list[Any]) -> dict[str, Any]:
        return {"order_by": tuple(children[2:])}

    def order_item(self, children: list[Any]) -> OrderItem:
        descending = len(children) > 1 and children[1].type == "DESC"
        return OrderItem(children[0], descending)

    def offset_limit(self, children: list[Any]) -> dict[str, Any]:
        return {"offset": _count(children[1]), "limit": _count(children[3])}

    def ternary(self, children: list[Any]) -> Ternary:
        return Ternary(*children)

    def coalesce(self, children: list[Any]) -> Logical:
        return Logical("??", tuple(children))

    def or_expr(self, children: list[Any]) -> Logical:
        return Logical("OR", tuple(_kept(children)))

    def and_expr(self, children: list[Any]) -> Logical:
        return Logical("AND", tuple(_kept(children)))

    def not_expr(self, children: list[Any]) -> Unary:
        return Unary("NOT", children[1])

    def binary(self, children: list[Any]) -> Binary:
        op = str(children[1])
        return Binary("!=" if op == "<>" else op, children[0], children[2])

    def between(self, children: list[Any]) -> Expr:
        operand, low, high = _kept(children)
        return _negated(children, Between(operand, low, high))

    def in_list(self, children: list[Any]) -> Expr:
        operand, *items = _kept(children)
        return _negated(children, InList(operand, tuple(items)))

    def like(self, children: list[Any]) -> Expr:
        operand, pattern, *escape = _kept(children)
        return _negated(children, Like(operand, pattern, escape[0] if escape else None))

    def unary(self, children: list[Any]) -> Expr:
        operand = children[1]
        if children[0] == "-" and isinstance(operand, Literal) and _is_number(operand.value):
            return Literal(-operand.value)
        return Unary(str(children[0]), operand)

    def member(self, children: list[Any]) -> Member:
        return Member(children[0], Literal(str(children[1])))

    def index(self, children: list[Any]) -> Member:
        return Member(children[0], children[1])

    def number(self, children: list[Token]) -> Literal:
        return Literal(_number(children[0]))

    def string(self, children: list[Token]) -> Literal:
        return Literal(_text(children[0]))

    def true(self, _: list[Any]) -> Literal:
        return Literal(value=True)

    def false(self, _: list[Any]) -> Literal:
        return Literal(value=False)

    def null(self, _: list[Any]) -> Literal:
        return Literal(None)

    def undefined(self, _: list[Any]) -> Literal:
        return Literal(UNDEFINED)

    def param(self, children: list[Token]) -> Param:
        return Param(str(children[0]))

    def name(self, children: list[Token]) -> Name:
        return Name(str(children[0]))

    def call(self, children: list[Any]) -> Call:
        name, *args = children
        return Call(str(name).upper(), tuple(arg for arg in args if arg is not None))

    def udf(self, children: list[Any]) -> Call:
        name, *args = children[1:]
        return Call(str(name), tuple(arg for arg in args if arg is not None), udf=True)

    def exists(self, children: list[Any]) -> SubQuery:
        return SubQuery("EXISTS", children[1])

    def array_query(self, children: list[Any]) -> SubQuery:
        return SubQuery("ARRAY", children[1])

    def scalar_query(self, children: list[Any]) -> SubQuery:
        return SubQuery("SCALAR", children[0])

    def array(self, children: list[Any]) -> ArrayLiteral:
        return ArrayLiteral(tuple(child for child in children if child is not None))

    def object(self, children: list[Any]) -> ObjectLiteral:
        return ObjectLiteral(tuple(child for child in children if child is not None))

    def pair(self, children: list[Any]) -> tuple[str, Expr]:
        token = children[0]
        return (_text(token) if token.type == "STRING" else str(token)), children[1]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _negated(children: list[Any], expr: Expr) -> Expr:
    negative = any(isinstance(child, Token) and child.type == "NOT" for child in children)
    return Unary("NOT", expr) if negative else expr


def _name_columns(parts: dict[str, Any]) -> None:
    """Name each column, and refuse two of one name, as the service does."""
    items, unnamed, seen = [], 0, set()
    for expr, alias in parts["items"]:
        name = alias or default_name(expr, unnamed + 1)
        unnamed += name == f"${unnamed + 1}"
        if name in seen:
            raise bad_request(f"Property name {name!r} is specified more than once in the SELECT.")
        seen.add(name)
        items.append(SelectItem(expr, name))
    parts["items"] = tuple(items)
