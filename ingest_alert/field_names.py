"""The names of an object's fields whatever their case, worked out once for all that have the same.

An alert's objects come in few shapes, so that looking for `starttimeutc` or `starttime` in one of
them is, after the first time, one look for both in a dictionary.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ingest_alert.bounded_cache import BoundedCache

_MOST_KEPT: Final = 1_024
_LONGEST: Final = 2_000
"""Characters that the names of an object may have together for them to be kept."""


class FieldNames(dict[tuple[str, ...], tuple[str, ...]]):
    """From names in lower case that are asked for, to those of them that there are, as spelled.

    `names` has the spelling of each name; of two that differ only in case it is the last.
    """

    __slots__ = ("names",)

    def __init__(self, spelled: Iterable[str]) -> None:
        super().__init__()
        self.names = {name.lower(): name for name in spelled}

    def __missing__(self, asked: tuple[str, ...]) -> tuple[str, ...]:
        names = self.names
        found = self[asked] = tuple(names[name] for name in asked if name in names)
        return found


_known: Final[BoundedCache[tuple[str, ...], FieldNames]] = BoundedCache(_MOST_KEPT)


def field_names_of(raw: Mapping[str, Any]) -> FieldNames:
    """How an object spells its fields."""
    names = tuple(raw)
    found = _known.get(names)
    if found is None:
        found = FieldNames(names)
        if sum(map(len, names)) <= _LONGEST:
            _known.keep(names, found)
    return found
