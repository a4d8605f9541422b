"""SQLite expressions for a property of the stored document.

SQLite's JSON functions give NULL for null and for a missing property alike, and 0 or 1 for
booleans. A *rank* column beside the value tells the types apart and orders them as the service
does: undefined, null, false, true, numbers, strings, arrays, objects.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

UNDEFINED_RANK: Final = 0
NULL_RANK: Final = 1
FALSE_RANK: Final = 2
TRUE_RANK: Final = 3
NUMBER_RANK: Final = 4
STRING_RANK: Final = 5
ARRAY_RANK: Final = 6
OBJECT_RANK: Final = 7

Path = tuple[str | int, ...]

_RANKS: Final = (
    "WHEN 'null' THEN 1 WHEN 'false' THEN 2 WHEN 'true' THEN 3 WHEN 'integer' THEN 4"
    " WHEN 'real' THEN 4 WHEN 'text' THEN 5 WHEN 'array' THEN 6 WHEN 'object' THEN 7 ELSE 0"
)
_COLUMNS: Final = {("id",): ("5", "id"), ("_ts",): ("4", "ts"), ("_etag",): ("5", "etag")}


def expressible(path: Path) -> bool:
    """Whether SQLite's path syntax can name the property (it has no escape for a quote)."""
    return all(isinstance(name, int) or not set(name) & {'"', "'", "\\"} for name in path)


@lru_cache(maxsize=4096)
def rank_sql(path: Path) -> str:
    """The type rank of the property, 0 to 7."""
    if path in _COLUMNS:
        return _COLUMNS[path][0]
    return f"CASE json_type(doc,'{json_path(path)}') {_RANKS} END"


@lru_cache(maxsize=4096)
def value_sql(path: Path) -> str:
    """The property as a SQLite value: number, text, JSON text, 0 or 1, or NULL."""
    if path in _COLUMNS:
        return _COLUMNS[path][1]
    return f"json_extract(doc,'{json_path(path)}')"


def json_path(path: Path) -> str:
    """The property in SQLite's path syntax."""
    return "$" + "".join(f"[{name}]" if isinstance(name, int) else f'."{name}"' for name in path)
