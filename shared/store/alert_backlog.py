"""The alerts written since an instant, or if those are many, since when and up to when.

A reader that finds a burst behind it reads a bounded number of alerts, the oldest first, and counts
exactly what there was at an earlier instant; whoever reads next goes on from there.
"""

from dataclasses import dataclass
from typing import Any, Final

from azure.cosmos.aio import ContainerProxy

from shared.store.queries import Query, rows
from shared.store.tally import Life, life_of

FEW: Final = 1_000
"""Alerts that are read in any order, by one request that needs no plan of the query."""
MOST: Final = 5_000
"""Alerts that are read at most, but for those of one second."""

_WHAT: Final = "c._ts, c.startTimeUtc, c.severityRank, c.status, c.past FROM c"
_OWN: Final = "WHERE c.type = 'alert' AND c.organisation = @p0"
_SINCE: Final = f"{_OWN} AND c._ts > @p1"
_ALL: Final = f"SELECT {_WHAT} {_SINCE}"
# S608: text of this module alone.
_NEWEST: Final = f"SELECT TOP 1 c._ts FROM c {_SINCE} ORDER BY c._ts DESC"  # noqa: S608
_CHANGED: Final = f"{_ALL} AND IS_DEFINED(c.past)"
_OF_A_SECOND: Final = f"SELECT {_WHAT} {_OWN} AND c._ts = @p1"


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a count as of an instant lacks to be one as of `until`, in seconds; None is now.

    The lives are of all alerts written since that had a version by `until`, and perhaps of more.
    `newest` is when the latest of all alerts was written; None where none was since.
    """

    lives: list[Life]
    until: int | None
    newest: int | None


async def read_backlog(
    container: ContainerProxy, organisation: str, since: int, most: int | None = MOST
) -> Backlog:
    """An organisation's alerts written after an instant, in seconds of the store's clock.

    All for `most` None.
    Where there are more than `most`, those of whole seconds, the oldest, that come to no more; all
    of the first second if that alone has more.
    """
    enough = None if most is None else min(FEW, most) + 1
    found = await rows(
        container, Query(_ALL, (organisation, since)), page=enough or MOST, enough=enough
    )
    if most is None or len(found) < min(FEW, most) + 1:
        return _whole(found)
    oldest = await _oldest(container, organisation, since, most + 1)
    if len(oldest) <= most:
        return _whole(oldest)
    first, until = oldest[0]["_ts"], oldest[-1]["_ts"] - 1
    if first > until:
        until = first
        oldest = await rows(container, Query(_OF_A_SECOND, (organisation, first)), page=MOST)
    # What was changed later had a version by then, too, which its own second no longer shows.
    changed = await rows(container, Query(_CHANGED, (organisation, until)), page=MOST)
    whole = [row for row in oldest if row["_ts"] <= until]
    (newest,) = await rows(container, Query(_NEWEST, (organisation, since)), most=1)
    return Backlog([life_of(row) for row in (*whole, *changed)], until, newest["_ts"])


def _whole(found: list[Any]) -> Backlog:
    newest = max((row["_ts"] for row in found), default=None)
    return Backlog([life_of(row) for row in found], None, newest)


async def _oldest(container: ContainerProxy, organisation: str, since: int, most: int) -> list[Any]:
    text = f"SELECT TOP {most:d} {_WHAT} {_SINCE} ORDER BY c._ts ASC"
    query = Query(text, (organisation, since))
    return await rows(container, query, most=most)
