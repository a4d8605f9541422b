"""Lifetimes: when what is stored goes. Instants, from which the store computes what is left."""

from dataclasses import dataclass
from typing import Final

from correlate.model.coverage import Coverage
from shared.times import DAY

FROZEN_DAYS: Final = 2
"""An incident is frozen so long before its first activity begins to expire."""
EMPTY_DAYS: Final = 1
HELD_DAYS: Final = 7
LENGTHENED_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How many days alerts are kept after the day on which they start."""

    retention_days: int

    def day(self, day: int) -> int:
        """When all that is of a day (since 1970) goes: with its alerts."""
        return (day + 1 + self.retention_days) * DAY

    def frozen(self, now: int) -> int:
        """What starts before this instant begins to expire, and shapes nothing any more."""
        return now - (self.retention_days - FROZEN_DAYS) * DAY

    def coverage(self, coverage: Coverage, now: int) -> int | None:
        """With the last day that it covers; not while an open incident covers some of it."""
        if not coverage.spans:
            return now + EMPTY_DAYS * DAY
        if coverage.held:
            return None
        return self.day(max(span.interval.last.start for span in coverage.spans) // DAY)

    def done(self, now: int) -> int:
        """When what is of no use any more goes."""
        return now + EMPTY_DAYS * DAY

    def ending(self, now: int) -> int:
        """What expires before this instant is about to."""
        return now + HELD_DAYS * DAY

    def lengthened(self, now: int) -> int:
        """Until when that lives on what an open incident covers."""
        return now + (HELD_DAYS + LENGTHENED_DAYS) * DAY

    def withdrawn(self, now: int) -> int:
        """When an incident goes that nobody has touched and that is none any more."""
        return now + self.retention_days * DAY
