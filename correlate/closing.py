"""Before sessions of closed incidents are sealed: unions that were under way when people closed.

A sealed session names the closed incident alone. What else it led to must not be left behind with
no session that leads to it, so this comes first.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import TypeAlias

from correlate.ports import Conflict, Root
from correlate.regroup import NOT_ITS_OWN, help_regroup, regroup
from correlate.sessions import Session, overlaps
from correlate.snapshot import Snapshot
from correlate.work import Work

Shared: TypeAlias = tuple[str, Session]
"""A session that points to several nodes, with the id of its resource's members."""


async def cleared(work: Work, snapshot: Snapshot, shared: Iterable[Shared]) -> bool:
    """Finish what is half done in the roots of a snapshot; False where all is to be read again.

    `shared` are sessions that point to more than one node.
    """
    roots = snapshot.roots()
    splitting = [root for root in roots if root.splitting is not None]
    for root in splitting:
        await help_regroup(work, root)
    if splitting:
        return False
    closed = [root for root in roots if root.closed]
    return not closed or not (
        await _linked(work, closed, snapshot) or await _made_anew(work, closed, snapshot, shared)
    )


async def _linked(work: Work, closed: Iterable[Root], snapshot: Snapshot) -> bool:
    """Link lone alerts to the closed incidents that had taken them in; whether there were any."""
    lone = {
        each.node: root.id
        for root in closed
        for each in root.absorbing
        if each.node in snapshot.asked and each.node not in snapshot.nodes
    }
    for node, root in lone.items():
        with suppress(Conflict):
            await work.store.link(node, root)
    return bool(lone)


async def _made_anew(
    work: Work, closed: Iterable[Root], snapshot: Snapshot, shared: Iterable[Shared]
) -> bool:
    """Make anew what holds something of closed incidents, which keep it; whether there was any."""
    shut = {root.id for root in closed}
    wrong = {
        root.id
        for root in snapshot.roots()
        if root.id not in shut and any(each.node in shut for each in root.absorbing)
    }
    for name, session in shared:
        ends = {snapshot.end_of(node) for node in session.nodes if node in snapshot.asked}
        wrong |= {end for end in ends - shut if _doubled(snapshot, end, ends & shut, name, session)}
    for root in sorted(wrong):
        with suppress(Conflict):
            await regroup(work, root, NOT_ITS_OWN)
    return bool(wrong)


def _doubled(
    snapshot: Snapshot, end: str, closed: Iterable[str], name: str, session: Session
) -> bool:
    """Whether a root covers something of a session that a closed one covers too."""
    own = overlaps(snapshot.covered(end, name), (session.start, session.end))
    return any(
        overlaps(own, interval) for root in closed for interval in snapshot.covered(root, name)
    )
