"""Query parameters: what is read, and how every mistake is named."""

import pytest

from http_api.parameters import Parameters
from http_api.problems import FieldError, Problem
from tests.unit.http_api.requests_made import request_for


def parameters(query: str) -> Parameters:
    return Parameters(request_for(f"/api/incidents?{query}"))


def refused(given: Parameters) -> tuple[FieldError, ...]:
    with pytest.raises(Problem) as caught:
        given.done()
    return caught.value.errors


@pytest.mark.parametrize(
    ("query", "values"),
    [
        pytest.param("label=a", ("a",), id="one"),
        pytest.param("label=a,b", ("a", "b"), id="separated by commas"),
        pytest.param("label=a&label=b", ("a", "b"), id="repeated"),
        pytest.param("label=a%2Cb", ("a", "b"), id="commas that were escaped"),
        pytest.param("label=a,%20b,,a", ("a", "b"), id="trimmed, without empty or double ones"),
        pytest.param("", (), id="none"),
    ],
)
def test_values_are_repeated_or_separated_by_commas(query: str, values: tuple[str, ...]) -> None:
    assert parameters(query).many("label") == values


@pytest.mark.parametrize(
    ("query", "instant"),
    [
        pytest.param("from=2026-11-24T08:00:00Z", "2026-11-24T08:00:00.000Z", id="utc"),
        pytest.param("from=2026-11-24", "2026-11-24T00:00:00.000Z", id="a day"),
        pytest.param("from=2026-11-24T08:00:00%2B02:00", "2026-11-24T06:00:00.000Z", id="offset"),
        pytest.param("from=2026-11-24T08:00:00+02:00", "2026-11-24T06:00:00.000Z", id="bare plus"),
        pytest.param("from=2026-11-24%2008:00", "2026-11-24T08:00:00.000Z", id="with a space"),
        pytest.param("from=", None, id="empty"),
    ],
)
def test_instants_become_text_that_sorts(query: str, instant: str | None) -> None:
    given = parameters(query)
    assert given.instant("from") == instant
    given.done()


@pytest.mark.parametrize(
    "text", ["0", "501", "-1", "1.5", "ten", "٣", "9" * 30], ids=lambda text: text[:4]
)
def test_a_number_out_of_bounds_is_refused_with_the_bounds(text: str) -> None:
    given = parameters(f"limit={text}")
    assert given.whole("limit", 50, 1, 500) == 50
    (error,) = refused(given)
    assert error.field == "limit"
    assert "1 to 500" in error.reason


def test_a_number_within_bounds_is_read() -> None:
    assert parameters("limit=500").whole("limit", 50, 1, 500) == 500


def test_a_choice_names_what_is_allowed() -> None:
    given = parameters("show=everything")
    assert given.choice("show", ("both", "alerts"), "both") == "both"
    assert refused(given)[0] == FieldError("show", "'everything' is not known", ("both", "alerts"))


def test_a_parameter_that_is_not_known_is_refused_by_name() -> None:
    given = parameters("serverity=High")
    given.many("severity")
    assert refused(given) == (FieldError("serverity", "is no parameter here", ("severity",)),)


def test_the_platforms_key_parameters_are_let_through() -> None:
    parameters("code=secret&clientId=me").done()


def test_every_mistake_is_told_at_once() -> None:
    given = parameters("limit=x&from=yesterday&bogus=1")
    given.whole("limit", 50, 1, 500)
    given.period()
    assert [error.field for error in refused(given)] == ["limit", "from", "bogus"]


def test_a_period_must_not_end_before_it_begins() -> None:
    given = parameters("from=2026-11-25&to=2026-11-24")
    given.period()
    assert refused(given) == (FieldError("from", "must lie before to"),)


def test_one_value_is_not_to_be_given_twice() -> None:
    given = parameters("q=a&q=b")
    given.one("q")
    assert refused(given) == (FieldError("q", "is given more than once"),)


def test_too_many_values_are_refused() -> None:
    given = parameters("label=" + ",".join(f"l{n}" for n in range(51)))
    assert given.many("label") == ()
    assert refused(given)[0].field == "label"


def test_too_long_a_value_is_refused() -> None:
    given = parameters("label=" + "x" * 1025)
    assert given.many("label") == ()
    assert refused(given)[0].field == "label"


def test_a_time_that_cannot_be_stored_is_told_from_what_is_no_time() -> None:
    given = parameters("from=0001-01-01T00:00:00Z&to=soon")
    given.period()
    first, second = refused(given)
    assert first.reason.endswith("is outside the years that can be stored")
    assert second.reason.startswith("'soon' is no ISO 8601 time")
