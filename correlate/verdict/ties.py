"""Ties: what a cell has in common with others, and until when.

A cell is tied by each key that it names, and by its resource if it states a stage: that two things
happen on one machine says little where one of them is no step of an attack. A key that is a
resource's own ties what names it to what happened there.
"""

from collections.abc import Callable, Iterable, Iterator
from math import inf
from typing import Final, NamedTuple

from correlate.baseline.keys import id_of
from correlate.baseline.snapshot import Snapshot
from correlate.model.cell import Cell, Mention
from correlate.policy import Policy
from shared.entities import key_kind
from shared.times import HOUR

RESOURCE: Final = "resource"
SELDOM: Final = 0.05
"""Times that a key may be expected to be named anyway between two alerts that it links."""
MOST_BY_CHANCE: Final = 0.25
"""Events that chance may be expected to bring between two alerts that link."""


class Tie(NamedTuple):
    """A cell named a key, or is about it: when first and last, and for how long that may hold.

    `key` is the key's id, `mention` what people read; None where the cell is on that resource.
    `crowd` is on how many resources as loud as the mean something by chance would tie as well, and
    `often` how often an hour the key is named at other times.
    """

    first: int
    last: int
    gap: int
    crowd: float
    often: float
    cell: int
    key: str
    mention: Mention | None


def ties_of(number: int, cell: Cell, snapshot: Snapshot, policy: Policy) -> Iterator[Tie]:
    """The ties of a cell; a common key gives none."""
    own = policy.kinds[RESOURCE].gap
    start, last = cell.first.start, cell.last.start
    loud = snapshot.loudness.of(cell.resource, cell.hour)
    if cell.signal.stages:
        yield Tie(start, last, own, loud, inf, number, cell.resource, None)
    for mention in cell.mentions:
        rules = policy.kinds.get(key_kind(mention.key))
        if rules is None:
            continue
        weight = snapshot.commonness.weight(mention, cell.hour)
        if weight > 0:
            gap = round(rules.gap * weight)
            at, key = mention.at.start, id_of(mention.key)
            crowd = loud * snapshot.commonness.near(key, cell.hour)
            often = snapshot.commonness.far(key, cell.hour)
            yield Tie(at, max(at, last), gap, crowd, often, number, key, mention)


class Link(NamedTuple):
    """Two cells that share a key near in time; the earlier first."""

    one: Tie
    other: Tie


Apart = Callable[[Tie, Tie], bool]


def links_among(
    ties: Iterable[Tie], crowding: Callable[[Tie], float], apart: Apart | None = None
) -> Iterator[Link]:
    """The links between ties of one key: each with the latest before it that is near enough.

    Near enough is within the gap, and within a time in which chance would bring few events as rare:
    `crowding` tells how many a resource has an hour, as the later of two sees it. Of ties that are
    `apart`, an earlier one is taken, as long as the time allows.
    """
    before: list[Tie] = []
    for tie in sorted(ties, key=_order):
        for other in reversed(before):
            if tie.first - other.last > _longest(other, tie, crowding(tie)):
                break
            if apart is None or not apart(other, tie):
                yield Link(other, tie)
                break
        before.append(tie)
        if len(before) > 1 and before[-2].last > tie.last:
            before[-1], before[-2] = before[-2], before[-1]


def _longest(one: Tie, other: Tie, crowding: float) -> float:
    """How long may lie between; the gap is that of the one that names the key, or the shorter."""
    gap = min(one.gap, other.gap)
    if (one.mention is None) != (other.mention is None):
        gap = other.gap if one.mention is None else one.gap
    events = crowding * max(one.crowd, other.crowd)
    crowd = MOST_BY_CHANCE / events if events else inf
    seldom = SELDOM / max(one.often, other.often)
    return min(gap, HOUR * max(crowd, seldom))


def _order(tie: Tie) -> tuple[int, int, int]:
    return tie.first, tie.last, tie.cell
