"""What can be wrong with what is pushed.

ReadingError          (ValueError)
├── MessageError      nothing in the message can be read
└── AlertError        one alert in it cannot be used; it lists the fields at fault
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault: the field's path as the source spells it, and what is wrong with it."""

    field: str
    reason: str


class ReadingError(ValueError):
    """What was pushed cannot be read. `reason` is one word, `errors` name the fields."""

    reason = "unreadable"

    def __init__(self, message: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(message)
        self.errors = errors


class MessageError(ReadingError):
    """The message is no JSON, or holds nothing that could be an alert."""


class AlertError(ReadingError):
    """An alert of a known source lacks what every alert needs, or is of no known source.

    `source` is empty when no source was recognised; `reason` is then `unknown`.
    """

    def __init__(self, source: str, errors: tuple[FieldError, ...]) -> None:
        listed = "; ".join(": ".join(filter(None, (e.field, e.reason))) for e in errors)
        super().__init__(f"{source}: {listed}" if source else listed)
        self.source = source
        self.errors = errors
        self.reason = "invalid" if source else "unknown"
