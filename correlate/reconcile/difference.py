"""The difference: what has to be written so that incidents and coverage are what claims say.

Level-triggered: a union, a split, a verdict that falls or rises are differences between what is
stored and what is computed, not protocols of their own.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from correlate.model.cell import Point  # noqa: TC001 - as all of the model
from correlate.model.coverage import Coverage, Span
from correlate.model.decision import DONE, PENDING, Decision
from correlate.model.episode import Confidence, Verdict
from correlate.model.incident import Incident, Note, Redirect
from correlate.model.intervals import overlap
from correlate.reconcile.claims import Claim, verdict_of
from correlate.reconcile.identity import CellId, candidates, match, shared
from correlate.reconcile.laying import lay_out, recount
from correlate.reconcile.notes import Notes
from correlate.reconcile.present import RANKS, present
from correlate.reconcile.view import View
from shared.times import DAY

FOLLOWS_WITHIN: Final = 14 * DAY


@dataclass(slots=True)
class Difference:
    """Records to write: incidents by id, what they were absorbed into, coverage, and the rest."""

    incidents: dict[str, Incident] = field(default_factory=dict)
    redirects: dict[str, Redirect] = field(default_factory=dict)
    coverage: dict[str, Coverage] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    standing: frozenset[str] = frozenset()
    """Ids of all incidents that the computation leaves standing."""
    gone: dict[str, Incident] = field(default_factory=dict)
    """What became redirects, as it was read."""

    def __bool__(self) -> bool:
        return bool(self.incidents or self.redirects or self.coverage or self.decisions)


@dataclass(slots=True)
class _Standing:
    """A claim that is an incident: its id, what it was before, its spans."""

    claim: Claim
    verdict: Verdict
    id: str
    old: Incident | None
    laid: Mapping[str, Sequence[Span]]
    came_from: str = ""


def difference(view: View, claims: Sequence[Claim]) -> Difference:
    """What to write for one component, given what lays claim to it (see `claims_of`).

    Raises PlacesWantedError where alerts must be read first.
    """
    return _Work(view).difference(claims)


class _Work:
    """The computation of one component; `_before` is what it covers now, by incident."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._notes = Notes(view.now)
        self._gone: dict[str, Incident] = {}
        self._result = Difference()
        self._before: dict[str, dict[str, list[Span]]] = {name: {} for name in view.involved}
        for name, entity, span in view.open_spans():
            self._before[name].setdefault(entity, []).append(span)
        self._existing = {
            name: incident
            for name in sorted(view.involved)
            if (incident := view.incident(name)) is not None and not incident.withdrawn
        }

    def difference(self, found: Sequence[Claim]) -> Difference:
        """The records to write."""
        overlaps = self._overlaps(found)
        claims, overlaps = self._chosen(found, overlaps)
        laid = lay_out(self._view, claims)
        alive = [number for number, spans in enumerate(laid) if spans]
        standing = self._identify(
            [claims[number] for number in alive],
            [overlaps[number] for number in alive],
            [laid[number] for number in alive],
        )
        self._absorb(standing, [overlaps[number] for number in alive])
        for each in standing:
            self._write(each)
        self._cover(standing)
        self._decide(standing)
        self._result.notes = self._notes.found
        self._result.standing = frozenset(each.id for each in standing)
        self._result.gone = self._gone
        return self._result

    def _overlaps(self, claims: Sequence[Claim]) -> list[Counter[str]]:
        holders: dict[CellId, set[str]] = {}
        for name, entity, span in self._view.open_spans():
            if name in self._existing:
                for hour, sid in span.cells:
                    holders.setdefault((entity, hour, sid), set()).add(name)
        return shared([claim.cells for claim in claims], holders)

    def _chosen(
        self, claims: Sequence[Claim], overlaps: Sequence[Counter[str]]
    ) -> tuple[list[Claim], list[Counter[str]]]:
        """Claims with a verdict or made by hand; else those that people's incidents go on as."""
        chosen = [
            (claim, overlap)
            for claim, overlap in zip(claims, overlaps, strict=True)
            if claim.hand or claim.verdict is not None
        ]
        lowered: dict[int, tuple[Claim, Counter[str]]] = {}
        gone_on = {name for _, overlap in chosen for name in overlap}
        for name, incident in self._existing.items():
            if not incident.touched or name in gone_on:
                continue
            rest = [
                (-overlap[name], number) for number, overlap in enumerate(overlaps) if overlap[name]
            ]
            if rest:
                number = min(rest)[1]
                lowered[number] = self._lowered(claims[number]), overlaps[number]
            elif kept := self._kept(incident):
                chosen.append((kept, Counter({name: len(kept.evidence)})))
        chosen += lowered.values()
        return [claim for claim, _ in chosen], [overlap for _, overlap in chosen]

    def _lowered(self, claim: Claim) -> Claim:
        """A claim that no episode with a verdict stands for: low, whatever its alerts are like."""
        verdict = replace(verdict_of(self._view, claim.evidence), confidence=Confidence.LOW)
        return replace(claim, verdict=verdict)

    def _kept(self, incident: Incident) -> Claim | None:
        """An incident that people touched and nothing links any more: what it covers, as it is."""
        spans = self._before[incident.id]
        wanted = {
            (entity, hour, sid)
            for entity, each in spans.items()
            for span in each
            for hour, sid in span.cells
        }
        evidence = tuple(
            cell
            for entity in sorted(spans)
            for cell in self._view.ledger.cells(entity)
            if cell.id in wanted
        )
        if not evidence:
            return None
        intervals = {
            entity: tuple(span.interval for span in each) for entity, each in spans.items()
        }
        return self._lowered(Claim(incident.kind, evidence, intervals, None))

    def _identify(
        self,
        claims: Sequence[Claim],
        overlaps: Sequence[Counter[str]],
        laid: Sequence[Mapping[str, Sequence[Span]]],
    ) -> list[_Standing]:
        created = {name: incident.created for name, incident in self._existing.items()}
        names = match(overlaps, created, self._preferred(claims, created))
        standing: list[_Standing] = []
        used = set(names.values())
        for number, claim in enumerate(claims):
            assert claim.verdict is not None  # noqa: S101 - the chosen have been judged
            name = names.get(number)
            if name is None:
                name, old = self._new_id(claim, used)
                used.add(name)
                came = _most(overlaps[number])
            else:
                old, came = self._existing[name], ""
            standing.append(_Standing(claim, claim.verdict, name, old, laid[number], came))
        return standing

    def _preferred(self, claims: Sequence[Claim], created: Mapping[str, int]) -> dict[int, str]:
        """The ids that people chose: of several claims to one, that of the latest decision."""
        wanted: dict[str, tuple[int, int]] = {}
        for number, claim in enumerate(claims):
            for block in claim.blocks:
                decision = self._view.decisions[block.name.partition("/")[0]]
                name = self._view.resolve(block.prefers)
                if name in created:
                    rank = decision.number, number
                    wanted[name] = max(wanted.get(name, rank), rank)
        return {number: name for name, (_, number) in sorted(wanted.items(), key=lambda e: e[1])}

    def _new_id(self, claim: Claim, used: set[str]) -> tuple[str, Incident | None]:
        """An id that nobody has or had, or that of a withdrawn incident, which returns."""
        for name in candidates(self._view.organisation, claim.evidence):
            node = self._view.nodes.get(name)
            if name in used:
                continue
            if node is None or (isinstance(node, Incident) and node.withdrawn):
                return name, node
        raise ValueError("every id that the alerts could give an incident was used before")

    def _absorb(self, standing: Sequence[_Standing], overlaps: Sequence[Counter[str]]) -> None:
        """Existing incidents that no claim goes on as: absorbed, or left with nothing."""
        names = {each.id for each in standing}
        for name, incident in self._existing.items():
            if name in names:
                continue
            ranked = sorted(
                (-overlap[name], number) for number, overlap in enumerate(overlaps) if overlap[name]
            )
            winner = standing[ranked[0][1]] if ranked else self._holder(incident, standing)
            if winner is not None:
                self._join(winner, incident)
            else:
                self._leave(incident)

    def _holder(self, incident: Incident, standing: Sequence[_Standing]) -> _Standing | None:
        """The claim that got most of the places of an incident, as context."""
        before = self._before[incident.id]
        shared = [
            sum(
                overlap(span.interval, was.interval)
                for entity, spans in each.laid.items()
                for span in spans
                for was in before.get(entity, ())
            )
            for each in standing
        ]
        most = max(shared, default=0)
        return standing[shared.index(most)] if most else None

    def _join(self, winner: _Standing, loser: Incident) -> None:
        self._result.redirects[loser.id] = Redirect(loser.id, winner.id)
        self._gone[loser.id] = loser
        old = winner.old or self._unwritten(winner)
        people = old.people
        if loser.touched and not old.touched and not winner.claim.hand:
            people = loser.people
        absorbed = tuple(sorted({*old.absorbed, *loser.absorbed, loser.id}))
        winner.old = replace(old, absorbed=absorbed, people=people, hand=old.hand or loser.hand)
        self._notes.add(winner.id, "merged", before=loser.id)

    def _unwritten(self, each: _Standing) -> Incident:
        now = self._view.now
        return Incident(
            each.id, each.claim.kind, now, now, each.verdict.confidence, {}, 0, visible=False
        )

    def _leave(self, incident: Incident) -> None:
        """An incident that covers nothing any more: withdrawn, or lowered if people touched it."""
        if incident.touched:
            low = Confidence.LOW
            self._notes.add(incident.id, "downgraded", before=incident.confidence, after=low)
            shown = {**incident.shown, "confidence": low.value, "confidenceRank": RANKS[low]}
            self._put(replace(incident, confidence=low, shown=_empty(shown), covered=0), incident)
            return
        self._notes.add(incident.id, "withdrawn", before=incident.confidence)
        gone = replace(incident, visible=False, withdrawn=True, covered=0)
        self._put(replace(gone, shown=_empty(incident.shown)), incident)

    def _write(self, each: _Standing) -> None:
        """Put an incident as its claim says it is, and what its history tells of that."""
        old, claim = each.old or self._unwritten(each), each.claim
        subjects = self._view.ledger.subjects
        shown = present(claim.kind, each.verdict, claim.evidence, each.laid, subjects)
        new = replace(
            old,
            kind=claim.kind,
            confidence=each.verdict.confidence,
            shown=shown,
            covered=len(each.laid),
            follows=old.follows or (None if old.visible else self._follows(each)),
            visible=True,
            withdrawn=False,
            forming=False,
            hand=old.hand or claim.hand,
        )
        self._tell(each, old, new)
        self._put(new, old if old.shown else None)

    def _put(self, new: Incident, old: Incident | None) -> None:
        if old is None or new != old:
            self._result.incidents[new.id] = replace(new, updated=self._view.now)

    def _tell(self, each: _Standing, old: Incident, new: Incident) -> None:
        if old.withdrawn:
            self._notes.add(new.id, "returned", after=new.confidence)
        elif not old.shown:
            self._notes.add(new.id, "opened", after=new.confidence)
            if each.came_from and each.came_from != new.id:
                self._notes.add(new.id, "separated", before=each.came_from)
        else:
            rise = RANKS[new.confidence] - RANKS[old.confidence]
            if rise:
                what = "upgraded" if rise > 0 else "downgraded"
                self._notes.add(new.id, what, before=old.confidence, after=new.confidence)
            was, now = old.shown["resourceCount"], new.shown["resourceCount"]
            if was and now >= 2 * was:
                self._notes.add(new.id, "grew", before=str(was), after=str(now))

    def _follows(self, each: _Standing) -> str | None:
        """The closed incident after whose end, on one of its resources, this one began."""
        found: list[tuple[Point, str]] = []
        for entity, spans in each.laid.items():
            first = spans[0].interval.first
            for span in self._view.standing(entity):
                incident = self._view.incident(span.incident)
                last = span.interval.last
                near = first.start - FOLLOWS_WITHIN <= last.start and last < first
                if near and incident is not None and incident.closed:
                    found.append((last, incident.id))
        return max(found)[1] if found else None

    def _cover(self, standing: Sequence[_Standing]) -> None:
        laid: dict[str, list[Span]] = {}
        for each in standing:
            for entity, spans in each.laid.items():
                laid.setdefault(entity, []).extend(
                    replace(span, incident=each.id) for span in spans
                )
        for entity in sorted({*self._view.coverage, *laid}):
            stays = [self._recounted(entity, span) for span in self._view.standing(entity)]
            spans = sorted([*stays, *laid.get(entity, ())], key=lambda span: span.interval)
            self._cover_one(entity, tuple(spans))

    def _recounted(self, entity: str, span: Span) -> Span:
        if (entity, span.interval) not in self._view.recounted:
            return span
        new = recount(self._view, entity, span)
        inside = new.evidence_count - span.evidence_count
        outside = new.context_count - span.context_count
        if inside or outside:
            name = self._view.resolve(span.incident)
            incident = self._result.incidents.get(name) or self._view.incident(name)
            if incident is not None:
                shown = {
                    **incident.shown,
                    "evidenceCount": incident.shown["evidenceCount"] + inside,
                    "contextCount": incident.shown["contextCount"] + outside,
                    "alertCount": incident.shown["alertCount"] + inside + outside,
                }
                self._put(replace(incident, shown=shown), incident)
        return new

    def _cover_one(self, entity: str, spans: tuple[Span, ...]) -> None:
        old = self._view.coverage.get(entity)
        before = () if old is None else old.spans
        held = any(self._is_open(span.incident) for span in spans)
        if self._same(before, spans) and held == (old is not None and old.held):
            return
        subject = self._view.ledger.subjects[entity] if old is None else old.subject
        self._result.coverage[entity] = Coverage(subject, spans, held)
        for span in (*before, *spans):
            if span not in before or span not in spans:
                self._guard(self._view.resolve(span.incident))

    def _same(self, before: Sequence[Span], spans: Sequence[Span]) -> bool:
        """Whether nothing changes but ids of incidents that were absorbed."""
        if len(before) != len(spans):
            return False
        return all(
            one == other or replace(one, incident=self._now(one.incident)) == other
            for one, other in zip(before, spans, strict=True)
        )

    def _now(self, name: str) -> str:
        name = self._view.resolve(name)
        redirect = self._result.redirects.get(name)
        return name if redirect is None else redirect.parent

    def _is_open(self, name: str) -> bool:
        name = self._now(name)
        incident = self._result.incidents.get(name) or self._view.incident(name)
        return incident is not None and not incident.closed

    def _guard(self, name: str) -> None:
        """Write an incident whose coverage changes, so that a closing in between is noticed."""
        if name in self._result.redirects or name in self._result.incidents:
            return
        incident = self._view.incident(name)
        if incident is not None:
            self._result.incidents[name] = incident

    def _decide(self, standing: Sequence[_Standing]) -> None:
        """Decisions that this computation carries out."""
        for decision in self._view.decisions.values():
            if decision.state != PENDING:
                continue
            made: dict[str, str] = {
                block.name: each.id
                for each in standing
                for block in each.claim.blocks
                if block.name.partition("/")[0] == decision.id
            }
            if not made:
                continue
            outcome = made.get(f"{decision.id}/0") or made.get(decision.id) or decision.outcome
            apart = tuple(sorted({*made.values()} - {outcome}))
            done = replace(decision, state=DONE, outcome=outcome, split_off=apart)
            self._result.decisions[decision.id] = done
            self._notes.decided(done)


def _most(overlap: Mapping[str, int]) -> str:
    ranked = sorted((-cells, name) for name, cells in overlap.items())
    return ranked[0][1] if ranked else ""


def _empty(shown: Mapping[str, object]) -> dict[str, object]:
    return {**shown, "alertCount": 0, "evidenceCount": 0, "contextCount": 0, "resourceCount": 0}
