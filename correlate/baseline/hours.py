"""Hours of a day as bits: bit 0 is the hour from midnight (UTC)."""

from collections.abc import Iterator
from typing import Final

HOURS: Final = 24
HALF: Final = 12
DAY_MASK: Final = (1 << HOURS) - 1
MORNING: Final = (1 << HALF) - 1


def hours_of(day: int, bits: int) -> Iterator[int]:
    """The hours since 1970 that the bits of a day stand for, in order."""
    first = day * HOURS
    while bits:
        low = bits & -bits
        yield first + low.bit_length() - 1
        bits ^= low


def between(day: int, first: int, last: int) -> int:
    """The bits of a day for the hours since 1970 from `first` to `last`, both included."""
    low = max(first - day * HOURS, 0)
    high = min(last - day * HOURS, HOURS - 1)
    return ((1 << (high + 1)) - 1) & ~((1 << low) - 1) if low <= high else 0
