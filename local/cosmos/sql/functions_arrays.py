"""Functions on arrays and objects."""

from __future__ import annotations

from typing import Any, Final

from .functions_core import Function, whole
from .values import UNDEFINED, equal, freeze, type_rank


def _contains(items: Any, wanted: Any, partial: Any = False) -> Any:
    if not isinstance(items, list) or wanted is UNDEFINED:
        return UNDEFINED if not isinstance(items, list) else False
    if partial is True and isinstance(wanted, dict):
        return any(_includes(item, wanted) for item in items)
    return any(equal(item, wanted) for item in items)


def _includes(item: Any, part: dict[str, Any]) -> bool:
    """Whether the object has every property of the part, with objects compared the same way."""
    if not isinstance(item, dict):
        return False
    return all(
        name in item
        and (_includes(item[name], value) if isinstance(value, dict) else equal(item[name], value))
        for name, value in part.items()
    )


def _contains_any(items: Any, *wanted: Any) -> Any:
    if not isinstance(items, list):
        return UNDEFINED
    return any(_contains(items, value) is True for value in wanted)


def _contains_all(items: Any, *wanted: Any) -> Any:
    if not isinstance(items, list):
        return UNDEFINED
    return all(_contains(items, value) is True for value in wanted)


def _slice(items: Any, start: Any, length: Any = None) -> Any:
    if not (isinstance(items, list) and whole(start)):
        return UNDEFINED
    first = int(start) if start >= 0 else max(len(items) + int(start), 0)
    if length is None:
        return items[first:]
    return items[first : first + max(int(length), 0)] if whole(length) else UNDEFINED


def _concat(*arrays: Any) -> Any:
    if not all(isinstance(array, list) for array in arrays):
        return UNDEFINED
    return [item for array in arrays for item in array]


def _intersect(left: Any, right: Any) -> Any:
    if not (isinstance(left, list) and isinstance(right, list)):
        return UNDEFINED
    kept = {freeze(item) for item in right}
    return [item for item in _distinct(left) if freeze(item) in kept]


def _union(left: Any, right: Any) -> Any:
    if not (isinstance(left, list) and isinstance(right, list)):
        return UNDEFINED
    return _distinct([*left, *right])


def _distinct(items: list[Any]) -> list[Any]:
    seen: dict[Any, Any] = {}
    for item in items:
        seen.setdefault(freeze(item), item)
    return list(seen.values())


def _object_to_array(value: Any, key: Any = "k", name: Any = "v") -> Any:
    if not (isinstance(value, dict) and isinstance(key, str) and isinstance(name, str)):
        return UNDEFINED
    return [{key: property_name, name: item} for property_name, item in value.items()]


def _choose(*items: Any) -> Any:
    index = items[0]
    return items[int(index)] if whole(index) and 1 <= index < len(items) else UNDEFINED


ARRAY_FUNCTIONS: Final[dict[str, Function]] = {
    "ARRAY_CONTAINS": Function(_contains, 2, 3),
    "ARRAY_CONTAINS_ANY": Function(_contains_any, 2, 200),
    "ARRAY_CONTAINS_ALL": Function(_contains_all, 2, 200),
    "ARRAY_LENGTH": Function(
        lambda items: len(items) if type_rank(items) == 6 else UNDEFINED, 1, 1
    ),
    "ARRAY_SLICE": Function(_slice, 2, 3),
    "ARRAY_CONCAT": Function(_concat, 2, 200),
    "SETINTERSECT": Function(_intersect, 2, 2),
    "SETUNION": Function(_union, 2, 2),
    "OBJECTTOARRAY": Function(_object_to_array, 1, 3),
    "CHOOSE": Function(_choose, 2, 200),
}
