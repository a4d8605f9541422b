"""UTC instants as whole milliseconds since 1970, and the one text form that documents carry.

Milliseconds fit every source (7 fraction digits are cut), compare fast, and the text form sorts
in time order, so that Cosmos DB can order by it.
"""

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_FRACTION = re.compile(r"\.(\d{6})\d+")
_ZONE_APART = re.compile(r"\s+(?=[+-]\d\d:?\d\d$|Z$)")

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

EARLIEST = -62_135_596_800_000 + DAY
"""The first instant accepted: a day into year 1, so that widening never leaves the calendar."""
LATEST = 253_402_300_800_000 - DAY
"""The last instant accepted: a day before year 10000."""


class OutsideCalendarError(ValueError):
    """A time that cannot be stored: in the first days or the last of what years can be written."""


def parse_time(text: str) -> int:
    """Milliseconds since 1970 of an ISO 8601 time; one without a zone is taken as UTC.

    Accepts what real sources write: `2019-05-07T13:51:45.0045913Z`,
    `2024-06-20 08:51:07.052079+00:00`, `2024-06-20 08:51:07 +00:00`, `2019-01-11 06:31:40`.

    Raises ValueError when the text is no time, OutsideCalendarError, which is one, when it lies
    outside the calendar that can be stored.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        plain = _ZONE_APART.sub("", text.strip())
        moment = datetime.fromisoformat(_FRACTION.sub(r".\1", plain))
    instant = instant_of(moment)
    if not EARLIEST <= instant <= LATEST:
        raise OutsideCalendarError(f"{text!r} is outside the years that can be stored")
    return instant


def instant_of(moment: datetime) -> int:
    """Milliseconds since 1970 of a moment; one without a zone is taken as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MILLISECOND


def format_time(instant: int) -> str:
    """`2022-01-21T00:00:01.000Z`: always three fraction digits, so text order is time order."""
    moment = _EPOCH + timedelta(milliseconds=instant)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now() -> int:
    """The present instant; for callers at the edge, which pass it inwards."""
    return instant_of(datetime.now(UTC))
