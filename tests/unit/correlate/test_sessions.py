"""Sessions and ties alone, without a store: where they are cut, in whatever order they arrive."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate import sessions as module
from correlate.decisions import decision_id
from correlate.policy import Kind, Policy
from correlate.sessions import (
    Closed,
    EntityRecord,
    Session,
    Tie,
    Touch,
    claim_sessions,
    session_at,
    subject_grid,
    subject_kind,
    widen,
)
from correlate.ties import MOST_MEMBERS, MOST_TIES, TieTouch, claim_ties
from shared.times import DAY, HOUR
from tests.unit.correlate.making import DAY_ONE, NOW, SMALL

GAP = subject_kind(SMALL).gap
GRID = subject_grid(SMALL)
ADDRESS = SMALL.kinds["address"]
MONTH = SMALL.retention_days * DAY


def touch(start: int, node: str, end: int | None = None) -> Touch:
    return Touch(*widen(start, start if end is None else end, GRID), node)


def claimed(
    touches: Iterable[Touch], record: EntityRecord | None = None, closed: Closed | None = None
) -> EntityRecord:
    """A record with touches, all at once; `closed` is what every node leads to."""
    before = record or EntityRecord("e", "resource:e")
    return claim_sessions(before, touches, lambda _: closed, SMALL, NOW)


def in_batches(touches: Sequence[Touch], sizes: Random) -> EntityRecord:
    """The same, a few at a time."""
    record, rest = EntityRecord("e", "resource:e"), list(touches)
    while rest:
        size = sizes.randint(1, 3)
        record = claimed(rest[:size], record)
        rest = rest[size:]
    return record


TOUCHES = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=12
).map(
    lambda rows: [
        touch(DAY_ONE + hour * HOUR, f"n{node}", DAY_ONE + (hour + lasting) * HOUR)
        for hour, lasting, node in rows
    ]
)
"""Stretches of a day or so, some overlapping, some apart."""


@given(TOUCHES, st.randoms(use_true_random=False))
def test_any_order_and_duplication_gives_the_same_stretches(
    touches: list[Touch], chance: Random
) -> None:
    again = touches + touches[: len(touches) // 2]
    chance.shuffle(again)
    one, other = claimed(touches), in_batches(again, chance)
    assert bounds(one.sessions) == bounds(other.sessions)


def bounds(some: Iterable[Session | Tie]) -> list[tuple[int, int]]:
    return [(each.start, each.end) for each in some]


@given(TOUCHES)
def test_sessions_hold_all_touches_and_lie_further_apart_than_the_gap(
    touches: list[Touch],
) -> None:
    record = claimed(touches)
    for each in touches:
        session = session_at(record, each.start)
        assert session is not None
        assert session.start <= each.start <= each.end <= session.end
    assert all(late.start - early.end > GAP for early, late in pairwise(record.sessions))


@given(TOUCHES, st.randoms(use_true_random=False))
def test_claiming_what_is_claimed_changes_nothing(touches: list[Touch], chance: Random) -> None:
    record = claimed(touches)
    chance.shuffle(touches)
    assert claimed(touches, record) is record


@pytest.mark.parametrize("first_comes_late", [False, True], ids=["in order", "late"])
@pytest.mark.parametrize(
    ("pause", "together"),
    [
        pytest.param(GAP, True, id="exactly the gap"),
        pytest.param(GAP + 1, False, id="a millisecond more"),
    ],
)
def test_the_gaps_edge_is_included(pause: int, *, together: bool, first_comes_late: bool) -> None:
    start, end = widen(DAY_ONE, DAY_ONE, GRID)
    both = [Touch(start, end, "a"), Touch(end + pause, end + pause + GRID, "b")]
    first, second = reversed(both) if first_comes_late else both
    record = claimed([second], claimed([first]))
    assert (len(record.sessions) == 1) is together


def test_a_late_alert_bridges_two_sessions_and_keeps_both_nodes() -> None:
    apart = claimed([touch(DAY_ONE, "a"), touch(DAY_ONE + 3 * HOUR, "b")])
    assert [session.nodes for session in apart.sessions] == [("a",), ("b",)]
    late = touch(DAY_ONE + HOUR, "c", DAY_ONE + 2 * HOUR)
    (whole,) = claimed([late], apart).sessions
    assert whole.nodes == ("a", "b")


CLOSED = Closed("root", ((DAY_ONE, DAY_ONE + 2 * HOUR - 1),))
"""An incident that people closed: it covers two hours."""


def closed_record() -> EntityRecord:
    return claimed([touch(DAY_ONE, "n", DAY_ONE + HOUR)])


def test_what_falls_into_a_closed_incident_joins_it() -> None:
    record = claimed([touch(DAY_ONE + HOUR, "late")], closed_record(), CLOSED)
    (session,) = record.sessions
    assert (session.nodes, session.sealed) == (("root",), True)


def test_activity_after_it_starts_a_session_that_follows_it() -> None:
    record = claimed([touch(DAY_ONE + 2 * HOUR, "new")], closed_record(), CLOSED)
    sealed, after = record.sessions
    assert sealed.sealed
    assert (after.nodes, after.follows, after.sealed) == (("new",), "root", False)


def test_activity_further_on_than_the_gap_follows_nothing() -> None:
    near = claimed([touch(DAY_ONE + 2 * HOUR, "new")], closed_record(), CLOSED)
    record = claimed([touch(DAY_ONE + 9 * HOUR, "other")], near)
    assert record.sessions[-1].follows is None


def test_an_open_session_is_not_joined_to_one_beyond_a_closed() -> None:
    sealed = EntityRecord(
        "e",
        "resource:e",
        (Session(DAY_ONE, DAY_ONE + HOUR - 1, ("root",), sealed=True),),
    )
    before = claimed([touch(DAY_ONE - HOUR, "a")], sealed)
    record = claimed([touch(DAY_ONE + HOUR, "b")], before)
    assert [session.nodes for session in record.sessions] == [("a",), ("root",), ("b",)]


@given(TOUCHES, TOUCHES)
def test_retention_forgets_the_old_and_changes_nothing_newer(
    old: list[Touch], new: list[Touch]
) -> None:
    moved = [Touch(each.start - MONTH - 3 * DAY, each.end - MONTH - 3 * DAY, "o") for each in old]
    record = claimed([*moved, *new])
    assert record.sessions == claimed(new).sessions


def test_a_record_keeps_so_many_sessions_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SESSIONS", 3)
    record = claimed(touch(DAY_ONE + number * 4 * HOUR, f"n{number}") for number in range(5))
    assert [session.nodes[0] for session in record.sessions] == ["n2", "n3", "n4"]


def test_a_session_that_a_wrong_clock_puts_into_the_future_forgets_nothing() -> None:
    now = touch(NOW, "now")
    record = claimed([touch(NOW + 10 * MONTH, "future")], claimed([now]))
    assert [session.nodes[0] for session in record.sessions] == ["now", "future"]


def tie(minute: int, resource: str, lasting: int = 0) -> TieTouch:
    start = DAY_ONE + minute * 60_000
    stretch = widen(start, start + lasting * 60_000, ADDRESS.grid)
    return TieTouch(*stretch, (resource, start // HOUR * HOUR))


def tied(
    touches: Iterable[TieTouch], record: EntityRecord | None = None, kind: Kind = ADDRESS
) -> EntityRecord:
    before = record or EntityRecord("a", "address:10.0.0.1")
    return claim_ties(before, touches, kind, lambda *_: False, SMALL, NOW)


TIES = st.lists(
    st.tuples(st.integers(0, 600), st.sampled_from("abcd"), st.sampled_from((0, 30))),
    min_size=1,
    max_size=10,
).map(lambda rows: [tie(*row) for row in rows])


@given(TIES, st.randoms(use_true_random=False))
def test_ties_do_not_depend_on_the_order_of_arrival(
    touches: list[TieTouch], chance: Random
) -> None:
    """Nor on duplicates: the same stretches, common or not, and what is not common ties the same.

    The members that a common tie still has to release are those that had been tied.
    """
    again = touches + touches[: len(touches) // 2]
    chance.shuffle(again)
    record = EntityRecord("a", "address:10.0.0.1")
    for each in again:
        record = tied([each], record)
    assert summary(record) == summary(tied(touches))


def summary(record: EntityRecord) -> list[object]:
    return [(tie.start, tie.end, tie.common or tie.members) for tie in record.ties]


@pytest.mark.parametrize(
    ("later", "together"),
    [
        pytest.param(ADDRESS.gap, True, id="exactly the gap"),
        pytest.param(ADDRESS.gap + 1, False, id="a millisecond more"),
    ],
)
def test_the_gaps_edge_is_included_in_ties(later: int, *, together: bool) -> None:
    first = tie(0, "a")
    second = TieTouch(first.end + later, first.end + later, ("b", DAY_ONE))
    assert (len(tied([first, second]).ties) == 1) is together


@pytest.mark.parametrize(
    ("resources", "common"),
    [
        pytest.param("ab", False, id="as many as may be"),
        pytest.param("abc", True, id="one more"),
        pytest.param("aba", False, id="one of them twice"),
    ],
)
def test_too_many_resources_make_a_tie_common(resources: str, *, common: bool) -> None:
    (found,) = tied(tie(number, name) for number, name in enumerate(resources)).ties
    assert found.common is common


def test_a_tie_that_becomes_common_keeps_what_it_tied_until_it_is_released() -> None:
    before = tied([tie(0, "a"), tie(1, "b")])
    (found,) = tied([tie(2, "c")], before).ties
    assert found.releasing
    assert [resource for resource, _ in found.members] == ["a", "b"]


def test_a_tie_that_was_always_common_has_nothing_to_release() -> None:
    (found,) = tied(tie(number, name) for number, name in enumerate("abc")).ties
    assert found.common
    assert not found.releasing


@given(TIES, TIES)
def test_retention_of_ties_changes_nothing_newer(old: list[TieTouch], new: list[TieTouch]) -> None:
    back = MONTH + 3 * DAY
    moved = [
        TieTouch(each.start - back, each.end - back, (each.member[0], each.member[1] - back))
        for each in old
    ]
    assert summary(tied([*moved, *new])) == summary(tied(new))


def test_a_record_keeps_so_many_ties_and_members_at_most() -> None:
    """Every tie of two resources: the oldest go, whole ties at a time."""
    wide = Policy.model_validate(
        SMALL.model_dump(by_alias=True)
        | {"retentionDays": 365, "kinds": {"resource": {"gapMinutes": 60}}}
    )
    kind = Kind.model_validate({"gapMinutes": 60, "mostResources": 10})
    touches = [
        TieTouch(start, start, (f"r{number % 6}", start + number % 6))
        for number in range(6 * (MOST_TIES + 20))
        for start in (DAY_ONE + number // 6 * 2 * HOUR,)
    ]
    record = claim_ties(
        EntityRecord("a", "address:10.0.0.1"), touches, kind, lambda *_: False, wide, NOW
    )
    assert len(record.ties) <= MOST_TIES
    assert sum(len(each.members) for each in record.ties) <= MOST_MEMBERS
    assert record.ties[-1].start == touches[-1].start


SPLIT = [(f"r{number:03d}", decision_id(NOW, "split")) for number in range(150)]


def kept_apart(day: int) -> Tie:
    """A tie of one day that keeps many resources apart, of which each is a member too."""
    start = DAY_ONE + day * DAY
    members = tuple((resource, start) for resource, _ in SPLIT)
    return Tie(start, start + HOUR, members, apart=tuple(SPLIT))


@pytest.mark.parametrize("order", [1, -1], ids=["in order of time", "the newest first"])
def test_what_a_record_keeps_apart_is_bounded_with_its_members(order: int) -> None:
    """The oldest ties go, and never what a tie that stays keeps apart."""
    kind = Kind.model_validate({"gapMinutes": 60, "mostResources": 1_000})
    days = range(10)[::order]
    record = EntityRecord("a", "address:10.0.0.1")
    for day in days:
        ties = sorted((*record.ties, kept_apart(day)), key=lambda each: each.start)
        instant = DAY_ONE + day * DAY
        touches = [TieTouch(instant, instant, ("r999", instant))]
        record = claim_ties(
            replace(record, ties=tuple(ties)), touches, kind, lambda *_: False, SMALL, NOW
        )
    assert [tie.start for tie in record.ties] == [DAY_ONE + day * DAY for day in range(6, 10)]
    assert all(tie.apart == tuple(SPLIT) for tie in record.ties)
    assert sum(len(tie.members) + 2 * len(tie.apart) for tie in record.ties) <= MOST_MEMBERS
