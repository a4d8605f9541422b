"""Regrouping: making a root anew from its alerts, and parting from it what nothing ties to it.

The steps of an attempt, each safe to be the last one:

1. The root is marked. From then on nobody else writes to it; whoever meets it helps to finish.
   An attempt that takes over marks it again, which ends the attempt before it.
2. What the root covers is read: members, sessions, alerts, ties. All that a worker may have done
   on the unmarked root was claimed before the mark, so it is seen.
3. Each part but the first gets a node: a redirect to the root, named after an alert of the part.
4. All sessions in scope are written, those of a part pointing to its node. They still lead to the
   root, and an attempt on an older reading can not write them any more.
5. Each part's node becomes a root with the part's whole evidence: that parts it, at one stroke.
6. The root is written without what left it, and without the mark.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from correlate.absorbing import clear_up, leftover
from correlate.assessment import Verdict, assess
from correlate.decisions import Link
from correlate.evidence import Evidence
from correlate.fencing import fence, rewrite
from correlate.giving import give, give_way
from correlate.joining import (
    first_links,
    first_of,
    note_id,
    period_of,
    verdict_notes,
)
from correlate.members import Change, by_id, counted, merge_intervals
from correlate.observation import Subject
from correlate.ports import (
    MOST_BESIDE,
    Cause,
    Conflict,
    MemberRecord,
    Note,
    Redirect,
    Root,
    Splitting,
    Write,
    member_id,
)
from correlate.scope import Place, Scope, Stretch, evidence_in, names_of, parts_of, read_scope
from correlate.sessions import EntityRecord, Interval
from correlate.snapshot import Snapshot, read_snapshot
from correlate.work import MOST_TRIES, PATIENCE, ExhaustedError, Work
from correlate.writing import Rewrite, write_root

NOT_ITS_OWN: Final = Cause("what it had taken in does not belong to it")

MOST_NUMBERED: Final = 10
"""Numbers that an id is tried with, so that each part finds one of its own."""
MOST_PARTS: Final = 50
"""Parts that leave a root in one go, so that the list of them stays short."""


@dataclass(frozen=True, slots=True)
class _Content:
    """What a root is to hold: the evidence of its stretches, and the verdict on it."""

    evidence: Evidence
    verdict: Verdict
    period: Interval | None
    changes: list[Change]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The node that a part is to have, and the redirect that it is already, if it is."""

    node: str
    redirect: Redirect | None
    stretches: list[Stretch]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part that leaves: the redirect that is to become its root, and what that is to hold."""

    redirect: Redirect
    stretches: list[Stretch]
    content: _Content


async def help_regroup(work: Work, root: Root) -> None:
    """Wait for a regroup that another worker is at, and finish it when nothing moves any more."""
    if root.splitting is None or await _finished_by_others(work, root, PATIENCE):
        return
    with suppress(Conflict):
        await regroup(work, root.id, root.splitting.cause)


async def _finished_by_others(work: Work, root: Root, patience: int) -> bool:
    """Watch a root under regroup; False when nothing moves for so many pauses."""
    seen, number = root, 0
    while number < patience:
        await work.pause(min(number, PATIENCE))
        now = await _root(work, root.id)
        if now is None or now.splitting is None:
            return True
        number = number + 1 if now.etag == seen.etag else 0
        seen = now
    return False


async def _root(work: Work, node: str) -> Root | None:
    nodes, _ = await work.store.read_nodes({node})
    found = nodes.get(node)
    return found if isinstance(found, Root) else None


async def regroup(work: Work, node: str, cause: Cause) -> None:
    """Make a root anew, and part from it what nothing ties to it any more.

    Nothing is done to one that people closed. Raises Conflict when it was absorbed meanwhile,
    ExhaustedError when others came first every time.
    """
    for number in range(MOST_TRIES):
        root = await _root(work, node)
        if root is None:
            raise Conflict(node)
        if root.closed and root.splitting is None:
            return
        attempt = _Regroup(work, root, cause)
        try:
            if await attempt.run():
                return
        except Conflict:
            work.outcome.conflicts += 1
            if await _taken_over(work, attempt, PATIENCE * (number + 1)):
                return
    raise ExhaustedError(f"{MOST_TRIES} conflicts in a row on regrouping {node}")


async def _taken_over(work: Work, attempt: "_Regroup", patience: int) -> bool:
    """Whether another worker marked the root after this attempt did, and has finished."""
    root = await _root(work, attempt.root.id)
    if root is None or root.splitting is None or root.etag == attempt.root.etag:
        return False
    return await _finished_by_others(work, root, patience)


class _Regroup:
    """One attempt. `root` is the root as this attempt knows it."""

    def __init__(self, work: Work, root: Root, cause: Cause) -> None:
        self._work = work
        self.root = root
        self._cause = cause

    async def run(self) -> bool:
        """Do all steps; False where more parts are left than go at once. Raises Conflict."""
        await self._mark()
        scope = await read_scope(self._work, self.root)
        if scope.given or (self.root.closed and not scope.stretches):
            await self._give(scope)
            if not scope.stretches:
                return True
        _, *others = await parts_of(self._work, scope)
        chosen = await self._nodes_for(others)
        parts = await self._prepare(chosen[:MOST_PARTS]) if chosen else []
        if parts:
            await self._repoint(scope, parts)
            for part in parts:
                await self._part(part)
        gone = {id(stretch) for part in parts for stretch in part.stretches}
        await self._reduce(scope, [each for each in scope.stretches if id(each) not in gone], parts)
        return len(parts) == len(chosen)

    async def _give(self, scope: Scope) -> None:
        """Give closed components what they cover; one takes in a root of which nothing is left.

        If people closed this one too, it stays as they saw it then.
        """
        for name in sorted(scope.given):
            evidence = evidence_in(scope.given[name])
            scope.heirs[name] = await give(self._work, scope.heirs[name], evidence)
        if scope.stretches:
            return
        if self.root.closed or not scope.heirs:
            await rewrite(self._work, replace(self.root, splitting=None))
        else:
            await give_way(self._work, self.root, scope.heirs[max(scope.heirs)])

    async def _mark(self) -> None:
        """Step 1: mark the root, and stop what others do on older knowledge."""
        old = self.root.splitting
        nodes = old.parts if old is not None else ()
        self.root = await rewrite(
            self._work, replace(self.root, splitting=Splitting(self._cause, nodes))
        )
        for node in nodes:
            await self._stop(node)
        await clear_up(self._work, self.root)
        for each in await leftover(self._work, self.root):
            snapshot = await read_snapshot(self._work.store, {each.node})
            await fence(self._work, each.node, snapshot.root_of(each.node))

    async def _stop(self, node: str) -> None:
        """Keep an earlier attempt from parting a node that it had chosen, made or not."""
        nodes, _ = await self._work.store.read_nodes({node})
        record = nodes.get(node)
        if record is None:
            await self._work.store.link(node, self.root.id)
        elif isinstance(record, Redirect):
            await self._work.store.link(record, record.parent)

    async def _nodes_for(self, parts: list[list[Stretch]]) -> list[_Chosen]:
        """Parts with the node that each is to have: of its alerts, the first id that is free.

        An id that leads to the root is free: it was an incident that the root absorbed. Where what
        people left together keeps an alert's id, the alert's own part gets that id with a number.
        """
        found: dict[str, _Chosen] = {}
        waiting = parts
        for ending in ("", *(f".{number}" for number in range(2, MOST_NUMBERED))):
            names = [[f"{name}{ending}" for name in names_of(part)] for part in waiting]
            snapshot = await read_snapshot(
                self._work.store, {each for some in names for each in some}
            )
            left = []
            for part, some in zip(waiting, names, strict=True):
                free = (name for name in some if name not in found and self._free(snapshot, name))
                if (name := next(free, None)) is not None:
                    found[name] = _Chosen(name, _redirect(snapshot, name), part)
                else:
                    left.append(part)
            if not (waiting := left):
                break
        return list(found.values())

    def _free(self, snapshot: Snapshot, name: str) -> bool:
        record = snapshot.nodes.get(name)
        return record is None or (
            isinstance(record, Redirect) and snapshot.end_of(name) == self.root.id
        )

    async def _prepare(self, chosen: list[_Chosen]) -> list[_Part]:
        """Step 3: note the parts' nodes in the root, and make each lead to it.

        What is known of the nodes is from before the note: who stops them after it comes first.
        """
        splitting = Splitting(self._cause, tuple(each.node for each in chosen))
        self.root = await rewrite(self._work, replace(self.root, splitting=splitting))
        return [await self._prepared(each) for each in chosen]

    async def _prepared(self, chosen: _Chosen) -> _Part:
        """The redirect of a part, with such of its members beside it as the root can not bring."""
        store, parent, stretches = self._work.store, self.root.id, chosen.stretches
        redirect = chosen.redirect or await store.link(chosen.node, parent)
        left = (await store.read_contents(redirect.id)).ids
        for start in range(0, len(left), MOST_BESIDE):
            redirect = await store.link(redirect, parent, drop=left[start : start + MOST_BESIDE])
        content = await self._content(stretches, {})
        ahead = [change.after for change in content.changes[MOST_BESIDE:]]
        for start in range(0, len(ahead), MOST_BESIDE):
            redirect = await store.link(redirect, parent, add=ahead[start : start + MOST_BESIDE])
        return _Part(redirect, stretches, content)

    async def _content(
        self, stretches: list[Stretch], known: Mapping[str, MemberRecord], *, keep: bool = False
    ) -> _Content:
        """What a root of these stretches is to hold; `known` are its members so far."""
        evidence = evidence_in(stretches) or self.root.evidence
        verdict = assess(evidence, self._work.policy)
        held: dict[str, tuple[Subject, list[Interval]]] = {}
        for stretch in stretches:
            name = member_id(stretch.subject.partition)
            held.setdefault(name, (stretch.subject, []))[1].extend(stretch.covered)
        period = period_of(verdict, len(held))
        changes = [_member(known.get(name), *held[name]) for name in sorted(held)]
        changes = await counted(self._work.store, changes, period, keep=keep)
        links = first_links(link for stretch in stretches for link in stretch.links)
        return _Content(evidence, verdict, period, changes, links)

    async def _repoint(self, scope: Scope, parts: list[_Part]) -> None:
        """Step 4: write all sessions in scope."""
        nodes = {
            (stretch.subject.entity, stretch.interval[0]): part.redirect.id
            for part in parts
            for stretch in part.stretches
        }
        records = [
            _pointing(record, scope, nodes, self.root.id) for record in scope.records.values()
        ]
        written = await self._work.store.write_entities(records)
        if len(written) < len(records):
            raise Conflict(self.root.id)

    async def _part(self, part: _Part) -> None:
        """Step 5: make a part's node its root."""
        content, node = part.content, part.redirect.id
        counts = [change.after.alerts for change in content.changes]
        shown = content.verdict.confidence is not None or node in self.root.absorbed
        root = Root(
            id=node,
            evidence=content.evidence,
            period=content.period,
            alerts=sum(counts),
            resources=len(counts),
            involved=sum(count > 0 for count in counts),
            created=self._work.now(),
            confidence=content.verdict.confidence,
            visible=shown,
            follows=first_of(_followed(stretch) for stretch in part.stretches),
            remade=self.root.remade + 1,
            links=content.links,
            etag=part.redirect.etag,
        )
        members = tuple(change.after for change in content.changes[:MOST_BESIDE])
        notes = (self._note(node),) if shown else ()
        at = self._work.now()
        await self._work.store.write_component(Write(root, content.verdict, members, notes, at=at))
        self._work.outcome.separated.append(node)

    async def _reduce(self, scope: Scope, staying: list[Stretch], parts: list[_Part]) -> None:
        """Step 6: the root without what left it, and without the mark."""
        gone = {part.redirect.id for part in parts}
        root, known = self.root, by_id(scope.members)
        content = await self._content(staying, known, keep=not self.root.visible)
        stays = {member_id(stretch.subject.partition) for stretch in staying}
        shown = root.visible or content.verdict.confidence is not None
        final = replace(
            root,
            evidence=content.evidence,
            period=content.period,
            confidence=content.verdict.confidence,
            visible=shown,
            follows=first_of([root.follows, *(_followed(stretch) for stretch in staying)]),
            absorbed=tuple(name for name in root.absorbed if name not in gone),
            absorbing=(),
            splitting=None,
            remade=root.remade + 1,
            links=content.links,
        )
        notes = verdict_notes(root, content.verdict, self._work.now())
        if gone and shown:
            notes += (self._note(root.id),)
        removed = [member for name, member in known.items() if name not in stays]
        rewritten = Rewrite(root, final, content.verdict, content.changes, removed, notes=notes)
        await write_root(self._work, rewritten)

    def _note(self, node: str) -> Note:
        now, cause = self._work.now(), self._cause
        if (decision := cause.decision) is not None:
            name = note_id(node, "split", decision.at)
            whole = None if node == self.root.id else self.root.id
            return Note(name, "split", whole, decision.about, decision.comment, decision.by)
        name = note_id(node, "separated", now)
        return Note(name, "separated", None, None, f"separated: {cause.reason}")


def _redirect(snapshot: Snapshot, node: str) -> Redirect | None:
    record = snapshot.nodes.get(node)
    return record if isinstance(record, Redirect) else None


def _followed(stretch: Stretch) -> str | None:
    return stretch.session.follows if stretch.session is not None else None


def _member(known: MemberRecord | None, subject: Subject, intervals: list[Interval]) -> Change:
    alerts, etag = (known.alerts, known.etag) if known else (0, None)
    return Change(known, MemberRecord(subject, merge_intervals(intervals), alerts, etag))


def _pointing(
    record: EntityRecord, scope: Scope, nodes: Mapping[Place, str], root: str
) -> EntityRecord:
    """The record whose sessions in scope point to their part's node, or to the root."""
    sessions = tuple(
        replace(
            session, nodes=tuple(sorted({nodes.get(place, root), *scope.sessions[place].others}))
        )
        if (place := (record.id, session.start)) in scope.sessions
        else session
        for session in record.sessions
    )
    return replace(record, sessions=sessions)
