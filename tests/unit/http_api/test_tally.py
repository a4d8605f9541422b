"""Counting alerts that change: exact, whatever is written and whenever the counts are kept."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.store.alert_counts import MOST_DAYS, QUIET, SETTLING, reach, settled
from shared.store.tally import (
    DAY_SECONDS,
    MOST_PAST,
    Cell,
    Counts,
    changes,
    counts_from,
    life_of,
    past_of,
    total,
)
from shared.times import HOUR, format_time, parse_time

DAY = 20_000
NOON = DAY * DAY_SECONDS + DAY_SECONDS // 2
START = format_time(NOON * 1_000)
THIS_HOUR = NOON // 3_600


def stored(ts: int, status: str = "Active", **more: Any) -> dict[str, Any]:
    return {"_ts": ts, "startTimeUtc": START, "severityRank": 3, "status": status, **more}


def rewritten(before: dict[str, Any], ts: int, status: str) -> dict[str, Any]:
    return {**before, "_ts": ts, "status": status, "past": past_of(before)}


def in_state(**numbers: int) -> Counts:
    """Alerts of high severity that start in this hour, by state."""
    return {THIS_HOUR: {f"3{status}": number for status, number in numbers.items()}}


def test_a_new_alert_is_counted_where_it_is() -> None:
    lives = [life_of(stored(NOON))]
    assert changes(lives, NOON - 1, None) == {DAY: in_state(Active=1)}


def test_what_is_counted_already_is_not_counted_again() -> None:
    assert changes([life_of(stored(NOON))], NOON, None) == {}


def test_an_alert_that_changed_moves_from_one_state_to_the_other() -> None:
    life = life_of(rewritten(stored(NOON), NOON + 9, "Resolved"))
    moved = in_state(Active=-1, Resolved=1)
    assert changes([life], NOON, None) == {DAY: moved}
    assert changes([life], NOON - 1, None) == {DAY: in_state(Resolved=1)}
    assert changes([life], NOON - 1, NOON) == {DAY: in_state(Active=1)}


def test_a_change_counts_on_the_day_on_which_the_alert_was_stored() -> None:
    life = life_of(rewritten(stored(NOON), NOON + 5 * DAY_SECONDS, "Resolved"))
    assert changes([life], NOON, None).keys() == {DAY}


def test_a_long_past_keeps_its_beginning_and_its_end() -> None:
    document = stored(NOON)
    for number in range(1, 60):
        document = rewritten(document, NOON + number, "Active")
    assert len(document["past"]) == MOST_PAST
    assert document["past"][0]["since"] == NOON
    assert document["past"][-1]["since"] == NOON + 58


def test_an_alert_from_long_ago_is_counted_in_the_first_hour_of_its_day() -> None:
    old = format_time(parse_time("2020-01-01T13:00:00Z"))
    day = parse_time("2020-01-01") // HOUR
    assert life_of(stored(NOON, startTimeUtc=old)).at(None) == Cell(day, "3Active")


def test_a_sum_leaves_out_what_comes_to_nothing() -> None:
    parts = [in_state(Active=2, Resolved=1), in_state(Active=-2), {7: {"1Active": 0}}]
    assert total(parts) == in_state(Resolved=1)


def test_counts_survive_being_stored() -> None:
    counts = in_state(Active=2)
    stored_as = json.loads(json.dumps(counts))
    assert counts_from(stored_as) == counts


WRITES = st.lists(
    st.tuples(
        st.integers(0, 5), st.integers(0, 40), st.sampled_from(("Active", "Resolved", "Dismissed"))
    ),
    max_size=MOST_PAST - 1,
)


@given(writes=WRITES, kept_at=st.lists(st.integers(0, 40), max_size=5))
def test_however_often_counts_are_kept_they_are_those_of_a_plain_count(
    writes: list[tuple[int, int, str]], kept_at: list[int]
) -> None:
    """Alerts are written over time; now and then a count advances, from what can be seen then."""
    timeline = sorted(writes, key=lambda write: write[1])
    kept: Counts = {}
    until = NOON - 1
    for instant in [*sorted(kept_at), 41]:
        documents = _written(timeline, NOON + instant)
        seen = [life_of(each) for each in documents if each["_ts"] > until]
        present = total([kept, *changes(seen, until, None).values()])
        assert present == plain_count(each["status"] for each in documents)
        reached = max(until, NOON + instant - 5)
        kept = total([kept, *changes(seen, until, reached).values()])
        until = reached


def plain_count(statuses: Iterable[str]) -> Counts:
    numbers = Counter(statuses)
    return in_state(**numbers) if numbers else {}


def _written(timeline: list[tuple[int, int, str]], now: int) -> list[dict[str, Any]]:
    documents: dict[int, dict[str, Any]] = {}
    for alert, after, status in timeline:
        ts = NOON + after
        if ts > now:
            break
        before = documents.get(alert)
        documents[alert] = rewritten(before, ts, status) if before else stored(ts, status)
    return list(documents.values())


@pytest.mark.parametrize(
    ("newest", "now", "instant"),
    [
        pytest.param(1_000, 1_001, 1_000 - SETTLING, id="just written: some may still appear"),
        pytest.param(1_000, 1_001 + QUIET, 1_000, id="quiet for long: nothing older can come"),
        pytest.param(1_000, 900, 1_000 - SETTLING, id="a clock that lags"),
    ],
)
def test_up_to_when_writes_are_settled(newest: int, now: int, instant: int) -> None:
    assert settled(newest, now) == instant


def test_a_batch_reaches_as_far_as_its_days_allow() -> None:
    lives = [life_of(stored((DAY + n) * DAY_SECONDS)) for n in range(200)]
    since = DAY * DAY_SECONDS - 1
    reached = reach(lives, since, (DAY + 300) * DAY_SECONDS)
    assert len(changes(lives, since, reached)) == MOST_DAYS
    assert reach(lives[:MOST_DAYS], since, 10**12) == 10**12
