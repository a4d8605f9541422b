"""Renewal: verdicts are judged anew as the baseline learns, some at a time.

Hourly, what open incidents cover and what had been set aside; daily, whatever was active in the
last seven days, or further back where older alerts came late. The daily sweep also lengthens the
lives of alerts that open incidents cover.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from correlate.model.incident import Incident
from correlate.model.news import RENEW, News, Seed
from correlate.reconcile.known import Known, Reader
from correlate.reconcile.lifetime import Lifetime
from correlate.store.port import Aside, Port
from shared.times import DAY, parse_time

SLICE_INCIDENTS: Final = 50
SLICE_DAYS: Final = 1_000
SWEPT_DAYS: Final = 7
HISTORY_DAYS: Final = 28
"""Days before an episode by which it is judged."""
KEPT_DAYS: Final = 36
"""Days of the baseline that a worker keeps: those that episodes of the last week are judged by."""


def late_of(day: int, hour: int) -> Aside:
    """What tells the next sweep to begin at a day: in an hour, news came that was as late."""
    return Aside(Seed("", day), late_reason(hour))


def late_reason(hour: int) -> str:
    """Ordered by the hour since 1970: a sweep ends what came in hours before its own."""
    return f"late news of hour {hour:09}"


@dataclass(frozen=True, slots=True)
class Slice:
    """What is to be computed next, and where to go on after it; empty at the end."""

    seeds: frozenset[Seed]
    after: str = ""
    asides: tuple[Aside, ...] = ()


@dataclass(frozen=True, slots=True)
class Renewal:
    """Finds what is to be computed anew."""

    store: Port
    known: Known
    reader: Reader
    lifetime: Lifetime
    now: int

    async def slice(self, news: News) -> Slice:
        """The next part of a renewal or a sweep."""
        return await (self._renew(news) if news.kind == RENEW else self._sweep(news))

    async def _renew(self, news: News) -> Slice:
        incidents = [each for each in await self.store.read_open() if each.id > news.after]
        some = incidents[:SLICE_INCIDENTS]
        await self._know(some)
        seeds = {
            Seed(entity, span.interval.last.start // DAY)
            for each in some
            for entity in self.known.covered_by(each.id)[:1]
            for span in self.known.spans(entity)
            if self.known.resolve(span.incident) == each.id
        }
        asides = () if news.after else tuple(await self._asides(late=False))
        seeds |= {each.seed for each in asides}
        return Slice(frozenset(seeds), some[-1].id if len(incidents) > len(some) else "", asides)

    async def _asides(self, *, late: bool) -> list[Aside]:
        found = await self.store.read_asides()
        return [each for each in found if (each.seed.entity == "") is late]

    async def _know(self, incidents: Sequence[Incident]) -> None:
        await self.reader.read_nodes(each.id for each in incidents)
        await self.reader.read_covering({each.id: each.covered for each in incidents})

    async def _sweep(self, news: News) -> Slice:
        today = self.now // DAY
        if not news.after:
            self.known.forget_before(today - KEPT_DAYS)
            await self._lengthen()
        late = await self._asides(late=True)
        first = min([today - SWEPT_DAYS, *(each.seed.day for each in late)])
        await self.reader.read_baseline(first - HISTORY_DAYS)
        seeds = await self.store.read_seeds(first, news.after, SLICE_DAYS)
        if len(seeds) < SLICE_DAYS:
            over = tuple(each for each in late if each.reason < late_reason(news.hour))
            return Slice(frozenset(seeds), asides=over)
        last = seeds[-1].entity
        whole = frozenset(seed for seed in seeds if seed.entity != last)
        if not whole:
            return Slice(frozenset(seeds), last)
        return Slice(whole, max(seed.entity for seed in whole))

    async def _lengthen(self) -> None:
        """Nothing that an open incident covers expires: it lives on, a month at a time."""
        ending, until = self.lifetime.ending(self.now), self.lifetime.lengthened(self.now)
        oldest = [
            each
            for each in await self.store.read_open()
            if self.lifetime.day(parse_time(each.shown["firstActivityUtc"]) // DAY) < ending
        ]
        await self._know(oldest)
        for incident in oldest:
            for entity in self.known.covered_by(incident.id):
                for span in self.known.spans(entity):
                    if self.known.resolve(span.incident) == incident.id:
                        await self.store.lengthen(entity, span.interval, ending, until)
