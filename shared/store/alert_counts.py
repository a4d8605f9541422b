"""How many alerts there are, by hour, severity and state: exact, and as cheap for many as for few.

One document for each day on which alerts were stored holds the counts of that day's alerts, and
one more says up to which instant they are complete. A reader adds what was written since (the
index on `_ts` finds it), and moves the instant forward when that has become much. It does so in one
transactional batch against the version that it read: of readers that do it at once one wins, and no
alert is counted twice or left out.

The documents lie in the organisation's partition of the `incidents` container, which has no change
feed to disturb.
"""

import asyncio
import logging
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any, Final

from azure.core.exceptions import HttpResponseError
from azure.cosmos import exceptions

from shared.store.alert_backlog import MOST, Backlog, read_backlog
from shared.store.client import Database
from shared.store.definitions import ALERTS, INCIDENTS
from shared.store.documents import ConflictError, transact
from shared.store.queries import Document, Query, rows
from shared.store.tally import (
    DAY_SECONDS,
    HOURS_A_DAY,
    Counts,
    Life,
    changes,
    counts_from,
    total,
)

STATE: Final = "tally"
MUCH: Final = 200
"""Alerts written since, from which on it pays to move the instant forward."""
MOST_DAYS: Final = 95
"""Days that one batch writes: it takes a hundred operations."""
SETTLING: Final = 5
"""Seconds within which writes may become visible out of the order of their `_ts`."""
QUIET: Final = 60
"""Seconds after the newest write from which on nothing older is still to come."""
KEEP_UP_SECONDS: Final = 30
_MOST_TRIES: Final = 5
_LOG: Final = logging.getLogger(__name__)

_DAYS: Final = "SELECT * FROM c WHERE c.organisation = @p0 AND c.type = 'tally-day'"


@dataclass(frozen=True, slots=True)
class Kept:
    """What the documents hold: complete up to `until`, in seconds, as of a numbered version."""

    until: int = 0
    version: int = 0
    etag: str | None = None
    days: dict[int, Counts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts of alerts in two parts to be added up: what is kept, and what came since.

    They are as of `until`, in seconds of the store's clock; None is the present.
    """

    parts: tuple[Counts, Counts]
    until: int | None


def settled(newest: int, now: int) -> int:
    """The instant up to which every write is visible. All in seconds; `now` is our own clock's."""
    return newest if now - newest > QUIET else newest - SETTLING


class AlertCounts:
    """Counts the alerts. `database` is not closed here; `retention_days` is that of alerts.

    The counts lie in the partition of an organisation.
    """

    def __init__(self, database: Database, retention_days: int, organisation: str) -> None:
        self._organisation = organisation
        self._alerts = database.container(ALERTS)
        self._kept_in = database.container(INCIDENTS)
        self._retention = retention_days
        self._turn = asyncio.Lock()
        self._kept = Kept()
        self._summed: tuple[str | None, int] = (None, 0)
        self._total: Counts = {}
        self._looked = 0
        self._newest = (0, 0)

    async def read(self, now: int, *, most: int | None = MOST) -> Counted:
        """The counts of the alerts that start within the retention. `now` is in seconds.

        When more than `most` were written since the kept counts, as right after a burst, these are
        as of an earlier instant; the kept counts are moved on, and who reads again gets further.
        With None everything is read, however long that takes.
        """
        self._looked = max(self._looked, now)
        async with self._turn:
            kept = await self._read_kept()
            backlog = await read_backlog(self._alerts, self._organisation, kept.until, most)
            oldest = now // DAY_SECONDS - self._retention
            live = total(changes(backlog.lives, kept.until, backlog.until).values())
            if backlog.newest is not None and len(backlog.lives) >= MUCH:
                await self._advance(kept, backlog, self._settled(backlog.newest, now), now)
            stored = self._sum(kept, oldest)
            return Counted((stored, _since(live, oldest)), backlog.until)

    def _settled(self, newest: int, now: int) -> int:
        """As `settled`, and sooner where we have seen for a while that nothing newer comes."""
        known, seen = self._newest
        if known != newest:
            self._newest = (newest, now)
        elif now - seen > SETTLING:
            return newest
        return settled(newest, now)

    async def keep_up(self, now: int) -> None:
        """Move the instant forward if nobody here has looked for half a minute.

        For those who store or process alerts: then no reader finds a backlog to count first.
        """
        if now - self._looked >= KEEP_UP_SECONDS:
            self._looked = now
            await self.read(now, most=None)

    def _sum(self, kept: Kept, oldest: int) -> Counts:
        """The sum from the oldest day on, made again only when either has changed."""
        if (kept.etag, oldest) != self._summed:
            parts = [counts for day, counts in kept.days.items() if day >= oldest]
            self._kept, self._summed = kept, (kept.etag, oldest)
            self._total = _since(total(parts), oldest)
        return self._total

    async def _read_kept(self) -> Kept:
        """The documents, read again only when they have changed."""
        for _ in range(_MOST_TRIES):
            state = await self._read_state()
            if state is None:
                return Kept()
            if state["_etag"] == self._kept.etag:
                return self._kept
            query = Query(_DAYS, (self._organisation,))
            days = await rows(self._kept_in, query, partition=self._organisation)
            # A day that is newer than the state means that somebody wrote between the two reads.
            if all(day["version"] <= state["version"] for day in days):
                counts = {day["day"]: counts_from(day["hours"]) for day in days}
                return Kept(state["until"], state["version"], state["_etag"], counts)
        return self._kept

    async def _read_state(self) -> Document | None:
        try:
            return await self._kept_in.read_item(STATE, self._organisation)
        except exceptions.CosmosResourceNotFoundError:
            return None

    async def _advance(self, kept: Kept, backlog: Backlog, latest: int, now: int) -> None:
        """Write counts up to `latest`, or earlier where the backlog has not all of it.

        Losing against another reader costs nothing.
        """
        lives = backlog.lives
        if backlog.until is not None:
            latest = min(latest, backlog.until)
        until = reach(lives, kept.until, latest)
        changed = changes(lives, kept.until, until)
        if not changed:
            return
        version = kept.version + 1
        state = state_document(self._organisation, until, version)
        days = [
            day_document(
                self._organisation,
                day,
                total([kept.days.get(day, {}), counts]),
                version,
                self._ttl(day, now),
            )
            for day, counts in changed.items()
        ]
        batch: list[Any] = [
            ("create", (state,))
            if kept.etag is None
            else ("replace", (STATE, state), {"if_match_etag": kept.etag}),
            *(("upsert", (day,)) for day in days),
        ]
        try:
            await transact(self._kept_in, self._organisation, batch)
        except ConflictError:
            return
        except HttpResponseError as fault:
            _LOG.warning("the counts of alerts could not be kept: %s", fault)

    def _ttl(self, day: int, now: int) -> int:
        """Seconds until the last alert that was stored on a day expires."""
        return (day + 1 + self._retention) * DAY_SECONDS - now


def _since(counts: Counts, day: int) -> Counts:
    """The counts from a day on: what starts before it has expired, whenever it was stored."""
    return {hour: keys for hour, keys in counts.items() if hour >= day * HOURS_A_DAY}


def state_document(organisation: str, until: int, version: int) -> Document:
    """What says up to which instant the counts are complete."""
    return {
        "id": STATE,
        "type": "tally",
        "organisation": organisation,
        "until": until,
        "version": version,
    }


def day_document(organisation: str, day: int, counts: Counts, version: int, ttl: int) -> Document:
    """The counts of a day; they expire, in `ttl` seconds, with the alerts stored on it."""
    return {
        "id": f"tally-{day}",
        "type": "tally-day",
        "organisation": organisation,
        "day": day,
        "version": version,
        "hours": {str(hour): keys for hour, keys in sorted(counts.items())},
        "ttl": max(1, ttl),
    }


def reach(lives: list[Life], since: int, until: int) -> int:
    """The latest instant, at most `until`, up to which one batch can hold what changed `since`."""
    instants = sorted(
        {v.since for life in lives for v in life.versions if since < v.since <= until}
    )
    if len(changes(lives, since, until)) <= MOST_DAYS:
        return until
    fitting = bisect_right(
        instants, MOST_DAYS, key=lambda instant: len(changes(lives, since, instant))
    )
    return instants[fitting - 1] if fitting else since
