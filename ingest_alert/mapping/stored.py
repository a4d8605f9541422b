"""Formats that people add while the app runs: mapping documents of a store, read now and then."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from ingest_alert.mapping.model import MappingError
from ingest_alert.mapping.reading import source_by
from ingest_alert.source import Source
from shared.log_lines import line
from shared.times import SECOND

_LOG: Final = logging.getLogger("ingest_alert")
KEPT: Final = 30 * SECOND
"""How long the formats are used before they are read again."""


class FormatStore(Protocol):
    """Where mapping documents are kept."""

    async def mappings(self) -> Sequence[Mapping[str, Any]]:
        """The content of each mapping, as a mapping file has it."""


class StoredFormats:
    """The formats of a store. One that cannot be used is passed over and logged."""

    def __init__(self, store: FormatStore, now: Callable[[], int]) -> None:
        self._store = store
        self._now = now
        self._read_at: int | None = None
        self._formats: tuple[Source, ...] = ()

    async def active(self) -> tuple[Source, ...]:
        """The formats that hold now. Raises what the store raises."""
        at = self._now()
        if self._read_at is None or at - self._read_at >= KEPT:
            self._formats = tuple(_usable(await self._store.mappings()))
            self._read_at = at
        return self._formats


def _usable(mappings: Sequence[Mapping[str, Any]]) -> list[Source]:
    found = []
    for mapping in mappings:
        try:
            found.append(source_by(mapping))
        except MappingError as fault:
            fields = ",".join(error.field for error in fault.errors)
            _LOG.warning(line("format", name=str(mapping.get("name", ""))[:40], fields=fields))
    return found
