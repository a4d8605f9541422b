"""Functions that ask for a value's type or convert it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from .functions_core import Function, whole
from .values import UNDEFINED, number, type_rank

if TYPE_CHECKING:
    from collections.abc import Callable


def _has_rank(*ranks: int) -> Callable[[Any], bool]:
    return lambda value: type_rank(value) in ranks


def _to_string(value: Any) -> Any:
    if value is UNDEFINED or isinstance(value, str):
        return value
    return orjson.dumps(value).decode()


def _from_text(accepts: Callable[[Any], bool]) -> Callable[[Any], Any]:
    """Parse JSON text; undefined unless it holds the accepted type."""

    def convert(value: Any) -> Any:
        if not isinstance(value, str):
            return UNDEFINED
        try:
            parsed = orjson.loads(value.strip())
        except orjson.JSONDecodeError:
            return UNDEFINED
        return parsed if accepts(parsed) else UNDEFINED

    return convert


def _iif(condition: Any, then: Any, otherwise: Any) -> Any:
    return then if condition is True else otherwise


def _one(run: Callable[[Any], Any]) -> Function:
    return Function(run, 1, 1)


TYPE_FUNCTIONS: Final[dict[str, Function]] = {
    "IS_DEFINED": _one(lambda value: value is not UNDEFINED),
    "IS_NULL": _one(_has_rank(1)),
    "IS_BOOL": _one(_has_rank(2, 3)),
    "IS_NUMBER": _one(_has_rank(4)),
    "IS_STRING": _one(_has_rank(5)),
    "IS_ARRAY": _one(_has_rank(6)),
    "IS_OBJECT": _one(_has_rank(7)),
    "IS_PRIMITIVE": _one(_has_rank(1, 2, 3, 4, 5)),
    "IS_INTEGER": _one(whole),
    "IS_FINITE_NUMBER": _one(number),
    "TOSTRING": _one(_to_string),
    "STRINGTONUMBER": _one(_from_text(number)),
    "STRINGTOBOOLEAN": _one(_from_text(lambda value: isinstance(value, bool))),
    "STRINGTONULL": _one(_from_text(lambda value: value is None)),
    "STRINGTOARRAY": _one(_from_text(lambda value: isinstance(value, list))),
    "STRINGTOOBJECT": _one(_from_text(lambda value: isinstance(value, dict))),
    "IIF": Function(_iif, 3, 3),
}
