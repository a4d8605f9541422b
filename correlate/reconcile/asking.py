"""Asking: a decision by hand is checked, and its content taken down as of its moment.

What it does to incidents is then a difference like any other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from correlate.model.cell import Interval
from correlate.model.coverage import MOST_SPANS
from correlate.model.decision import (
    DONE,
    MERGE,
    PENDING,
    REFUSED,
    SPLIT,
    UNDO,
    Decision,
    Piece,
    Request,
)
from correlate.model.incident import Incident
from correlate.model.intervals import common, subtract
from correlate.reconcile.known import Known, Reader
from correlate.store.port import Place, Port


class RefusedError(Exception):
    """A decision cannot be carried out; the message tells people why."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Takes decisions down. What starts before `frozen` begins to expire."""

    store: Port
    known: Known
    reader: Reader
    frozen: int

    async def decide(self, request: Request) -> Decision:
        """The decision that a request becomes: pending, or refused with its reason."""
        number = 1 + max((each.number for each in self.known.decisions.values()), default=0)
        try:
            if request.kind == UNDO:
                return await self._undo(request, number)
            target = await self._incident(request.incident)
            if request.kind == MERGE:
                return await self._merge(request, number, target)
            if request.kind == SPLIT:
                return await self._split(request, number, target)
        except RefusedError as fault:
            return Decision(request, number, state=REFUSED, refusal=str(fault))
        reason = f"{request.kind!r} is no decision: use merge, split or undo"
        return Decision(request, number, state=REFUSED, refusal=reason)

    async def _incident(self, name: str) -> Incident:
        await self.reader.read_nodes([name])
        node = self.known.nodes.get(self.known.resolve(name) or name)
        if not isinstance(node, Incident) or not node.visible:
            raise RefusedError(f"there is no incident {name}")
        if node.first < self.frozen:
            raise RefusedError(f"the alerts of {name} begin to expire: it stays as it is")
        return node

    async def _pieces(self, incident: Incident) -> tuple[Piece, ...]:
        """What an incident covers."""
        await self.reader.read_covering({incident.id: incident.covered})
        found: list[Piece] = []
        for entity in self.known.covered_by(incident.id):
            coverage = self.known.coverage[entity]
            spans = () if coverage is None else coverage.spans
            await self.reader.read_nodes(span.incident for span in spans)
            found += (
                Piece(entity, span.interval)
                for span in spans
                if self.known.resolve(span.incident) == incident.id
            )
        return tuple(found)

    async def _merge(self, request: Request, number: int, target: Incident) -> Decision:
        others = {
            incident.id: incident
            for name in request.others
            if (incident := await self._incident(name)).id != target.id
        }
        if not others:
            raise RefusedError("there is nothing to merge: they are one incident already")
        sides = tuple([await self._pieces(others[name]) for name in sorted(others)])
        kept = await self._pieces(target)
        _check_number([*kept, *(piece for side in sides for piece in side)])
        return Decision(request, number, kept, sides, PENDING, target.id)

    async def _split(self, request: Request, number: int, target: Incident) -> Decision:
        if target.closed:
            raise RefusedError(f"{target.id} is closed: open it again first")
        pieces = await self._pieces(target)
        chosen = [piece for piece in pieces if piece.entity in set(request.resources)]
        chosen += await self._chosen(request.alerts, pieces)
        if not chosen:
            raise RefusedError("nothing of the incident was chosen")
        kept = _without(pieces, chosen)
        if not kept:
            raise RefusedError("all of the incident was chosen: something must stay")
        _check_number([*kept, *chosen])
        apart = (tuple(sorted(set(chosen))),)
        return Decision(request, number, kept, apart, PENDING, target.id)

    async def _chosen(self, alerts: Sequence[str], pieces: Sequence[Piece]) -> list[Piece]:
        if not alerts:
            return []
        found = await self.store.find_places(alerts)
        lacking = [alert for alert in alerts if not _inside(found.get(alert), pieces)]
        if lacking:
            raise RefusedError(f"{lacking[0]} is no alert of the incident")
        return [
            Piece(entity, Interval(place.point, place.point)) for entity, place in found.values()
        ]

    async def _undo(self, request: Request, number: int) -> Decision:
        undone = self.known.decisions.get(request.undoes)
        if undone is None or undone.state != DONE or undone.request.kind == UNDO:
            raise RefusedError(f"there is no decision {request.undoes!r} to undo")
        if undone.voided:
            raise RefusedError(f"{request.undoes!r} was undone already")
        target = await self._incident(undone.outcome)
        if target.closed:
            raise RefusedError(f"{target.id} is closed: open it again first")
        pieces = await self._pieces(target)
        if undone.request.kind == MERGE:
            sides = _sides(undone, pieces)
            kept = _without(pieces, [piece for side in sides for piece in side])
        else:
            sides, kept = await self._split_off(undone, target), pieces
        if not sides or not kept:
            raise RefusedError(f"what {request.undoes!r} did stands no more")
        return Decision(request, number, kept, sides, PENDING, target.id)

    async def _split_off(self, undone: Decision, target: Incident) -> tuple[tuple[Piece, ...], ...]:
        """What the incidents cover now that a split had made."""
        found = {}
        for name in undone.split_off:
            incident = await self._incident(name)
            if incident.id != target.id:
                found[incident.id] = await self._pieces(incident)
        return tuple(found[name] for name in sorted(found))


def _sides(merge: Decision, pieces: Sequence[Piece]) -> tuple[tuple[Piece, ...], ...]:
    """What a merge brought and is still there, with all that has grown on its own resources.

    On resources that both sides had, what has grown stays with the target.
    """
    taken = {piece.entity for piece in merge.kept}
    found: list[tuple[Piece, ...]] = []
    for each in merge.apart:
        if still := _shared(each, pieces):
            own = {piece.entity for piece in still} - taken
            taken |= own
            grown = [piece for piece in pieces if piece.entity in own]
            shared = [piece for piece in still if piece.entity not in own]
            found.append((*shared, *grown))
    return tuple(found)


def _shared(side: Sequence[Piece], pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """What of a side is still among the pieces."""
    return tuple(
        Piece(piece.entity, both)
        for piece in side
        for other in pieces
        if other.entity == piece.entity
        and (both := common(piece.interval, other.interval)) is not None
    )


def _inside(found: tuple[str, Place] | None, pieces: Iterable[Piece]) -> bool:
    if found is None:
        return False
    entity, place = found
    return any(
        piece.entity == entity and piece.interval.first <= place.point <= piece.interval.last
        for piece in pieces
    )


def _without(pieces: Sequence[Piece], chosen: Sequence[Piece]) -> tuple[Piece, ...]:
    taken: dict[str, list[Interval]] = {}
    for piece in chosen:
        taken.setdefault(piece.entity, []).append(piece.interval)
    return tuple(
        Piece(piece.entity, interval)
        for piece in pieces
        for interval in subtract([piece.interval], taken.get(piece.entity, ()))
    )


def _check_number(pieces: Sequence[Piece]) -> None:
    numbers: dict[str, int] = {}
    for piece in pieces:
        numbers[piece.entity] = numbers.get(piece.entity, 0) + 1
    if max(numbers.values(), default=0) > MOST_SPANS:
        raise RefusedError(f"a resource would be in more than {MOST_SPANS} pieces")
