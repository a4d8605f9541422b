"""Before sessions of closed incidents are sealed: unions that were under way when people closed.

A sealed session names the closed incident alone. What else it led to must not be left behind with
no session that leads to it, so this comes first.
"""

from collections.abc import Iterable
from contextlib import suppress

from correlate.ports import Conflict, Root
from correlate.regroup import NOT_ITS_OWN, help_regroup, regroup
from correlate.snapshot import Snapshot
from correlate.work import Work


async def cleared(work: Work, snapshot: Snapshot) -> bool:
    """Finish what is half done in the roots of a snapshot; False where all is to be read again."""
    roots = snapshot.roots()
    splitting = [root for root in roots if root.splitting is not None]
    for root in splitting:
        await help_regroup(work, root)
    if splitting:
        return False
    closed = [root for root in roots if root.closed]
    return not closed or not (
        await _linked(work, closed, snapshot) or await _made_anew(work, roots, closed)
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


async def _made_anew(work: Work, roots: Iterable[Root], closed: Iterable[Root]) -> bool:
    """Make anew what had taken in closed incidents, which stay their own; whether there was any."""
    shut = {root.id for root in closed}
    wrong = [
        root
        for root in roots
        if root.id not in shut and any(each.node in shut for each in root.absorbing)
    ]
    for root in wrong:
        with suppress(Conflict):
            await regroup(work, root.id, NOT_ITS_OWN)
    return bool(wrong)
