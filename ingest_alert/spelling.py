"""How an object of a payload spells its fields, worked out once for all objects that have the same.

An alert's objects come in few shapes, so that looking for `starttimeutc` or `starttime` in one of
them is, after the first time, one look for both in a dictionary.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ingest_alert.memo import Memo

_MOST_SPELLINGS: Final = 1_024
_LONGEST: Final = 2_000
"""Characters that the names of an object may have together for its spelling to be kept."""


class Spelling(dict[tuple[str, ...], tuple[str, ...]]):
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


_known: Final[Memo[tuple[str, ...], Spelling]] = Memo(_MOST_SPELLINGS)


def spelling_of(raw: Mapping[str, Any]) -> Spelling:
    """How an object spells its fields."""
    names = tuple(raw)
    spelling = _known.get(names)
    if spelling is None:
        spelling = Spelling(names)
        if sum(map(len, names)) <= _LONGEST:
            _known.keep(names, spelling)
    return spelling
