"""The mapping files that ship with the app: one format a file in `ingest_alert/formats/`."""

import json
from functools import cache
from pathlib import Path
from typing import Final

from ingest_alert.source import Source

FOLDER: Final = Path(__file__).parents[1] / "formats"


@cache
def shipped_formats() -> tuple[Source, ...]:
    """The formats of the folder, by the names of their files.

    They are read when the first alert comes that no module recognises, not at a cold start.
    Raises MappingError for a file that cannot be used.
    """
    from ingest_alert.mapping.reading import source_by  # noqa: PLC0415 - as late as the files

    return tuple(
        source_by(json.loads(path.read_text(encoding="utf-8")))
        for path in sorted(FOLDER.glob("*.json"))
    )
