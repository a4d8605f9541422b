"""Fencing: writing to a node so that a union which is under way on older knowledge of it fails."""

from dataclasses import replace

from correlate.assessment import assess
from correlate.claims import clipped
from correlate.evidence import evidence_of
from correlate.members import Change, counted
from correlate.observation import Observation
from correlate.ports import MemberRecord, Root, Write
from correlate.sessions import Interval, session_at, subject_grid, widen
from correlate.work import Work
from correlate.writing import Rewrite, write_root


async def rewrite(work: Work, root: Root) -> Root:
    """Write a root as it is given, so that its ETag changes; raises Conflict if it moved."""
    verdict = assess(root.evidence, work.policy)
    return await work.store.write_component(Write(root, verdict, at=work.now()))


async def fence(work: Work, node: str, end: Root | str) -> None:
    """Let no worker unite a node on what it knew of it; `end` is where it leads, as was read.

    One that people closed, or that is being made anew, is written by nobody who knew it open or
    whole. Raises Conflict if it moved.
    """
    if isinstance(end, str):
        await _materialise(work, end)
    elif end.id == node and not end.closed and end.splitting is None:
        await rewrite(work, end)


async def _materialise(work: Work, node: str) -> None:
    """Give a record to a node that had none and stood for its one alert."""
    found = await work.store.read_alerts({node})
    for alert in clipped(found.values(), work.policy):
        evidence = evidence_of([alert])
        verdict = assess(evidence, work.policy)
        interval, follows = await _stretch(work, alert)
        member = MemberRecord(alert.subject, (interval,))
        changes = await counted(work.store, [Change(None, member)], None)
        root = Root(id=node, evidence=evidence, created=work.now(), follows=follows)
        root = replace(root, confidence=verdict.confidence, visible=verdict.confidence is not None)
        await write_root(work, Rewrite(root, root, verdict, changes))


async def _stretch(work: Work, alert: Observation) -> tuple[Interval, str | None]:
    """The session that an alert is in, and the closed component that this follows."""
    records = await work.store.read_entities({alert.subject.entity})
    record = records.get(alert.subject.entity)
    session = session_at(record, alert.start) if record is not None else None
    if session is None:
        return widen(alert.start, alert.end, subject_grid(work.policy)), None
    return (session.start, session.end), session.follows
