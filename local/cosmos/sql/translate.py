"""WHERE conditions as SQLite conditions.

A translation is *exact* when it keeps the very rows that the query keeps, or else a superset
that the caller filters again. What cannot be translated at all is left out of a conjunction.
Conditions are built for "is true" or "is false", so that NOT follows three-valued logic.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from local.cosmos.partition import UNDEFINED_COMPONENT, PartitionScheme, canonical_key

from .ast import (
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
    Param,
    Unary,
    children,
)
from .paths import Path, expressible, rank_sql, value_sql
from .values import UNDEFINED, number, type_rank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .compiler import Env

MAX_INTEGER: Final = (1 << 63) - 1
POINT_READS: Final = 2
MAX_CODE_POINT: Final = 0x10FFFF


Bounds = Mapping[Path, Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """A SQLite condition.

    Attributes:
        exact: whether it keeps exactly the right rows, or a superset.
        equal: paths that it pins to one value (or a few).
        ranged: paths that it bounds.
        lows, highs: inclusive bounds that it implies, each a number or a string.
        residual: the same condition for a place where an index serves its bounds already.
    """

    sql: str
    params: tuple[Any, ...] = ()
    exact: bool = True
    equal: tuple[Path, ...] = ()
    ranged: tuple[Path, ...] = ()
    lows: Bounds = field(default_factory=dict)
    highs: Bounds = field(default_factory=dict)
    residual: Condition | None = None


EVERYTHING: Final = Condition("1", exact=False)
NOTHING: Final = Condition("0")
_FLIPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_INVERSE: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_RANKS_OF: Final = {
    "IS_NULL": (1,),
    "IS_BOOL": (2, 3),
    "IS_NUMBER": (4,),
    "IS_STRING": (5,),
    "IS_ARRAY": (6,),
    "IS_OBJECT": (7,),
    "IS_PRIMITIVE": (1, 2, 3, 4, 5),
}


class Translator:
    """Translates the conditions of one query with its parameters.

    Args:
        alias: the name that the query gives the container.
        env: the parameters.
        scheme: the container's partitioning, whose key has a column of its own.
        indexed: which paths an index serves; what needs others is then left out.
    """

    def __init__(
        self,
        alias: str,
        env: Env,
        scheme: PartitionScheme,
        indexed: Callable[[Path], bool] | None = None,
    ) -> None:
        self._alias = alias
        self._env = env
        self._indexed = indexed
        self._key_path: Path | None = scheme.paths[0] if len(scheme.paths) == 1 else None
        self._translators: dict[type, Callable[..., Condition | None]] = {
            Logical: self._logical,
            Binary: self._binary,
            InList: self._in_list,
            Call: self._call,
            Like: self._like,
            Literal: self._constant,
            Param: self._constant,
            Member: self._property,
        }

    def condition(self, expr: Expr) -> Condition:
        """The condition under which the expression is true."""
        return self._translate(expr, want=True) or EVERYTHING

    def path(self, expr: Expr) -> Path | None:
        """The property of the document that the expression is, or None."""
        names: list[str | int] = []
        while isinstance(expr, Member):
            key = self.constant(expr.key)
            if isinstance(key, bool) or not isinstance(key, str | int):
                return None
            names.append(key)
            expr = expr.base
        if not isinstance(expr, Name) or expr.name != self._alias or not names:
            return None
        path = tuple(reversed(names))
        return path if expressible(path) and isinstance(path[0], str) else None

    def constant(self, expr: Expr) -> Any:
        """The value of a literal or parameter, or `...` for anything else."""
        if isinstance(expr, Literal):
            return expr.value
        if isinstance(expr, Param):
            return self._env.get(expr.name, ...)
        return ...

    def paths(self, expr: Expr) -> Iterator[Path]:
        """The paths that an index must have to serve a condition, not looking into queries."""
        if isinstance(expr, Call) and expr.name == "ARRAY_CONTAINS":
            path = self.path(expr.args[0])
            yield from ((*path, 0),) if path else ()
        elif isinstance(expr, Member):
            path = self.path(expr)
            yield from (path,) if path else ()
        else:
            for child in children(expr):
                yield from self.paths(child)

    def _served(self, expr: Expr) -> bool:
        return self._indexed is None or all(map(self._indexed, self.paths(expr)))

    def _translate(self, expr: Expr, *, want: bool) -> Condition | None:
        if isinstance(expr, Unary) and expr.op == "NOT":
            return self._translate(expr.operand, want=not want)
        if isinstance(expr, Between):
            low = Binary(">=", expr.operand, expr.low)
            high = Binary("<=", expr.operand, expr.high)
            return self._logical(Logical("AND", (low, high)), want=want)
        translate = self._translators.get(type(expr))
        if translate is None or not (isinstance(expr, Logical) or self._served(expr)):
            return None
        return translate(expr, want=want)

    def _constant(self, expr: Literal | Param, *, want: bool) -> Condition | None:
        value = self.constant(expr)
        return None if value is ... else Condition("1" if value is want else "0")

    def _property(self, expr: Member, *, want: bool) -> Condition | None:
        path = self.path(expr)
        return _ranks(path, (3 if want else 2,)) if path else None

    def _logical(self, expr: Logical, *, want: bool) -> Condition | None:
        if expr.op == "??":
            return None
        if expr.op == "OR" and want and len(expr.operands) >= POINT_READS and not self._indexed:
            lookup = self._point_reads(expr)
            if lookup:
                return lookup
        parts = [self._translate(operand, want=want) for operand in expr.operands]
        if (expr.op == "AND") == want:
            known = [part for part in parts if part]
            if not known:
                return None
            return _conjunction(known, exact=len(known) == len(parts))
        if not all(parts):
            return None
        return _disjunction([part for part in parts if part])

    def _point_reads(self, expr: Logical) -> Condition | None:
        """Many `(c.id = … AND c.key = …)` joined by OR, as one look-up of pairs."""
        ids: list[str] = []
        keys: list[str] = []
        for operand in expr.operands:
            if not isinstance(operand, Logical) or len(operand.operands) != 2:
                return None
            pinned = dict(self._pinned(part) for part in operand.operands)
            item_id, key = pinned.get(("id",)), pinned.get(self._key_path)
            if operand.op != "AND" or not isinstance(item_id, str) or key is None:
                return None
            if not (_storable(item_id) and type_rank(key) < 6):
                return None
            ids.append(item_id)
            keys.append(canonical_key([key]))
        pairs = [text for pair in zip(ids, keys, strict=True) for text in pair]
        marks, rows = ",".join("?" * len(ids)), ",".join(["(?,?)"] * len(ids))
        sql = f"id IN ({marks}) AND (id, pk) IN (VALUES {rows})"
        return Condition(sql, (*ids, *pairs), equal=(("id",),))

    def _pinned(self, expr: Expr) -> tuple[Path | None, Any]:
        """The path and the constant of an equality."""
        if not isinstance(expr, Binary) or expr.op != "=":
            return None, None
        _, path, value = self._sides(expr)
        return path, None if value is ... else value

    def _binary(self, expr: Binary, *, want: bool) -> Condition | None:
        op, path, value = self._sides(expr)
        if value is ... or op not in _FLIPPED:
            return None
        if path is None:
            return self._truth_test(expr, want=want)
        if value is UNDEFINED:
            return NOTHING
        if op in ("=", "!="):
            return self._equality(path, value, same=(op == "=") == want)
        return _comparison(path, op if want else _INVERSE[op], value)

    def _sides(self, expr: Binary) -> tuple[str, Path | None, Any]:
        """Operator, path and constant, turned round when the constant stands on the left."""
        path, value = self.path(expr.left), self.constant(expr.right)
        if path is None or value is ...:
            flipped = self.path(expr.right)
            if flipped is not None:
                return _FLIPPED.get(expr.op, ""), flipped, self.constant(expr.left)
        return expr.op, path, value

    def _truth_test(self, expr: Binary, *, want: bool) -> Condition | None:
        """`IS_DEFINED(c.a) = false` and the like: a function against a boolean."""
        call, value = expr.left, self.constant(expr.right)
        if not isinstance(call, Call) or not isinstance(value, bool):
            return None
        if call.name not in _RANKS_OF and call.name != "IS_DEFINED":
            return None
        if expr.op not in ("=", "!="):
            return None
        return self._translate(call, want=value == ((expr.op == "=") == want))

    def _equality(self, path: Path, value: Any, *, same: bool) -> Condition | None:
        if not same:
            positive = self._equality(path, value, same=True)
            if positive is None or not positive.exact:
                return None
            return Condition(f"{rank_sql(path)} > 0 AND NOT ({positive.sql})", positive.params)
        rank = type_rank(value)
        if rank > 5 or not _storable(value):
            return None
        if path == self._key_path:
            return Condition("pk = ?", (canonical_key([value]),), equal=(path,))
        if rank < 4:
            return _ranks(path, (rank,), equal=True)
        sql = f"{rank_sql(path)} = {rank} AND {value_sql(path)} = ?"
        bound = {path: value}
        return Condition(sql, (value,), equal=(path,), lows=bound, highs=bound)

    def _in_list(self, expr: InList, *, want: bool) -> Condition | None:
        path = self.path(expr.operand)
        values = [self.constant(item) for item in expr.items]
        if path is None or not values:
            return None
        if path != self._key_path and all(isinstance(v, str) and _storable(v) for v in values):
            marks = ",".join("?" * len(values))
            member = f"{value_sql(path)} {'' if want else 'NOT '}IN ({marks})"
            if want:
                return Condition(f"{rank_sql(path)} = 5 AND {member}", tuple(values), equal=(path,))
            rank = rank_sql(path)
            return Condition(f"({rank} > 0 AND ({rank} != 5 OR {member}))", tuple(values))
        parts = [
            self._equality(path, v, same=want) if v is not ... and v is not UNDEFINED else None
            for v in values
        ]
        if not all(parts):
            return None
        known = [part for part in parts if part]
        return _disjunction(known) if want else _conjunction(known, exact=True)

    def _like(self, expr: Like, *, want: bool) -> Condition | None:
        """A pattern that is plain text with `%` at its end, or at both."""
        path, pattern = self.path(expr.operand), self.constant(expr.pattern)
        if path is None or expr.escape or not want or not isinstance(pattern, str):
            return None
        text = pattern.strip("%")
        if not text or not pattern.endswith("%") or set(text) & set("%_[]"):
            return None
        if pattern.startswith("%"):
            return _contains(path, [text])
        return _starts_with(path, [text])

    def _call(self, call: Call, *, want: bool) -> Condition | None:
        path = self.path(call.args[0]) if call.args else None
        if path is None or call.udf:
            return None
        if call.name == "IS_DEFINED":
            return Condition(f"{rank_sql(path)} {'> 0' if want else '= 0'}")
        if call.name in _RANKS_OF:
            ranks = _RANKS_OF[call.name]
            kept = ranks if want else tuple(r for r in range(8) if r not in ranks)
            return _ranks(path, kept)
        if not want or len(call.args) < 2:
            return None
        args = [self.constant(arg) for arg in call.args[1:]]
        translate = _SEARCHES.get(call.name)
        return translate(path, args) if translate else None


def _comparison(path: Path, op: str, value: Any) -> Condition | None:
    rank = type_rank(value)
    if not _storable(value) or rank > 5:
        return None
    if rank in (4, 5):
        test = f"{value_sql(path)} {op} ?"
        bound = {path: value}
        return Condition(
            f"{rank_sql(path)} = {rank} AND {test}",
            (value,),
            ranged=(path,),
            lows=bound if ">" in op else {},
            highs=bound if "<" in op else {},
            residual=Condition(f"+{rank_sql(path)} = {rank} AND +{test}", (value,)),
        )
    if rank == 1:
        return _ranks(path, (1,)) if "=" in op else NOTHING
    kept = [r for r in (2, 3) if _holds(r, op, rank)]
    return _ranks(path, tuple(kept)) if kept else NOTHING


def _holds(left: int, op: str, right: int) -> bool:
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]


def _starts_with(path: Path, args: Sequence[Any]) -> Condition | None:
    prefix = args[0]
    if not isinstance(prefix, str) or not _storable(prefix) or args[1:] not in ([], [False]):
        return None
    value, rank = value_sql(path), rank_sql(path)
    end = _after_prefix(prefix)
    if end is None:
        return _ranks(path, (5,)) if not prefix else None
    sql = f"{rank} = 5 AND {value} >= ? AND {value} < ?"
    return Condition(sql, (prefix, end), ranged=(path,))


def _after_prefix(prefix: str) -> str | None:
    """The least string greater than every string with the prefix."""
    for at in range(len(prefix) - 1, -1, -1):
        code = ord(prefix[at]) + 1
        if 0xD800 <= code <= 0xDFFF:
            code = 0xE000
        if code <= MAX_CODE_POINT:
            return prefix[:at] + chr(code)
    return None


def _contains(path: Path, args: Sequence[Any]) -> Condition | None:
    part = args[0]
    if not isinstance(part, str) or not _storable(part) or args[1:] not in ([], [False]):
        return None
    return Condition(f"{rank_sql(path)} = 5 AND instr({value_sql(path)}, ?) > 0", (part,))


def _array_contains(path: Path, args: Sequence[Any]) -> Condition | None:
    wanted = args[0]
    rank = type_rank(wanted) if wanted is not ... else 0
    if rank not in (4, 5) or not _storable(wanted) or args[1:] not in ([], [False]):
        return None
    types = "('integer', 'real')" if rank == 4 else "('text')"
    json = value_sql(path).replace("json_extract", "json_each", 1)
    found = f"element.type IN {types} AND element.value = ?"
    sql = f"{rank_sql(path)} = 6 AND EXISTS (SELECT 1 FROM {json} AS element WHERE {found})"  # noqa: S608 - built from a checked path
    return Condition(sql, (wanted,))


_SEARCHES: Final[dict[str, Callable[[Path, Sequence[Any]], Condition | None]]] = {
    "STARTSWITH": _starts_with,
    "CONTAINS": _contains,
    "ARRAY_CONTAINS": _array_contains,
}


def _ranks(path: Path, ranks: tuple[int, ...], *, equal: bool = False) -> Condition:
    listed = ",".join(map(str, ranks))
    sql = f"{rank_sql(path)} = {listed}" if len(ranks) == 1 else f"{rank_sql(path)} IN ({listed})"
    return Condition(sql, equal=(path,) if equal else ())


def _conjunction(parts: Sequence[Condition], *, exact: bool) -> Condition:
    """AND; where several operands bound a path, an index gets only the tightest bounds."""
    lows, highs = [part.lows for part in parts], [part.highs for part in parts]
    served = _repeated(lows) | _repeated(highs)
    tight = [*_tightest(lows, served, ">=", max), *_tightest(highs, served, "<=", min)]
    terms = tight + [
        part.residual if part.residual and served.intersection(part.ranged) else part
        for part in parts
    ]
    return Condition(
        " AND ".join(f"({term.sql})" for term in terms),
        tuple(param for term in terms for param in term.params),
        exact and all(part.exact for part in parts),
        tuple(path for part in parts for path in part.equal),
        tuple(path for part in parts for path in part.ranged),
        {path: bound for part in (*parts, *tight) for path, bound in part.lows.items()},
        {path: bound for part in (*parts, *tight) for path, bound in part.highs.items()},
    )


def _repeated(bounds: Sequence[Bounds]) -> set[Path]:
    """The paths that several operands bound."""
    counts = Counter(path for each in bounds for path in each)
    return {path for path, count in counts.items() if count > 1}


def _tightest(
    bounds: Sequence[Bounds], paths: set[Path], op: str, tightest: Callable[..., Any]
) -> Iterator[Condition]:
    """For each of the paths, the bound that decides, where all bounds are of one type."""
    for path in paths:
        values = [each[path] for each in bounds if path in each]
        if values and len({type_rank(value) for value in values}) == 1:
            condition = _comparison(path, op, tightest(values))
            if condition:
                yield condition


def _disjunction(parts: Sequence[Condition]) -> Condition:
    """OR, with the bounds that all operands share, so that an index can serve it."""
    paths = {part.equal for part in parts}
    either = Condition(
        _balanced([part.sql for part in parts]),
        tuple(param for part in parts for param in part.params),
        all(part.exact for part in parts),
        equal=next(iter(paths)) if len(paths) == 1 else (),
    )
    lows = _shared([part.lows for part in parts], min)
    highs = _shared([part.highs for part in parts], max)
    implied = [_comparison(path, ">=", low) for path, low in lows.items()]
    implied += [_comparison(path, "<=", high) for path, high in highs.items()]
    known = [condition for condition in implied if condition]
    if not known or either.equal:
        return either
    return replace(_conjunction([*known, either], exact=True), residual=either)


def _shared(bounds: Sequence[Bounds], widest: Callable[..., Any]) -> dict[Path, Any]:
    """For each path that every operand bounds by one type, the bound that holds for all."""
    common = set(bounds[0]).intersection(*bounds[1:])
    shared = {}
    for path in common:
        values = [bound[path] for bound in bounds]
        if len({type_rank(value) for value in values}) == 1:
            shared[path] = widest(values)
    return shared


def _balanced(parts: Sequence[str]) -> str:
    """OR as a balanced tree: SQLite limits how deep an expression may be."""
    if len(parts) == 1:
        return f"({parts[0]})"
    middle = len(parts) // 2
    return f"({_balanced(parts[:middle])} OR {_balanced(parts[middle:])})"


def _storable(value: Any) -> bool:
    """Whether SQLite can take the value as a parameter: 64-bit integers, valid Unicode."""
    if isinstance(value, str):
        return value.isprintable() or not any("\ud800" <= char <= "\udfff" for char in value)
    return not number(value) or isinstance(value, float) or abs(value) <= MAX_INTEGER


def pinned_key(
    expr: Expr | None, alias: str | None, env: Env, scheme: PartitionScheme
) -> str | None:
    """The one partition key (canonical text) that a WHERE condition allows, or None."""
    if expr is None or alias is None:
        return None
    translator = Translator(alias, env, scheme)
    found: dict[tuple[str, ...], Any] = {}
    for part in expr.operands if isinstance(expr, Logical) and expr.op == "AND" else (expr,):
        if isinstance(part, Binary) and part.op == "=":
            path, value = translator.path(part.left), translator.constant(part.right)
            if path in scheme.paths and value is not ...:
                found[path] = value  # type: ignore[index]  # the scheme's paths hold names only
    if len(found) < len(scheme.paths):
        return None
    components = [found[path] for path in scheme.paths]
    if any(isinstance(part, dict | list) for part in components):
        return None
    return canonical_key(
        [UNDEFINED_COMPONENT if part is UNDEFINED else part for part in components]
    )
