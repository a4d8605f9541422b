"""Cosmos DB SQL as values: a text and its parameters, put together from conditions.

Values only ever travel as parameters. Lists page by keyset: a `Position` names the last row that
was seen, and the next page holds what comes after it, whatever was inserted meanwhile.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from azure.cosmos.aio import ContainerProxy

from shared.store.client import retrying

Document: TypeAlias = dict[str, Any]
Value: TypeAlias = str | int | float | bool

_PAGE: Final = 1_000
"""Rows a round trip where a query has no limit of its own."""


@dataclass(frozen=True, slots=True)
class Query:
    """The text of a query and the value of each parameter that it names."""

    text: str
    values: tuple[Value, ...] = ()

    @property
    def parameters(self) -> list[dict[str, object]]:
        """The parameters as the SDK takes them."""
        return [{"name": f"@p{n}", "value": value} for n, value in enumerate(self.values)]


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is ordered by: a property of the documents, ties broken by `id`.

    `within` is a property that all of them have equal. Named first, as composite indexes do, it
    lets the index find them and have them in order at once.
    """

    path: str
    descending: bool = True
    within: str = ""

    @property
    def text(self) -> str:
        """The ORDER BY clause; both parts run one way, as the composite indexes do."""
        way = "DESC" if self.descending else "ASC"
        paths = (path for path in (self.within, self.path, "id") if path)
        return f" ORDER BY {', '.join(f'c.{path} {way}' for path in paths)}"


@dataclass(frozen=True, slots=True)
class Position:
    """A place in an ordered list: just after the row with this value and id.

    Without an id it is just after every row with that value.
    """

    value: Value
    id: str | None


def position_of(rows: Sequence[Document], order: Order) -> Position:
    """The place after the last of the rows, of which there is at least one."""
    return Position(rows[-1][order.path], rows[-1]["id"])


class Conditions:
    """Conditions that must all hold, and the values that they compare with.

    Add to it and hand it to `select`; every method that adds returns nothing.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._values: list[Value] = []

    def bind(self, value: Value) -> str:
        """The parameter that stands for a value."""
        self._values.append(value)
        return f"@p{len(self._values) - 1}"

    def add(self, text: str) -> None:
        """A condition, already with its parameters."""
        self._parts.append(text)

    def compare(self, path: str, operator: str, value: Value) -> None:
        """`c.path operator value`."""
        self.add(f"c.{path} {operator} {self.bind(value)}")

    def among(self, path: str, values: Iterable[Value]) -> None:
        """The property is one of the values; no values, no condition."""
        if text := self.among_text(path, values):
            self.add(text)

    def among_text(self, path: str, values: Iterable[Value]) -> str:
        """The text of `among`, to be joined with others; empty without values."""
        names = [self.bind(value) for value in values]
        if not names:
            return ""
        return f"c.{path} = {names[0]}" if len(names) == 1 else f"c.{path} IN ({', '.join(names)})"

    def holds(self, path: str, values: Iterable[Value]) -> None:
        """The list property holds one of the values; no values, no condition."""
        self.either(self.holds_texts(path, values))

    def holds_texts(self, path: str, values: Iterable[Value]) -> list[str]:
        """The texts of `holds`, one a value, to be joined with others."""
        return [f"ARRAY_CONTAINS(c.{path}, {self.bind(value)})" for value in values]

    def either(self, texts: Iterable[str]) -> None:
        """At least one of these conditions holds; no texts, no condition."""
        kept = [text for text in texts if text]
        if kept:
            self.add(kept[0] if len(kept) == 1 else f"({' OR '.join(kept)})")

    def after(self, order: Order, position: Position) -> None:
        """The row comes after a position in that order."""
        beyond = "<" if order.descending else ">"
        value = self.bind(position.value)
        if position.id is None:
            self.add(f"c.{order.path} {beyond} {value}")
            return
        # The first comparison alone lets the index seek; the second removes the ties already seen.
        self.add(f"c.{order.path} {beyond}= {value}")
        row_id = self.bind(position.id)
        self.add(f"(c.{order.path} {beyond} {value} OR c.id {beyond} {row_id})")

    def up_to(self, order: Order, after: Position | None, end: Position) -> None:
        """The row comes no later than `end`, which lies after a position in that order.

        With an id, only rows of that very value: both bounds are on the id, so the index seeks.
        """
        before = ">=" if order.descending else "<="
        if end.id is None:
            self.compare(order.path, before, end.value)
            return
        self.compare(order.path, "=", end.value)
        self.compare("id", before, end.id)
        if after is not None and after.id is not None and after.value == end.value:
            self.compare("id", "<=" if order.descending else ">=", after.id)

    def select(self, what: str, *, order: Order | None = None, most: int | None = None) -> Query:
        """The query for `what` of the rows that meet the conditions."""
        top = "" if most is None else f"TOP {most:d} "
        where = f" WHERE {' AND '.join(self._parts)}" if self._parts else ""
        tail = order.text if order else ""
        # S608: the parts are this package's own text; what callers give is bound as parameters.
        return Query(f"SELECT {top}{what} FROM c{where}{tail}", tuple(self._values))  # noqa: S608


def projection(columns: Mapping[str, str], only: Collection[str], always: Iterable[str]) -> str:
    """What to SELECT: those of the columns that are wanted, none for all, and some always.

    `columns` gives the text of each by its name in the rows.
    """
    kept = {*only, *always} if only else columns.keys()
    return ", ".join(text for name, text in columns.items() if name in kept)


def plain_columns(*names: str) -> dict[str, str]:
    """Columns that are properties of the documents."""
    return {name: f"c.{name}" for name in names}


async def rows(
    container: ContainerProxy,
    query: Query,
    *,
    partition: str | None = None,
    most: int | None = None,
    page: int = _PAGE,
    enough: int | None = None,
) -> list[Any]:
    """All rows of a query, in one partition or across all.

    `most` is the limit that the query's text carries, so that one round trip is asked for; without
    one, `page` is how many rows a round trip brings, and reading ends after `enough` rows.
    """

    async def read() -> list[Any]:
        found = container.query_items(
            query.text,
            parameters=query.parameters,
            max_item_count=page if most is None else most,
            partition_key=partition,
        )
        read_rows: list[Any] = []
        async for row in found:
            read_rows.append(row)
            if len(read_rows) == enough:
                break
        return read_rows

    return await retrying(read)
