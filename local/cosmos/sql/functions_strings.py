"""Functions on strings."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from .functions_core import Function, texts, whole
from .values import UNDEFINED, number

if TYPE_CHECKING:
    from collections.abc import Callable


def _search(test: Callable[[str, str], bool]) -> Callable[..., Any]:
    """A test of one string against another, with an optional flag to ignore case."""

    def run(value: Any, part: Any, ignore_case: Any = False) -> Any:
        if not (isinstance(value, str) and isinstance(part, str) and isinstance(ignore_case, bool)):
            return UNDEFINED
        return test(value.lower(), part.lower()) if ignore_case else test(value, part)

    return run


def _substring(value: Any, start: Any, length: Any) -> Any:
    if not (isinstance(value, str) and number(start) and number(length)):
        return UNDEFINED
    first = max(int(start), 0)
    return value[first : first + max(int(length), 0)]


def _index_of(value: Any, part: Any, start: Any = 0) -> Any:
    if not (isinstance(value, str) and isinstance(part, str) and whole(start)):
        return UNDEFINED
    return value.find(part, int(start))


def _side(take: Callable[[str, int], str]) -> Callable[[Any, Any], Any]:
    def run(value: Any, count: Any) -> Any:
        if not (isinstance(value, str) and number(count)):
            return UNDEFINED
        return take(value, max(int(count), 0))

    return run


def _replicate(value: Any, times: Any) -> Any:
    if not (isinstance(value, str) and whole(times) and 0 <= times * len(value) <= 10_000):
        return UNDEFINED
    return value * int(times)


def _concat(*parts: Any) -> Any:
    return "".join(parts) if all(isinstance(part, str) for part in parts) else UNDEFINED


def _compare(left: str, right: str) -> int:
    return (left > right) - (left < right)


def _string_join(items: Any, separator: Any) -> Any:
    if not (isinstance(items, list) and isinstance(separator, str)):
        return UNDEFINED
    return separator.join(items) if all(isinstance(item, str) for item in items) else UNDEFINED


def _string_split(value: str, separator: str) -> Any:
    return value.split(separator) if separator else UNDEFINED


_FLAGS: Final = {"m": re.MULTILINE, "s": re.DOTALL, "i": re.IGNORECASE, "x": re.VERBOSE}


@lru_cache(maxsize=512)
def _regex(pattern: str, modifiers: str) -> re.Pattern[str] | None:
    flags = 0
    for letter in modifiers:
        if letter not in _FLAGS:
            return None
        flags |= _FLAGS[letter]
    try:
        return re.compile(pattern, flags)
    except re.error:
        return None


def _regex_match(value: str, pattern: str, modifiers: str = "") -> Any:
    compiled = _regex(pattern, modifiers)
    return UNDEFINED if compiled is None else compiled.search(value) is not None


STRING_FUNCTIONS: Final[dict[str, Function]] = {
    "CONTAINS": Function(_search(lambda value, part: part in value), 2, 3),
    "STARTSWITH": Function(_search(str.startswith), 2, 3),
    "ENDSWITH": Function(_search(str.endswith), 2, 3),
    "STRINGEQUALS": Function(_search(lambda value, part: value == part), 2, 3),
    "REGEXMATCH": Function(texts(_regex_match), 2, 3),
    "LOWER": Function(texts(str.lower), 1, 1),
    "UPPER": Function(texts(str.upper), 1, 1),
    "LENGTH": Function(texts(len), 1, 1),
    "LTRIM": Function(texts(str.lstrip), 1, 2),
    "RTRIM": Function(texts(str.rstrip), 1, 2),
    "TRIM": Function(texts(str.strip), 1, 2),
    "REVERSE": Function(texts(lambda value: value[::-1]), 1, 1),
    "REPLACE": Function(texts(str.replace), 3, 3),
    "REPLICATE": Function(_replicate, 2, 2),
    "CONCAT": Function(_concat, 2, 200),
    "SUBSTRING": Function(_substring, 3, 3),
    "INDEX_OF": Function(_index_of, 2, 3),
    "LEFT": Function(_side(lambda value, count: value[:count]), 2, 2),
    "RIGHT": Function(_side(lambda value, count: value[-count:] if count else ""), 2, 2),
    "STRING_COMPARE": Function(texts(_compare), 2, 2),
    "STRINGJOIN": Function(_string_join, 2, 2),
    "STRINGSPLIT": Function(texts(_string_split), 2, 2),
}
