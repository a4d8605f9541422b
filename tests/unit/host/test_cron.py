"""Timer schedules."""

from datetime import UTC, datetime

import pytest

from local.host.timers.cron import parse_cron


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "after", "due"),
    [
        pytest.param("*/2 * * * * *", "2026-01-01T00:00:00", "2026-01-01T00:00:02", id="steps"),
        pytest.param("0 */5 * * * *", "2026-01-01T00:04:59", "2026-01-01T00:05:00", id="minutes"),
        pytest.param("0 0 3 * * *", "2026-01-01T03:00:00", "2026-01-02T03:00:00", id="not twice"),
        pytest.param("0 30 9 * * 1-5", "2026-01-02T10:00:00", "2026-01-05T09:30:00", id="weekdays"),
        pytest.param("0 0 0 * * mon", "2026-01-01T00:00:00", "2026-01-05T00:00:00", id="names"),
        pytest.param("0 0 0 29 feb *", "2026-01-01T00:00:00", "2028-02-29T00:00:00", id="leap day"),
        pytest.param("5,10 0 0 1 1 *", "2026-01-01T00:00:05", "2026-01-01T00:00:10", id="list"),
        pytest.param("10-20/5 * * * * *", "2026-01-01T00:00:16", "2026-01-01T00:00:20", id="span"),
        pytest.param("* * * * *", "2026-01-01T00:00:01", "2026-01-01T00:01:00", id="five fields"),
    ],
)
def test_the_next_occurrence(schedule: str, after: str, due: str) -> None:
    assert parse_cron(schedule).next_after(at(after)) == at(due)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("* * * *", "4 fields"),
        ("60 * * * * *", "seconds: '60'"),
        ("* * * 0 * *", "days: '0'"),
        ("* * * * foo *", "months: 'foo'"),
        ("*/0 * * * * *", "seconds"),
    ],
)
def test_a_wrong_field_is_named(schedule: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("*", r"\*")):
        parse_cron(schedule)


def test_a_day_that_never_comes_is_noticed() -> None:
    with pytest.raises(ValueError, match="never occurs"):
        parse_cron("0 0 0 30 2 *").next_after(at("2026-01-01T00:00:00"))
