"""Queries as they are kept: parsed, compiled and classified once for each text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from local.cosmos.errors import bad_request

from .ast import Expr, Literal, Name, Query
from .parser import parse
from .plan import needs_plan
from .program import Program, root_alias
from .values import UNDEFINED

if TYPE_CHECKING:
    from .compiler import Env

CACHED_QUERIES: Final = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A query ready to run.

    Attributes:
        alias: what the query calls the container, or None when it does not read it plainly.
        merged: whether results of several partitions need a plan to be merged.
        plain: whether each document gives at most one result, in any order.
        raw: whether a result is the document itself.
        counting: whether all it asks is how many documents meet its condition.
        bounded: whether it stops after so many results.
    """

    query: Query
    program: Program
    alias: str | None
    merged: bool
    plain: bool
    raw: bool
    counting: bool
    bounded: bool


@lru_cache(maxsize=CACHED_QUERIES)
def prepare(text: str) -> Prepared:
    """Parse and compile a query, once.

    Raises:
        CosmosError: 400 for a wrong query, 501 for a feature that the emulator lacks.
    """
    query = parse(text)
    program = Program(query)
    alias = root_alias(query)
    single = alias is not None and len(query.sources) == 1
    itself = query.star or query.value == Name(alias or "")
    return Prepared(
        query=query,
        program=program,
        alias=alias,
        merged=needs_plan(query),
        plain=single and not (program.grouped or query.distinct),
        raw=single and itself and not query.distinct,
        counting=single and _counts_rows(program, alias),
        bounded=query.top is not None or query.limit is not None,
    )


def _counts_rows(program: Program, alias: str | None) -> bool:
    """Whether every aggregate is a count of rows: `COUNT(1)`, `COUNT(c)`."""
    return (
        bool(program.aggregates)
        and not program.query.group_by
        and all(
            call.name == "COUNT" and _always_defined(call.args[0], alias)
            for call in program.aggregates
        )
    )


def _always_defined(expr: Expr, alias: str | None) -> bool:
    if isinstance(expr, Literal):
        return expr.value is not UNDEFINED
    return isinstance(expr, Name) and expr.name == alias


def environment(parameters: Any) -> Env:
    """The environment of a query's parameters, from the request's list of name and value.

    Raises:
        CosmosError: 400 when the list is malformed.
    """
    env: Env = {}
    for parameter in parameters or ():
        if not isinstance(parameter, dict) or not str(parameter.get("name", "")).startswith("@"):
            raise bad_request("Each query parameter needs a name that starts with '@'.")
        env[parameter["name"]] = parameter.get("value")
    return env
