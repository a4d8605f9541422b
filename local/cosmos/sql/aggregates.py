"""The aggregate functions, each a small accumulator."""

from __future__ import annotations

from typing import Any, Final, Protocol

from .values import UNDEFINED, number, sort_key, type_rank


class Accumulator(Protocol):
    """Takes the values of a group one by one."""

    def add(self, value: Any) -> None:
        """Take one value; undefined ones count for nothing."""

    def result(self) -> Any:
        """The aggregate of what was taken."""


class _Count:
    def __init__(self) -> None:
        self._count = 0

    def add(self, value: Any) -> None:
        if value is not UNDEFINED:
            self._count += 1

    def result(self) -> int:
        return self._count


class _CountIf:
    def __init__(self) -> None:
        self._count = 0

    def add(self, value: Any) -> None:
        if value is True:
            self._count += 1

    def result(self) -> int:
        return self._count


class _Sum:
    """A sum is undefined as soon as one defined value is not a number; of nothing it is 0."""

    def __init__(self) -> None:
        self._sum: Any = 0
        self._count = 0

    def add(self, value: Any) -> None:
        if value is UNDEFINED:
            return
        self._count += 1
        if self._sum is not UNDEFINED:
            self._sum = self._sum + value if number(value) else UNDEFINED

    def result(self) -> Any:
        return self._sum


class _Average(_Sum):
    def result(self) -> Any:
        if self._sum is UNDEFINED or not self._count:
            return UNDEFINED
        return self._sum / self._count


class _Extreme:
    """The least or greatest primitive value in the service's type order."""

    def __init__(self, *, greatest: bool) -> None:
        self._greatest = greatest
        self._best: Any = UNDEFINED

    def add(self, value: Any) -> None:
        if value is UNDEFINED or type_rank(value) > 5:
            return
        if self._best is UNDEFINED or (sort_key(value) > sort_key(self._best)) == self._greatest:
            self._best = value

    def result(self) -> Any:
        return self._best


class _Min(_Extreme):
    def __init__(self) -> None:
        super().__init__(greatest=False)


class _Max(_Extreme):
    def __init__(self) -> None:
        super().__init__(greatest=True)


AGGREGATES: Final[dict[str, type[Accumulator]]] = {
    "COUNT": _Count,
    "COUNTIF": _CountIf,
    "SUM": _Sum,
    "AVG": _Average,
    "MIN": _Min,
    "MAX": _Max,
}
