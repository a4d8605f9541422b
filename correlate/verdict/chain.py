"""Chains: steps of the kill chain in forward order, and how often chance alone makes the like.

E is the expected number a week, in the whole organisation, of chains as striking as this one.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import factorial, prod
from typing import Final

from correlate.baseline.events import SCALES
from correlate.baseline.rarity import level
from correlate.baseline.snapshot import Snapshot
from correlate.model.cell import Cell, Mention
from correlate.model.sets import Sets
from correlate.policy import Policy
from correlate.verdict.ties import Tie, links_among, ties_of
from shared.killchain import Tactic
from shared.times import HOUR

MOST_STEPS: Final = 6
MOST_CANDIDATES: Final = 48
"""Cells of one stretch that a chain is looked for in: the rarest, then the earliest."""
WEEK: Final = 168
SEARCHED: Final = 10.0
"""How many independent ways to find a chain the search amounts to: measured on noise whose
detections were dealt anew among the resources, see `docs/correlation.md`."""
WORTHLESS: Final = 1_000.0
"""E above which a chain is not looked at closely."""
MOST_LEVELS: Final = 12
"""Levels of rarity that chains are looked for at in one stretch."""
WIDEST: Final = 24 * HOUR
"""Milliseconds before or after the rarest steps in which others are told with them."""
SHORTEST: Final = 2.0
"""Hours that a chain counts as lasting at least."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stage reached by a cell, and how rare that was."""

    stage: Tactic
    cell: Cell
    rarity: float

    @property
    def at(self) -> int:
        """When, in milliseconds."""
        return self.cell.first.start


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps in the order of the kill chain; `expected` is E, `span` in hours.

    `dependent` are the places of steps that usually go with an earlier one.
    """

    steps: tuple[Step, ...]
    expected: float
    span: float
    resources: int
    dependent: tuple[int, ...] = ()
    group: frozenset[tuple[str, int, str]] = frozenset()
    """The ids of the linked cells that it was found in."""

    @property
    def rank(self) -> tuple[float, int, float, tuple[tuple[int, str, int], ...]]:
        """The best first, by content."""
        names = tuple((each.at, each.cell.resource, each.stage) for each in self.steps)
        return self.expected, -len(self.steps), self.span, names


_Way = tuple[int, float, int, tuple[int, ...]]
"""Steps, the sum of their rarities, the latest instant, the places of the steps."""


class Search:
    """The search for the best chain of an episode's evidence."""

    def __init__(
        self, cells: Sequence[Cell], snapshot: Snapshot, policy: Policy, most: float = WORTHLESS
    ) -> None:
        """`most`: E above which a chain may be left out, whether or not there is another."""
        self._cells = sorted(cells, key=lambda cell: (cell.first, cell.id))
        self._snapshot = snapshot
        self._policy = policy
        self._rarity = [snapshot.rarity(cell) for cell in self._cells]
        self._most = most
        self._met: dict[tuple[int, int], int] = {}
        self._enough = WORTHLESS
        self._episode = frozenset(cell.resource for cell in self._cells)

    def best(self) -> Chain | None:
        """The chain that chance makes least often; None without two stages in order."""
        staged = [number for number, cell in enumerate(self._cells) if cell.signal.stages]
        if len({self._cells[number].signal.detection for number in staged}) < 2:
            return None
        if len({stage for number in staged for stage in self._cells[number].signal.stages}) < 2:
            return None
        found: Chain | None = None
        seen: set[tuple[int, ...]] = set()
        for scale in SCALES:
            for stretch in self._stretches(scale):
                for group in self._groups(stretch):
                    name = tuple(group)
                    if name in seen:
                        continue
                    seen.add(name)
                    chain = self._judge(group)
                    if chain is not None and (found is None or chain.rank < found.rank):
                        found = chain
        return found

    @cached_property
    def _ties(self) -> list[tuple[Tie, ...]]:
        return [
            tuple(ties_of(number, cell, self._snapshot, self._policy))
            for number, cell in enumerate(self._cells)
        ]

    def _stretches(self, scale: int) -> Iterator[list[int]]:
        """The cells within so many hours of each hour's first; none contained in another."""
        length, lag = scale * HOUR, self._policy.chance.lag
        low = high = 0
        reached = -1
        count = len(self._cells)
        started: int | None = None
        for _number, cell in enumerate(self._cells):
            if not cell.signal.stages or cell.hour == started:
                continue
            started = cell.hour
            start = cell.first.start
            while self._cells[low].first.start < start - lag:
                low += 1
            while high < count and self._cells[high].first.start <= start + length:
                high += 1
            if high > reached:
                reached = high
                yield list(range(low, high))

    def _groups(self, stretch: Sequence[int]) -> Iterator[list[int]]:
        """Linked cells of a stretch that are at least so rare, for each rarity that occurs."""
        levels = sorted(
            {level(self._rarity[n]) for n in stretch if self._cells[n].signal.stages}, reverse=True
        )
        if len(levels) > MOST_LEVELS:
            every = (len(levels) - 1) / (MOST_LEVELS - 1)
            levels = [levels[round(place * every)] for place in range(MOST_LEVELS)]
        for at in levels:
            rare = [number for number in stretch if level(self._rarity[number]) >= at]
            if len(rare) > 1:
                yield from self._linked(rare, at)

    def _linked(self, numbers: Sequence[int], at: int) -> Iterator[list[int]]:
        place = {number: index for index, number in enumerate(numbers)}
        by_key: dict[str, list[Tie]] = {}
        for number in numbers:
            for tie in self._ties[number]:
                by_key.setdefault(tie.key, []).append(tie)
        sets = Sets(len(numbers))
        crowding = self._snapshot.chances.crowding(at)
        for ties in by_key.values():
            if len(ties) > 1:
                for link in links_among(ties, lambda _: crowding):
                    sets.join(place[link.one.cell], place[link.other.cell])
        for group in sets.groups():
            if len(group) > 1:
                found = [numbers[index] for index in group]
                yield found
                yield from self._alone(found)

    def _alone(self, numbers: Sequence[int]) -> Iterator[list[int]]:
        """What of a group happened on one resource, where it is on several."""
        by_resource: dict[str, list[int]] = {}
        for number in numbers:
            by_resource.setdefault(self._cells[number].resource, []).append(number)
        if len(by_resource) > 1:
            yield from (own for own in by_resource.values() if len(own) > 1)

    def _judge(self, group: Sequence[int]) -> Chain | None:
        staged = [number for number in group if self._cells[number].signal.stages]
        staged.sort(key=lambda number: (-self._rarity[number], number))
        steps = self._forward(sorted(staged[:MOST_CANDIDATES]))
        if len(steps) < 2:
            return None
        resources = {self._cells[number].resource for number in group}
        found = self._weigh(steps, resources, self._reach(group, resources))
        if found is None:
            return None
        return replace(found, group=frozenset(self._cells[number].id for number in group))

    def _reach(self, group: Sequence[int], resources: Collection[str]) -> int:
        """On how many resources the like would be of the group: also those without it so far.

        They are all that name a key then which two resources of the group have in common.
        """
        if len(resources) < 2:
            return 1
        by_key: dict[str, tuple[Mention, set[str]]] = {}
        for number in group:
            cell = self._cells[number]
            for tie in self._ties[number]:
                if tie.mention is not None:
                    by_key.setdefault(tie.key, (tie.mention, set()))[1].add(cell.resource)
        reached = set(resources)
        hours = [self._cells[number].hour for number in group]
        for mention, named in by_key.values():
            if len(named) > 1:
                there = self._snapshot.commonness.named(mention, min(hours), max(hours))
                reached.update(there)
        return len(reached)

    def _forward(self, numbers: Sequence[int]) -> tuple[Step, ...]:
        """The longest forward chain of distinct stages and detections; the rarest of these."""
        lag = self._policy.chance.lag
        items = sorted(
            (stage, self._cells[number].first.start, number)
            for number in numbers
            for stage in self._cells[number].signal.stages
        )
        best: list[_Way] = []
        for index, (stage, at, number) in enumerate(items):
            name, rarity = self._cells[number].signal.detection, self._rarity[number]
            top: _Way = (1, rarity, at, (index,))
            for length, weight, latest, way in best:
                before = items[way[-1]]
                if before[0] >= stage or at < latest - lag or length == MOST_STEPS:
                    continue
                if any(self._cells[items[each][2]].signal.detection == name for each in way):
                    continue
                candidate = (length + 1, weight + rarity, max(latest, at), (*way, index))
                top = max(top, candidate, key=_longer)
            best.append(top)
        if not best:
            return ()
        way = max(best, key=_longer)[3]
        return tuple(
            Step(Tactic(items[each][0]), self._cells[items[each][2]], self._rarity[items[each][2]])
            for each in way
        )

    def _weigh(
        self, steps: tuple[Step, ...], resources: Collection[str], reach: int
    ) -> Chain | None:
        first = min(step.at for step in steps)
        span = (max(step.at for step in steps) - first) / HOUR
        at = level(min(step.rarity for step in steps))
        length = max(SHORTEST, span)
        rate = self._snapshot.chances.rate_above(
            at, resources, {step.cell.signal.detection for step in steps}
        )
        hours = (first // HOUR, max(step.at for step in steps) // HOUR)
        mean = rate * length * self._snapshot.chances.tide(*hours) * reach
        week = SEARCHED * self._snapshot.resources * WEEK * rate
        loud = self._loudness(resources, hours)
        lag = self._policy.chance.lag
        order = _order(steps, lag)
        if week * _further(len(steps) - 1, mean, *loud) * order > self._enough:
            return None
        if week * _least(len(steps) - 1, mean, *loud) * order > self._most:
            return None
        scale = next((each for each in SCALES if each >= length), SCALES[-1])
        together, dependent = self._together(steps, scale, mean)
        alone = [step for place, step in enumerate(steps) if place not in dependent]
        mean *= self._burst(at, scale, rate)
        apart = _further(len(alone) - 1, mean, *loud)
        expected = week * together * apart * _order(alone, lag)
        self._enough = min(self._enough, expected)
        return Chain(steps, expected, span, len(resources), tuple(sorted(dependent)))

    def _burst(self, at: int, scale: int, rate: float) -> float:
        met = self._met.get((at, scale))
        if met is None:
            met = self._met[at, scale] = self._snapshot.chances.met(at, scale, self._episode)
        return self._snapshot.chances.burst(met, scale, rate)

    def _loudness(
        self, resources: Collection[str], hours: tuple[int, int]
    ) -> tuple[float, float, float]:
        """Events of the resources up to then, those of mean ones, and how alike resources are."""
        seen = [self._snapshot.loudness.seen(entity, *hours) for entity in resources]
        past = sum(each for each, _ in seen) / len(seen)
        usual = sum(each for _, each in seen) / len(seen)
        return past, usual, self._snapshot.loudness.evenness

    def _together(
        self, steps: Sequence[Step], scale: int, mean: float
    ) -> tuple[float, Mapping[int, float]]:
        """How likely the steps that usually go with an earlier one are, and which these are."""
        ordered = sorted(range(len(steps)), key=lambda place: (steps[place].at, place))
        found: dict[int, float] = {}
        for index, place in enumerate(ordered[1:], start=1):
            name = steps[place].cell.signal.detection
            usual = max(
                self._snapshot.chances.follows(
                    name, steps[other].cell.signal.detection, scale, self._episode
                )
                for other in ordered[:index]
            )
            if usual > mean:
                found[place] = min(usual, 1.0)
        return prod(found.values()), found


def _further(steps: int, mean: float, past: float, usual: float, even: float) -> float:
    """How likely so many further steps are, where a resource as loud as the mean has `mean`.

    How loud the resources are is known from their past only; the less of that, the more it may be
    that they are among the loud ones, and each step makes that likelier.
    """
    return prod(
        min(1.0, mean * (past + even + each - 1) / (usual + even) / each)
        for each in range(1, steps + 1)
    )


def _least(steps: int, mean: float, past: float, usual: float, even: float) -> float:
    """The least that so many further steps may come to, whichever go with an earlier one."""
    return min(
        min(mean, 1.0) ** (steps - alone) * _further(alone, mean, past, usual, even)
        for alone in range(steps + 1)
    )


def extended(chain: Chain, cells: Iterable[Cell], snapshot: Snapshot, lag: int) -> Chain:
    """The chain with the stages that its search left out, up to all fourteen.

    E rests on the rarest few. What else of the evidence is as rare as the weakest of them, fits
    between their stages in time and follows within a day is of the same attack, and is told.
    """
    steps = list(chain.steps)
    weakest = min(step.rarity for step in steps)
    first = min(step.at for step in steps) - WIDEST
    last = max(step.at for step in steps) + WIDEST
    for cell in sorted(cells, key=lambda each: (-snapshot.rarity(each), each.first, each.id)):
        rarity = snapshot.rarity(cell)
        if rarity < weakest:
            break
        if not first <= cell.first.start <= last:
            continue
        for stage in cell.signal.stages:
            step = Step(stage, cell, rarity)
            if _fits(step, steps, lag):
                steps.append(step)
                break
    steps.sort(key=lambda step: step.stage)
    usual = {chain.steps[place] for place in chain.dependent}
    places = tuple(place for place, step in enumerate(steps) if step in usual)
    return replace(chain, steps=tuple(steps), dependent=places)


def _fits(step: Step, steps: Iterable[Step], lag: int) -> bool:
    """Whether a step is of a stage and a detection of its own, and in order with all others."""
    for other in steps:
        if other.stage == step.stage:
            return False
        if other.cell.signal.detection == step.cell.signal.detection:
            return False
        earlier, later = sorted((step, other), key=lambda each: each.stage)
        if later.at < earlier.at - lag:
            return False
    return True


def _longer(way: _Way) -> _Way:
    return way[0], way[1], -way[2], tuple(-each for each in way[3])


def _order(steps: Iterable[Step], lag: int) -> float:
    """How likely steps come in this order by chance; those within the lag are in no order."""
    times = sorted(step.at for step in steps)
    sizes = [1]
    for one, other in pairwise(times):
        if other - one <= lag:
            sizes[-1] += 1
        else:
            sizes.append(1)
    return prod(map(factorial, sizes)) / factorial(len(times)) if times else 1.0
