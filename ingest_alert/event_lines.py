"""Alerts as lines of text: ArcSight's Common Event Format and QRadar's Log Event Extended Format.

A line becomes an object with the header's fields by their names in the specification, `extension`
for what follows it, and the line itself. What a custom field is labelled with names it too:
`cs1Label=Tactic cs1=Discovery` is `Tactic`. Times become ISO 8601, as formats read them.

Sources: Micro Focus, *ArcSight Common Event Format*, version 0 and 1; IBM, *LEEF* 1.0 and 2.0.
"""

import re
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from shared.times import DAY, SECOND

_CEF: Final = re.compile(r"CEF:\s?(\d+(?:\.\d+)?)\|")
_LEEF: Final = re.compile(r"LEEF:\s?(1\.0|2\.0)\|")
_CEF_HEADER: Final = (
    *("deviceVendor", "deviceProduct", "deviceVersion"),
    *("signatureId", "name", "severity"),
)
_LEEF_HEADER: Final = ("deviceVendor", "deviceProduct", "deviceVersion", "eventId")
_BAR: Final = re.compile(r"(?<!\\)\|")
_NAME: Final = re.compile(r"(?:^|(?<=\s))([A-Za-z][\w.\[\]-]*)(?<!\\)=")
_SYSLOG: Final = re.compile(
    r"^(?:<\d{1,3}>)?(?:\d\s+)?"
    r"((?:[A-Z][a-z]{2}\s+\d{1,2}\s+[\d:]{8})|(?:\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)))?"
    r"\s*([\w.:-]+)?"
)
_TIMES: Final = frozenset(
    {"rt", "start", "end", "art", "devicereceipttime", "devtime", "starttime", "endtime"}
)
_LAYOUTS: Final = (
    *("%b %d %Y %H:%M:%S.%f %Z", "%b %d %Y %H:%M:%S %Z", "%b %d %Y %H:%M:%S.%f"),
    *("%b %d %Y %H:%M:%S", "%d %b %Y %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M:%S.%f"),
)
"""The layouts of CEF's specification, and those that products write beside them."""
_MOST_FIELDS: Final = 500


def event_line(line: str) -> dict[str, Any] | None:
    """The object that a line of CEF or LEEF is; None for any other line."""
    cef = _CEF.search(line)
    if cef is not None:
        return _cef(line, cef)
    leef = _LEEF.search(line)
    return None if leef is None else _leef(line, leef)


_WITHOUT_YEAR: Final = re.compile(r"[A-Z][a-z]{2}\s+\d{1,2}\s+\d\d:\d\d:\d\d")
_MOST_YEARS: Final = 8
"""A 29th of February lies at most so far back."""


def dated(payload: object, at: int) -> object:
    """An event of a line whose header of syslog states no year, with one; anything else as it is.

    The year is the latest by which the event came at most a day after the instant `at`
    (milliseconds since 1970), when its message was queued. Source: RFC 3164, 4.1.2.
    """
    if not isinstance(payload, dict):
        return payload
    stated = payload.get("syslogTime")
    if not isinstance(stated, str) or _WITHOUT_YEAR.fullmatch(stated) is None:
        return payload
    latest = datetime.fromtimestamp((at + DAY) / SECOND, UTC).replace(tzinfo=None)
    for year in range(latest.year, latest.year - _MOST_YEARS, -1):
        try:
            moment = datetime.strptime(f"{year} {stated}", "%Y %b %d %H:%M:%S")  # noqa: DTZ007 - UTC where none is stated
        except ValueError:
            continue
        if moment <= latest:
            return {**payload, "syslogTime": moment.isoformat()}
    return payload


def _cef(line: str, found: re.Match[str]) -> dict[str, Any] | None:
    parts = _BAR.split(line[found.end() :], maxsplit=len(_CEF_HEADER))
    if len(parts) < len(_CEF_HEADER):
        return None
    header = dict(zip(_CEF_HEADER, map(_plain, parts), strict=False))
    rest = parts[len(_CEF_HEADER)] if len(parts) > len(_CEF_HEADER) else ""
    extension = _labelled(_spaced(rest))
    return {"cefVersion": found[1], **header, **_before(line, found), "extension": extension}


def _leef(line: str, found: re.Match[str]) -> dict[str, Any] | None:
    count = len(_LEEF_HEADER) + (found[1] == "2.0")
    parts = _BAR.split(line[found.end() :], maxsplit=count)
    if len(parts) <= len(_LEEF_HEADER):
        return None
    header = dict(zip(_LEEF_HEADER, map(_plain, parts), strict=False))
    between = _delimiter(parts[len(_LEEF_HEADER)]) if found[1] == "2.0" else "\t"
    pairs = (pair.partition("=") for pair in parts[-1].split(between))
    extension = {name.strip(): _as_time(name, value) for name, sign, value in pairs if sign}
    return {"leefVersion": found[1], **header, **_before(line, found), "extension": extension}


def _delimiter(stated: str) -> str:
    """A character, or its number in hexadecimal (`0x09`, `x5E`); a tab where none is stated."""
    text = stated.strip()
    number = text.lower().removeprefix("0").removeprefix("x")
    if len(text) > 1 and re.fullmatch("[0-9a-f]{1,4}", number):
        return chr(int(number, 16))
    return stated or "\t"


def _before(line: str, found: re.Match[str]) -> dict[str, str]:
    """What stands before the event: the header of syslog, and the line for whoever looks."""
    header = _SYSLOG.match(line[: found.start()].strip())
    stated = {"syslogTime": header[1], "syslogHost": header[2]} if header is not None else {}
    return {**{name: text for name, text in stated.items() if text}, "line": line}


def _spaced(text: str) -> dict[str, str]:
    """Pairs with spaces between them, whose values may hold spaces too."""
    names = list(islice(_NAME.finditer(text), _MOST_FIELDS))
    ends = [*(each.start() for each in names[1:]), len(text)]
    pairs = ((each[1], text[each.end() : end]) for each, end in zip(names, ends, strict=False))
    return {name: _as_time(name, _plain(value)) for name, value in pairs}


def _labelled(fields: dict[str, str]) -> dict[str, str]:
    """The fields, and those that have a label by it too."""
    named = {
        label: fields[name]
        for key, label in fields.items()
        if key.endswith("Label") and (name := key.removesuffix("Label")) in fields
    }
    return {**named, **fields}


def _plain(text: str) -> str:
    for escaped, plain in (("\\|", "|"), ("\\=", "="), ("\\n", "\n"), ("\\r", "\r")):
        text = text.replace(escaped, plain)
    return text.replace("\\\\", "\\").strip()


def _as_time(name: str, value: str) -> str:
    """A time in one of the known layouts as ISO 8601; any other value as it is."""
    if name.lower() not in _TIMES:
        return value.strip()
    for layout in _LAYOUTS:
        try:
            moment = datetime.strptime(value.strip(), layout)  # noqa: DTZ007 - UTC where none is stated
        except ValueError:
            continue
        return moment.isoformat()
    return value.strip()
