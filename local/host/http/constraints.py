"""Route constraints such as `{id:int:min(1)}`, with the meaning that ASP.NET Core gives them."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

Constraint = Callable[[str], bool]

_SPEC = re.compile(r"(?P<name>\w+)(?:\((?P<argument>.*)\))?")
_INT32 = range(-(2**31), 2**31)
_INT64 = range(-(2**63), 2**63)


def parse_constraint(text: str) -> Constraint:
    """Return the check that a constraint names.

    Raises:
        ValueError: there is no such constraint, or its argument is wrong.

    """
    match = _SPEC.fullmatch(text)
    name, argument = (match["name"], match["argument"]) if match else (text, None)
    if argument is None and name in _PLAIN:
        return _PLAIN[name]
    if argument is not None and name in _WITH_ARGUMENT:
        return _WITH_ARGUMENT[name](argument)
    known = ", ".join(sorted({*_PLAIN, *(f"{key}(…)" for key in _WITH_ARGUMENT)}))
    raise ValueError(f"the route constraint '{text}' is unknown; known are {known}")


def _parses(parse: Callable[[str], object]) -> Constraint:
    def check(value: str) -> bool:
        try:
            parse(value)
        except (ValueError, InvalidOperation):
            return False
        return True

    return check


def _whole(value: str, allowed: range) -> bool:
    return re.fullmatch(r"[+-]?\d+", value) is not None and int(value) in allowed


def _length(argument: str) -> Constraint:
    bounds = [int(part) for part in argument.split(",")]
    return lambda value: bounds[0] <= len(value) <= bounds[-1]


def _range(argument: str) -> Constraint:
    least, most = (int(part) for part in argument.split(","))
    return lambda value: _whole(value, _INT64) and least <= int(value) <= most


def _min_length(argument: str) -> Constraint:
    least = int(argument)
    return lambda value: len(value) >= least


def _max_length(argument: str) -> Constraint:
    most = int(argument)
    return lambda value: len(value) <= most


def _min(argument: str) -> Constraint:
    least = int(argument)
    return lambda value: _whole(value, _INT64) and int(value) >= least


def _max(argument: str) -> Constraint:
    most = int(argument)
    return lambda value: _whole(value, _INT64) and int(value) <= most


def _regex(argument: str) -> Constraint:
    pattern = re.compile(argument, re.IGNORECASE)
    return lambda value: pattern.search(value) is not None


_PLAIN: dict[str, Constraint] = {
    "alpha": lambda value: re.fullmatch(r"[A-Za-z]*", value) is not None,
    "bool": lambda value: value.lower() in {"true", "false"},
    "datetime": _parses(datetime.fromisoformat),
    "decimal": _parses(Decimal),
    "double": _parses(float),
    "float": _parses(float),
    "guid": _parses(UUID),
    "int": lambda value: _whole(value, _INT32),
    "long": lambda value: _whole(value, _INT64),
    "required": lambda value: value != "",
}

_WITH_ARGUMENT: dict[str, Callable[[str], Constraint]] = {
    "length": _length,
    "max": _max,
    "maxlength": _max_length,
    "min": _min,
    "minlength": _min_length,
    "range": _range,
    "regex": _regex,
}
