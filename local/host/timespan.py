"""The time spans of host.json: `[days.]hours:minutes:seconds[.fraction]`, as .NET writes them."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

_PATTERN = re.compile(
    r"(?:(?P<days>\d+)\.)?(?P<hours>\d{1,2}):(?P<minutes>\d{2})(?::(?P<seconds>\d{2}(?:\.\d+)?))?"
)


def parse_timespan(text: object) -> timedelta:
    """Return the length that `text` names.

    Raises:
        ValueError: it is no time span.

    """
    match = _PATTERN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"{text!r} is no time span; write hours:minutes:seconds, such as 00:00:05")
    return timedelta(
        days=int(match["days"] or 0),
        hours=int(match["hours"]),
        minutes=int(match["minutes"]),
        seconds=float(match["seconds"] or 0),
    )


#: A field that is read from a time span and holds a timedelta.
TimeSpan = Annotated[timedelta, BeforeValidator(parse_timespan)]
