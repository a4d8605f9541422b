"""How long documents live: until an absolute instant, however often they are written meanwhile.

Cosmos DB counts a document's `ttl` from its latest write. So each write sets it anew, to what is
left until the instant at which the document's day expires: a rewrite lengthens no life.
"""

from typing import Final

from shared.times import DAY, SECOND

LONGEST_LEAD: Final = DAY
"""An alert that says that it starts later than this after its receipt lives as if it did not."""


def expiry(start: int, received: int, retention_days: int) -> int:
    """When an alert expires (milliseconds): so many days after the end of the day it starts on."""
    day = min(start, received + LONGEST_LEAD) // DAY
    return (day + 1 + retention_days) * DAY


def seconds_left(expires: int, now: int) -> int:
    """The `ttl` of a document that is written now: at least one second."""
    return max(1, -(-(expires - now) // SECOND))
