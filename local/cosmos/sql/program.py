"""A compiled query that runs over documents.

The steps are a chain of small iterators: FROM and JOIN, WHERE, GROUP BY and aggregates or the
projection, ORDER BY, DISTINCT, OFFSET and LIMIT. A caller that has filtered or sorted already
(in SQLite) takes only the steps that are left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from local.cosmos.errors import bad_request

from .aggregates import AGGREGATES
from .ast import Expr, Member, Name, Query, Source
from .compiler import Compiler, Env, Eval, Nest
from .values import UNDEFINED, freeze, sort_key

Sources = Callable[[Env, Iterable[Any]], Iterator[Env]]


class Program:
    """One query, compiled.

    Args:
        query: its tree.
        outer: aliases that an enclosing query defines.
        inner: whether it stands in an expression, where FROM cannot name the container.

    Attributes:
        aggregates: the aggregate calls of the SELECT clause.

    Raises:
        CosmosError: 400 for a query that breaks the language's rules, 501 for a missing feature.
    """

    def __init__(
        self, query: Query, outer: frozenset[str] = frozenset(), *, inner: bool = False
    ) -> None:
        self.query = query
        aliases = outer | {source.alias for source in query.sources}
        compiler = Compiler(aliases, _nested(aliases))
        self._sources = _chain(query.sources, outer, aliases, inner=inner)
        self._where = compiler.expr(query.where) if query.where else None
        if self._where and compiler.aggregates:
            raise bad_request("Aggregates are not allowed in WHERE.")
        self._order = [(compiler.expr(item.expr), item.descending) for item in query.order_by]
        self._group = [compiler.expr(expr) for expr in query.group_by]
        self._project = self._projection(compiler)
        self._aggregates = [
            (AGGREGATES[call.name], argument) for call, argument in compiler.aggregates
        ]
        self.aggregates = tuple(call for call, _ in compiler.aggregates)
        self._counts = [
            compiler.expr(expr) if expr else None for expr in (query.top, query.offset, query.limit)
        ]

    @property
    def grouped(self) -> bool:
        """Whether rows are aggregated, so that no result is ready before the last row."""
        return bool(self._aggregates or self._group)

    def bounds(self, env: Env) -> tuple[int, int | None]:
        """How many results to skip, and how many to give at most (None for all)."""
        top, offset, limit = (_whole(count(env)) if count else None for count in self._counts)
        counts = [count for count in (top, limit) if count is not None]
        return offset or 0, min(counts) if counts else None

    def matches(
        self, documents: Iterable[Any], env: Env, *, filtered: bool = False
    ) -> Iterator[Env]:
        """FROM, JOIN and WHERE: one environment for each row that is kept."""
        rows = self._sources(env, documents)
        where = self._where
        if where is None or filtered:
            return rows
        return (row for row in rows if where(row) is True)

    def project(self, row: Env) -> Any:
        """The SELECT clause for one row; UNDEFINED for a row that gives nothing."""
        return self._project(row)

    def counted(self, count: int, env: Env) -> list[Any]:
        """The results when every aggregate counts rows, and there are `count` of them."""
        row = {**env, **{f"#{number}": count for number in range(len(self.aggregates))}}
        skip, most = self.bounds(env)
        value = self._project(row)
        return [] if value is UNDEFINED or skip or most == 0 else [value]

    def run(self, documents: Iterable[Any], env: Env, *, filtered: bool = False) -> list[Any]:
        """Every result, complete with order, DISTINCT, OFFSET and LIMIT."""
        rows = self.matches(documents, env, filtered=filtered)
        if self.grouped:
            rows = self._grouped_rows(rows, env)
        if self._order:
            rows = iter(self._sorted(rows))
        results: Iterator[Any] = (
            value for row in rows if (value := self._project(row)) is not UNDEFINED
        )
        if self.query.distinct:
            results = _distinct(results)
        skip, most = self.bounds(env)
        return list(islice(results, skip, None if most is None else skip + most))

    def _grouped_rows(self, rows: Iterator[Env], env: Env) -> Iterator[Env]:
        groups: dict[Any, tuple[Env, list[Any]]] = {}
        if not self._group:
            groups[()] = (env, [kind() for kind, _ in self._aggregates])
        for row in rows:
            key = tuple(freeze(part(row)) for part in self._group)
            if key not in groups:
                groups[key] = (row, [kind() for kind, _ in self._aggregates])
            for accumulator, (_, argument) in zip(groups[key][1], self._aggregates, strict=True):
                accumulator.add(argument(row))
        for row, accumulators in groups.values():
            results = {f"#{i}": each.result() for i, each in enumerate(accumulators)}
            yield {**row, **results}

    def _sorted(self, rows: Iterable[Env]) -> list[Env]:
        ordered = list(rows)
        for key, descending in reversed(self._order):
            ordered.sort(key=_sorter(key), reverse=descending)
        return ordered

    def _projection(self, compiler: Compiler) -> Eval:
        query = self.query
        if query.star:
            if len(query.sources) != 1:
                raise bad_request("'SELECT *' is only valid with a single input set.")
            if query.group_by:
                raise bad_request("'SELECT *' is not valid with GROUP BY.")
            alias = query.sources[0].alias
            return lambda row: row[alias]
        if query.value:
            return compiler.expr(query.value)
        columns = [(item.name, compiler.expr(item.expr)) for item in query.items]
        return lambda row: {
            name: value for name, read in columns if (value := read(row)) is not UNDEFINED
        }


def root_alias(query: Query) -> str | None:
    """The alias of the container when FROM names it plainly, else None."""
    if not query.sources:
        return None
    first = query.sources[0]
    return first.alias if isinstance(first.origin, Name) and not first.iterate else None


def _sorter(key: Eval) -> Callable[[Env], Any]:
    return lambda row: sort_key(key(row))


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise bad_request("TOP, OFFSET and LIMIT take non-negative integers.")
    return value


def _distinct(values: Iterable[Any]) -> Iterator[Any]:
    seen = set()
    for value in values:
        key = freeze(value)
        if key not in seen:
            seen.add(key)
            yield value


def _nested(aliases: frozenset[str]) -> Nest:
    """How a query inside this one is compiled: it sees these aliases, and no documents."""

    def nest(query: Query) -> Callable[[Env], list[Any]]:
        program = Program(query, aliases, inner=True)
        return lambda env: program.run((), env)

    return nest


def _chain(
    sources: tuple[Source, ...], outer: frozenset[str], aliases: frozenset[str], *, inner: bool
) -> Sources:
    """FROM and JOIN as one function from an environment and documents to rows."""
    known = outer
    steps = []
    for number, source in enumerate(sources):
        steps.append(_source(source, known, aliases, first=number == 0 and not inner))
        known |= {source.alias}

    def rows(env: Env, documents: Iterable[Any]) -> Iterator[Env]:
        if not steps:
            return iter((env,))
        current = steps[0](env, documents)
        for step in steps[1:]:
            current = _join(current, step)
        return current

    return rows


def _join(rows: Iterator[Env], step: Sources) -> Iterator[Env]:
    for row in rows:
        yield from step(row, ())


def _source(
    source: Source, known: frozenset[str], aliases: frozenset[str], *, first: bool
) -> Sources:
    values = _source_values(source, known, aliases, first=first)
    alias, iterate = source.alias, source.iterate

    def rows(env: Env, documents: Iterable[Any]) -> Iterator[Env]:
        for value in values(env, documents):
            if not iterate:
                if value is not UNDEFINED:
                    yield {**env, alias: value}
            elif type(value) is list:
                for element in value:
                    yield {**env, alias: element}

    return rows


def _source_values(
    source: Source, known: frozenset[str], aliases: frozenset[str], *, first: bool
) -> Callable[[Env, Iterable[Any]], Iterable[Any]]:
    """What a source reads before it iterates: documents, a path of a row, or a query's rows."""
    if isinstance(source.origin, Query):
        program = Program(source.origin, known, inner=not first)
        if source.iterate:
            return lambda env, documents: [program.run(documents, env)]
        return lambda env, documents: program.run(documents, env)
    root, keys = _path(source.origin)
    compiler = Compiler(known | {root}, _nested(aliases))
    read = compiler.expr(source.origin)
    if root in known:
        return lambda env, _: (read(env),)
    if not first:
        raise bad_request(f"Identifier {root!r} could not be resolved.")
    if not keys:
        return lambda _, documents: documents
    return lambda env, documents: (read({**env, root: document}) for document in documents)


def _path(expr: Expr) -> tuple[str, bool]:
    """The name that a path starts with, and whether it goes on from there."""
    deeper = False
    while isinstance(expr, Member):
        expr, deeper = expr.base, True
    if not isinstance(expr, Name):
        raise bad_request("FROM takes a path or a query.")
    return expr.name, deeper
