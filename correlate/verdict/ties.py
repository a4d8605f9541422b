"""Ties: what a cell has in common with others, and until when.

A cell is tied by its resource, and by each key that it names. A key that is a resource's own ties
what names it to what happened there.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from correlate.baseline.snapshot import Snapshot
from correlate.model.cell import Cell, Mention
from correlate.policy import Policy
from shared.entities import key_id, key_kind

RESOURCE: Final = "resource"


@lru_cache(maxsize=65_536)
def id_of(key: str) -> str:
    """The id of a key, as resources are named by it."""
    return key_id(key)


class Tie(NamedTuple):
    """A cell named a key, or is about it: when first and last, and for how long that holds.

    `key` is the key's id, `mention` what people read; None where the cell is on that resource.
    """

    first: int
    last: int
    gap: int
    cell: int
    key: str
    mention: Mention | None


def ties_of(number: int, cell: Cell, snapshot: Snapshot, policy: Policy) -> Iterator[Tie]:
    """The ties of a cell; a common key gives none."""
    own = policy.kinds[RESOURCE].gap
    yield Tie(cell.first.start, cell.last.start, own, number, cell.resource, None)
    for mention in cell.mentions:
        rules = policy.kinds.get(key_kind(mention.key))
        if rules is None:
            continue
        weight = snapshot.weight(mention, cell.hour)
        if weight > 0:
            gap = round(rules.gap * weight)
            at = mention.at.start
            yield Tie(at, max(at, cell.last.start), gap, number, id_of(mention.key), mention)


class Link(NamedTuple):
    """Two cells that share a key near in time; the earlier first."""

    one: Tie
    other: Tie


def links_among(
    ties: Sequence[Tie], apart: Callable[[Tie, Tie], bool] | None = None
) -> Iterator[Link]:
    """The links between ties of one key: each with the latest before it that is near enough.

    Of those that are `apart`, an earlier one is taken, as long as the gap allows.
    """
    before: list[Tie] = []
    for tie in sorted(ties, key=_order):
        for other in reversed(before):
            if not holds(other, tie):
                break
            if apart is None or not apart(other, tie):
                yield Link(other, tie)
                break
        before.append(tie)
        if len(before) > 1 and before[-2].last > tie.last:
            before[-1], before[-2] = before[-2], before[-1]


def holds(one: Tie, other: Tie) -> bool:
    """Whether two ties of one key are near enough.

    Both being on the resource, the resource's gap counts; else the shorter of the mentions' gaps.
    """
    gap = min(one.gap, other.gap)
    if one.mention is None and other.mention is not None:
        gap = other.gap
    elif other.mention is None and one.mention is not None:
        gap = one.gap
    return other.first - one.last <= gap


def _order(tie: Tie) -> tuple[int, int, int]:
    return tie.first, tie.last, tie.cell
