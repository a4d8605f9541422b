"""Partition keys: what an item's key is, its hash, and the physical range that holds it.

The effective partition key (EPK) is computed by the SDK's own implementation, imported and not
copied, so that client and emulator always agree.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
from azure.cosmos.partition_key import (
    PartitionKey,
    _to_hex_encoded_binary_string_v1,
)

from .errors import PARTITION_KEY_MISMATCH, bad_request, not_found

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNDEFINED_COMPONENT: Final[dict[str, Any]] = {}
MAX_EPK: Final = "FF"
HASH_CACHE_SIZE: Final = 100_000
SPACE_BITS: Final = 32
HASH_BITS: Final = 126


@dataclass(frozen=True, slots=True)
class PhysicalRange:
    """One physical partition: EPKs from `low` (inclusive) to `high` (exclusive).

    Attributes:
        start, end: the same bounds as positions in a space of `2 ** SPACE_BITS`.
        parents: ids of the ranges that it was split off from, the oldest first.
    """

    id: str
    low: str
    high: str
    start: int
    end: int
    parents: tuple[str, ...] = ()


class PartitionScheme:
    """How one container partitions: key paths, hash kind and version, physical ranges.

    Args:
        splits: ids of the ranges that were split since the container was made, in order.
    """

    def __init__(
        self, definition: Mapping[str, Any], range_count: int, splits: Sequence[str] = ()
    ) -> None:
        self.paths = tuple(parse_path(path) for path in definition["paths"])
        self.kind: str = definition.get("kind", "Hash")
        self.version: int = definition.get("version", 1)
        self.ranges = _divided(range_count, self.version)
        self._count = range_count
        self.splits: list[str] = []
        for range_id in splits:
            self.split(range_id)
        self._starts = [item.low for item in self.ranges]
        self._hasher = PartitionKey(
            path=list(definition["paths"]), kind=self.kind, version=self.version
        )
        self._hashes: dict[str, str] = {}

    def key_of_item(self, item: Mapping[str, Any]) -> str:
        """The canonical text of the item's key."""
        return canonical_key([self._component(item, path) for path in self.paths])

    def key_of_header(self, text: str, *, prefix: bool = False) -> str:
        """The canonical text of a key sent in a header, such as `["a"]` or `[{}]`.

        With `prefix`, the first levels of a hierarchical key will do.

        Raises:
            CosmosError: 400 when the header does not hold a JSON list of the right length.
        """
        try:
            components = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise bad_request("x-ms-documentdb-partitionkey is not a JSON list.") from None
        if not isinstance(components, list):
            raise bad_request("x-ms-documentdb-partitionkey is not a JSON list.")
        if not components and len(self.paths) == 1:
            components = [UNDEFINED_COMPONENT]
        if not (1 if prefix else len(self.paths)) <= len(components) <= len(self.paths):
            raise bad_request(
                "Partition key provided either doesn't correspond to definition in the collection "
                "or doesn't match partition key field values specified in the document. "
                f"It has {len(components)} components, the container's has {len(self.paths)}.",
                PARTITION_KEY_MISMATCH,
            )
        return canonical_key(components)

    def epk(self, key: str) -> str:
        """The effective partition key (hex text) of a canonical key, remembered."""
        found = self._hashes.get(key)
        if found is None:
            if len(self._hashes) >= HASH_CACHE_SIZE:
                self._hashes.clear()
            components = orjson.loads(key)
            found = str(self._hasher._get_effective_partition_key_string(components)).upper()
            self._hashes[key] = found
        return found

    def range_of(self, epk: str) -> PhysicalRange:
        """The physical range that holds the EPK."""
        return self.ranges[bisect_right(self._starts, epk) - 1]

    def split(self, range_id: str) -> tuple[PhysicalRange, PhysicalRange]:
        """Replace a range by its two halves, which get new ids, and return them.

        Raises:
            CosmosError: 404 when there is no such range, 400 when it is too small.
        """
        parent = self.range_by_id(range_id)
        if parent is None:
            raise not_found(f"pkranges/{range_id}")
        if parent.end - parent.start < 2:
            raise bad_request(f"The partition key range {range_id} cannot be split further.")
        number = self._count + 2 * len(self.splits)
        middle, parents = (parent.start + parent.end) // 2, (*parent.parents, parent.id)
        border = _border(middle, self.version)
        children = (
            PhysicalRange(str(number), parent.low, border, parent.start, middle, parents),
            PhysicalRange(str(number + 1), border, parent.high, middle, parent.end, parents),
        )
        at = self.ranges.index(parent)
        self.ranges = (*self.ranges[:at], *children, *self.ranges[at + 1 :])
        self.splits.append(range_id)
        self._starts = [item.low for item in self.ranges]
        return children

    def ranges_since(self, splits: int) -> tuple[PhysicalRange, ...]:
        """The ranges that came after so many splits."""
        return tuple(item for item in self.ranges if int(item.id) >= self._count + 2 * splits)

    def prefix_interval(self, key: str) -> tuple[str, str] | None:
        """The EPKs that begin with a hierarchical key of fewer levels; None for a whole key."""
        components = orjson.loads(key)
        if len(components) == len(self.paths):
            return None
        start = self.epk(key)
        return start, start + MAX_EPK

    def range_by_id(self, range_id: str) -> PhysicalRange | None:
        """The physical range of this id, or None."""
        return next((item for item in self.ranges if item.id == range_id), None)

    def _component(self, item: Mapping[str, Any], path: Sequence[str]) -> Any:
        value: Any = item
        for name in path:
            if not isinstance(value, dict) or name not in value:
                return UNDEFINED_COMPONENT
            value = value[name]
        if isinstance(value, dict | list):
            return UNDEFINED_COMPONENT
        return value


def canonical_key(components: Sequence[Any]) -> str:
    """One text for one key: compact JSON in which 1 and 1.0 are the same."""
    return orjson.dumps(
        [
            int(part) if isinstance(part, float) and part.is_integer() else part
            for part in components
        ]
    ).decode()


def parse_path(path: str) -> tuple[str, ...]:
    """The names in a path such as `/a/b` or `/"a b"/c`.

    Raises:
        CosmosError: 400 when the path does not start with a slash or a name is empty.
    """
    if not path.startswith("/") or path == "/":
        raise bad_request(f"Partition key path {path!r} must start with '/' and name a property.")
    names = []
    for part in _split_quoted(path[1:]):
        name = part[1:-1] if len(part) > 1 and part[0] in "\"'" and part[-1] == part[0] else part
        if not name:
            raise bad_request(f"Path {path!r} has an empty name.")
        names.append(name)
    return tuple(names)


def _split_quoted(text: str) -> list[str]:
    parts, current, quote = [], "", ""
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and not current:
            quote = char
        elif char == "/":
            parts.append(current)
            current = ""
            continue
        current += char
    return [*parts, current]


def _divided(count: int, version: int) -> tuple[PhysicalRange, ...]:
    starts = [(part << SPACE_BITS) // count for part in range(count + 1)]
    bounds = ["", *(_border(start, version) for start in starts[1:-1]), MAX_EPK]
    return tuple(
        PhysicalRange(
            str(number), bounds[number], bounds[number + 1], starts[number], starts[number + 1]
        )
        for number in range(count)
    )


def _border(position: int, version: int) -> str:
    """The EPK at a position of the hash space.

    Version 2 hashes have 126 bits; version 1 keys start with the encoding of a 32-bit number.
    """
    if version == 1:
        return _to_hex_encoded_binary_string_v1([float(position)]).upper()
    return f"{position << HASH_BITS - SPACE_BITS:032X}"
