"""Which state of a container a read sees: the primary's, or that of a replica that lags.

A client that sends a session token sees at least what it has written or read before. One that
does not may be served by a replica, as on the service.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from local.cosmos.errors import READ_SESSION_NOT_AVAILABLE, CosmosError
from local.cosmos.messages import SESSION_TOKEN, Request

if TYPE_CHECKING:
    from local.cosmos.service import Service
    from local.cosmos.store.containers import Container
    from local.cosmos.store.feed import Feed
    from local.cosmos.store.items import Items
    from local.cosmos.store.rows import Rows

CONSISTENCY: Final = b"x-ms-consistency-level"
UP_TO_DATE: Final = frozenset({"strong", "boundedstaleness"})
WITHOUT_SESSION: Final = frozenset({"eventual", "consistentprefix"})


@dataclass(frozen=True, slots=True)
class View:
    """A container, and how to read it."""

    container: Container
    items: Items
    rows: Rows
    feed: Feed


def view(service: Service, request: Request, container: Container) -> View:
    """The state that a read sees.

    Raises:
        CosmosError: 404 with substatus 1002 for a session token of writes that are not known here.
    """
    store = service.store
    level = (request.header(CONSISTENCY) or "").lower()
    wanted = 0 if level in WITHOUT_SESSION else session_lsn(request.header(SESSION_TOKEN))
    if wanted > container.lsn:
        raise CosmosError(
            404,
            "The read session is not available for the input session token.",
            substatus=READ_SESSION_NOT_AVAILABLE,
        )
    replica = store.replica
    if replica is not None and level not in UP_TO_DATE:
        copy = replica.container(container)
        if copy.lsn >= wanted:
            return View(copy, replica.items, replica.rows, replica.feed)
    return View(container, store.items, store.rows, store.feed)


def session_lsn(text: str | None) -> int:
    """The highest LSN in a session token (`id:-1#lsn` for each range, by commas); 0 for none."""
    if not text:
        return 0
    found = 0
    for part in text.split(","):
        _, _, version = part.partition(":")
        lsn = version.split("#")[1] if "#" in version else version
        found = max(found, int(lsn) if lsn.isdigit() else 0)
    return found
