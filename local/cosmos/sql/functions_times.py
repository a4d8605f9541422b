"""Functions on dates and times (ISO 8601 text in UTC, ticks of 100 ns, milliseconds)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from .functions_core import Function, texts, whole
from .values import UNDEFINED

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
TICKS_PER_SECOND: Final = 10_000_000
_TIME: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?Z?)?")
_UNITS: Final = {
    "year": ("year", "yyyy", "yy"),
    "month": ("month", "mm", "m"),
    "day": ("day", "dd", "d"),
    "hour": ("hour", "hh"),
    "minute": ("minute", "mi", "n"),
    "second": ("second", "ss", "s"),
    "millisecond": ("millisecond", "ms"),
    "microsecond": ("microsecond", "mcs"),
    "nanosecond": ("nanosecond", "ns"),
}
_TICKS: Final = {
    "day": 864_000_000_000,
    "hour": 36_000_000_000,
    "minute": 600_000_000,
    "second": TICKS_PER_SECOND,
    "millisecond": 10_000,
    "microsecond": 10,
    "nanosecond": 0.01,
}
_UNIT_NAMES: Final = {alias: unit for unit, names in _UNITS.items() for alias in names}


def _now_ticks() -> int:
    return _ticks_of(datetime.now(UTC))


def _ticks_of(moment: datetime) -> int:
    span = moment - EPOCH
    return (span.days * 86_400 + span.seconds) * TICKS_PER_SECOND + span.microseconds * 10


def parse_ticks(text: str) -> int | None:
    """Ticks since 1970 of an ISO 8601 time, or None when it is not one."""
    match = _TIME.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute, second = (int(match[i] or 0) for i in range(1, 7))
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return _ticks_of(moment) + int((match[7] or "").ljust(7, "0"))


def format_ticks(ticks: int) -> str:
    """The service's text for a time, with seven digits of fraction."""
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    moment = EPOCH + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction:07d}Z"


def _add(unit: Any, amount: Any, text: Any) -> Any:
    name = _unit(unit)
    ticks = parse_ticks(text) if isinstance(text, str) else None
    if name is None or ticks is None or not whole(amount):
        return UNDEFINED
    if name in _TICKS:
        return format_ticks(ticks + int(amount * _TICKS[name]))
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    moment = EPOCH + timedelta(seconds=seconds)
    months = moment.year * 12 + moment.month - 1 + int(amount) * (12 if name == "year" else 1)
    year, month = divmod(months, 12)
    for day in range(moment.day, 27, -1):
        try:
            moved = moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
        return format_ticks(_ticks_of(moved) + fraction)
    return format_ticks(_ticks_of(moment.replace(year=year, month=month + 1)) + fraction)


def _difference(unit: Any, start: Any, end: Any) -> Any:
    name = _unit(unit)
    if name is None or not (isinstance(start, str) and isinstance(end, str)):
        return UNDEFINED
    first, last = parse_ticks(start), parse_ticks(end)
    if first is None or last is None:
        return UNDEFINED
    if name in ("year", "month"):
        return _whole_months(last, name) - _whole_months(first, name)
    size = _TICKS[name]
    return int(last // size) - int(first // size)


def _whole_months(ticks: int, unit: str) -> int:
    moment = EPOCH + timedelta(seconds=ticks // TICKS_PER_SECOND)
    return moment.year if unit == "year" else moment.year * 12 + moment.month


def _part(unit: Any, text: Any) -> Any:
    name = _unit(unit) or ("weekday" if unit in ("weekday", "dw", "w") else None)
    ticks = parse_ticks(text) if isinstance(text, str) else None
    if name is None or ticks is None:
        return UNDEFINED
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    moment = EPOCH + timedelta(seconds=seconds)
    if name == "weekday":
        return moment.isoweekday() % 7 + 1
    if name in ("millisecond", "microsecond", "nanosecond"):
        return int(fraction // _TICKS[name]) if name != "nanosecond" else fraction * 100
    return getattr(moment, name)


def _bin(text: Any, unit: Any, size: Any = 1, origin: Any = "1970-01-01T00:00:00.0000000Z") -> Any:
    name = _unit(unit)
    ticks = parse_ticks(text) if isinstance(text, str) else None
    start = parse_ticks(origin) if isinstance(origin, str) else None
    if name not in _TICKS or ticks is None or start is None or not whole(size) or size < 1:
        return UNDEFINED
    width = int(_TICKS[name] * size) or 1
    return format_ticks(start + (ticks - start) // width * width)


def _unit(value: Any) -> str | None:
    return _UNIT_NAMES.get(value.lower()) if isinstance(value, str) else None


def _from_parts(*parts: Any) -> Any:
    if not all(map(whole, parts)):
        return UNDEFINED
    year, month, day, hour, minute, second, fraction = (*map(int, parts), *[0] * (7 - len(parts)))
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return UNDEFINED
    return format_ticks(_ticks_of(moment) + fraction)


def _ticks_or_undefined(text: str) -> Any:
    ticks = parse_ticks(text)
    return UNDEFINED if ticks is None else ticks


def _timestamp(text: str) -> Any:
    ticks = parse_ticks(text)
    return UNDEFINED if ticks is None else ticks // 10_000


TIME_FUNCTIONS: Final[dict[str, Function]] = {
    "GETCURRENTDATETIME": Function(lambda: format_ticks(_now_ticks()), 0, 0),
    "GETCURRENTTIMESTAMP": Function(lambda: _now_ticks() // 10_000, 0, 0),
    "GETCURRENTTICKS": Function(_now_ticks, 0, 0),
    "GETCURRENTDATETIMESTATIC": Function(lambda: format_ticks(_now_ticks()), 0, 0),
    "GETCURRENTTIMESTAMPSTATIC": Function(lambda: _now_ticks() // 10_000, 0, 0),
    "GETCURRENTTICKSSTATIC": Function(_now_ticks, 0, 0),
    "DATETIMEADD": Function(_add, 3, 3),
    "DATETIMEDIFF": Function(_difference, 3, 3),
    "DATETIMEPART": Function(_part, 2, 2),
    "DATETIMEBIN": Function(_bin, 2, 4),
    "DATETIMEFROMPARTS": Function(_from_parts, 3, 7),
    "DATETIMETOTICKS": Function(texts(_ticks_or_undefined), 1, 1),
    "DATETIMETOTIMESTAMP": Function(texts(_timestamp), 1, 1),
    "TICKSTODATETIME": Function(lambda n: format_ticks(int(n)) if whole(n) else UNDEFINED, 1, 1),
    "TIMESTAMPTODATETIME": Function(
        lambda n: format_ticks(int(n) * 10_000) if whole(n) else UNDEFINED, 1, 1
    ),
}
