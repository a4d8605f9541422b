"""Giving to incidents that people closed what they cover and another component had joined."""

from dataclasses import replace

from correlate.absorbing import absorb
from correlate.assessment import assess
from correlate.evidence import Evidence
from correlate.joining import left_to, period_of, verdict_notes
from correlate.members import Change, counted
from correlate.ports import Contents, Root
from correlate.work import Work
from correlate.writing import Rewrite, write_root


async def give(work: Work, heir: Root, evidence: Evidence | None) -> Root:
    """Join evidence to a closed root that covers it; returns the root as it is then.

    Raises Conflict if it moved.
    """
    if evidence is None:
        return heir
    joined = heir.evidence.copy()
    joined.absorb(evidence)
    if joined == heir.evidence:
        return heir
    return await _write(work, heir, replace(heir, evidence=joined), Contents())


async def give_way(work: Work, root: Root, heir: Root) -> None:
    """Link a root of which nothing is left to a closed one that covers everything.

    What people said of it is kept. Raises Conflict if one of them moved.
    """
    contents = await work.store.read_contents(root.id)
    await _write(work, heir, left_to(heir, root), contents)
    await absorb(work.store, root, heir.id, contents)


async def _write(work: Work, base: Root, root: Root, taken: Contents) -> Root:
    verdict = assess(root.evidence, work.policy)
    contents = await work.store.read_contents(root.id)
    final = replace(
        root,
        period=period_of(verdict, len(contents.members)),
        confidence=verdict.confidence,
        visible=root.visible or verdict.confidence is not None,
    )
    same = [Change(member, member) for member in contents.members]
    changes = await counted(work.store, same, final.period)
    notes = verdict_notes(base, verdict, work.now())
    carried = list(taken.carried)
    return await write_root(work, Rewrite(root, final, verdict, changes, [], carried, notes))
