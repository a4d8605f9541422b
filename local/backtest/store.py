"""The store of a backtest: what correlation keeps is in memory, the alerts are those of a file."""

from collections.abc import Iterable

from correlate.model.intervals import whole
from correlate.model.observation import Counter, Observation
from correlate.store.memory import MemoryDatabase, MemoryStore
from correlate.store.port import Place
from local.backtest.table import Table


class FileStore(MemoryStore):
    """Answers about alerts from a table; nobody rewrites them while a backtest runs."""

    def __init__(self, database: MemoryDatabase, table: Table) -> None:
        super().__init__(database)
        self._table = table

    async def read_places(self, entity: str, first: int, last: int) -> list[Place]:
        """The places of a resource's alerts that take part and start in [first, last], in order."""
        found = self._table.within(entity, whole(first, last))
        return [Place(each.point, each.sid) for each in found]

    async def read_day(self, entity: str, day: int) -> tuple[list[Observation], list[Counter]]:
        """Nothing is recounted: the table had each alert in its newest version from the start."""
        raise NotImplementedError

    async def read_versions(self, alerts: Iterable[str]) -> dict[str, str]:
        """Nothing is recounted, see `read_day`."""
        raise NotImplementedError

    async def find_places(self, alerts: Iterable[str]) -> dict[str, tuple[str, Place]]:
        """Nobody decides anything by hand."""
        raise NotImplementedError
