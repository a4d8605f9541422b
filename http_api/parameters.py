"""Reading query parameters: what each may be, and every mistake told at once, by name."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from http_api.problems import FieldError, invalid
from http_api.requests import Request
from shared.times import OutsideCalendarError, format_time, parse_time

_OF_THE_PLATFORM: Final = frozenset({"code", "clientId"})
"""Parameters that carry a function key; they are the platform's and mean nothing here."""
LONGEST: Final = 1_024
MOST_VALUES: Final = 50


class Parameters:
    """Reads one request's query. Ask for what there is, then call `done`.

    Each reader returns something harmless for a value that cannot be used; `done` raises.
    """

    def __init__(self, request: Request) -> None:
        self._query = request.query
        self._known: list[str] = []
        self._errors: list[FieldError] = []

    def refuse(self, name: str, reason: str, allowed: Iterable[str] = ()) -> None:
        """Note that a parameter cannot be used."""
        self._errors.append(FieldError(name, reason, tuple(allowed)))

    def one(self, name: str) -> str:
        """The single value of a parameter, empty when it is not given."""
        self._known.append(name)
        values = [value for value in self._query.get(name, ()) if value.strip()]
        if len(values) > 1:
            self.refuse(name, "is given more than once")
        value = values[0].strip() if values else ""
        if len(value) > LONGEST:
            self.refuse(name, f"is longer than {LONGEST} characters")
            return ""
        return value

    def many(
        self, name: str, split: Callable[[str], Iterable[str]] = lambda text: text.split(",")
    ) -> tuple[str, ...]:
        """The distinct values of a parameter, whether repeated or separated by commas."""
        self._known.append(name)
        texts = self._query.get(name, ())
        parts = (part.strip() for text in texts for part in split(text))
        given = [part for part in parts if part]
        if len(given) > MOST_VALUES:
            self.refuse(name, f"has {len(given)} values; at most {MOST_VALUES} are taken")
            return ()
        values = tuple(dict.fromkeys(given))
        if any(len(value) > LONGEST for value in values):
            self.refuse(name, f"has a value longer than {LONGEST} characters")
            return ()
        return values

    def choices(self, name: str, allowed: Mapping[str, str]) -> tuple[str, ...]:
        """Values out of a set. `allowed` gives the true spelling of each one in lower case."""
        chosen = []
        for value in self.many(name):
            if value.lower() in allowed:
                chosen.append(allowed[value.lower()])
            else:
                self.refuse(name, f"{value!r} is not known", dict.fromkeys(allowed.values()))
        return tuple(dict.fromkeys(chosen))

    def choice(self, name: str, allowed: Collection[str], default: str) -> str:
        """One value out of a set, or the default."""
        value = self.one(name)
        if not value or value in allowed:
            return value or default
        self.refuse(name, f"{value!r} is not known", allowed)
        return default

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number within bounds, or the default."""
        text = self.one(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            self.refuse(name, f"{text!r} is no whole number from {least} to {most}")
        elif not least <= int(text) <= most:
            self.refuse(name, f"{text} is not within {least} to {most}")
        else:
            return int(text)
        return default

    def instant(self, name: str) -> str | None:
        """An ISO 8601 time as text that sorts in time order; None when it is not given."""
        text = self.one(name)
        if not text:
            return None
        try:
            # A plus sign that was not escaped arrives as a space.
            return format_time(parse_time(text.replace(" ", "+") if "T" in text else text))
        except OutsideCalendarError as error:
            self.refuse(name, str(error))
            return None
        except ValueError:
            self.refuse(name, f"{text!r} is no ISO 8601 time such as 2026-11-24T08:00:00Z")
            return None

    def period(self) -> tuple[str | None, str | None]:
        """The parameters `from` (inclusive) and `to` (exclusive)."""
        since, until = self.instant("from"), self.instant("to")
        if since is not None and until is not None and since >= until:
            self.refuse("from", "must lie before to")
        return since, until

    def done(self) -> None:
        """Raise Problem (400) with everything that was wrong, unknown parameters included."""
        for name in self._query:
            if name not in self._known and name not in _OF_THE_PLATFORM:
                self.refuse(name, "is no parameter here", self._known)
        if self._errors:
            raise invalid(self._errors)
