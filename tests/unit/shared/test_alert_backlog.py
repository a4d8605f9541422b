"""A backlog is read in bounded parts, and what is counted is exact as of the instant it tells."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.store import alert_backlog
from shared.store.alert_backlog import Backlog, read_backlog
from shared.store.queries import Query
from shared.store.tally import DAY_SECONDS, Counts, changes, life_of, past_of, total
from shared.times import format_time

NOON = 20_000 * DAY_SECONDS + DAY_SECONDS // 2
STATES = ("Active", "Resolved")


def document(instants: list[int]) -> dict[str, Any]:
    """An alert that was stored and then changed at instants, each a second after noon."""
    made: dict[str, Any] = {}
    for number, instant in enumerate(sorted(instants)):
        past = {"past": past_of(made)} if made else {}
        made = {
            "_ts": NOON + instant,
            "startTimeUtc": format_time(NOON * 1_000),
            "severityRank": 3,
            "status": STATES[number % 2],
            **past,
        }
    return made


@dataclass
class Container:
    """Answers the queries of a backlog, and counts the rows that it gave."""

    documents: list[dict[str, Any]]
    given: int = 0

    async def rows(
        self, query: Query, *, most: int | None, enough: int | None
    ) -> list[dict[str, Any]]:
        own, since = query.values
        assert own == "main"
        found = [
            one
            for one in self.documents
            if (one["_ts"] == since if "_ts = @p1" in query.text else one["_ts"] > since)
            and ("past" in one or "IS_DEFINED(c.past)" not in query.text)
        ]
        if "ORDER BY c._ts" in query.text:
            found.sort(key=lambda one: int(one["_ts"]), reverse=query.text.endswith("DESC"))
        found = found[:most][:enough]
        self.given += len(found)
        return found


@pytest.fixture(autouse=True)
def _answered(monkeypatch: pytest.MonkeyPatch) -> None:
    async def rows(
        container: Container,
        query: Query,
        *,
        most: int | None = None,
        page: int = 0,
        enough: int | None = None,
    ) -> list[dict[str, Any]]:
        del page
        return await container.rows(query, most=most, enough=enough)

    monkeypatch.setattr(alert_backlog, "rows", rows)


async def read(container: Container, since: int, most: int | None) -> Backlog:
    return await read_backlog(container, "main", since, most)  # type: ignore[arg-type]  # a stand-in


def counted(documents: list[dict[str, Any]], instant: int | None) -> Counts:
    """What there is at an instant, told from the alerts themselves."""
    return total(changes([life_of(one) for one in documents], 0, instant).values())


HISTORIES = st.lists(st.sets(st.integers(0, 12), min_size=1, max_size=4).map(list), max_size=25)


@given(histories=HISTORIES, most=st.integers(1, 6))
async def test_part_after_part_is_exact_as_of_its_instant_until_all_is_counted(
    histories: list[list[int]], most: int
) -> None:
    documents = [document(instants) for instants in histories]
    since, sofar = NOON - 1, counted(documents, NOON - 1)
    while True:
        backlog = await read(Container(documents), since, most)
        parts = changes(backlog.lives, since, backlog.until)
        sofar = total([sofar, *parts.values()])
        assert sofar == counted(documents, backlog.until)
        if backlog.until is None:
            return
        assert backlog.until > since
        since = backlog.until


async def test_few_are_read_at_once() -> None:
    container = Container([document([n]) for n in range(3)])
    backlog = await read(container, NOON - 1, 3)
    assert (backlog.until, backlog.newest) == (None, NOON + 2)
    assert container.given == 3


async def test_of_many_no_more_are_read_than_the_bound_allows() -> None:
    container = Container([document([n]) for n in range(100)])
    backlog = await read(container, NOON - 1, 10)
    assert (len(backlog.lives), backlog.until, backlog.newest) == (10, NOON + 9, NOON + 99)
    assert container.given <= 2 * 11 + 1


async def test_a_second_that_alone_is_more_than_the_bound_is_read_whole() -> None:
    container = Container([*(document([3]) for _ in range(9)), document([4])])
    backlog = await read(container, NOON - 1, 4)
    assert (len(backlog.lives), backlog.until) == (9, NOON + 3)


async def test_without_a_bound_all_is_read() -> None:
    container = Container([document([n % 5]) for n in range(50)])
    backlog = await read(container, NOON - 1, None)
    assert (len(backlog.lives), backlog.until) == (50, None)
