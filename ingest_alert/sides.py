"""Which of two ends of a connection an alert is about."""

from collections.abc import Sequence
from typing import Final

from ingest_alert.estate import Estate
from shared.entities import Entity

CLIENT: Final = "client"
SERVER: Final = "server"


def attacked_side(
    estate: Estate, client: Entity | None, server: Entity | None, target: str = ""
) -> Entity | None:
    """The end that was attacked, or that misbehaves in our network; None where neither can be.

    `client` opened the connection; `target` is `CLIENT` or `SERVER` where the rule says which of
    them it is about. An end of ours goes before one of others, whatever the rule says: what one of
    our machines does to a stranger is told of our machine. One that passes on goes last.
    """
    ends = [end for end in (client, server) if end is not None and end.key is not None]
    if not ends:
        return None
    stated = client if target == CLIENT else server

    def rank(end: Entity) -> tuple[bool, bool, bool]:
        return (estate.passes_on(end), not estate.owns(end), end is not stated)

    return min(ends, key=rank)


def first_that_acts(estate: Estate, named: Sequence[Entity]) -> Entity | None:
    """The first that does not only pass on what others do; else the first."""
    acting = (each for each in named if not estate.passes_on(each))
    return next(acting, named[0] if named else None)
