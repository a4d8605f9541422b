"""NCRONTAB expressions: six fields, seconds first, as timer triggers write them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
#: Longer than any gap that a satisfiable expression has (29 February across 2100).
_HORIZON = timedelta(days=9 * 366)


@dataclass(frozen=True, slots=True)
class Cron:
    """Which seconds, minutes, hours, days, months and weekdays (0 = Sunday) it names."""

    seconds: frozenset[int]
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    @property
    def is_every_minute(self) -> bool:
        """Whether only the seconds choose: it occurs in every minute of every day."""
        return (
            len(self.minutes) == 60
            and len(self.hours) == 24
            and len(self.days) == 31
            and len(self.months) == 12
            and len(self.weekdays) == 7
        )

    def next_after(self, moment: datetime) -> datetime:
        """Return the first occurrence after `moment`.

        Raises:
            ValueError: there is none, as for 30 February.

        """
        candidate = moment.replace(microsecond=0) + timedelta(seconds=1)
        limit = moment + _HORIZON
        while candidate < limit:
            step = self._step(candidate)
            if step is None:
                return candidate
            candidate = step
        raise ValueError("the schedule never occurs")

    def _step(self, at: datetime) -> datetime | None:
        """Return where to look next, or None when `at` fits."""
        midnight = at.replace(hour=0, minute=0, second=0)
        if at.month not in self.months or not self._day_fits(at):
            return midnight + timedelta(days=1)
        if at.hour not in self.hours:
            return at.replace(minute=0, second=0) + timedelta(hours=1)
        if at.minute not in self.minutes:
            return at.replace(second=0) + timedelta(minutes=1)
        if at.second not in self.seconds:
            return at + timedelta(seconds=1)
        return None

    def _day_fits(self, at: datetime) -> bool:
        return at.day in self.days and at.isoweekday() % 7 in self.weekdays


def parse_cron(text: str) -> Cron:
    """Read an expression; without a field for seconds, they are 0.

    Raises:
        ValueError: it is wrong; the message names the field.

    """
    fields = text.split()
    if len(fields) == 5:
        fields = ["0", *fields]
    if len(fields) != 6:
        raise ValueError(f"'{text}' has {len(fields)} fields; a schedule has six, seconds first")
    return Cron(
        _field("seconds", fields[0], 0, 59),
        _field("minutes", fields[1], 0, 59),
        _field("hours", fields[2], 0, 23),
        _field("days", fields[3], 1, 31),
        _field("months", fields[4], 1, 12, _MONTHS, first=1),
        _field("weekdays", fields[5], 0, 6, _DAYS),
    )


def _field(
    name: str, text: str, least: int, most: int, words: Sequence[str] = (), first: int = 0
) -> frozenset[int]:
    values: set[int] = set()
    for part in text.split(","):
        span, slash, step_text = part.partition("/")
        low, dash, high = span.partition("-")
        try:
            step = int(step_text) if slash else 1
            start = least if low == "*" else _value(low, words, first)
            end = _value(high, words, first) if dash else (most if low == "*" or slash else start)
        except ValueError:
            raise ValueError(f"{name}: '{part}' cannot be read") from None
        if step < 1 or not least <= start <= end <= most:
            raise ValueError(f"{name}: '{part}' is not between {least} and {most}")
        values.update(range(start, end + 1, step))
    return frozenset(values)


def _value(text: str, words: Sequence[str], first: int) -> int:
    word = text.lower()[:3]
    return words.index(word) + first if word in words else int(text)
