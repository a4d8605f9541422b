"""The `formats` container: the mappings by which people have alerts of further tools read."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from shared.store.client import Database
from shared.store.definitions import FORMATS
from shared.store.named_documents import NamedDocuments
from shared.store.queries import Document
from shared.times import format_time

MOST_FORMATS: Final = 200
"""Each alert that no module recognises is held against every one of them."""


class FormatDocuments(NamedDocuments):
    """Reads and writes formats. `database` is not closed here."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, FORMATS)

    async def mappings(self) -> Sequence[Mapping[str, Any]]:
        """What each format says, as a mapping file has it."""
        return [document["mapping"] for document in await self.every()]


def format_document(
    mapping: Mapping[str, Any], stored: Document | None, *, by: str, at: int
) -> Document:
    """The document of a format that somebody writes at an instant (milliseconds since 1970)."""
    return {
        "id": mapping["name"],
        "mapping": dict(mapping),
        "author": by,
        "createdUtc": (stored or {}).get("createdUtc", format_time(at)),
        "updatedUtc": format_time(at),
    }
