"""Seeded schedules of recorders, reconcilers and people, with all that can go wrong between calls.

SCHEDULES sets how many of each kind run.
"""

import os
from typing import Final

import pytest

from correlate.model.news import SWEEP, News
from tests.unit.proof.invariants import check, state
from tests.unit.proof.oracle import expected, learned, stored_baseline, told
from tests.unit.proof.schedules import Kind, Schedule, drive

BLOCK: Final = 20
SCHEDULES: Final = int(os.environ.get("SCHEDULES", "100"))
blocks = pytest.mark.parametrize("first", range(0, SCHEDULES, BLOCK))


@blocks
def test_the_incidents_are_what_the_alerts_say(first: int) -> None:
    for seed in range(first, first + BLOCK):
        service = Schedule(seed, Kind()).run()
        assert stored_baseline(service.database) == learned(service.facts.values()), seed
        assert told(service) == expected(service), seed


@blocks
def test_they_are_so_too_where_sources_rewrite_their_alerts(first: int) -> None:
    for seed in range(first, first + BLOCK):
        service = Schedule(seed, Kind(rewrites=True)).run()
        assert told(service) == expected(service), seed


@blocks
@pytest.mark.parametrize("rewrites", [False, True], ids=["as told", "rewritten"])
def test_whatever_people_do_nothing_is_lost_or_counted_twice(first: int, rewrites: bool) -> None:
    for seed in range(first, first + BLOCK // 2):
        schedule = Schedule(seed, Kind(rewrites=rewrites, people=True))
        service = schedule.run()
        try:
            check(service, schedule.people)
            before = state(service)
            drive(service.settle(News("sweep-again", "main", SWEEP, hour=2)))
            assert state(service) == before, "a further sweep changes something"
        except AssertionError as fault:
            raise AssertionError(f"seed {seed}: {fault}") from fault
