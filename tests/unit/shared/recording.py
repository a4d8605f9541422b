"""A database that answers every query with nothing, or as it is told, and keeps what was asked."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from azure.cosmos import exceptions

from shared.settings import Settings
from shared.store.client import Database
from shared.store.definitions import Container, containers

CONTAINERS = {each.name: each for each in containers(Settings())}
ALWAYS_INDEXED = frozenset({"id", "_ts"})
READ_FROM_WHAT_IS_LEFT = frozenset(
    {"search", "past", "resource.name", "resources", "triage.closedWith"}
)
"""What no index holds: looked at in the documents that the rest of a filter has found."""

Answer = Callable[[str], list[Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One query: of which container, and in which partition alone, if in one."""

    container: Container
    text: str
    partition: str | None

    @property
    def filtered(self) -> list[str]:
        """The properties that its WHERE names, in their order."""
        where = self.text.partition(" WHERE ")[2].partition(" ORDER BY ")[0]
        return list(dict.fromkeys(re.findall(r"\bc\.([\w.]+)", where)))

    @property
    def ordered(self) -> list[str]:
        """The properties that it is ordered by."""
        order = self.text.partition(" ORDER BY ")[2].partition(" OFFSET ")[0]
        return re.findall(r"\bc\.(\w+)", order)

    @property
    def index(self) -> str:
        """The index that its order and its filter are served by, as people read it."""
        if len(self.ordered) > 1:
            return "(" + ", ".join(self.ordered) + ")"
        return ", ".join(name for name in self.ordered or self.filtered if self.is_indexed(name))

    def is_indexed(self, name: str) -> bool:
        """Whether the container's index holds a property."""
        paths = {f"/{name}/?", f"/{name}/[]/?"}
        return name in ALWAYS_INDEXED or not paths.isdisjoint(self.container.indexed)

    def faults(self) -> list[str]:
        """What is wrong with the query, as Cosmos DB would see it; nothing, if all is well."""
        found = [
            f"no index on {name}"
            for name in (*self.filtered, *self.ordered)
            if not self.is_indexed(name) and name not in READ_FROM_WHAT_IS_LEFT
        ]
        composite = tuple(f"/{name}" for name in self.ordered)
        if len(composite) > 1 and composite not in self.container.orders:
            found.append(f"no composite index on {', '.join(composite)}")
        key = self.container.partition_key.removeprefix("/")
        if self.partition is not None and not re.search(rf"\bc\.{key} = ", self.text):
            found.append(f"it is of one partition and does not name {key}")
        return found


class RecordingDatabase:
    """Stands for a `Database`; `answer` gives the rows of a query by its text."""

    def __init__(self, answer: Answer = lambda _text: []) -> None:
        self.asked: list[Asked] = []
        self.answer = answer

    @property
    def database(self) -> Database:
        """It, as those that read take it."""
        return cast("Database", self)

    def container(self, name: str) -> "_Container":
        return _Container(self, CONTAINERS[name])


class _Container:
    def __init__(self, database: RecordingDatabase, definition: Container) -> None:
        self._database = database
        self._definition = definition

    def query_items(
        self, query: str, *, partition_key: str | None = None, **_options: Any
    ) -> AsyncIterator[Any]:
        self._database.asked.append(Asked(self._definition, query, partition_key))
        return _each(self._database.answer(query))

    async def read_item(self, _item: str, _partition_key: str) -> NoReturn:
        raise exceptions.CosmosResourceNotFoundError(status_code=404, message="not found")  # type: ignore[no-untyped-call]  # the SDK has no types here


async def _each(rows: list[Any]) -> AsyncIterator[Any]:
    for row in rows:
        yield row
