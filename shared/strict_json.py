"""JSON as it can be stored: Python's reader takes more than JSON has, or than a store keeps."""

import json
import math
import re
from typing import Any, Final

from shared.json_depth import is_too_deep

_LONGEST_NUMBER: Final = 300
_SURROGATE_ESCAPE: Final = re.compile(r"\\u[dD][89a-fA-F]")


def load(text: str) -> Any:
    """The value of a JSON text; half a surrogate pair becomes U+FFFD, as it cannot be encoded.

    Raises json.JSONDecodeError when it is no JSON, ValueError when it holds a number that JSON has
    not (NaN) or a store has not (1e999), RecursionError when it is nested too deeply.
    """
    if is_too_deep(text):
        raise RecursionError
    value = _DECODER.decode(text)
    if "\\" in text and "\\u" in text and _SURROGATE_ESCAPE.search(text):
        return _without_lone_surrogates(value)
    return value


def _integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError(f"a number has {len(text)} digits")
    return int(text)


def _real(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:40]} is too large")
    return number


def _constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


_DECODER: Final = json.JSONDecoder(parse_int=_integer, parse_float=_real, parse_constant=_constant)


def _without_lone_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_without_lone_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {
            _without_lone_surrogates(name): _without_lone_surrogates(item)
            for name, item in value.items()
        }
    return value
