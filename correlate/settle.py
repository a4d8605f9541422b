"""Settling a component: its alerts' evidence joined into one root, and other roots linked to it."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from enum import Enum, auto
from typing import TypeAlias

from correlate.absorbing import absorb, clear_up, justified, leftover
from correlate.assessment import Verdict, assess
from correlate.claims import clipped
from correlate.components import Component, SessionKey
from correlate.decisions import Decision, Link, link_of
from correlate.joining import (
    first_links,
    join_roots,
    merged_note,
    period_of,
    verdict_notes,
)
from correlate.members import Change, change_of, counted, new_members
from correlate.observation import Observation, Subject
from correlate.ports import (
    MOST_BESIDE,
    Absorbing,
    Conflict,
    Contents,
    MemberRecord,
    Note,
    Root,
    member_id,
)
from correlate.regroup import NOT_ITS_OWN, help_regroup, regroup
from correlate.sessions import Interval
from correlate.snapshot import Snapshot
from correlate.uniting import Ends, Uniting
from correlate.work import Work
from correlate.writing import Rewrite, write_root

Touched: TypeAlias = Mapping[str, tuple[Subject, list[Interval]]]
"""By member id, a resource whose alerts are joined, and the sessions that they are in."""


class Settled(Enum):
    """What became of a component."""

    DONE = auto()
    AGAIN = auto()
    """Something moved: read everything again, and try again."""
    RECLAIM = auto()
    """People closed the incident meanwhile: claim the alerts again."""


async def settle(work: Work, component: Component, snapshot: Snapshot) -> Settled:
    """Bring a component into the store; `snapshot` is what was read of its nodes."""
    try:
        return await _Settling(work, snapshot).run(component)
    except Conflict:
        work.outcome.conflicts += 1
        return Settled.AGAIN


def open_ends(component: Component, snapshot: Snapshot) -> Ends | None:
    """For the sessions that take part: the ends that their nodes lead to, closed ones left out.

    A closed incident takes in what happened inside it, and is joined to nothing else. None where an
    incident was closed after the batch's alerts were claimed.
    """
    ends: Ends = {}
    for key, session in component.sessions.items():
        found = [snapshot.root_of(node) for node in session.nodes]
        shut = any(isinstance(end, Root) and end.closed for end in found)
        if key in component.observations:
            if shut and not session.sealed:
                return None
        elif session.sealed:
            continue
        names = {
            end if isinstance(end, str) else end.id
            for end in found
            if isinstance(end, str) or session.sealed or not end.closed
        }
        if names:
            ends[key] = names
    return ends


class _Settling:
    """One attempt at a component."""

    def __init__(self, work: Work, snapshot: Snapshot) -> None:
        self._work = work
        self._snapshot = snapshot
        self._leftover: dict[str, tuple[Absorbing, ...]] = {}
        self._written: set[str] = set()

    async def run(self, component: Component) -> Settled:
        """Unite what belongs together, and join the batch's alerts to it."""
        await self._clear_way(component)
        ends = open_ends(component, self._snapshot)
        if ends is None:
            return Settled.RECLAIM
        uniting = Uniting(component, ends, self._snapshot)
        for winner in list(uniting.winners()):
            while star := uniting.star(winner):
                await self._join(uniting, winner, star)
            await self._join(uniting, winner, {})
        return Settled.DONE

    async def _clear_way(self, component: Component) -> None:
        """Finish what others left half done in the roots; raises Conflict where that moved them.

        A root that has taken in what does not belong to it is made anew.
        """
        ends = [self._snapshot.root_of(node) for node in component.nodes]
        for root in {end.id: end for end in ends if isinstance(end, Root)}.values():
            if root.splitting is not None:
                await help_regroup(self._work, root)
                raise Conflict(root.id)
            if root.absorbing and not await self._is_sound(root):
                raise Conflict(root.id)

    async def _is_sound(self, root: Root) -> bool:
        """Whether what a root has taken in belongs to it; if not, it was made anew."""
        await clear_up(self._work, root)
        left = self._leftover[root.id] = await leftover(self._work, root)
        if root.closed:
            return True
        if not self._shut(left) and await justified(self._work, root.id, left):
            return True
        await regroup(self._work, root.id, NOT_ITS_OWN)
        return False

    def _shut(self, taken: Iterable[Absorbing]) -> bool:
        """Whether one of these was closed when the nodes were read, and is left out therefore.

        It may be open again by now.
        """
        found = [self._snapshot.nodes.get(each.node) for each in taken]
        return any(isinstance(node, Root) and node.closed for node in found)

    async def _join(self, uniting: Uniting, winner: str, star: dict[str, Absorbing]) -> None:
        """Join the winner's alerts and the star's, then link the star to the winner."""
        reached = {winner, *star}
        seen = uniting.take(reached)
        base = uniting.roots.get(winner)
        alerts = {each.alert_id: each for some in seen.values() for each in some}
        joins = new_joins(base, uniting.decisions_in(reached))
        if not (star or joins) and alerts.keys() <= ({winner} if base is None else set()):
            return
        alone = {end for end in reached if end not in uniting.roots} - alerts.keys()
        stored = await self._stored(alone)
        if not (alerts or stored or reached & uniting.roots.keys()):
            uniting.forget(reached)
            return
        losers = [uniting.roots[end] for end in sorted(star) if end in uniting.roots]
        contents = [await self._work.store.read_contents(loser.id) for loser in losers]
        for loser, held in zip(losers, contents, strict=True):
            star[loser.id] = replace(star[loser.id], wide=len(held.ids) > MOST_BESIDE)
        root = join_roots(
            winner,
            base,
            losers,
            [*alerts.values(), *stored],
            uniting.sessions_to(reached),
            self._absorbing(winner, star),
            self._work.now(),
        )
        touched = _touched(uniting, seen, stored, self._work)
        root = replace(root, links=first_links((*root.links, *joins)))
        notes = tuple(merged_note(winner, each) for each in joins.values())
        forced = bool(star or joins)
        root = await self._write(base, root, touched, contents, notes, forced=forced)
        self._written.add(winner)
        try:
            await self._link(winner, losers, contents, star)
        except Conflict:
            if star:
                await self._is_sound(root)
            raise
        uniting.settle(root, star)

    def _absorbing(self, winner: str, star: Mapping[str, Absorbing]) -> tuple[Absorbing, ...]:
        left = self._leftover.get(winner, ())
        return (*(each for each in left if each.node not in star), *star.values())

    async def _stored(self, alone: set[str]) -> list[Observation]:
        """The alerts that nodes without a record stand for."""
        if not alone:
            return []
        found = await self._work.store.read_alerts(alone)
        return clipped(found.values(), self._work.policy)

    async def _write(
        self,
        base: Root | None,
        root: Root,
        touched: Touched,
        contents: list[Contents],
        notes: tuple[Note, ...],
        *,
        forced: bool,
    ) -> Root:
        """Write the joined root and its members, if it is forced or anything is new."""
        verdict = assess(root.evidence, self._work.policy)
        changes = await self._changes(base, root, touched, contents)
        root = replace(root, period=period_of(verdict, root.resources + new_members(changes)))
        opening = verdict.confidence is not None and not root.visible
        if base is not None and (opening or root.period != base.period):
            changes = await self._with_all_members(base, changes)
        changes = await counted(self._work.store, changes, root.period, keep=opening)
        if base and not (forced or changes) and _tells_the_same(base, root):
            return base
        if opening:
            self._work.outcome.opened.append(root.id)
        carried = [document for held in contents for document in held.carried]
        rewrite = _rewrite(base, root, verdict, self._work.now())
        rewrite.changes, rewrite.carried = changes, carried
        rewrite.notes += notes
        return await write_root(self._work, rewrite)

    async def _changes(
        self, base: Root | None, root: Root, touched: Touched, contents: list[Contents]
    ) -> list[Change]:
        """The members that the root gains or that change, each with what was there before."""
        taken: dict[str, list[MemberRecord]] = {}
        for member in (member for held in contents for member in held.members):
            taken.setdefault(member.id, []).append(member)
        names = touched.keys() | taken.keys()
        known = await self._members(root.id, names) if base is not None else {}
        return [
            change_of(known.get(name), touched.get(name), taken.get(name, ()))
            for name in sorted(names)
        ]

    async def _members(self, node: str, names: Set[str]) -> Mapping[str, MemberRecord]:
        """Members beside a root, from the snapshot as long as it holds."""
        pairs = {(node, name) for name in names}
        held = self._snapshot.members
        missing = pairs - self._snapshot.asked
        if node in self._written:
            missing, held = pairs, {}
        if missing:
            _, found = await self._work.store.read_nodes((), missing)
            held = {**held, **found}
        return {pair[1]: held[pair] for pair in pairs if pair in held}

    async def _with_all_members(self, base: Root, changes: list[Change]) -> list[Change]:
        """The changes and the root's other members, if any, to be counted or written anew."""
        if len(changes) - new_members(changes) == base.resources:
            return changes
        changed = {change.after.id for change in changes}
        contents = await self._work.store.read_contents(base.id)
        others = [member for member in contents.members if member.id not in changed]
        return [*changes, *(Change(member, member) for member in others)]

    async def _link(
        self,
        winner: str,
        losers: list[Root],
        contents: list[Contents],
        star: Mapping[str, Absorbing],
    ) -> None:
        """Point the absorbed ones to the winner, and remove what lay beside them."""
        store = self._work.store
        for loser, held in zip(losers, contents, strict=True):
            await absorb(store, loser, winner, held)
            self._work.outcome.merged.append(loser.id)
        for node in sorted(star.keys() - {loser.id for loser in losers}):
            await store.link(node, winner)


def _tells_the_same(base: Root, root: Root) -> bool:
    return root.evidence == base.evidence and root.follows == base.follows


def _touched(
    uniting: Uniting,
    seen: Mapping[SessionKey, list[Observation]],
    stored: Iterable[Observation],
    work: Work,
) -> Touched:
    """The resources whose alerts are joined, and in which sessions."""
    pairs = [
        (subject, uniting.interval(key))
        for key, some in seen.items()
        for subject in {each.subject for each in some}
    ]
    pairs += [(each.subject, uniting.interval_of(each, work.policy)) for each in stored]
    touched: dict[str, tuple[Subject, list[Interval]]] = {}
    for subject, interval in sorted(pairs, key=_by_spelling):
        touched.setdefault(member_id(subject.partition), (subject, []))[1].append(interval)
    return touched


def new_joins(base: Root | None, decisions: Iterable[Decision]) -> dict[Link, Decision]:
    """The joins by hand that a root does not tell of yet."""
    known = base.links if base is not None else ()
    return {link: each for each in decisions if (link := link_of(each)) not in known}


def _by_spelling(pair: tuple[Subject, Interval]) -> tuple[str, str, str]:
    subject = pair[0]
    return subject.id, subject.name, subject.type


def _rewrite(base: Root | None, root: Root, verdict: Verdict, now: int) -> Rewrite:
    """The root with its verdict, and what it is until all beside it is written."""
    visible = root.visible or verdict.confidence is not None
    final = replace(root, confidence=verdict.confidence, visible=visible)
    interim = replace(
        final, period=base.period if base else None, confidence=base.confidence if base else None
    )
    return Rewrite(interim, final, verdict, notes=verdict_notes(base, verdict, now))
