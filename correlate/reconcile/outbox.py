"""The outbox: what is to be written, in units that must be written whole, packed into batches."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from correlate.model.coverage import Coverage
from correlate.model.incident import Incident
from correlate.model.news import Seed
from correlate.reconcile.difference import Difference
from correlate.reconcile.fence import Fence
from correlate.reconcile.known import Known
from correlate.reconcile.lifetime import Lifetime
from correlate.store.port import MovedError, Put, Record, RefusedWriteError, record_id

_LOG: Final = logging.getLogger("correlate.reconcile")
MOST_PUTS: Final = 99
MOST_BYTES: Final = 1_500_000
_CHUNK: Final = 60
"""Records of a chunk of what is forming; the rest is for the incidents that it is about."""

Size = Callable[[Record], int]


@dataclass(frozen=True, slots=True)
class Unit:
    """Records that are written in one batch or not at all; `seeds` are computed anew if not."""

    puts: tuple[Put, ...]
    seeds: frozenset[Seed] = frozenset()


@dataclass(slots=True)
class Outbox:
    """Units that wait. What was written is known; what people had changed meanwhile is not.

    `moved` collects the seeds of units that were not written, because people were there first;
    `refused` those of units that the store does not take; `unknown` the incidents that are not as
    they were known, or are there although none was known.
    """

    fence: Fence
    known: Known
    size: Size
    waiting: list[Unit] = field(default_factory=list)
    moved: set[Seed] = field(default_factory=set)
    refused: set[Seed] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    written: int = 0

    async def add(self, puts: Iterable[Put], seeds: Iterable[Seed] = ()) -> None:
        """Let a unit wait; write what waits where it fills a batch. Raises FencedError.

        So it is where a unit writes what another that waits writes as well: it was computed without
        knowing of that, and is not written but computed anew.
        """
        unit = Unit(tuple(puts), frozenset(seeds))
        if self._meets(unit) or not self._fits([*self.waiting, unit]):
            await self.flush()
        self.waiting.append(unit)

    def _meets(self, unit: Unit) -> bool:
        names = {record_id(put.record) for put in unit.puts if put.match is not None}
        waiting = (put for each in self.waiting for put in each.puts if put.match is not None)
        return not names.isdisjoint(record_id(put.record) for put in waiting)

    def _fits(self, units: Sequence[Unit]) -> bool:
        puts = [put for unit in units for put in unit.puts]
        return len(puts) <= MOST_PUTS and sum(self.size(put.record) for put in puts) <= MOST_BYTES

    def fits(self, puts: Sequence[Put]) -> bool:
        """Whether records can be one unit."""
        return self._fits([Unit(tuple(puts))])

    async def flush(self) -> None:
        """Write all that waits. Raises FencedError."""
        units, self.waiting = self.waiting, []
        if not units:
            return
        try:
            await self._write(units)
        except (MovedError, RefusedWriteError):
            await self._one_by_one(units)

    async def _one_by_one(self, units: Sequence[Unit]) -> None:
        """Write each unit by itself, so that one which is not written stops no other."""
        for unit in units:
            try:
                await self._write([unit])
            except MovedError:
                self.moved |= unit.seeds
            except RefusedWriteError as fault:
                self._refuse(unit.seeds, [put.record for put in unit.puts], fault)

    def _refuse(
        self, seeds: Iterable[Seed], records: Sequence[Record], fault: RefusedWriteError
    ) -> None:
        """Go on without what the store does not take."""
        names = ", ".join(record_id(record) for record in records[:5])
        _LOG.error("the store refuses %s: %s", names, fault)
        self.refused |= set(seeds)

    async def _write(self, units: Sequence[Unit]) -> None:
        puts = [put for unit in units for put in unit.puts]
        try:
            etags = await self.fence.write(puts)
        except MovedError:
            self._forget(puts)
            raise
        self.written += 1
        for put in puts:
            record = put.record
            if isinstance(record, Incident):
                if etags is None:
                    self.known.nodes.pop(record.id, None)
                    continue
                record = replace(record, etag=etags[record.id])
            self.known.take(record)

    def _forget(self, puts: Sequence[Put]) -> None:
        """Know nothing of what people may have changed."""
        for put in puts:
            if put.match is not None:
                name = record_id(put.record)
                self.known.nodes.pop(name, None)
                self.unknown.add(name)

    async def write_difference(
        self, found: Difference, lifetime: Lifetime, now: int, seeds: Iterable[Seed]
    ) -> None:
        """Write what one computation found: at once where it fits, else forming until the end."""
        puts = puts_of(found, lifetime, now, self.known)
        if self.fits(puts):
            await self.add(puts, seeds)
            return
        await self.flush()
        forming = _Forming(found, lifetime, now, self.known)
        try:
            for chunk in forming.chunks():
                await self._write([Unit(tuple(forming.puts(chunk)))])
            for final in forming.last():
                await self._write([Unit(tuple(final))])
        except MovedError:
            self.moved |= set(seeds)
        except RefusedWriteError as fault:
            self._refuse(seeds, [put.record for put in puts], fault)


def puts_of(found: Difference, lifetime: Lifetime, now: int, known: Known) -> list[Put]:
    """The records of a difference, each with its lifetime and the ETag that it replaces."""
    puts = [_incident(each, lifetime, now) for _, each in sorted(found.incidents.items())]
    puts += _redirects(found, known)
    puts += [_coverage(each, lifetime, now) for _, each in sorted(found.coverage.items())]
    puts += [Put(each) for _, each in sorted(found.decisions.items())]
    puts += [Put(note) for note in found.notes]
    return puts


def _incident(each: Incident, lifetime: Lifetime, now: int) -> Put:
    expires = lifetime.withdrawn(now) if each.withdrawn else None
    return Put(each, expires, each.etag or "")


def _redirects(found: Difference, known: Known) -> list[Put]:
    return [
        Put(each, None, _etag(known, found.gone[name]))
        for name, each in sorted(found.redirects.items())
    ]


def _etag(known: Known, incident: Incident) -> str:
    """The ETag that an incident has by now; empty where there is none yet."""
    node = known.nodes.get(incident.id)
    return (node.etag if isinstance(node, Incident) else incident.etag) or ""


def _coverage(each: Coverage, lifetime: Lifetime, now: int) -> Put:
    return Put(each, lifetime.coverage(each, now))


@dataclass(slots=True)
class _Forming:
    """A difference that takes several batches."""

    found: Difference
    lifetime: Lifetime
    now: int
    known: Known
    _emptied: frozenset[str] = field(init=False)
    """Incidents that lose all their places."""
    _last: frozenset[str] = field(init=False)
    """Resources whose coverage is written last: all that leads to what loses its places."""

    def __post_init__(self) -> None:
        left = {name for name, each in self.found.incidents.items() if not each.covered}
        last: dict[str, str] = {}
        for entity in sorted(self.found.coverage):
            for span in self.known.spans(entity):
                name = self.known.resolve(span.incident) or span.incident
                if name in left or name in self.found.redirects:
                    last[name] = entity
        self._emptied = frozenset(left)
        self._last = frozenset(last.values())

    def chunks(self) -> Iterator[Sequence[Coverage]]:
        """Coverage, some at a time."""
        coverage = [
            each for name, each in sorted(self.found.coverage.items()) if name not in self._last
        ]
        for start in range(0, len(coverage), _CHUNK):
            yield coverage[start : start + _CHUNK]

    def puts(self, chunk: Sequence[Coverage]) -> list[Put]:
        """A chunk, and the incidents that it is about, which form."""
        names = {span.incident for each in chunk for span in each.spans}
        for each in chunk:
            for span in self.known.spans(each.entity):
                names.add(self.known.resolve(span.incident) or span.incident)
        puts = [
            _incident(forming, self.lifetime, self.now)
            for name in sorted(names & {*self.found.incidents, *self.found.redirects})
            if (forming := self._forming(name)) is not None
        ]
        return [*puts, *(_coverage(each, self.lifetime, self.now) for each in chunk)]

    def _forming(self, name: str) -> Incident | None:
        """An incident as it was, or, where it is new, not yet to be seen."""
        node = self.known.nodes.get(name)
        if isinstance(node, Incident):
            return replace(node, forming=True)
        new = self.found.incidents.get(name)
        return None if new is None else replace(new, visible=False, forming=True)

    def last(self) -> Iterator[list[Put]]:
        """The rest: what is emptied and what led there, then the incidents as they are to be."""
        yield from _slices(
            [
                *_redirects(self.found, self.known),
                *(Put(note) for note in self.found.notes),
                *self._finals(self._emptied),
            ]
        )
        last = [self.found.coverage[name] for name in sorted(self._last)]
        for start in range(0, len(last), _CHUNK):
            chunk = last[start : start + _CHUNK]
            yield [put for put in self.puts(chunk) if record_id(put.record) not in self._emptied]
        decisions = [Put(each) for _, each in sorted(self.found.decisions.items())]
        finals = self._finals(self.found.incidents.keys() - self._emptied)
        yield from _slices([*finals, *decisions])

    def _finals(self, names: Iterable[str]) -> list[Put]:
        incidents = (self.found.incidents[name] for name in sorted(names))
        return [
            _incident(replace(each, etag=_etag(self.known, each)), self.lifetime, self.now)
            for each in incidents
        ]


def _slices(puts: Sequence[Put]) -> Iterator[list[Put]]:
    for start in range(0, len(puts), MOST_PUTS):
        yield list(puts[start : start + MOST_PUTS])
