"""A small row for every incident that qualified, kept in memory and brought up to date by `_ts`.

Incidents are few and change often, so counting them needs all of them at hand. The first reading
brings them all; each one after that, only what was written since.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.store.alert_counts import settled
from shared.store.client import Database
from shared.store.definitions import INCIDENTS
from shared.store.queries import Document, Query, rows
from shared.times import HOUR, parse_time

_ROWS_A_PAGE: Final = 5_000
_SINCE: Final = (
    "SELECT c.id, c.visible, c.severity, c.status, c.confidence, c.stages, c.firstActivityUtc,"
    " c.lastActivityUtc, c._ts FROM c"
    " WHERE c.organisation = @p0 AND c.type IN ('incident', 'redirect') AND c._ts > @p1"
)


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """What counting needs of an incident; `first` and `last` are hours since 1970."""

    severity: str
    status: str
    confidence: str
    stages: tuple[str, ...]
    first: int
    last: int


class IncidentTable:
    """The rows of an organisation. `database` is not closed here."""

    def __init__(self, database: Database, organisation: str) -> None:
        self._organisation = organisation
        self._incidents = database.container(INCIDENTS)
        self._rows: dict[str, IncidentRow] = {}
        self._since = 0
        self._newest = 0
        self._turn = asyncio.Lock()

    async def read(self, now: int) -> Mapping[str, IncidentRow]:
        """All incidents that qualified, as they are now, by id. `now` is in seconds."""
        async with self._turn:
            found = await rows(
                self._incidents,
                Query(_SINCE, (self._organisation, self._since)),
                partition=self._organisation,
                page=_ROWS_A_PAGE,
            )
            for document in found:
                self._take(document)
            if self._newest:
                self._since = settled(self._newest, now)
            return dict(self._rows)

    def _take(self, document: Document) -> None:
        self._newest = max(self._newest, document["_ts"])
        if not document.get("visible"):
            self._rows.pop(document["id"], None)
            return
        self._rows[document["id"]] = IncidentRow(
            document["severity"],
            document["status"],
            document["confidence"],
            tuple(document["stages"]),
            parse_time(document["firstActivityUtc"]) // HOUR,
            parse_time(document["lastActivityUtc"]) // HOUR,
        )
