"""The summary's periods and numbers."""

from typing import Any

import pytest

from http_api.counting import (
    Bounds,
    activity,
    alert_numbers,
    alert_points,
    incident_numbers,
    reduction,
)
from http_api.periods import FINE, Period, period_of
from shared.store.incident_table import IncidentRow
from shared.store.tally import Counts
from shared.times import HOUR, MINUTE

DAY = 24


@pytest.mark.parametrize(
    ("since", "until", "bucket", "active", "period"),
    [
        pytest.param(None, None, "", (100, 110), Period(100, 111, "1h"), id="all activity"),
        pytest.param(None, None, "", None, Period(977, 1_001, "1h"), id="none: the last day"),
        pytest.param(990 * HOUR, None, "", (0, 900), Period(990, 1_001, "1h"), id="until now"),
        pytest.param(
            10 * HOUR + MINUTE, 20 * HOUR + 1, "", None, Period(10, 21, "1h"), id="whole hours"
        ),
        pytest.param(0, 48 * HOUR, "1d", None, Period(0, 48, "1d"), id="the bucket asked for"),
        pytest.param(0, 30 * DAY * HOUR, "", None, Period(0, 30 * DAY, "12h"), id="not too fine"),
        pytest.param(2_000 * HOUR, None, "", None, Period(2_000, 2_001, "1h"), id="the future"),
    ],
)
def test_the_period(
    since: int | None,
    until: int | None,
    bucket: str,
    active: tuple[int, int] | None,
    period: Period,
) -> None:
    assert period_of(since, until, bucket, active, 1_000 * HOUR) == period


def test_by_default_at_most_ninety_days_are_shown() -> None:
    period = period_of(None, None, "", (0, 10_000), 20_000 * HOUR)
    assert (period.first, period.end) == (10_001 - 90 * DAY, 10_001)
    assert period.buckets <= FINE


def test_buckets_are_aligned_and_leave_no_gap() -> None:
    period = Period(5, 50, "1d")
    assert list(period.starts()) == [
        "1970-01-01T00:00:00.000Z",
        "1970-01-02T00:00:00.000Z",
        "1970-01-03T00:00:00.000Z",
    ]
    assert [period.bucket_of(hour) for hour in (5, 23, 24, 49)] == [0, 0, 1, 2]


COUNTS: tuple[Counts, Counts] = (
    {5: {"3Active": 2}, 6: {"0Resolved": 1}, 9: {"3Active": 5}},
    {9: {"3Active": -1}},
)
ONE = IncidentRow("High", "Active", "high", ("InitialAccess", "Impact"), 5, 8)
TWO = IncidentRow("Low", "Resolved", "medium", ("Impact",), 9, 9)


def test_alerts_by_severity_and_state() -> None:
    numbers = alert_numbers(COUNTS, Bounds(None, None))
    assert numbers["total"] == 7
    assert numbers["bySeverity"] == {
        "Critical": 0,
        "High": 6,
        "Medium": 0,
        "Low": 0,
        "Informational": 1,
    }
    assert numbers["byStatus"] == {"Active": 6, "InProgress": 0, "Resolved": 1, "Dismissed": 0}


@pytest.mark.parametrize(
    ("bounds", "total"),
    [(Bounds(6, None), 5), (Bounds(None, 6), 2), (Bounds(6, 9), 1)],
    ids=["from", "to", "both"],
)
def test_alerts_are_counted_within_bounds(bounds: Bounds, total: int) -> None:
    assert alert_numbers(COUNTS, bounds)["total"] == total


EVERYTHING = Bounds(None, None)


def numbers_of(*rows: IncidentRow, bounds: Bounds = EVERYTHING, ranks: tuple[int, ...] = ()) -> Any:
    return incident_numbers(rows, ranks, bounds, Period(4, 10, "3h"))


@pytest.mark.parametrize(
    ("bounds", "severities"),
    [
        (EVERYTHING, {"High", "Low"}),
        (Bounds(8, 9), {"High"}),
        (Bounds(9, None), {"Low"}),
        (Bounds(None, 5), set()),
    ],
    ids=["open", "overlap", "from", "to"],
)
def test_incidents_count_where_their_activity_overlaps(
    bounds: Bounds, severities: set[str]
) -> None:
    numbers = numbers_of(ONE, TWO, bounds=bounds).numbers
    assert {name for name, number in numbers["bySeverity"].items() if number} == severities


def test_incidents_by_severity_state_and_confidence() -> None:
    numbers = numbers_of(ONE, TWO, ranks=(3,)).numbers
    assert numbers["total"] == 1
    assert numbers["bySeverity"]["High"] == 1
    assert numbers["byStatus"]["Resolved"] == 0
    assert numbers["byConfidence"] == {"high": 1, "medium": 1, "low": 0}


def test_incidents_by_stage_in_kill_chain_order() -> None:
    stages = numbers_of(ONE, TWO).stages
    assert next(iter(stages)) == "Reconnaissance"
    assert {stage: number for stage, number in stages.items() if number} == {
        "InitialAccess": 1,
        "Impact": 2,
    }


def test_the_series_counts_what_begins_in_each_bucket() -> None:
    assert numbers_of(ONE, TWO).points == [{"High": 1}, {}, {"Low": 1}]
    points = alert_points(COUNTS, Period(4, 10, "3h"))
    assert points == [{"High": 2}, {"Informational": 1}, {"High": 4}]


def test_the_series_leaves_out_what_lies_outside_its_period() -> None:
    assert alert_points(COUNTS, Period(6, 9, "3h")) == [{"Informational": 1}]


def test_the_activity_spans_alerts_and_incidents() -> None:
    assert activity(COUNTS, [TWO]) == (5, 9)
    assert activity(({}, {}), [TWO]) == (9, 9)
    assert activity((), []) is None


@pytest.mark.parametrize(
    ("incidents", "alerts", "share"),
    [(0, 0, 0.0), (1, 1_000, 0.999), (3, 2, 0.0)],
    ids=["nothing", "few of many", "more than alerts"],
)
def test_the_reduction(incidents: int, alerts: int, share: float) -> None:
    assert reduction(incidents, alerts) == share
