"""Settling a component: its alerts' evidence joined into one root, and other roots linked to it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from correlate.assessment import Verdict, assess
from correlate.components import Component
from correlate.joining import join_roots, period_of, split_closed, verdict_notes, with_alerts
from correlate.members import (
    Change,
    change_of,
    counting,
    inside,
    intervals_of,
    members_wanted,
    new_members,
)
from correlate.policy import Policy
from correlate.ports import Conflict, Contents, CorrelationStore, Interval, Root, Write
from correlate.snapshot import Snapshot, read_snapshot

MOST_TRIES: Final = 60
"""A conflict means that another worker got on; the bound is only against a fault of our own."""
MOST_WRITTEN: Final = 90
"""Documents beside the root in one atomic write: the service takes 100 operations a batch."""


class ExhaustedError(RuntimeError):
    """A compare-and-swap lost every time; the batch must be delivered again."""


@dataclass(slots=True)
class Outcome:
    """What a flush did: for the log and for measurements."""

    alerts: int = 0
    alone: int = 0
    written: int = 0
    opened: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    conflicts: int = 0


class Settler:
    """Settles the components of one batch."""

    def __init__(
        self,
        store: CorrelationStore,
        policy: Policy,
        now: Callable[[], int],
        outcome: Outcome,
    ) -> None:
        self._store = store
        self._policy = policy
        self._now = now
        self._outcome = outcome

    async def settle(self, component: Component, snapshot: Snapshot) -> None:
        """Bring a component into the store; `snapshot` is what was read of its nodes.

        Raises ExhaustedError when other workers were faster every time.
        """
        for _ in range(MOST_TRIES):
            try:
                await self._attempt(component, snapshot)
            except Conflict:
                self._outcome.conflicts += 1
                snapshot = await read_snapshot(
                    self._store, component.nodes, members_wanted(component)
                )
            else:
                return
        raise ExhaustedError(f"{MOST_TRIES} conflicts in a row on one component")

    async def _attempt(self, component: Component, snapshot: Snapshot) -> None:
        opened, closed = split_closed(component, snapshot)
        for root, part in closed:
            await self._write(root.id, part, snapshot, (root,))
        if opened.sessions:
            await self._unite(opened, snapshot)

    async def _unite(self, component: Component, snapshot: Snapshot) -> None:
        """Join what belongs together into one root: the smallest id among the roots that exist.

        A node without a record stands for its one alert; it gives way to any root, so that the
        many alerts that join a campaign rename nothing.
        """
        ends = [snapshot.root_of(node) for node in component.nodes]
        roots = {end.id: end for end in ends if isinstance(end, Root)}
        alone = {end for end in ends if isinstance(end, str)}
        batch = {each.alert_id for seen in component.observations.values() for each in seen}
        if not roots and len(alone | batch) == 1:
            self._outcome.alone += 1
            return
        winner = min(roots) if roots else min(alone)
        missing = await self._store.read_alerts(alone - batch)
        await self._write(
            winner, with_alerts(component, missing.values()), snapshot, tuple(roots.values())
        )
        for node in sorted(alone - {winner}):
            await self._store.link(node, winner)

    async def _write(
        self, winner: str, component: Component, snapshot: Snapshot, roots: tuple[Root, ...]
    ) -> None:
        """Write the joined root and its members, then link and clear the roots it absorbed."""
        base = next((root for root in roots if root.id == winner), None)
        losers = sorted((root for root in roots if root.id != winner), key=lambda root: root.id)
        contents = [await self._store.read_contents(loser.id) for loser in losers]
        root = join_roots(winner, component, base, losers, self._now())
        verdict = assess(root.evidence, self._policy)
        changes = await self._changes(winner, component, snapshot, contents)
        root = replace(root, period=period_of(verdict, root.resources + new_members(changes)))
        if base is not None and root.period != base.period:
            changes = await self._with_all_members(winner, changes)
        changes = await self._counted(changes, root.period)
        if losers or changes or base is None or root.evidence != base.evidence:
            await self._write_chunks(root, base, verdict, changes, contents)
        for loser, held in zip(losers, contents, strict=True):
            await self._store.link(loser, winner)
            await self._store.clear(loser.id, held)
            self._outcome.merged.append(loser.id)

    async def _changes(
        self, winner: str, component: Component, snapshot: Snapshot, contents: list[Contents]
    ) -> list[Change]:
        """The members that the root gains or that change, each with what was there before."""
        touched = intervals_of(component)
        taken = {member.id: member for held in contents for member in held.members}
        known = {
            name: member for (node, name), member in snapshot.members.items() if node == winner
        }
        unseen = {(winner, name) for name in touched.keys() | taken.keys()} - snapshot.asked
        if unseen and winner in snapshot.nodes:
            _, found = await self._store.read_nodes((), unseen)
            known |= {name: member for (_, name), member in found.items()}
        return [
            change_of(known.get(name), touched.get(name), taken.get(name))
            for name in sorted(touched.keys() | taken.keys())
        ]

    async def _with_all_members(self, winner: str, changes: list[Change]) -> list[Change]:
        """The changes and the root's other members, to be counted anew in a new period."""
        changed = {change.after.id for change in changes}
        contents = await self._store.read_contents(winner)
        others = [member for member in contents.members if member.id not in changed]
        return [*changes, *(Change(member, member) for member in others)]

    async def _counted(self, changes: list[Change], period: Interval | None) -> list[Change]:
        """The changes with the alerts inside the period counted; those that change nothing go."""
        counts = await self._store.count_alerts(
            [
                (change.after.subject.partition, inside(change.after.intervals, period))
                for change in changes
            ]
        )
        counted = [
            Change(change.before, replace(change.after, alerts=count))
            for change, count in zip(changes, counts, strict=True)
        ]
        return [change for change in counted if change.before != change.after]

    async def _write_chunks(
        self,
        root: Root,
        base: Root | None,
        verdict: Verdict,
        changes: list[Change],
        contents: list[Contents],
    ) -> None:
        """Write the root with its members, in as many atomic writes as their number asks for.

        Each write counts in the root what it adds beside it, so the root is right after any of
        them.
        """
        notes = verdict_notes(base, verdict, self._now())
        visible = root.visible or verdict.confidence is not None
        if visible and not root.visible:
            self._outcome.opened.append(root.id)
        root = replace(root, confidence=verdict.confidence, visible=visible)
        carried = [document for held in contents for document in held.carried]
        while True:
            part, changes = changes[:MOST_WRITTEN], changes[MOST_WRITTEN:]
            room = MOST_WRITTEN - len(part)
            along, carried = carried[:room], carried[room:]
            root = counting(root, part)
            members = tuple(change.after for change in part)
            root = await self._store.write_component(
                Write(root, verdict, members, notes, tuple(along), self._now())
            )
            self._outcome.written += 1
            notes = ()
            if not changes and not carried:
                return
