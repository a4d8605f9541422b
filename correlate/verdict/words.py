"""Words: numbers, times and lists as people read them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from shared.times import SECOND

_SMALL: Final = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
)  # fmt: skip


def number(count: int, noun: str) -> str:
    """`1 alert`, `2 alerts`."""
    return f"{count} {noun}" if count == 1 else f"{count:,} {noun}s"


def spelt(count: int, noun: str) -> str:
    """`one day`, `five days`, `28 days`."""
    word = _SMALL[count] if 0 <= count < len(_SMALL) else f"{count:,}"
    return f"{word} {noun}" if count == 1 else f"{word} {noun}s"


def joined(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def in_words(instant: int) -> str:
    """`24 January 2022, 03:56:47 UTC`."""
    moment = datetime.fromtimestamp(instant // SECOND, UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M:%S} UTC"


def duration(milliseconds: int) -> str:
    """How long, in the largest unit that leaves at least two of it: `90 minutes`."""
    seconds = milliseconds // SECOND
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def how_often(expected: float) -> str:
    """How often something happens that is expected so many times a week: `once in 40 years`."""
    if expected >= 1.5:
        return f"{round(expected):,} times a week"
    weeks = 1 / max(expected, 1e-12)
    for unit, size in (("year", 52.18), ("month", 4.348), ("week", 1.0)):
        count = weeks / size
        if count >= 1.5 or unit == "week":
            return f"once in {spelt(_rounded(count), unit)}" if count >= 1.5 else f"once a {unit}"
    return ""


def _rounded(count: float) -> int:
    """A number with two digits that count."""
    digits = max(len(str(int(count))) - 2, 0)
    step: int = 10**digits
    return round(count / step) * step
