"""The pure parts: arithmetic of places, identity, lifetimes, what a batch of news says."""

from dataclasses import replace

import pytest

from correlate.model.activity import Count, join
from correlate.model.cell import Interval, Point
from correlate.model.intervals import after, before, common, subtract
from correlate.model.observation import Counter, activities_of
from correlate.reconcile.identity import candidates, match
from correlate.reconcile.lifetime import Lifetime
from correlate.record import MOST_CELLS, Batch, news_of
from shared.killchain import Tactic
from shared.times import DAY
from tests.unit.machine.world import alert


def at(start: int, alert: int) -> Point:
    """A place: a start, and an alert's id by its number."""
    return Point(start, f"{alert:024x}")


def span(first: int, last: int) -> Interval:
    """From one alert of an instant to another."""
    return Interval(at(0, first), at(0, last))


@pytest.mark.parametrize(
    ("point", "following"),
    [
        (at(5, 7), at(5, 8)),
        (at(5, 16**24 - 1), at(6, 0)),
    ],
)
def test_each_place_has_one_after_it_and_that_has_it_before(point: Point, following: Point) -> None:
    assert after(point) == following
    assert before(following) == point


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ([], [span(10, 20)]),
        ([span(1, 9)], [span(10, 20)]),
        ([span(10, 20)], []),
        ([span(1, 30)], []),
        ([span(10, 10)], [span(11, 20)]),
        ([span(20, 25)], [span(10, 19)]),
        ([span(12, 15)], [span(10, 11), span(16, 20)]),
        ([span(12, 13), span(17, 17)], [span(10, 11), span(14, 16), span(18, 20)]),
    ],
)
def test_what_is_left_of_an_interval(taken: list[Interval], left: list[Interval]) -> None:
    assert subtract([span(10, 20)], taken) == left


def test_what_two_intervals_have_in_common() -> None:
    assert common(span(1, 5), span(5, 9)) == span(5, 5)
    assert common(span(1, 4), span(5, 9)) is None


@pytest.mark.parametrize(
    ("overlaps", "created", "preferred", "found"),
    [
        pytest.param([{}], {"a": 1}, {}, {}, id="nothing shared"),
        pytest.param([{"a": 1}], {"a": 1}, {}, {0: "a"}, id="one of one"),
        pytest.param([{"a": 1, "b": 2}], {"a": 1, "b": 2}, {}, {0: "b"}, id="most shared"),
        pytest.param([{"a": 2, "b": 2}], {"a": 2, "b": 1}, {}, {0: "b"}, id="then the older"),
        pytest.param([{"a": 2, "b": 2}], {"a": 1, "b": 1}, {}, {0: "a"}, id="then the smaller id"),
        pytest.param(
            [{"a": 5}, {"a": 3, "b": 1}], {"a": 1, "b": 1}, {}, {0: "a", 1: "b"}, id="each once"
        ),
        pytest.param([{"a": 5}, {"a": 1}], {"a": 1}, {1: "a"}, {1: "a"}, id="as people chose"),
        pytest.param([{"a": 5}], {"a": 1}, {0: "gone"}, {0: "a"}, id="what is gone is not chosen"),
    ],
)
def test_identity(
    overlaps: list[dict[str, int]],
    created: dict[str, int],
    preferred: dict[int, str],
    found: dict[int, str],
) -> None:
    assert match(overlaps, created, preferred) == found


def test_a_new_incident_is_named_after_its_earliest_alert() -> None:
    later, earlier = alert("a", "vm1", 2).cell, alert("b", "vm1", 1).cell
    first, second, third, *_ = candidates("east", [later, earlier])
    assert first == f"east-{earlier.first.alert[:20]}"
    assert second == f"east-{later.first.alert[:20]}"
    assert third not in (first, second)


def test_a_life_ends_with_the_day_and_freezes_two_days_before() -> None:
    life = Lifetime(90)
    assert life.day(100) == 191 * DAY
    first_of_day_100 = 100 * DAY
    assert life.frozen(188 * DAY) == first_of_day_100
    assert life.frozen(191 * DAY) > first_of_day_100 + DAY


def test_cells_and_counts_of_one_hour_join_whatever_the_order_and_repetition() -> None:
    one = alert("a", "vm1", 0.1, Tactic.Execution, keys=["account:joe"])
    two = alert("b", "vm1", 0.2, Tactic.Execution, keys=["account:ann"])
    hour, sid = one.cell.hour, one.cell.sid
    counters = [Counter(one.cell.resource, hour, sid, "0", Count(v, v)) for v in (1, 2)]
    (whole,) = activities_of([one, two], counters)
    parts = [activities_of([one], counters[:1])[0], activities_of([two], counters[1:])[0]]
    assert join(*parts) == join(*reversed(parts)) == join(whole, parts[0]) == whole
    assert whole.alerts(hour, sid) == 2
    assert [each.key for each in whole.cells[hour, sid].mentions] == ["account:ann", "account:joe"]


def test_a_counter_that_comes_before_its_alert_waits_for_the_resource() -> None:
    seen = alert("a", "vm1", 0)
    counter = Counter(seen.cell.resource, seen.cell.hour, seen.cell.sid, "1", Count(1, 1))
    (early,) = activities_of([], [counter])
    (late,) = activities_of([seen])
    assert join(early, late).subject == seen.subject
    assert join(late, early).alerts(seen.cell.hour, seen.cell.sid) == 1


def test_the_same_documents_give_the_same_news_in_pieces_that_fit() -> None:
    many = [alert(f"{n}", f"vm{n % 7}", n / 60, detection=f"D{n}") for n in range(2 * MOST_CELLS)]
    batch = Batch(many, [], [], ["b", "a"])
    news = news_of("main", batch)
    again = news_of("main", replace(batch, stamps=["a", "b"]))
    assert news == again
    assert len({each.id for each in news}) == len(news) > 1
    sizes = [sum(len(each.cells) for each in one.activities) for one in news]
    assert max(sizes) <= MOST_CELLS
    assert sum(sizes) == len({each.cell.id for each in many})
