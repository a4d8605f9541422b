"""Claims: what each episode, and each block that people made, lays claim to.

Evidence that stands elsewhere (sealed, frozen, of an incident that is not computed here) links
nothing. What people hold together is one claim whatever its times; what they set apart links to
nothing outside.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from correlate.episodes.find import find_episodes
from correlate.model.cell import Cell, Interval
from correlate.model.episode import Episode, Kind, Verdict
from correlate.model.intervals import subtract
from correlate.reconcile.hand import Block
from correlate.reconcile.ledger import Part
from correlate.reconcile.view import View
from correlate.verdict.judge import judge

FREE: Final = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """Evidence and the intervals that it claims: `pieces` by hand, `intervals` by episodes.

    `verdict` is None where chance would make more of the like than the budget allows. `cells` are
    the ids of the evidence.
    """

    kind: Kind
    evidence: tuple[Cell, ...]
    intervals: Mapping[str, tuple[Interval, ...]]
    verdict: Verdict | None
    pieces: Mapping[str, tuple[Interval, ...]] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    cells: frozenset[tuple[str, int, str]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cells", frozenset(cell.id for cell in self.evidence))

    @property
    def hand(self) -> bool:
        """Whether people made it, or hold some of it."""
        return bool(self.blocks)

    @property
    def entities(self) -> list[str]:
        """The resources that it claims something of, in order."""
        return sorted({*self.intervals, *self.pieces})


@dataclass(slots=True)
class _Sorted:
    """Cells by who holds them.

    `linking` are those that may link to one another: all that people set apart by its block, the
    rest together. `owner` is the block that holds a cell, `held` what each block has.
    """

    linking: dict[str, list[Cell]] = field(default_factory=dict)
    owner: dict[tuple[str, int, str], str] = field(default_factory=dict)
    held: dict[str, list[Cell]] = field(default_factory=dict)


def claims_of(view: View) -> list[Claim]:
    """The claims of a component, those with most evidence first."""
    pieces = _pieces(view)
    sorted_cells = _sort(view, pieces)
    episodes = [
        episode
        for _, linking in sorted(sorted_cells.linking.items())
        for episode in find_episodes(
            linking, view.snapshot, view.policy, subjects=view.ledger.subjects
        )
    ]
    groups = _grouped(view, episodes, sorted_cells)
    claims = [_claim(view, each, sorted_cells, pieces) for each in groups]
    return sorted(claims, key=lambda claim: (-len(claim.evidence), min(claim.cells, default=())))


_Pieces = Mapping[str, Sequence[tuple[Interval, str, frozenset[str]]]]
_Group = tuple[Sequence[Episode], Sequence[Block]]


def _pieces(view: View) -> _Pieces:
    """By resource: what blocks hold of it, and with which cuts, without what stands elsewhere."""
    found: dict[str, list[tuple[Interval, str, frozenset[str]]]] = {}
    for block in view.blocks:
        for held in block.held:
            entity, interval = held.piece
            standing = [span.interval for span in view.standing(entity)]
            for left in subtract([interval], standing):
                found.setdefault(entity, []).append((left, block.name, held.cuts))
    return found


def _sort(view: View, pieces: _Pieces) -> _Sorted:
    result = _Sorted()
    for entity in view.ledger.entities():
        standing = [span.interval for span in view.standing(entity)]
        held = pieces.get(entity, ())
        fixed = [*standing, *(interval for interval, _, _ in held)]
        if not fixed:
            result.linking.setdefault(FREE, []).extend(view.ledger.cells(entity))
            continue
        for split in view.ledger.split(entity, fixed):
            _assign(result, split, len(standing), held)
    return result


def _assign(
    result: _Sorted,
    split: Mapping[int, Part],
    standing: int,
    held: Sequence[tuple[Interval, str, frozenset[str]]],
) -> None:
    """Give a cell to whoever has most of its alerts, so that it is evidence once."""
    best: tuple[int, int] | None = None
    for number, part in split.items():
        if number >= standing:
            _, block, _ = held[number - standing]
            result.held.setdefault(block, []).append(part.cell)
        if number < 0 or number >= standing:
            rank = part.alerts, -number
            best = rank if best is None else max(best, rank)
    if best is None:
        return
    number = -best[1]
    cell, domain = split[number].cell, FREE
    if number >= 0:
        _, block, cuts = held[number - standing]
        result.owner[cell.id] = block
        domain = block if cuts else FREE
    result.linking.setdefault(domain, []).append(cell)


def _grouped(view: View, episodes: Sequence[Episode], cells: _Sorted) -> Iterable[_Group]:
    """Episodes and blocks that are one: an episode with every block that it has evidence of."""
    blocks = {block.name: block for block in view.blocks if block.name in cells.held}
    parent = {name: name for name in blocks}

    def find(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    of_blocks: list[tuple[Episode, str]] = []
    for episode in episodes:
        owners = {cells.owner.get(cell.id, FREE) for cell in episode.evidence}
        names = sorted(owners - {FREE})
        if not names:
            yield [episode], []
            continue
        for other in names[1:]:
            parent[max(find(names[0]), find(other))] = min(find(names[0]), find(other))
        of_blocks.append((episode, names[0]))
    for root in sorted({find(name) for name in blocks}):
        mine = [episode for episode, name in of_blocks if find(name) == root]
        yield mine, [blocks[name] for name in blocks if find(name) == root]


def _claim(view: View, group: _Group, cells: _Sorted, pieces: _Pieces) -> Claim:
    episodes, blocks = group
    if not blocks:
        (episode,) = episodes
        return Claim(episode.kind, episode.evidence, episode.intervals, episode.verdict)
    names = {block.name for block in blocks}
    evidence = {cell.id: cell for episode in episodes for cell in episode.evidence}
    for name in sorted(names):
        held = cells.held[name]
        for cell in _evidence_of(view, held, evidence):
            evidence.setdefault(cell.id, cell)
    found = tuple(evidence[name] for name in sorted(evidence))
    intervals: dict[str, tuple[Interval, ...]] = {}
    for episode in episodes:
        for entity, each in episode.intervals.items():
            intervals[entity] = (*intervals.get(entity, ()), *each)
    mine = {
        entity: tuple(interval for interval, name, _ in held if name in names)
        for entity, held in pieces.items()
    }
    return Claim(
        Kind.ATTACK,
        found,
        {entity: tuple(sorted(each)) for entity, each in intervals.items()},
        verdict_of(view, found),
        {entity: each for entity, each in mine.items() if each},
        tuple(blocks),
    )


def _evidence_of(
    view: View, held: Sequence[Cell], linked: Mapping[tuple[str, int, str], Cell]
) -> Sequence[Cell]:
    """What of a block's cells is evidence: what links; without any, what has stages; else all."""
    tests: tuple[Callable[[Cell], bool], ...] = (
        lambda cell: cell.id in linked,
        lambda cell: view.snapshot(cell.end).links(cell),
        lambda cell: bool(cell.signal.stages),
    )
    for test in tests:
        found = [cell for cell in held if test(cell)]
        if found:
            return found
    return held


def verdict_of(view: View, evidence: Sequence[Cell]) -> Verdict:
    """What is to be thought of evidence that people hold together; never None."""
    end = max(cell.last.start for cell in evidence)
    subjects = view.ledger.subjects
    return judge(evidence, (), view.snapshot(end), view.policy, subjects=subjects)
