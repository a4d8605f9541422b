"""The alerts of an incident: a lazy merge that reads no more than a page needs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.store.alert_reads import OLDEST_FIRST
from shared.store.incident_alerts import ALONE, TOGETHER, first_alerts, place
from shared.store.incident_reads import Member
from shared.store.queries import Document, Position, position_of
from shared.times import MINUTE, format_time

FIRST, LAST = "", "~"
"""Ids before and after every other."""


def at(start: int) -> str:
    return format_time(start * MINUTE)


def alert(start: int, entity: str, alert_id: str = "") -> Document:
    name = alert_id or f"{entity}{start:03d}"
    return {"id": name, "entity": entity, "startTimeUtc": at(start), "sid": f"signal {start % 2}"}


@dataclass
class Store:
    """Answers as `AlertReads.stretch` does, and keeps what was asked."""

    alerts: list[Document]
    asked: list[tuple[str, ...]] = field(default_factory=list)
    most_rows: int = 0

    async def stretch(
        self, entities: Sequence[str], period: tuple[str, str], after: Position | None, most: int
    ) -> list[Document]:
        self.asked.append(tuple(entities))
        found = [
            each
            for each in sorted(self.alerts, key=place)
            if each["entity"] in entities
            and period[0] <= each["startTimeUtc"] <= period[1]
            and (after is None or is_after(each, after))
        ][:most]
        self.most_rows = max(self.most_rows, len(found))
        return found


def is_after(each: Document, after: Position) -> bool:
    return place(each) > (str(after.value), str(after.id))


def member(entity: str, *intervals: tuple[int, int]) -> Member:
    spans = tuple(((at(start), FIRST), (at(end), LAST)) for start, end in intervals)
    evidence = frozenset({("signal 1", 0)})
    return Member(entity, {"name": entity}, spans, spans[0][0][0], 1, 0, evidence)


@dataclass
class Members:
    """The members by start, and how many of them were asked for."""

    members: list[Member]
    given: int = 0

    def read(self) -> Iterator[Member]:
        for each in sorted(self.members, key=lambda member: member.start):
            self.given += 1
            yield each


async def page(
    store: Store, members: list[Member], after: Position | None = None, most: int = 10
) -> list[Document]:
    return await first_alerts(store, Members(members).read(), after, most)


async def test_alerts_of_several_resources_come_oldest_first() -> None:
    store = Store([alert(3, "a"), alert(1, "b"), alert(2, "a"), alert(5, "b")])
    found = await page(store, [member("a", (0, 9)), member("b", (0, 9))])
    assert [each["id"] for each in found] == ["b001", "a002", "a003", "b005"]


async def test_alerts_between_the_intervals_of_a_resource_are_not_the_incidents() -> None:
    store = Store([alert(start, "a") for start in range(10)])
    found = await page(store, [member("a", (1, 2), (6, 7))])
    assert [each["startTimeUtc"] for each in found] == [at(1), at(2), at(6), at(7)]


async def test_each_alert_is_told_as_evidence_or_as_context_beside_it() -> None:
    store = Store([alert(1, "a"), alert(2, "a"), alert(61, "a")])
    found = await page(store, [member("a", (0, 99))])
    assert [each["part"] for each in found] == ["evidence", "context", "context"]


async def test_an_interval_is_exact_to_the_alert() -> None:
    store = Store([alert(1, "a", f"i{n}") for n in range(5)])
    spans = (((at(1), "i1"), (at(1), "i3")),)
    exact = Member("a", {}, spans, at(1), 0, 3, frozenset())
    found = await page(store, [exact])
    assert [each["id"] for each in found] == ["i1", "i2", "i3"]


async def test_resources_that_start_later_than_the_page_are_left_alone() -> None:
    alerts = [alert(start, f"r{n}") for n in range(50) for start in (n * 10, n * 10 + 1)]
    members = Members([member(f"r{n}", (n * 10, n * 10 + 5)) for n in range(50)])
    store = Store(alerts)
    found = await first_alerts(store, members.read(), None, 4)
    assert [each["entity"] for each in found] == ["r0", "r0", "r1", "r1"]
    assert len(store.asked) <= 3
    assert members.given <= 4


async def test_a_resource_with_very_many_alerts_is_read_a_page_at_a_time() -> None:
    store = Store([alert(n, "a", f"{n:06d}") for n in range(900)])
    assert len(await page(store, [member("a", (0, 999))], most=51)) == 51
    assert store.asked == [("a",)]
    assert store.most_rows == 51


async def test_few_resources_are_read_each_by_itself() -> None:
    members = [member(f"r{n}", (0, 9)) for n in range(ALONE)]
    store = Store([alert(1, "r1")])
    await page(store, members)
    assert sorted(store.asked) == [(f"r{n}",) for n in range(ALONE)]


async def test_many_that_start_at_once_are_read_together() -> None:
    count = 5_000
    members = [member(f"r{n}", (0, 9)) for n in range(count)]
    store = Store([alert(n % 10, f"r{n}") for n in range(0, count, 7)])
    found = await page(store, members, most=51)
    assert len(found) == 51
    assert len(store.asked) == count / TOGETHER


async def test_paging_goes_on_where_it_stopped() -> None:
    alerts = [alert(n % 7, f"r{n % 5}", f"i{n:02d}") for n in range(40)]
    members = [member(f"r{n}", (0, 9)) for n in range(5)]
    seen: list[Document] = []
    after = None
    while found := await page(Store(alerts), members, after, most=3):
        seen += found
        after = position_of(found, OLDEST_FIRST)
    assert [place(each) for each in seen] == sorted(place(each) for each in alerts)


@given(
    alerts=st.lists(
        st.tuples(st.integers(0, 20), st.sampled_from("abcdefghijkl"), st.integers(0, 99)),
        unique_by=lambda each: each[2],
    ),
    spans=st.dictionaries(
        st.sampled_from("abcdefghijkl"), st.tuples(st.integers(0, 20), st.integers(0, 10))
    ),
    most=st.integers(1, 4),
)
async def test_every_alert_of_the_incident_comes_exactly_once(
    alerts: list[tuple[int, str, int]], spans: dict[str, tuple[int, int]], most: int
) -> None:
    stored = [alert(start, entity, f"i{name:02d}") for start, entity, name in alerts]
    members = [member(name, (start, start + length)) for name, (start, length) in spans.items()]
    expected = [
        each
        for each in stored
        if (span := spans.get(each["entity"]))
        and at(span[0]) <= each["startTimeUtc"] <= at(span[0] + span[1])
    ]
    seen: list[Document] = []
    after = None
    while found := await page(Store(stored), members, after, most):
        seen += found
        after = position_of(found, OLDEST_FIRST)
    assert sorted(map(place, seen)) == sorted(map(place, expected))
    assert [place(each) for each in seen] == sorted(place(each) for each in seen)


@pytest.mark.parametrize("members", [[], [member("a", (0, 9))]], ids=["no resource", "no alert"])
async def test_an_incident_without_alerts_has_an_empty_page(members: list[Member]) -> None:
    assert await page(Store([]), members) == []
