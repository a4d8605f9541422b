"""Functions on numbers."""

from __future__ import annotations

import math
import random
from typing import Any, Final

from .functions_core import Function, Run, numbers, whole
from .values import UNDEFINED


def _round(value: float, digits: float = 0) -> float:
    """Round half away from zero."""
    scale = 10.0 ** int(digits)
    result = math.floor(abs(value) * scale + 0.5) / scale
    return _tidy(math.copysign(result, value))


def _tidy(value: float) -> float:
    """The same number as an integer where it is one."""
    return int(value) if float(value).is_integer() and abs(value) < 1 << 53 else value


def _one(run: Run) -> Function:
    return Function(numbers(run), 1, 1)


def _two(run: Run) -> Function:
    return Function(numbers(run), 2, 2)


def _log(value: float, base: float = math.e) -> float:
    return math.log(value) if base == math.e else math.log(value) / math.log(base)


def _bin(value: float, size: float = 1) -> float:
    return _tidy(math.floor(value / size) * size)


def _integers(compute: Run) -> Function:
    """A function of two whole numbers of 64 bits."""

    def run(left: Any, right: Any) -> Any:
        if not (whole(left) and whole(right)):
            return UNDEFINED
        try:
            return compute(int(left), int(right))
        except (ZeroDivisionError, ValueError, OverflowError):
            return UNDEFINED

    return Function(run, 2, 2)


def _int_div(left: int, right: int) -> int:
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


NUMBER_FUNCTIONS: Final[dict[str, Function]] = {
    "ABS": _one(abs),
    "ACOS": _one(math.acos),
    "ASIN": _one(math.asin),
    "ATAN": _one(math.atan),
    "ATN2": _two(math.atan2),
    "CEILING": _one(math.ceil),
    "COS": _one(math.cos),
    "COT": _one(lambda value: 1 / math.tan(value)),
    "DEGREES": _one(math.degrees),
    "EXP": _one(math.exp),
    "FLOOR": _one(math.floor),
    "LOG": Function(numbers(_log), 1, 2),
    "LOG10": _one(math.log10),
    "NUMBERBIN": Function(numbers(_bin), 1, 2),
    "PI": Function(lambda: math.pi, 0, 0),
    "POWER": _two(lambda base, exponent: _tidy(math.pow(base, exponent))),
    "RADIANS": _one(math.radians),
    "RAND": Function(random.random, 0, 0),
    "ROUND": Function(numbers(_round), 1, 2),
    "SIGN": _one(lambda value: (value > 0) - (value < 0)),
    "SIN": _one(math.sin),
    "SQRT": _one(lambda value: _tidy(math.sqrt(value))),
    "SQUARE": _one(lambda value: value * value),
    "TAN": _one(math.tan),
    "TRUNC": _one(math.trunc),
    "INTADD": _integers(lambda a, b: a + b),
    "INTSUB": _integers(lambda a, b: a - b),
    "INTMUL": _integers(lambda a, b: a * b),
    "INTDIV": _integers(_int_div),
    "INTMOD": _integers(lambda a, b: int(math.fmod(a, b))),
    "INTBITAND": _integers(lambda a, b: a & b),
    "INTBITOR": _integers(lambda a, b: a | b),
    "INTBITXOR": _integers(lambda a, b: a ^ b),
    "INTBITLEFTSHIFT": _integers(lambda a, b: a << b),
    "INTBITRIGHTSHIFT": _integers(lambda a, b: a >> b),
    "INTBITNOT": Function(lambda value: ~int(value) if whole(value) else UNDEFINED, 1, 1),
}
