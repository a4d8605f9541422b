"""JSON values as the query language sees them: undefined, type order, equality."""

from __future__ import annotations

from typing import Any, Final

import orjson


class Undefined:
    """The value of a missing property; not the same as null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED: Final = Undefined()


def type_rank(value: Any) -> int:
    """The place of the value's type in the service's order, 0 (undefined) to 7 (object)."""
    if value is UNDEFINED:
        return 0
    if value is None:
        return 1
    if value is False:
        return 2
    if value is True:
        return 3
    return _RANKS[type(value)]


_RANKS: Final[dict[type, int]] = {int: 4, float: 4, str: 5, list: 6, tuple: 6, dict: 7}


def freeze(value: Any) -> tuple[Any, ...]:
    """A hashable stand-in: equal for equal JSON values, different for True and 1."""
    rank = type_rank(value)
    if rank == 6:
        return (6, *(freeze(item) for item in value))
    if rank == 7:
        return (7, frozenset((name, freeze(item)) for name, item in value.items()))
    return (rank, value if rank > 3 else 0)


def sort_key(value: Any) -> tuple[Any, ...]:
    """A key that sorts values of any types as the service does; arrays and objects go by text."""
    rank = type_rank(value)
    if rank > 5:
        return (rank, orjson.dumps(value).decode())
    return (rank, value if rank > 3 else 0)


def equal(left: Any, right: Any) -> bool:
    """Whether two defined JSON values are equal; numbers compare by value."""
    rank = type_rank(left)
    if rank != type_rank(right):
        return False
    if rank < 4:
        return True
    if rank < 6:
        return bool(left == right)
    if rank == 6:
        return len(left) == len(right) and all(map(equal, left, right))
    return left.keys() == right.keys() and all(
        equal(value, right[name]) for name, value in left.items()
    )


def number(value: Any) -> bool:
    """Whether the value is a JSON number (a boolean is not)."""
    return type(value) is int or type(value) is float
