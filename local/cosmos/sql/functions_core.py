"""What a built-in function is, and how the groups of functions declare theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .values import UNDEFINED, number

Run = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Function:
    """A built-in function: its implementation and how many arguments it takes."""

    run: Run
    least: int
    most: int

    def accepts(self, count: int) -> bool:
        """Whether it can be called with this many arguments."""
        return self.least <= count <= self.most


def texts(run: Run) -> Run:
    """The same function, undefined unless every argument is a string."""

    def checked(*args: Any) -> Any:
        return run(*args) if all(isinstance(arg, str) for arg in args) else UNDEFINED

    return checked


def numbers(run: Run) -> Run:
    """The same function, undefined unless every argument is a number, or when it fails."""

    def checked(*args: Any) -> Any:
        if not all(map(number, args)):
            return UNDEFINED
        try:
            return run(*args)
        except (ValueError, OverflowError, ZeroDivisionError):
            return UNDEFINED

    return checked


def whole(value: Any) -> bool:
    """Whether the value is a number without a fraction."""
    return number(value) and (isinstance(value, int) or value.is_integer())
