from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.times import EARLIEST, LATEST, format_time, instant_of, now, parse_time


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        pytest.param(
            "2019-05-07T13:51:45.0045913Z", "2019-05-07T13:51:45.004Z", id="seven fraction digits"
        ),
        pytest.param(
            "2024-06-20 08:51:07.052079+00:00", "2024-06-20T08:51:07.052Z", id="space and offset"
        ),
        pytest.param("2019-01-11 06:31:40", "2019-01-11T06:31:40.000Z", id="no zone is UTC"),
        pytest.param(
            "2020-03-04T13:55:05.224939+0000", "2020-03-04T13:55:05.224Z", id="offset without colon"
        ),
        pytest.param("2020-03-04T15:00:00+02:00", "2020-03-04T13:00:00.000Z", id="other zone"),
        pytest.param(
            "2024-12-03 19:54:30.000000000", "2024-12-03T19:54:30.000Z", id="nine fraction digits"
        ),
        pytest.param(" 2024-12-03T19:54:30Z ", "2024-12-03T19:54:30.000Z", id="space around it"),
    ],
)
def test_times_are_read_as_sources_write_them(text: str, canonical: str) -> None:
    assert format_time(parse_time(text)) == canonical


@pytest.mark.parametrize("text", ["", "soon", "2024-13-01", "0001-01-01T00:00:00Z", "12:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_time(text)


def test_the_last_day_of_the_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match="outside the years"):
        parse_time("9999-12-31T23:59:59Z")


def test_text_order_is_time_order_at_both_ends() -> None:
    texts = [format_time(instant) for instant in (EARLIEST, -1, 0, 999, 1_000, LATEST)]
    assert texts == sorted(texts)
    assert texts[3] == "1970-01-01T00:00:00.999Z"


def test_an_instant_of_a_moment_in_any_zone() -> None:
    there = timezone(timedelta(hours=2))
    assert instant_of(datetime(1970, 1, 1, 2, tzinfo=there)) == 0
    assert instant_of(datetime(1970, 1, 1, 0, 0, 1)) == 1_000  # noqa: DTZ001 - a naive one is UTC


def test_now_is_the_present() -> None:
    assert abs(now() - datetime.now(UTC).timestamp() * 1_000) < 60_000
