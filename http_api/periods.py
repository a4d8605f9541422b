"""The period that a summary covers, cut into buckets of whole hours."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from shared.times import HOUR, format_time

BUCKETS: Final = {
    "1h": 1,
    "3h": 3,
    "6h": 6,
    "12h": 12,
    "1d": 24,
    "7d": 7 * 24,
    "30d": 30 * 24,
    "365d": 365 * 24,
}
"""How long a bucket may be, in hours."""
FINE: Final = 100
"""Buckets that are aimed at where the caller does not say how long they are."""
MOST: Final = 1_000
"""Buckets that a summary has at most."""
LONGEST_DEFAULT: Final = 90 * 24
"""Hours that are covered where the caller does not say from when: up to the latest activity."""


@dataclass(frozen=True, slots=True)
class Period:
    """Hours since 1970, the first included and the last not, and the length of a bucket."""

    first: int
    end: int
    bucket: str

    @property
    def length(self) -> int:
        """Hours in a bucket."""
        return BUCKETS[self.bucket]

    @property
    def buckets(self) -> int:
        """How many buckets the period touches."""
        return (self.end - 1) // self.length - self.first // self.length + 1

    def bucket_of(self, hour: int) -> int:
        """Which bucket an hour of the period lies in, from 0."""
        return hour // self.length - self.first // self.length

    def starts(self) -> Iterator[str]:
        """When each bucket starts, as text; buckets are aligned, so the first may start before."""
        first = self.first // self.length * self.length
        for number in range(self.buckets):
            yield format_time((first + number * self.length) * HOUR)


def period_of(
    since: int | None, until: int | None, bucket: str, activity: tuple[int, int] | None, now: int
) -> Period:
    """The period asked for, widened to whole hours; what is left open follows from the activity.

    `since`, `until` and `now` are instants; `activity` is the first and last hour that has any.
    """
    if until is not None:
        end = -(-until // HOUR)
    else:
        end = now // HOUR + 1
        if since is None and activity is not None:
            end = min(end, activity[1] + 1)
    if since is not None:
        first = since // HOUR
        end = max(end, first + 1)
    else:
        earliest = activity[0] if activity is not None else end - 24
        first = min(max(earliest, end - LONGEST_DEFAULT), end - 1)
    return Period(first, end, bucket or _fitting(first, end))


def _fitting(first: int, end: int) -> str:
    for name in BUCKETS:
        if Period(first, end, name).buckets <= FINE:
            return name
    return next(reversed(BUCKETS))
