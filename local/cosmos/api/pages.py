"""One page of a query over one scope: in SQLite as far as it can, the rest in Python."""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import orjson

from local.cosmos.errors import bad_request
from local.cosmos.messages import dump_json
from local.cosmos.partition import MAX_EPK
from local.cosmos.sql.translate import EVERYTHING, Condition, Translator
from local.cosmos.sql.values import UNDEFINED
from local.cosmos.store.rows import Keys, OrderKey, Rows, Selection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.cosmos.sql.compiler import Env
    from local.cosmos.sql.prepared import Prepared
    from local.cosmos.store.containers import Container
    from local.cosmos.store.feed import Scope

PAGE_BYTES: Final = 4 * 1024 * 1024
ALL: Final = Condition("1")


@dataclass(frozen=True, slots=True)
class Position:
    """Where the next page starts.

    Attributes:
        low, high: the EPK interval that is being read; it may span what was split since.
        row: the number of the last row read.
        skip: results given, where all are computed before the first is known.
        given: results given so far, against TOP and LIMIT.
        keys: what the last row is ordered by (for ordered reads).
    """

    low: str = ""
    high: str = MAX_EPK
    row: int = 0
    skip: int = 0
    given: int = 0
    keys: Keys = ()

    @classmethod
    def parse(cls, text: str | None) -> Position | None:
        """From a continuation token; None is the start.

        Raises:
            CosmosError: 400 for a token that the emulator did not make.
        """
        if not text:
            return None
        try:
            low, high, *numbers, packed = text.removeprefix("+RID:~").split("#")
            row, skip, given = map(int, numbers)
            keys = tuple((rank, value) for rank, value in orjson.loads(b64decode(packed)))
        except ValueError:
            raise bad_request("Invalid continuation token specified.") from None
        return cls(low, high, row, skip, given, keys)

    def text(self) -> str:
        """The continuation token."""
        packed = b64encode(orjson.dumps(self.keys)).decode()
        return f"+RID:~{self.low}#{self.high}#{self.row}#{self.skip}#{self.given}#{packed}"


@dataclass(slots=True)
class Page:
    """Results as JSON, where the next page starts (None at the end), and what was read.

    Attributes:
        read: documents that were read.
        terms: matches that were counted in an index, without reading the documents.
        complete: whether this one page has all that its range gives.
    """

    rows: list[bytes] = field(default_factory=list)
    next: Position | None = None
    read: int = 0
    terms: int = 0
    size: int = 0
    complete: bool = False

    def add(self, result: bytes) -> None:
        """Append one result."""
        self.rows.append(result)
        self.size += len(result)


@dataclass(frozen=True, slots=True)
class Execution:
    """One query with its parameters against one container."""

    rows: Rows
    container: Container
    prepared: Prepared
    env: Env

    def page(self, scope: Scope, position: Position, size: int) -> Page:
        """The next page of at most `size` results from one scope.

        Raises:
            CosmosError: 400 when the position cannot be gone on from after a split.
        """
        page = self._page(scope, position, size)
        at_start = position.row == position.skip == position.given == 0
        page.complete = at_start and page.next is None and not self.prepared.bounded
        return page

    def _page(self, scope: Scope, position: Position, size: int) -> Page:
        condition, order = self._translated()
        selection = Selection(condition, scope)
        if (position.low, position.high) != (scope.low, scope.high):
            position = self._after_split(scope, position)
        if self.prepared.counting and condition.exact:
            count = self.rows.count(self.container, selection)
            results = self.prepared.program.counted(count, self.env)
            return Page(rows=[dump_json(result) for result in results], terms=count)
        if self.prepared.plain and order is not None:
            return self._streamed(replace(selection, order=order), position, size)
        return self._computed(selection, position, size)

    def _after_split(self, scope: Scope, position: Position) -> Position:
        """The position in a part of the interval that it was counted in.

        What comes after a row does so in every part. What was given already is merged by the
        client, which asked for a range: it drops what it has seen, but for groups.
        """
        if position.skip and self.prepared.program.grouped:
            raise bad_request("The continuation token is of a range that was split since.")
        return replace(position, low=scope.low, high=scope.high, skip=0, given=0)

    def _translated(self) -> tuple[Condition, tuple[OrderKey, ...] | None]:
        """The condition for SQLite, and the order where SQLite can give it."""
        query, alias = self.prepared.query, self.prepared.alias
        if alias is None:
            return (ALL if query.where is None else EVERYTHING), None
        translator = Translator(alias, self.env, self.container.scheme)
        condition = translator.condition(query.where) if query.where else ALL
        paths = [translator.path(item.expr) for item in query.order_by]
        if not all(paths):
            return condition, None
        keys = zip(paths, query.order_by, strict=True)
        return condition, tuple((path, item.descending) for path, item in keys if path)

    def _streamed(self, selection: Selection, position: Position, size: int) -> Page:
        """A page read in order, row by row, from where the last one ended."""
        skip, most = self.prepared.program.bounds(self.env)
        end = math.inf if most is None else skip + most
        selection = replace(
            selection,
            after=position.row,
            after_keys=position.keys,
            limit=self._row_limit(selection.condition, position, size, skip, end),
        )
        page = Page()
        for row, result in self._results(selection, page):
            if position.given >= end:
                return page
            if position.given >= skip:
                if len(page.rows) >= size or page.size >= PAGE_BYTES:
                    keys = self.rows.keys(self.container, selection.order, position.row)
                    page.next = replace(position, keys=keys)
                    return page
                page.add(result)
            position = replace(position, row=row, given=position.given + 1)
        return page

    def _row_limit(
        self, condition: Condition, position: Position, size: int, skip: int, end: float
    ) -> int:
        """How many rows SQLite must give at most: one more than the page, when rows are results."""
        if not condition.exact or self.prepared.query.value is not None:
            return -1
        wanted = max(skip - position.given, 0) + size + 1
        return int(min(wanted, end - position.given))

    def _results(self, selection: Selection, page: Page) -> Iterator[tuple[int, bytes]]:
        """Row number and result of each row that gives one; counts the rows read."""
        raw, exact = self.prepared.raw, selection.condition.exact
        program, env = self.prepared.program, self.env
        for number, document in self.rows.select(self.container, selection):
            page.read += 1
            if raw and exact:
                yield number, document
                continue
            for match in program.matches((orjson.loads(document),), env, filtered=exact):
                if raw:
                    yield number, document
                elif (value := program.project(match)) is not UNDEFINED:
                    yield number, dump_json(value)

    def _computed(self, selection: Selection, position: Position, size: int) -> Page:
        """A page of results that are all computed before the first is known."""
        page = Page()
        results = self.prepared.program.run(
            self._documents(selection, page), self.env, filtered=selection.condition.exact
        )
        end = position.skip + size
        page.rows = [dump_json(result) for result in results[position.skip : end]]
        if len(results) > end:
            page.next = replace(position, skip=end)
        return page

    def _documents(self, selection: Selection, page: Page) -> Iterator[Any]:
        for _, document in self.rows.select(self.container, selection):
            page.read += 1
            yield orjson.loads(document)
