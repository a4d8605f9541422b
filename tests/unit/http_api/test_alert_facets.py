"""Facets of alerts: whole hours from the kept counts, the rest one by one."""

from collections import Counter

import pytest

from http_api.alert_facets import Split, cells_within, counted, split_period
from http_api.counting import Bounds
from shared.store.filters import Filter
from shared.times import HOUR, format_time

CELLS = Counter({(3, "Active"): 5, (3, "Resolved"): 2, (1, "Active"): 7})


def at(hours: float) -> str:
    return format_time(int(hours * HOUR))


@pytest.mark.parametrize(
    ("since", "until", "split"),
    [
        pytest.param(None, None, Split(Bounds(None, None), ()), id="everything"),
        pytest.param(at(2), at(5), Split(Bounds(2, 5), ()), id="whole hours"),
        pytest.param(at(2.5), None, Split(Bounds(3, None), ((at(2.5), at(3)),)), id="from within"),
        pytest.param(None, at(5.5), Split(Bounds(None, 5), ((at(5), at(5.5)),)), id="to within"),
        pytest.param(
            at(1.5),
            at(4.5),
            Split(Bounds(2, 4), ((at(1.5), at(2)), (at(4), at(4.5)))),
            id="within at both ends",
        ),
        pytest.param(at(2.2), at(2.7), Split(None, ((at(2.2), at(2.7)),)), id="within one hour"),
        pytest.param(at(2.5), at(3), Split(Bounds(3, 3), ((at(2.5), at(3)),)), id="up to an hour"),
    ],
)
def test_a_period_is_whole_hours_and_what_is_left(
    since: str | None, until: str | None, split: Split
) -> None:
    assert split_period(since, until) == split


def test_only_hours_within_count_and_parts_add_up() -> None:
    parts = ({1: {"3Active": 4}, 2: {"3Active": 1, "1Resolved": 2}}, {2: {"3Active": -1}})
    assert +cells_within(parts, Bounds(2, 3)) == Counter({(1, "Resolved"): 2})


@pytest.mark.parametrize(
    ("wanted", "total", "high", "low", "active"),
    [
        pytest.param(Filter(), 14, 7, 7, 12, id="no choice"),
        pytest.param(Filter(severities=(3,)), 7, 7, 7, 5, id="a severity"),
        pytest.param(Filter(statuses=("Active",)), 12, 5, 7, 12, id="a state"),
        pytest.param(Filter(severities=(1,), statuses=("Active",)), 7, 5, 7, 7, id="both"),
    ],
)
def test_a_choice_narrows_the_other_facet(
    wanted: Filter, total: int, high: int, low: int, active: int
) -> None:
    found = counted(CELLS, wanted)
    assert found["total"] == total
    assert (found["bySeverity"]["High"], found["bySeverity"]["Low"]) == (high, low)
    assert found["byStatus"]["Active"] == active
    assert found["byStatus"]["Dismissed"] == 0
