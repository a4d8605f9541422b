"""Log lines that a query can take apart: `event=… name=value …`, without spaces inside a value.

The id of an alert leads from the message that brought it to the incident that it is in: every line
about an alert, or an incident, holds its whole id. Lists of ids are cut into lines of a bounded
length, so that what follows an alert costs a line for a message or a batch, not one for an alert.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, TypeVar

T = TypeVar("T")

MOST_IDS: Final = 200
"""Ids in a line: about 9,000 characters, where Application Insights keeps 32,768 of a message."""


def line(event: str, **fields: object) -> str:
    """One line; a field that is None or an empty text is left out, spaces become underscores."""
    parts = [f"event={event}"]
    for name, value in fields.items():
        text = "" if value is None else "_".join(str(value).split())
        if text:
            parts.append(f"{name}={text}")
    return " ".join(parts)


def seconds(milliseconds: int) -> str:
    """A time span as lines state it, `0.120`; below zero, where clocks differ, is zero."""
    return f"{max(milliseconds, 0) / 1_000:.3f}"


def parts(items: Sequence[T]) -> Iterator[tuple[T, ...]]:
    """The items in as many pieces as lines need; one empty piece where there are none."""
    rest = iter(items)
    yield tuple(islice(rest, MOST_IDS))
    while piece := tuple(islice(rest, MOST_IDS)):
        yield piece
