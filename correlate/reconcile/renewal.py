"""Renewal: verdicts are judged anew as the baseline learns, some at a time.

Hourly, what open incidents cover and what had been set aside; daily, whatever was active in the
last seven days.
"""

from dataclasses import dataclass
from typing import Final

from correlate.model.news import RENEW, News, Seed
from correlate.reconcile.known import Known, Reader
from correlate.store.port import Port
from shared.times import DAY

SLICE_INCIDENTS: Final = 50
SLICE_DAYS: Final = 1_000
SWEPT_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Renewal:
    """Finds what is to be computed anew."""

    store: Port
    known: Known
    reader: Reader
    now: int

    async def slice(self, news: News) -> tuple[set[Seed], str]:
        """The next seeds of a renewal or a sweep, and where to go on; empty at its end."""
        return await (self._renew(news) if news.kind == RENEW else self._sweep(news))

    async def _renew(self, news: News) -> tuple[set[Seed], str]:
        incidents = [each for each in await self.store.read_open() if each.id > news.after]
        some = incidents[:SLICE_INCIDENTS]
        await self.reader.read_nodes(each.id for each in some)
        await self.reader.read_covering({each.id: each.covered for each in some})
        seeds = {
            Seed(entity, span.interval.last.start // DAY)
            for each in some
            for entity in self.known.covered_by(each.id)[:1]
            for span in self.known.spans(entity)
            if self.known.resolve(span.incident) == each.id
        }
        if not news.after:
            seeds |= {each.seed for each in await self.store.read_asides()}
        return seeds, some[-1].id if len(incidents) > len(some) else ""

    async def _sweep(self, news: News) -> tuple[set[Seed], str]:
        seeds = await self.store.read_seeds(self.now // DAY - SWEPT_DAYS, news.after, SLICE_DAYS)
        if len(seeds) < SLICE_DAYS:
            return set(seeds), ""
        last = seeds[-1].entity
        whole = {seed for seed in seeds if seed.entity != last}
        return (whole, max(seed.entity for seed in whole)) if whole else (set(seeds), last)
