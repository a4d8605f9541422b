"""What people decided, folded: blocks of content that stay together, and what stays apart.

Each decision takes its content from those before it, so that a place is in one block at most. A
split's part links to nothing outside its block; later alerts come to the side that it was split
from.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from correlate.model.cell import Interval  # noqa: TC001 - as all of the model
from correlate.model.decision import MERGE, REFUSED, SPLIT, UNDO, Decision, Piece
from correlate.model.intervals import overlap, subtract


@dataclass(frozen=True, slots=True)
class Held:
    """A piece of a block; `cuts` are the splits by which it links to nothing outside."""

    piece: Piece
    cuts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Block:
    """Content that stays together. `prefers` is the incident whose id it is to keep, if any."""

    name: str
    held: tuple[Held, ...]
    prefers: str = ""


def blocks_of(decisions: Iterable[Decision]) -> list[Block]:
    """The blocks that stand after all decisions, in the order of their numbers."""
    known = {each.id: each for each in decisions}
    blocks: list[Block] = []
    for decision in sorted(known.values(), key=lambda each: each.number):
        if decision.state != REFUSED:
            blocks = _decide(blocks, decision, known)
    return blocks


def _decide(blocks: Sequence[Block], decision: Decision, known: dict[str, Decision]) -> list[Block]:
    made = [
        Block(name, _holding(blocks, pieces, decision, known), prefers)
        for name, pieces, prefers in _made(decision, known)
        if pieces
    ]
    taken = [held.piece for block in made for held in block.held]
    left = (Block(each.name, tuple(_left(each.held, taken)), each.prefers) for each in blocks)
    return [*(block for block in left if block.held), *made]


def _made(
    decision: Decision, known: dict[str, Decision]
) -> Iterator[tuple[str, tuple[Piece, ...], str]]:
    """Name, pieces and preferred id of each block that a decision makes."""
    request = decision.request
    undone = known.get(request.undoes) if request.kind == UNDO else None
    apart = request.kind == SPLIT or (undone is not None and undone.request.kind == MERGE)
    if not apart:
        pieces = [*decision.kept, *(piece for side in decision.apart for piece in side)]
        yield decision.id, tuple(pieces), decision.outcome
        return
    yield f"{decision.id}/0", decision.kept, decision.outcome
    for number, side in enumerate(decision.apart, start=1):
        yield f"{decision.id}/{number}", side, ""


def _holding(
    blocks: Sequence[Block],
    pieces: Sequence[Piece],
    decision: Decision,
    known: dict[str, Decision],
) -> tuple[Held, ...]:
    """The pieces with the cuts that they have from before, and the one that is made or mended."""
    cut = {decision.id} if decision.request.kind == SPLIT and pieces != decision.kept else set()
    mended = _mended(pieces, known) if decision.request.kind != SPLIT else set()
    return tuple(Held(piece, frozenset((_cuts(blocks, piece) | cut) - mended)) for piece in pieces)


def _cuts(blocks: Sequence[Block], piece: Piece) -> set[str]:
    return {
        cut
        for block in blocks
        for held in block.held
        if held.piece.entity == piece.entity and overlap(held.piece.interval, piece.interval)
        for cut in held.cuts
    }


def _mended(pieces: Sequence[Piece], known: dict[str, Decision]) -> set[str]:
    """The splits of which these pieces have both sides."""
    splits = (each for each in known.values() if each.request.kind == SPLIT)
    return {
        each.id
        for each in splits
        if _meet(pieces, each.kept) and any(_meet(pieces, side) for side in each.apart)
    }


def _meet(one: Sequence[Piece], other: Sequence[Piece]) -> bool:
    by_entity: dict[str, list[Interval]] = {}
    for piece in other:
        by_entity.setdefault(piece.entity, []).append(piece.interval)
    return any(
        overlap(piece.interval, interval)
        for piece in one
        for interval in by_entity.get(piece.entity, ())
    )


def _left(held: Sequence[Held], taken: Sequence[Piece]) -> Iterator[Held]:
    for each in held:
        entity = each.piece.entity
        cuts = [piece.interval for piece in taken if piece.entity == entity]
        for interval in subtract([each.piece.interval], cuts):
            yield Held(Piece(entity, interval), each.cuts)
