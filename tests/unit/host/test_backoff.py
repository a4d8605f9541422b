from datetime import timedelta

import pytest

from local.host.backoff import Backoff
from tests.unit.host.virtual_time import seeded


def delays(minimum: float, maximum: float, outcomes: list[bool]) -> list[float]:
    backoff = Backoff(timedelta(seconds=minimum), timedelta(seconds=maximum), seeded())
    return [backoff.next_delay(succeeded=outcome).total_seconds() for outcome in outcomes]


def test_the_first_delay_is_the_minimum_and_the_last_the_maximum() -> None:
    given = delays(0.1, 2, [False] * 12)
    assert given[0] == 0.1
    assert given[-1] == 2
    assert given == sorted(given)


@pytest.mark.parametrize("n", range(1, 6))
def test_each_delay_adds_a_power_of_two_times_the_minimum_within_a_fifth(n: int) -> None:
    increment = 0.1 * 2 ** (n - 1)
    assert 0.1 + 0.8 * increment <= delays(0.1, 60, [False] * 6)[n] <= 0.1 + 1.2 * increment


def test_a_success_starts_again() -> None:
    assert delays(1, 60, [False, False, False, True])[-1] == 1


def test_the_delay_after_a_success_grows_at_once() -> None:
    first, second = delays(1, 60, [True, False])
    assert first == 1
    assert 1.8 <= second <= 2.2


def test_once_at_the_maximum_it_stays_there() -> None:
    assert set(delays(1, 4, [False] * 20)[4:]) == {4}


def test_equal_bounds_give_a_fixed_delay() -> None:
    assert set(delays(3, 3, [False] * 5)) == {3}
