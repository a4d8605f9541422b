"""Replaying: the activity of a file goes to the reconciler as news, in the order of time.

The clock follows the alerts and never goes back. They go a week at a time, with what the timer
tells the service in between: at rest neither order nor strides matter. At the end all that does
not begin to expire is swept, so that everything is judged by the newest snapshot.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from correlate.model.activity import Activity, Count
from correlate.model.news import ALERTS, CONTINUE, RENEW, News, Seed
from correlate.policy import Policy, Readings
from correlate.reconcile.lifetime import Lifetime
from correlate.reconcile.run import Reconciler, Surroundings
from correlate.store.memory import MemoryDatabase
from local.backtest.store import FileStore
from local.backtest.table import Table
from shared.times import DAY, HOUR

ORGANISATION: Final = "main"
STRIDE_DAYS: Final = 7
"""Days of activity that go to the reconciler at a time, at most: long before anything expires."""
STRIDE_CELLS: Final = 200_000
"""A stride ends with the day on which it has so many cells."""
PARTITION: Final = "0"
"""All alerts are counted in one partition here."""


@dataclass(slots=True)
class Replay:
    """A run of the reconciler over a table's activity; `database` holds what came of it."""

    table: Table
    policy: Policy
    retention_days: int = 90
    now: int = 0
    database: MemoryDatabase = field(init=False)
    _reconciler: Reconciler = field(init=False)
    _told: int = 0

    def __post_init__(self) -> None:
        self.database = MemoryDatabase(clock=lambda: self.now)
        self._reconciler = Reconciler(
            FileStore(self.database, self.table),
            Surroundings(
                self.policy,
                Readings(self.policy.mappings),
                Lifetime(self.retention_days),
                lambda: self.now,
                _no_pause,
            ),
        )

    async def run(self, after_stride: Callable[[int], None] = lambda _done: None) -> None:
        """Replay everything. `after_stride` is told how many resources' days are done."""
        seeds: list[Seed] = []
        swept = 0
        for activities in _strides(self.table.take_days()):
            if seeds:
                await self._tell(self._news(RENEW, hour=self.now // HOUR))
            swept = len(seeds)
            seeds += (Seed(*each.id) for each in activities)
            await self._alerts(activities)
            after_stride(len(seeds))
        await self._sweep(seeds[:swept])

    async def _alerts(self, activities: Sequence[Activity]) -> None:
        last = max(cell.last.start for each in activities for cell in each.cells.values())
        self.now = max(self.now, last)
        counted = tuple(self._counted(each) for each in activities)
        await self._tell(self._news(ALERTS, activities=counted))

    def _counted(self, activity: Activity) -> Activity:
        """An activity with how many alerts each of its cells has."""
        counts = self.table.counts(*activity.id)
        return Activity(
            activity.subject,
            activity.day,
            activity.cells,
            {(*at, PARTITION): Count(1, counts[at]) for at in activity.cells},
        )

    async def _sweep(self, seeds: Sequence[Seed]) -> None:
        """Compute days anew; those of the last stride are judged by the newest snapshot already."""
        frozen = Lifetime(self.retention_days).frozen(self.now) // DAY
        left = tuple(seed for seed in seeds if seed.day >= frozen)
        await self._tell(self._news(CONTINUE, seeds=left))

    def _news(self, kind: str, **more: object) -> News:
        self._told += 1
        return News(f"{kind}-{self._told}", ORGANISATION, kind, **more)  # type: ignore[arg-type]

    async def _tell(self, news: News) -> None:
        """Let the reconciler do what news says, and all that it leaves to be gone on with."""
        waiting = [news]
        while waiting:
            await self._reconciler.run(waiting)
            waiting = list(self.database.news.values())
            self.database.news.clear()


def _strides(days: Iterable[list[Activity]]) -> Iterator[list[Activity]]:
    """The activity of days, given one by one, in strides."""
    stride: list[Activity] = []
    cells = 0
    for activities in days:
        begun = stride[0].day if stride else activities[0].day
        if stride and (cells >= STRIDE_CELLS or activities[0].day - begun >= STRIDE_DAYS):
            yield stride
            stride, cells = [], 0
        stride += activities
        cells += sum(len(each.cells) for each in activities)
    if stride:
        yield stride


async def _no_pause(_seconds: float) -> None:
    """Nothing else writes, so nothing is waited for."""
