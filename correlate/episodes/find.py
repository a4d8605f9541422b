"""Finding the episodes of a neighbourhood: link, cut, judge; then waves of what is left."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from correlate.baseline.chances import FEW
from correlate.baseline.snapshot import Snapshot
from correlate.episodes.bounds import bounded
from correlate.episodes.cores import core
from correlate.episodes.intervals import intervals
from correlate.episodes.linking import Apart, components, never
from correlate.episodes.waves import by_resource, waves
from correlate.model.activity import Subject
from correlate.model.cell import Cell, Interval
from correlate.model.episode import Confidence, Episode, Kind, Verdict
from correlate.policy import Policy
from correlate.verdict.chain import Search
from correlate.verdict.judge import judge_linked, judge_wave
from correlate.verdict.patterns import known
from shared.times import DAY

MOST_CORES: Final = 20
"""Of one group of linked cells."""
Snapshots = Callable[[int], Snapshot]
"""The snapshot by which what ends at an instant (milliseconds) is judged."""


def find_episodes(
    cells: Iterable[Cell],
    snapshots: Snapshots,
    policy: Policy,
    *,
    apart: Apart = never,
    subjects: Mapping[str, Subject] | None = None,
) -> tuple[Episode, ...]:
    """All episodes among cells, in order of their first alert.

    `cells` are all cells, also those that do not link, of a neighbourhood that is closed under
    linking (see `reach`). `snapshots` is asked for the ends of days, at or after an episode's own.
    `apart` tells which cells people keep from linking; `subjects` names resources, by entity.
    """
    everything = sorted({cell.id: cell for cell in cells}.values(), key=_by_time)
    at = _Snapshots(snapshots)
    rare = [cell for cell in everything if at(cell).links(cell)]
    parts = [
        part
        for group in components(rare, at, policy, apart)
        if _tells(group, policy)
        for part in bounded(group, policy)
    ]
    context = by_resource(everything)
    named = subjects or {}
    cores = [each for part in parts for each in _cores(part, at, policy, apart)]
    attacks = _cut([_attack(each, context, at, policy, named) for each in cores])
    taken = {cell.id for each in attacks if each.verdict for cell in each.evidence}
    covered = _covered(attacks)
    free = [cell for cell in everything if cell.id not in taken and not _inside(cell, covered)]
    found = [*attacks, *(_wave(part, at, policy, named) for part in waves(free, at, policy))]
    return tuple(sorted(found, key=_by_first))


def _tells(group: Sequence[Cell], policy: Policy) -> bool:
    """Whether linked cells may be an incident: one states a stage, or a pattern names one."""
    return any(cell.signal.stages for cell in group) or known(group, policy) is not None


class _Snapshots:
    """The snapshot of a cell: that of the end of its day."""

    def __init__(self, snapshots: Snapshots) -> None:
        self._snapshots = snapshots
        self._by_day: dict[int, Snapshot] = {}

    def __call__(self, cell: Cell) -> Snapshot:
        day = cell.last.start // DAY
        found = self._by_day.get(day)
        if found is None:
            found = self._by_day[day] = self._snapshots((day + 1) * DAY - 1)
        return found


def _cores(
    part: Sequence[Cell], at: _Snapshots, policy: Policy, apart: Apart
) -> Iterator[Sequence[Cell]]:
    """What of linked cells belongs to one chain; the rest, linked anew, likewise.

    Whatever chance makes as often as the policy accepts, at most, is taken out; so that is little.
    """
    waiting = [part]
    found = 0
    while waiting:
        cells = waiting.pop()
        own = cells
        if found < MOST_CORES and len({cell.resource for cell in cells}) > FEW:
            last = max(cells, key=lambda cell: cell.last)
            budget = policy.chance.budget
            chain = Search(cells, at(last), policy, budget).best()
            if chain is not None and chain.expected <= budget:
                own = core(chain, cells, at, policy, apart)
        found += 1
        yield own
        if len(own) < len(cells):
            taken = {cell.id for cell in own}
            rest = [cell for cell in cells if cell.id not in taken]
            waiting += [each for each in components(rest, at, policy, apart) if len(each) > 1]


def _attack(
    part: Sequence[Cell],
    context: Mapping[str, Sequence[Cell]],
    at: _Snapshots,
    policy: Policy,
    subjects: Mapping[str, Subject],
) -> Episode:
    last = max(part, key=lambda cell: cell.last)
    verdict: Verdict | None = None
    spans = intervals(part, {})
    if len(part) > 1 or known(part, policy) is not None:
        beside = partial(_beside, part, spans, context)
        verdict = judge_linked(part, beside, at(last), policy, subjects=subjects)
    return Episode(Kind.ATTACK, tuple(part), spans, verdict)


def _beside(
    part: Sequence[Cell],
    spans: Mapping[str, Sequence[Interval]],
    context: Mapping[str, Sequence[Cell]],
) -> list[Cell]:
    """The other cells on an episode's resources within its time there."""
    own = {cell.id for cell in part}
    return [
        cell
        for resource, intervals_there in spans.items()
        for cell in context[resource]
        if cell.id not in own
        and any(cell.first <= each.last and cell.last >= each.first for each in intervals_there)
    ]


def _cut(episodes: Sequence[Episode]) -> list[Episode]:
    """Episodes whose intervals leave out what lies between of another's evidence."""
    evidence = by_resource(cell for each in episodes for cell in each.evidence)
    owner = {cell.id: number for number, each in enumerate(episodes) for cell in each.evidence}
    found = []
    for number, each in enumerate(episodes):
        others = {
            resource: [cell for cell in evidence[resource] if owner[cell.id] != number]
            for resource in each.intervals
        }
        spans = intervals(each.evidence, others) if any(others.values()) else each.intervals
        found.append(Episode(each.kind, each.evidence, spans, each.verdict))
    return found


def _covered(episodes: Iterable[Episode]) -> dict[str, list[Interval]]:
    found: dict[str, list[Interval]] = {}
    for each in episodes:
        if each.verdict is not None:
            for resource, spans in each.intervals.items():
                found.setdefault(resource, []).extend(spans)
    return found


def _inside(cell: Cell, covered: Mapping[str, Sequence[Interval]]) -> bool:
    return any(
        cell.first <= each.last and cell.last >= each.first
        for each in covered.get(cell.resource, ())
    )


def _wave(
    part: Sequence[Cell], at: _Snapshots, policy: Policy, subjects: Mapping[str, Subject]
) -> Episode:
    last = max(part, key=lambda cell: cell.last)
    verdict: Verdict | None = judge_wave(part, at(last), policy, subjects=subjects)
    if verdict is not None and verdict.confidence is Confidence.LOW:
        verdict = None
    return Episode(Kind.WAVE, tuple(part), intervals(part, {}, joined=False), verdict)


def _by_time(cell: Cell) -> tuple[object, ...]:
    return cell.first, cell.id


def _by_first(episode: Episode) -> tuple[object, ...]:
    first = min(cell.first for cell in episode.evidence)
    return first, episode.kind, min(cell.id for cell in episode.evidence)
