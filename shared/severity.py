"""The severity scale that every source is mapped onto."""

from enum import IntEnum


class Severity(IntEnum):
    """Ordered: a higher value is worse."""

    Informational = 0
    Low = 1
    Medium = 2
    High = 3
    Critical = 4


_NAMES = {severity.name.lower(): severity for severity in Severity} | {
    "info": Severity.Informational,
    "information": Severity.Informational,
    "silent": Severity.Informational,
    "warning": Severity.Low,
    "moderate": Severity.Medium,
    "severe": Severity.High,
    "fatal": Severity.Critical,
}


def parse_severity(text: str) -> Severity | None:
    """The severity that a source's word names, or None when the word is not known."""
    return _NAMES.get(text.strip().lower())
