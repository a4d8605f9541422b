"""Expressions as Python closures.

`Compiler.expr` turns a syntax tree into a function of an environment: a dictionary from alias
to row and from `@name` to parameter. Undefined operands make most results undefined, as in the
service; `AND`, `OR` and `NOT` follow three-valued logic.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from local.cosmos.errors import bad_request, not_implemented
from local.cosmos.unsupported import FUNCTIONS as LACKING

from .aggregates import AGGREGATES
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
    SubQuery,
    Ternary,
    Unary,
)
from .functions import FUNCTIONS
from .operators import BINARY, UNARY
from .values import UNDEFINED, equal, number

Env = dict[str, Any]
Eval = Callable[[Env], Any]
Nest = Callable[[Query], Callable[[Env], list[Any]]]


class Compiler:
    """Compiles the expressions of one query.

    Args:
        aliases: the names that FROM and JOIN define.
        nest: compiles a query inside an expression.

    Attributes:
        aggregates: the aggregate calls met so far; their results are read from the environment
            under `#0`, `#1`, and so on.
    """

    def __init__(self, aliases: frozenset[str], nest: Nest) -> None:
        self._aliases = aliases
        self._nest = nest
        self.aggregates: list[tuple[Call, Eval]] = []
        self._table: dict[type, Callable[[Any], Eval]] = {
            Literal: self._literal,
            Param: self._param,
            Name: self._name,
            Member: self._member,
            Call: self._call,
            Unary: self._unary,
            Binary: self._binary,
            Logical: self._logical,
            Ternary: self._ternary,
            Between: self._between,
            InList: self._in_list,
            Like: self._like,
            ArrayLiteral: self._array,
            ObjectLiteral: self._object,
            SubQuery: self._subquery,
        }

    def expr(self, tree: Expr) -> Eval:
        """The function of an expression.

        Raises:
            CosmosError: 400 for an unknown name or function, 501 for what is not implemented.
        """
        return self._table[type(tree)](tree)

    def _literal(self, tree: Literal) -> Eval:
        value = tree.value
        return lambda _: value

    def _param(self, tree: Param) -> Eval:
        name = tree.name

        def read(env: Env) -> Any:
            try:
                return env[name]
            except KeyError:
                raise bad_request(f"Parameter {name} has no value.") from None

        return read

    def _name(self, tree: Name) -> Eval:
        name = tree.name
        if name not in self._aliases:
            raise bad_request(f"Identifier {name!r} could not be resolved.")
        return lambda env: env[name]

    def _member(self, tree: Member) -> Eval:
        base = self.expr(tree.base)
        if isinstance(tree.key, Literal) and isinstance(tree.key.value, str):
            name = tree.key.value

            def read_property(env: Env) -> Any:
                value = base(env)
                return value.get(name, UNDEFINED) if type(value) is dict else UNDEFINED

            return read_property
        key = self.expr(tree.key)
        return lambda env: _element(base(env), key(env))

    def _call(self, tree: Call) -> Eval:
        if tree.udf:
            raise not_implemented(f"user-defined functions (udf.{tree.name})")
        if tree.name in AGGREGATES:
            return self._aggregate(tree)
        if tree.name in LACKING:
            raise not_implemented(f"{LACKING[tree.name]} ({tree.name})")
        function = FUNCTIONS.get(tree.name)
        if function is None:
            raise bad_request(f"{tree.name!r} is not a recognized built-in function name.")
        args = [self.expr(arg) for arg in tree.args]
        if not function.accepts(len(args)):
            raise bad_request(f"{tree.name} does not take {len(args)} arguments.")
        run = function.run
        if len(args) == 1:
            only = args[0]
            return lambda env: run(only(env))
        if len(args) == 2:
            first, second = args
            return lambda env: run(first(env), second(env))
        return lambda env: run(*[arg(env) for arg in args])

    def _aggregate(self, tree: Call) -> Eval:
        if len(tree.args) != 1:
            raise bad_request(f"{tree.name} takes one argument.")
        slot = f"#{len(self.aggregates)}"
        self.aggregates.append((tree, self.expr(tree.args[0])))
        return lambda env: env[slot]

    def _unary(self, tree: Unary) -> Eval:
        operand, apply = self.expr(tree.operand), UNARY[tree.op]
        return lambda env: apply(operand(env))

    def _binary(self, tree: Binary) -> Eval:
        left, right, apply = self.expr(tree.left), self.expr(tree.right), BINARY[tree.op]
        return lambda env: apply(left(env), right(env))

    def _logical(self, tree: Logical) -> Eval:
        operands = [self.expr(operand) for operand in tree.operands]
        if tree.op == "??":
            return lambda env: next(
                (value for each in operands if (value := each(env)) is not UNDEFINED), UNDEFINED
            )
        decisive = tree.op == "OR"

        def combine(env: Env) -> Any:
            result: Any = not decisive
            for each in operands:
                value = each(env)
                if value is decisive:
                    return decisive
                if value is not result:
                    result = UNDEFINED
            return result

        return combine

    def _ternary(self, tree: Ternary) -> Eval:
        condition = self.expr(tree.condition)
        then, otherwise = self.expr(tree.then), self.expr(tree.otherwise)
        return lambda env: then(env) if condition(env) is True else otherwise(env)

    def _between(self, tree: Between) -> Eval:
        return self.expr(
            Logical(
                "AND",
                (Binary(">=", tree.operand, tree.low), Binary("<=", tree.operand, tree.high)),
            )
        )

    def _in_list(self, tree: InList) -> Eval:
        operand, items = self.expr(tree.operand), [self.expr(item) for item in tree.items]

        def contains(env: Env) -> Any:
            value = operand(env)
            if value is UNDEFINED:
                return UNDEFINED
            return any(equal(value, item(env)) for item in items)

        return contains

    def _like(self, tree: Like) -> Eval:
        operand, pattern = self.expr(tree.operand), self.expr(tree.pattern)
        escape = self.expr(tree.escape) if tree.escape else lambda _: None

        def matches(env: Env) -> Any:
            value, text = operand(env), pattern(env)
            if not isinstance(value, str) or not isinstance(text, str):
                return UNDEFINED
            return like_pattern(text, escape(env)).fullmatch(value) is not None

        return matches

    def _array(self, tree: ArrayLiteral) -> Eval:
        items = [self.expr(item) for item in tree.items]
        return lambda env: [value for item in items if (value := item(env)) is not UNDEFINED]

    def _object(self, tree: ObjectLiteral) -> Eval:
        pairs = [(name, self.expr(value)) for name, value in tree.pairs]
        return lambda env: {
            name: result for name, value in pairs if (result := value(env)) is not UNDEFINED
        }

    def _subquery(self, tree: SubQuery) -> Eval:
        run = self._nest(tree.query)
        if tree.kind == "EXISTS":
            return lambda env: bool(run(env))
        if tree.kind == "ARRAY":
            return run

        def scalar(env: Env) -> Any:
            rows = run(env)
            return rows[0] if rows else UNDEFINED

        return scalar


def _element(value: Any, key: Any) -> Any:
    if type(value) is dict and isinstance(key, str):
        return value.get(key, UNDEFINED)
    if type(value) is list and number(key) and key == int(key) and 0 <= key < len(value):
        return value[int(key)]
    return UNDEFINED


_CLASSES: Final = {"%": ".*", "_": "."}


@lru_cache(maxsize=512)
def like_pattern(text: str, escape: str | None) -> re.Pattern[str]:
    """The regular expression of a LIKE pattern: `%`, `_`, `[a-z]`, `[^a]` and the escape."""
    parts, at = [], 0
    while at < len(text):
        char = text[at]
        if escape and char == escape and at + 1 < len(text):
            at += 1
            parts.append(re.escape(text[at]))
        elif char == "[" and "]" in text[at + 1 :]:
            end = text.index("]", at + 1)
            body = text[at + 1 : end].replace("\\", "\\\\")
            parts.append(f"[{body}]" if body else "")
            at = end
        else:
            parts.append(_CLASSES.get(char) or re.escape(char))
        at += 1
    return re.compile("".join(parts), re.DOTALL)
