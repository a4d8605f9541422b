"""Reading the fields of a payload, whatever the case of their names and however loosely typed.

Sources spell one field `startTimeUtc`, `StartTimeUtc` or `StartTimeUTC`; write a list as a list, as
JSON in a text or with commas; leave a text empty for "none". `Fields` reads past that, tells the
draft of what it cannot use, and spells fields in messages as the source does.
"""

import json
from collections.abc import Callable, Iterable, KeysView, Mapping
from functools import lru_cache
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.field_names import field_names_of
from shared.strict_json import load
from shared.times import SECOND, parse_time

_UNSET_TIMES: Final = ("0001-01-01", "1/1/0001", "01/01/0001", "1970-01-01", "1/1/1970")
"""How sources write the time that they have not: the first day of .NET and Go, and of Unix."""
_UNSET_NUMBER: Final = 86_400
"""Numbers below it are seconds of the first day of 1970: no time is meant."""


class Fields:
    """The fields of one object of a payload. Names are given in lower case."""

    __slots__ = ("_draft", "_field_names", "_name", "_parent", "raw")

    def __init__(
        self, raw: Mapping[str, Any], draft: Draft, parent: "Fields | None" = None, name: str = ""
    ) -> None:
        self.raw = raw
        self._draft = draft
        self._parent = parent
        self._name = name
        self._field_names = field_names_of(raw)

    def __bool__(self) -> bool:
        return bool(self.raw)

    @property
    def names(self) -> KeysView[str]:
        """The names of all fields, in lower case."""
        return self._field_names.names.keys()

    def get(self, name: str) -> Any:
        """The value of a field as it stands; None when there is none."""
        spelled = self._field_names.names.get(name)
        return None if spelled is None else self.raw[spelled]

    def path(self, name: str) -> str:
        """The field's full path, as the source spells it."""
        bare, bracket, index = name.partition("[")
        spelled = next((raw for raw in self.raw if raw.lower() == bare), bare) + bracket + index
        where = self._name if self._parent is None else self._parent.path(self._name)
        return f"{where}.{spelled}" if where else spelled

    def text(self, *names: str) -> str:
        """The first of the fields that holds a text; "" when none does."""
        raw = self.raw
        for name in self._field_names[names]:
            value = raw[name]
            if isinstance(value, str):
                value = value.strip()
                if value:
                    return value
            elif isinstance(value, int | float):
                return str(value)
            elif value:
                self._draft.note(f"{self.path(name.lower())} is no text: not used.")
        return ""

    def need_text(self, label: str, *names: str) -> str:
        """Like `text`, and an error of the draft when there is none; `label` is for the message."""
        text = self.text(*names)
        if not text:
            present = next((name for name in names if self.get(name) not in (None, "")), None)
            reason = "missing" if present is None else "a text is needed"
            self._draft.error(self.path(label if present is None else present), reason)
        return text

    def time(self, *names: str) -> int | None:
        """The first of the fields that states a time, in milliseconds since 1970.

        One that is stated but cannot be read is noted, and left out.
        """
        return self._time(names, self._draft.note_field)

    def instant(self, *names: str) -> int | None:
        """Like `time`, for sources that may write times as numbers since 1970."""
        return self._instant(names, self._draft.note_field)

    def _time(self, names: tuple[str, ...], tell: Callable[[str, str], None]) -> int | None:
        raw = self.raw
        for name in self._field_names[names]:
            value = raw[name]
            if value is None or value == "":
                continue
            if not isinstance(value, str):
                tell(self.path(name.lower()), f"a time as text is needed, not {_kind(value)}")
                continue
            if value.startswith(_UNSET_TIMES):
                continue
            try:
                return _parse_time(value)
            except (ValueError, OverflowError):
                tell(self.path(name.lower()), f"{value[:60]!r} is no time that can be used")
        return None

    def _instant(self, names: tuple[str, ...], tell: Callable[[str, str], None]) -> int | None:
        for name in names:
            value = self.get(name)
            if isinstance(value, str) and _is_number(value):
                value = float(value)
            if isinstance(value, int | float) and not isinstance(value, bool):
                if 0 <= value < _UNSET_NUMBER:
                    continue
                instant = _from_number(value)
                if instant is None:
                    tell(self.path(name), f"{value} is no time that can be used")
                    continue
                return instant
            if value is not None and value != "":
                instant = self._time((name,), tell)
                if instant is not None:
                    return instant
        return None

    def need_time(self, label: str, *names: str, otherwise: tuple[str, ...] = ()) -> int | None:
        """Like `time`, and an error of the draft when no field states one, or one is no time.

        Those in `otherwise` stand in where none of the names does; they are no fault themselves.
        """
        before = self._draft.error_count
        value = self._time(names, self._draft.error)
        if value is None and self._draft.error_count == before:
            value = self.time(*otherwise)
        if value is None:
            self._need(label, before)
        return value

    def need_instant(self, label: str, *names: str) -> int | None:
        """Like `instant`, and an error of the draft when no field states one, or one is no time."""
        before = self._draft.error_count
        value = self._instant(names, self._draft.error)
        if value is None:
            self._need(label, before)
        return value

    def _need(self, label: str, errors_before: int) -> None:
        if self._draft.error_count == errors_before:
            self._draft.error(self.path(label), "missing: the alert states no time")

    def sub(self, name: str) -> "Fields":
        """The object in a field, also one written as JSON text; empty when there is none."""
        value = self.get(name)
        if isinstance(value, str) and value.lstrip().startswith("{"):
            value = _json_or_none(value)
        if value is None or value == "":
            value = {}
        elif not isinstance(value, dict):
            self._draft.note(f"{self.path(name)} is no object: not used.")
            value = {}
        return Fields(value, self._draft, self, name)

    def inner(self, raw: Mapping[str, Any], name: str) -> "Fields":
        """The fields of an object that a field holds or refers to."""
        return Fields(raw, self._draft, self, name)

    def at(self, *names: str) -> "Fields":
        """The object at the end of a path of fields."""
        fields = self
        for name in names:
            fields = fields.sub(name)
        return fields

    def items(self, name: str) -> list["Fields"]:
        """The objects in a list, also one written as JSON text, or one object alone."""
        found = []
        for index, item in enumerate(self.list(name)):
            if isinstance(item, dict):
                found.append(Fields(item, self._draft, self, f"{name}[{index}]"))
            elif item is not None:
                self._draft.note(f"{self.path(name)}[{index}] is no object: not used.")
        return found

    def list(self, name: str) -> list[Any]:
        """The list in a field, also one written as JSON text; anything else is a list of one."""
        value = self.get(name)
        if isinstance(value, str):
            text = value.strip()
            if not text:
                return []
            value = _json_or_none(text) if text[0] in "[{" else text
            if value is None:
                self._draft.note(f"{self.path(name)} starts like JSON but is none: not used.")
        if value is None:
            return []
        return value if isinstance(value, list) else [value]

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts in a list; numbers become text, anything else is left out with a note."""
        found = []
        for item in self.list(name):
            if isinstance(item, str):
                if stripped := item.strip():
                    found.append(stripped)
            elif isinstance(item, int | float):
                found.append(str(item))
            elif item is not None:
                self._draft.note(f"{self.path(name)} holds what is no text: not used.")
        return tuple(found)


def spelled(values: object) -> str:
    """Any value as one text in which words and ids can be looked for."""
    return values if isinstance(values, str) else json.dumps(values, ensure_ascii=False)


def lines_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The lines of texts that hold several each, without the empty ones."""
    return tuple(
        stripped for text in texts for line in text.splitlines() if (stripped := line.strip())
    )


_parse_time = lru_cache(maxsize=8_192)(parse_time)  # start, end and generated are often one time


def instant_in(text: str) -> int | None:
    """The instant that a text states, as a time or as a number since 1970; None for no time.

    Raises ValueError or OverflowError when it is no time that can be used.
    """
    if _is_number(text):
        number = float(text)
        instant = None if number < _UNSET_NUMBER else _from_number(number)
        if instant is None and number >= _UNSET_NUMBER:
            raise ValueError(text)
        return instant
    return None if text.startswith(_UNSET_TIMES) else _parse_time(text)


def _json_or_none(text: str) -> Any:
    try:
        return load(text)
    except (ValueError, RecursionError):
        return None


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdigit()


def _from_number(value: float) -> int | None:
    """Milliseconds, from seconds, milli-, micro- or nanoseconds since 1970, by their size."""
    for limit, unit in _UNITS:
        if 0 < value < limit:
            return int(value * SECOND) if unit == 0 else int(value // unit)
    return None


_UNITS: Final = ((100_000_000_000, 0), (10**14, 1), (10**17, 1_000), (10**20, 1_000_000))
"""Below each number, how many of its units make a millisecond; 0 stands for seconds."""


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", bool: "true or false"}
    return names.get(type(value), "a number")
