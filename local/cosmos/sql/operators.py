"""The operators of the query language on two (or one) JSON values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from .values import UNDEFINED, equal, number, type_rank

Operator = Callable[[Any, Any], Any]


def _equals(left: Any, right: Any) -> Any:
    if left is UNDEFINED or right is UNDEFINED:
        return UNDEFINED
    return equal(left, right)


def _differs(left: Any, right: Any) -> Any:
    if left is UNDEFINED or right is UNDEFINED:
        return UNDEFINED
    return not equal(left, right)


def _ordered(compare: Callable[[Any, Any], bool]) -> Operator:
    """A comparison by order: only numbers with numbers, strings with strings, booleans, nulls."""

    def apply(left: Any, right: Any) -> Any:
        a, b = type_rank(left), type_rank(right)
        if a == b and a in (4, 5):
            return compare(left, right)
        if a == b == 1:
            return compare(0, 0)
        if {a, b} <= {2, 3}:
            return compare(a, b)
        return UNDEFINED

    return apply


def _arithmetic(compute: Callable[[Any, Any], Any]) -> Operator:
    def apply(left: Any, right: Any) -> Any:
        if not (number(left) and number(right)):
            return UNDEFINED
        try:
            return compute(left, right)
        except (ZeroDivisionError, OverflowError):
            return UNDEFINED

    return apply


def _bits(compute: Callable[[int, int], int]) -> Operator:
    """A bit operation on 32-bit signed integers."""

    def apply(left: Any, right: Any) -> Any:
        if not (number(left) and number(right)):
            return UNDEFINED
        return _signed(compute(_signed(int(left)), int(right)))

    return apply


def _signed(value: int) -> int:
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


def _divide(left: Any, right: Any) -> Any:
    result = left / right
    return int(result) if result.is_integer() and abs(result) < 1 << 53 else result


def _remainder(left: Any, right: Any) -> Any:
    """The remainder with the sign of the dividend, as in JavaScript."""
    result = abs(left) % abs(right)
    return -result if left < 0 else result


def _concat(left: Any, right: Any) -> Any:
    return left + right if isinstance(left, str) and isinstance(right, str) else UNDEFINED


BINARY: Final[dict[str, Operator]] = {
    "=": _equals,
    "!=": _differs,
    "<": _ordered(lambda a, b: a < b),
    "<=": _ordered(lambda a, b: a <= b),
    ">": _ordered(lambda a, b: a > b),
    ">=": _ordered(lambda a, b: a >= b),
    "+": _arithmetic(lambda a, b: a + b),
    "-": _arithmetic(lambda a, b: a - b),
    "*": _arithmetic(lambda a, b: a * b),
    "/": _arithmetic(_divide),
    "%": _arithmetic(_remainder),
    "&": _bits(lambda a, b: a & b),
    "|": _bits(lambda a, b: a | b),
    "^": _bits(lambda a, b: a ^ b),
    "<<": _bits(lambda a, b: a << (b & 31)),
    ">>": _bits(lambda a, b: a >> (b & 31)),
    ">>>": _bits(lambda a, b: (a & 0xFFFFFFFF) >> (b & 31)),
    "||": _concat,
}


def _not(value: Any) -> Any:
    return not value if isinstance(value, bool) else UNDEFINED


UNARY: Final[dict[str, Callable[[Any], Any]]] = {
    "NOT": _not,
    "-": lambda value: -value if number(value) else UNDEFINED,
    "+": lambda value: value if number(value) else UNDEFINED,
    "~": lambda value: ~_signed(int(value)) if number(value) else UNDEFINED,
}
