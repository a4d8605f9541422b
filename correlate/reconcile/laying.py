"""Laying out: which places each claim gets, so that of one resource the spans are disjoint.

What stands comes first, then what people hold, then episodes, then waves. A span runs from a real
alert to a real alert, and knows how many of those in it are evidence and how many are context.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final

from correlate.model.cell import Interval
from correlate.model.coverage import Span
from correlate.model.episode import Kind
from correlate.model.intervals import subtract
from correlate.reconcile.claims import Claim
from correlate.reconcile.ledger import Part, PlacesWantedError
from correlate.reconcile.view import View

_HAND: Final = 0
_EPISODE: Final = 1
_WAVE: Final = 2


@dataclass(frozen=True, slots=True)
class Wish:
    """An interval of a resource that a claim (by number) would have; the smallest rank first."""

    rank: int
    claim: int
    interval: Interval


def lay_out(view: View, claims: Sequence[Claim]) -> list[dict[str, list[Span]]]:
    """For each claim its spans by resource; their incident is left empty.

    Raises PlacesWantedError naming all hours whose alerts it has to tell apart.
    """
    laid: list[dict[str, list[Span]]] = [{} for _ in claims]
    wanted: set[tuple[str, int]] = set()
    for entity, wishes in _wishes(claims).items():
        taken = [span.interval for span in view.standing(entity)]
        for wish in sorted(wishes, key=_order):
            for left in subtract([wish.interval], taken):
                cells = claims[wish.claim].cells
                try:
                    span = _span(view, entity, left, cells, tight=wish.rank != _HAND)
                except PlacesWantedError as fault:
                    wanted |= fault.wanted
                    continue
                if span is not None:
                    laid[wish.claim].setdefault(entity, []).append(span)
                    taken.append(span.interval)
    if wanted:
        raise PlacesWantedError(wanted)
    return [{entity: sorted(each, key=_first) for entity, each in spans.items()} for spans in laid]


def _order(wish: Wish) -> tuple[int, Interval, int]:
    return wish.rank, wish.interval, wish.claim


def _first(span: Span) -> Interval:
    return span.interval


def _wishes(claims: Sequence[Claim]) -> dict[str, list[Wish]]:
    """What claims would have, by resource."""
    found: dict[str, list[Wish]] = {}
    for number, claim in enumerate(claims):
        rank = _WAVE if claim.kind is Kind.WAVE and not claim.hand else _EPISODE
        for entity, pieces in claim.pieces.items():
            found.setdefault(entity, []).extend(Wish(_HAND, number, each) for each in pieces)
        for entity, intervals in claim.intervals.items():
            found.setdefault(entity, []).extend(Wish(rank, number, each) for each in intervals)
    return {entity: found[entity] for entity in sorted(found)}


def _span(
    view: View, entity: str, interval: Interval, cells: Set[tuple[str, int, str]], *, tight: bool
) -> Span | None:
    """The span of what an interval holds; `tight`: from its first evidence to its last."""
    parts = view.ledger.within(entity, interval)
    bounds = [part.cell for part in parts if not tight or part.cell.id in cells]
    if not bounds:
        return None
    exact = Interval(min(each.first for each in bounds), max(each.last for each in bounds))
    if exact != interval:
        parts = view.ledger.within(entity, exact)
    return counted(exact, parts, cells)


def counted(interval: Interval, parts: Sequence[Part], cells: Set[tuple[str, int, str]]) -> Span:
    """A span with what it holds: evidence and context apart."""
    evidence: dict[str, set[int]] = {}
    inside = outside = 0
    for part in parts:
        if part.cell.id in cells:
            evidence.setdefault(part.cell.sid, set()).add(part.cell.hour)
            inside += part.alerts
        else:
            outside += part.alerts
    hours = {sid: tuple(sorted(evidence[sid])) for sid in sorted(evidence)}
    return Span(interval, "", hours, inside, outside)


def recount(view: View, entity: str, span: Span) -> Span:
    """A span that stands, with its alerts counted anew; as it was where its days are forgotten."""
    if not view.ledger.covers(entity, span.interval):
        return span
    cells = {(entity, hour, sid) for hour, sid in span.cells}
    found = counted(span.interval, view.ledger.within(entity, span.interval), cells)
    return replace(span, evidence_count=found.evidence_count, context_count=found.context_count)


def firsts(laid: Mapping[str, Sequence[Span]]) -> tuple[int, int]:
    """When the first and the last alert of spans start."""
    intervals = [span.interval for spans in laid.values() for span in spans]
    return (
        min(each.first.start for each in intervals),
        max(each.last.start for each in intervals),
    )
