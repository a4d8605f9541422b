"""Retry policies, as the worker reads them and the WebJobs SDK applies them."""

from datetime import timedelta

import pytest

from local.host.retry import RetryDelays, read_retry_policy
from tests.unit.host.virtual_time import seeded

EXPONENTIAL = {
    "strategy": "exponential_backoff",
    "max_retry_count": "-1",
    "minimum_interval": "00:00:01",
    "maximum_interval": "00:00:30",
}


def test_minus_one_allows_any_number_of_retries() -> None:
    assert read_retry_policy(EXPONENTIAL).allows(10**9)


@pytest.mark.parametrize(("retry", "allowed"), [(1, True), (3, True), (4, False)])
def test_max_retry_count_counts_the_attempts_after_the_first(retry: int, allowed: bool) -> None:
    policy = read_retry_policy({**EXPONENTIAL, "max_retry_count": "3"})
    assert policy.allows(retry) is allowed


def test_exponential_delays_grow_from_minimum_to_maximum() -> None:
    delays = RetryDelays(read_retry_policy(EXPONENTIAL), seeded())
    given = [delays.next_delay() for _ in range(10)]
    assert given[0] == timedelta(seconds=1)
    assert timedelta(seconds=1.8) <= given[1] <= timedelta(seconds=2.2)
    assert given == sorted(given)
    assert given[-1] == timedelta(seconds=30)


def test_fixed_delays_are_all_the_same() -> None:
    values = {"strategy": "fixed_delay", "max_retry_count": "2", "delay_interval": "00:00:07"}
    delays = RetryDelays(read_retry_policy(values), seeded())
    assert {delays.next_delay() for _ in range(3)} == {timedelta(seconds=7)}


def test_without_intervals_the_back_off_has_the_workers_defaults() -> None:
    policy = read_retry_policy({"strategy": "exponential_backoff", "max_retry_count": "1"})
    assert (policy.minimum, policy.maximum) == (timedelta(0), timedelta(seconds=2**31 - 1))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"strategy": "exponentialBackoff"}, "exponential_backoff", id="camel case"),
        pytest.param({"strategy": "fixed_delay"}, "delay_interval", id="fixed without delay"),
        pytest.param({"max_retry_count": "many"}, "max_retry_count", id="no number"),
        pytest.param({"max_retry_count": "-2"}, "max_retry_count", id="below -1"),
        pytest.param({"minimum_interval": "5"}, "minimum_interval", id="no HH:MM:SS"),
        pytest.param({"minimum_interval": "00:01:00"}, "longer than", id="bounds swapped"),
    ],
)
def test_other_spellings_are_refused_by_name(change: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_retry_policy({**EXPONENTIAL, **change})
