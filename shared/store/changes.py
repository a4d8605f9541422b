"""Whether anything that people look at has changed: one short text, for little more than nothing.

The store's clock counts whole seconds, so that what is written within the second of the newest
write may not move it. Until that second is past, each answer differs from the one before.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from shared.concurrency import gather_bounded
from shared.store.alert_counts import SETTLING
from shared.store.client import Database
from shared.store.definitions import ALERTS, INCIDENTS, REJECTED
from shared.store.queries import Query, rows
from shared.times import SECOND

FRESH_FOR: Final = 1 * SECOND
"""Milliseconds within which all who ask this process are told the same."""

_NEWEST: Final = "SELECT TOP 1 VALUE c._ts FROM c{where} ORDER BY c._ts DESC"
_REJECTED: Final = Query(_NEWEST.format(where=""))
_OWN: Final = " WHERE c.organisation = @p0 AND c.type IN ({types})"
_ALERTS: Final = _NEWEST.format(where=_OWN.format(types="'alert'"))
_INCIDENTS: Final = _NEWEST.format(where=_OWN.format(types="'incident', 'redirect', 'decision'"))


class Changes:
    """Looks for the newest writes. `database` is not closed here; `now` tells milliseconds."""

    def __init__(
        self, database: Database, organisations: tuple[str, ...], now: Callable[[], int]
    ) -> None:
        self._database = database
        self._organisations = organisations
        self._now = now
        self._turn = asyncio.Lock()
        self._asked: int | None = None
        self._version = ""

    async def version(self) -> str:
        """A text that is another one once an incident, an alert or a rejection was written."""
        async with self._turn:
            now = self._now()
            if self._asked is None or not 0 <= now - self._asked < FRESH_FOR:
                self._version = version_of(await self._newest(), now // SECOND)
                self._asked = now
            return self._version

    async def _newest(self) -> list[int]:
        """When each kind of document was last written, in seconds of the store's clock."""
        asked: list[tuple[str, Query, str | None]] = [(REJECTED, _REJECTED, None)]
        for own in self._organisations:
            asked.append((ALERTS, Query(_ALERTS, (own,)), None))
            asked.append((INCIDENTS, Query(_INCIDENTS, (own,)), own))

        async def newest_of(one: tuple[str, Query, str | None]) -> int:
            name, query, own = one
            found = await rows(self._database.container(name), query, partition=own, most=1)
            return int(found[0]) if found else 0

        return await gather_bounded(newest_of, asked)


def version_of(newest: list[int], now: int) -> str:
    """The version from the newest writes; `now` in seconds makes each differ while one settles."""
    texts = [f"{each:x}" for each in newest]
    if max(newest) > now - SETTLING:
        texts.append(f"{now:x}")
    return "-".join(texts)
