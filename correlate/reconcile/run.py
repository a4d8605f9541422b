"""Reconcile: one run over an organisation's news.

The news is folded, what it touches is computed with all that belongs to it, and the difference to
what is stored is written. What a run does not get done, further news tells the next one.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final

from correlate.baseline.snapshot import Snapshot
from correlate.model.activity import HOURS, Activity
from correlate.model.decision import PENDING, REFUSED, UNDO, Decision, Request
from correlate.model.incident import Incident, Note
from correlate.model.news import (
    ALERTS,
    CONTINUE,
    DECISION,
    PERSON,
    RENEW,
    SWEEP,
    News,
    Recount,
    Seed,
)
from correlate.model.observation import activities_of
from correlate.policy import Policy, Readings
from correlate.reconcile.asking import Asker
from correlate.reconcile.claims import Claim, claims_of
from correlate.reconcile.difference import difference
from correlate.reconcile.fence import Fence
from correlate.reconcile.folding import At, Folded, fold, puts, replace_day, uncounted
from correlate.reconcile.known import Known, Reader
from correlate.reconcile.ledger import Ledger, PlacesWantedError
from correlate.reconcile.lifetime import Lifetime
from correlate.reconcile.neighbourhood import Explorer, Neighbourhood
from correlate.reconcile.outbox import Outbox, Size
from correlate.reconcile.renewal import HISTORY_DAYS, SWEPT_DAYS, Renewal, late_of
from correlate.reconcile.view import View
from correlate.record import as_read
from correlate.store.port import Aside, Place, Port, Put
from shared.times import DAY, HOUR, SECOND

_LOG: Final = logging.getLogger("correlate.reconcile")

BUDGET: Final = 60 * SECOND
"""How long a run works, in milliseconds, before it leaves the rest to the next one."""
MOST_TRIES: Final = 3
MOST_WAITED: Final = 100
"""Runs that a decision waits for an earlier one, before it takes down what it finds."""
MOST_ROUNDS: Final = 20
MOST_SKIPPED: Final = 3
"""Hours between two whose alerts are read, up to which one query reads both."""
MOST_SEEDS: Final = 2_000
"""Days that one piece of news tells to go on with."""
_WAIT: Final = 0.2
_MOST_WAITS: Final = 10


class StaleReadError(Exception):
    """A read lags behind what the news says, again and again: the run is to be tried again."""


class BusyError(Exception):
    """This worker's earlier run is not over yet: the news is to be delivered again."""


class CrowdedError(Exception):
    """People change the same incidents again and again: the run is to be tried again."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a reconciler works with beside its store.

    `clock` gives the present instant, `pause` waits for seconds, `size` estimates the bytes of a
    record's document.
    """

    policy: Policy
    readings: Readings
    lifetime: Lifetime
    clock: Callable[[], int]
    pause: Callable[[float], Awaitable[None]]
    size: Size = lambda _record: 1_000
    budget: int = BUDGET


@dataclass(slots=True)
class Report:
    """What a run did; `notes` are what history tells of it."""

    computed: int = 0
    batches: int = 0
    put_off: int = 0
    failed: int = 0
    notes: list[Note] = field(default_factory=list)

    @property
    def changes(self) -> dict[str, int]:
        """How many incidents changed, by what happened to them."""
        return dict(Counter(note.what for note in self.notes))


class Reconciler:
    """The single writer of an organisation, as long as its fence holds."""

    def __init__(self, store: Port, surroundings: Surroundings) -> None:
        self._store = store
        self._around = surroundings
        self._fence = Fence(store)
        self._known = Known()
        self._continued = 0
        self._running = False

    async def run(self, news: Sequence[News], budget: int | None = None) -> Report:
        """Do what news says, within a budget of milliseconds: the rest is told to the next run.

        Raises FencedError when another writer has taken over, and what the store raises; all that
        was known is then forgotten, and the news is to be delivered again. Raises BusyError while
        another run is on: a lease that was lost and won again delivers beside what still hangs.
        """
        if self._running:
            raise BusyError
        self._running = True
        try:
            if not self._fence.held:
                await self._take_over()
            self._known.trim()
            around = self._around if budget is None else replace(self._around, budget=budget)
            run = _Run(self._store, around, self._fence, self._known, self._continue_id)
            return await run.run(news)
        except BaseException:
            self._fence.drop()
            raise
        finally:
            self._running = False

    async def _take_over(self) -> None:
        """Raise the epoch, then read: nothing that was known before counts."""
        self._known = Known()
        await self._fence.take()
        today = self._around.clock() // DAY
        await Reader(self._store, self._known).read_baseline(today - HISTORY_DAYS)
        for decision in await self._store.read_decisions():
            self._known.decisions[decision.id] = decision
        self._known.refold()

    def _continue_id(self) -> str:
        self._continued += 1
        return f"continue-{self._fence.epoch}-{self._continued}"


class _Run:
    """One run: its outbox, and what it has yet to do."""

    def __init__(
        self,
        store: Port,
        around: Surroundings,
        fence: Fence,
        known: Known,
        continue_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._around = around
        self._known = known
        self._reader = Reader(store, known)
        self._outbox = Outbox(fence, known, around.size)
        self._continue_id = continue_id
        self._now = around.clock()
        self._frozen = around.lifetime.frozen(self._now)
        self._report = Report()
        self._tries: dict[Seed, int] = {}
        self._failed: set[Seed] = set()
        self._news: list[News] = []
        self._changed: dict[tuple[str, int], set[At]] = {}
        """By day: the cells that news added to; nothing else of these days has changed."""

    async def run(self, news: Sequence[News]) -> Report:
        """Fold, decide, compute, write."""
        seeds = await self._fold(news)
        for each in news:
            if each.kind == DECISION and not self._waits(each):
                # Each takes its content from what the one before it has made.
                await self._reconcile(seeds | await self._decide(each))
                seeds = set()
            elif each.kind == PERSON:
                seeds |= await self._person(each.incident)
            elif each.kind == CONTINUE:
                seeds |= set(each.seeds)
                self._tries.update(dict.fromkeys(each.seeds, each.tries))
        await self._reconcile(seeds)
        for each in news:
            if each.kind in (RENEW, SWEEP):
                await self._renew(each)
        await self._outbox.flush()
        await self._post()
        self._report.batches = self._outbox.written
        return self._report

    # Folding.

    async def _fold(self, news: Sequence[News]) -> set[Seed]:
        activities = [each for one in news if one.kind == ALERTS for each in one.activities]
        recounts = sorted({each for one in news for each in one.recounts})
        days = {each.id for each in activities} | {(each.entity, each.day) for each in recounts}
        if not days:
            return set()
        first = min(day for _, day in days)
        await self._reader.read_baseline(first - HISTORY_DAYS)
        await self._reader.read(days=days, entities={entity for entity, _ in days})
        folded = Folded()
        fold(self._known, activities, folded)
        recounts += uncounted(self._known, folded)
        for recount in {(each.entity, each.day): each for each in recounts}.values():
            await self._recount(recount, recounts, folded)
        whole = {(each.entity, each.day) for each in recounts}
        self._changed = {day: cells for day, cells in folded.cells.items() if day not in whole}
        if first < self._now // DAY - SWEPT_DAYS:
            await self._outbox.add([Put(late_of(first, self._now // HOUR))])
        for put in puts(self._known, folded, self._around.lifetime):
            await self._outbox.add([put])
        return {Seed(*day) for day in days}

    async def _recount(
        self, recount: Recount, all_of_them: Sequence[Recount], folded: Folded
    ) -> None:
        """Read a resource's day anew from its alerts, and put it in the place of what was known."""
        entity, day = recount.entity, recount.day
        marks = {
            each.alert: each.version
            for each in sorted(all_of_them, key=lambda each: each.version)
            if (each.entity, each.day) == (entity, day) and each.alert
        }
        if marks:
            await self._until_seen(marks)
        observations, counters = await self._store.read_day(entity, day)
        read = (as_read(self._around.readings, each) for each in observations)
        kept = [each for each in read if each is not None]
        known = self._known.activities.get((entity, day))
        found = activities_of(kept, counters)
        if found:
            replace_day(self._known, found[0], folded)
        elif known is not None:
            replace_day(self._known, Activity(known.subject, day), folded)

    async def _until_seen(self, marks: dict[str, str]) -> None:
        """Wait until alerts are read at least as they were when they were rewritten."""
        for _ in range(_MOST_WAITS):
            seen = await self._store.read_versions(marks)
            if all(seen.get(alert, version) >= version for alert, version in marks.items()):
                return
            await self._around.pause(_WAIT)
        raise StaleReadError

    # What people do.

    def _waits(self, news: News) -> bool:
        """Whether a decision is told again later: one on the same incident is not carried out yet.

        It would take down content that the other is about to change.
        """
        request = news.request
        if request is None or request.name in self._known.decisions:
            return False
        pending = [each for each in self._known.decisions.values() if each.state == PENDING]
        mine = self._about(request)
        meets = any(mine & self._about(each.request) for each in pending)
        if not meets or news.tries >= MOST_WAITED:
            return False
        self._news.append(replace(news, id=self._continue_id(), tries=news.tries + 1))
        return True

    def _about(self, request: Request) -> set[str]:
        """The incidents that a request is about."""
        undone = self._known.decisions.get(request.undoes)
        names = {request.incident, *request.others}
        if undone is not None:
            names |= {undone.outcome, *undone.split_off}
        return {self._known.resolve(name) or name for name in names if name}

    async def _decide(self, news: News) -> set[Seed]:
        request = news.request
        if request is None:
            return set()
        decision = self._known.decisions.get(request.name)
        if decision is None:
            asker = Asker(self._store, self._known, self._reader, self._frozen)
            decision = await asker.decide(request)
            changed = [decision]
            if decision.state != REFUSED and request.kind == UNDO:
                undone = self._known.decisions[request.undoes]
                changed.append(replace(undone, voided=True))
            for each in changed:
                self._known.decide(each)
            await self._outbox.add([Put(each) for each in changed])
        return _seeds_of(decision)

    async def _person(self, name: str) -> set[Seed]:
        """Everything that an incident covers, which was closed or opened again."""
        resolved = self._known.resolve(name) or name
        self._known.nodes.pop(resolved, None)
        await self._reader.read_nodes([name])
        resolved = self._known.resolve(name) or name
        incident = self._known.nodes.get(resolved)
        if not isinstance(incident, Incident):
            return set()
        await self._reader.read_covering({incident.id: incident.covered})
        return {
            Seed(entity, day)
            for entity in self._known.covered_by(incident.id)
            for span in self._known.spans(entity)
            if self._known.resolve(span.incident) == incident.id
            for day in (span.interval.first.start // DAY, span.interval.last.start // DAY)
        }

    # Computing.

    async def _reconcile(self, seeds: Iterable[Seed]) -> None:
        """Compute all that seeds lead to, until people no longer come between."""
        left = set(seeds)
        for _ in range(MOST_ROUNDS):
            if not left:
                return
            await self._round(left)
            await self._outbox.flush()
            await self._set_refused_aside()
            left, self._outbox.moved = self._outbox.moved, set()
            # What nothing leads to is read by its id: one that was withdrawn returns under it.
            unknown, self._outbox.unknown = self._outbox.unknown, set()
            await self._reader.read_nodes(unknown)
        raise CrowdedError

    async def _set_refused_aside(self) -> None:
        """What the store does not take is tried again hourly."""
        refused, self._outbox.refused = self._outbox.refused, set()
        for seed in sorted(refused):
            self._failed.add(seed)
            await self._outbox.add([Put(Aside(seed, "the store refuses what was computed"))])

    async def _round(self, seeds: set[Seed]) -> None:
        pending = [each for each in self._known.decisions.values() if each.state == PENDING]
        unsealed = {
            self._known.resolve(name) or name
            for each in pending
            for name in (each.outcome, each.request.incident, *each.request.others)
        }
        explorer = Explorer(
            self._known,
            self._reader,
            self._around.policy,
            self._snapshot,
            now=self._now,
            frozen=self._frozen,
            changed=self._changed,
        )
        self._changed = {}
        neighbourhoods = await explorer.explore(seeds, unsealed)
        for day, fault in sorted(explorer.failed.items()):
            await self._fail([Seed(*day)], fault)
        for found in neighbourhoods:
            if self._is_late():
                self._put_off(found.seeds)
            else:
                await self._compute(found)

    def _is_late(self) -> bool:
        return self._around.clock() - self._now > self._around.budget

    def _snapshot(self, as_of: int) -> Snapshot:
        return self._known.baseline.snapshot(min(as_of, self._now), self._around.policy)

    async def _compute(self, found: Neighbourhood) -> None:
        """Compute one neighbourhood; what it does wrong stops no other."""
        self._report.computed += 1
        places: dict[tuple[str, int], list[Place]] = {}
        view = self._view(found, places)
        claims: list[Claim] | None = None
        while True:
            try:
                if claims is None:
                    claims = claims_of(view)
                result = difference(view, claims)
            except PlacesWantedError as fault:
                for entity, first, last in _stretches(fault.wanted):
                    await self._read_places(places, entity, first, last)
            except Exception as fault:  # noqa: BLE001 - whatever it is, it must not stop the rest
                await self._fail(sorted(Seed(*day) for day in found.seeds), fault)
                return
            else:
                break
        self._report.notes += result.notes
        if result:
            seeds = [Seed(*day) for day in found.seeds]
            await self._outbox.write_difference(result, self._around.lifetime, self._now, seeds)

    async def _read_places(
        self, places: dict[tuple[str, int], list[Place]], entity: str, first: int, last: int
    ) -> None:
        """Know where the alerts of a resource are in some hours, one after the other."""
        for hour in range(first, last + 1):
            places[entity, hour] = []
        found = await self._store.read_places(entity, first * HOUR, (last + 1) * HOUR - 1)
        for place in found:
            places[entity, place.point.start // HOUR].append(place)

    def _view(self, found: Neighbourhood, places: dict[tuple[str, int], list[Place]]) -> View:
        known = self._known
        days = {day: known.activities.get(day) for day in sorted(found.days)}
        entities = {entity for entity, _ in found.days}
        activities = {day: each for day, each in days.items() if each is not None}
        coverage = {
            entity: each for entity in sorted(entities) if (each := known.coverage.get(entity))
        }
        return View(
            self._store.organisation,
            self._now,
            self._frozen,
            Ledger(activities, places, {day for day, each in days.items() if each is None}),
            coverage,
            {name: node for name, node in known.nodes.items() if node is not None},
            found.involved,
            list(
                dict.fromkeys(
                    block for entity in sorted(entities) for block in known.blocks_of(entity)
                )
            ),
            known.decisions,
            self._around.policy,
            self._snapshot,
            found.recounted,
        )

    async def _fail(self, seeds: Sequence[Seed], fault: Exception) -> None:
        """Try again later: three times at once, then hourly."""
        self._report.failed += 1
        self._failed.update(seeds)
        _LOG.warning("a computation failed", exc_info=fault)
        tries = 1 + max((self._tries.get(seed, 0) for seed in seeds), default=0)
        if tries < MOST_TRIES:
            self._go_on(seeds, tries)
            return
        reason = f"{type(fault).__name__}: {fault}"[:500]
        await self._outbox.add([Put(Aside(seed, reason)) for seed in seeds[:1]])
        _LOG.error("set aside until the next renewal: %s", reason)

    def _put_off(self, days: Iterable[tuple[str, int]]) -> None:
        self._report.put_off += 1
        self._go_on(sorted(Seed(*day) for day in days), 0)

    def _go_on(self, seeds: Sequence[Seed], tries: int) -> None:
        for start in range(0, len(seeds), MOST_SEEDS):
            self._news.append(
                News(
                    self._continue_id(),
                    self._store.organisation,
                    CONTINUE,
                    seeds=tuple(seeds[start : start + MOST_SEEDS]),
                    tries=tries,
                )
            )

    # Renewal.

    async def _renew(self, news: News) -> None:
        renewal = Renewal(self._store, self._known, self._reader, self._around.lifetime, self._now)
        found = await renewal.slice(news)
        await self._reconcile(found.seeds)
        for aside in found.asides:
            if aside.seed not in self._failed:
                done = replace(aside, done=True)
                await self._outbox.add([Put(done, self._around.lifetime.done(self._now))])
        after = found.after
        if after:
            self._news.append(replace(news, id=f"{news.id}-{self._continue_id()}", after=after))

    async def _post(self) -> None:
        if self._news:
            await self._store.post(self._news)


def _stretches(wanted: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int, int]]:
    """Resource, first and last hour of hours that follow one another."""
    stretch: tuple[str, int, int] | None = None
    for entity, hour in sorted(wanted):
        if stretch is not None and stretch[0] == entity and hour <= stretch[2] + MOST_SKIPPED:
            stretch = entity, stretch[1], hour
            continue
        if stretch is not None:
            yield stretch
        stretch = entity, hour, hour
    if stretch is not None:
        yield stretch


def _seeds_of(decision: Decision) -> set[Seed]:
    pieces = chain(decision.kept, *decision.apart)
    return {
        Seed(piece.entity, instant // (HOURS * HOUR))
        for piece in pieces
        for instant in (piece.interval.first.start, piece.interval.last.start)
    }
