"""The first day of an enterprise: everything is new, and next to nothing is an incident."""

from correlate.policy import default_policy
from local.backtest.results import incidents_of
from local.backtest.run import Options, correlate_lines
from local.simulate.enterprise import generate
from local.simulate.enterprise.shape import Shape
from shared.times import parse_time

ALERTS = 2_000
MOST_FALSE = 10


async def test_a_day_without_history_makes_few_incidents_and_none_of_the_whole_fleet() -> None:
    shape = Shape(
        seed=1,
        resources=400,
        detections=80,
        days=1,
        alerts=ALERTS,
        start=parse_time("2026-11-02T00:00:00Z"),
    )
    run = await correlate_lines(
        [each.message for each in generate(shape, ())], Options(default_policy())
    )
    found = incidents_of(run)
    assert len(found) <= MOST_FALSE
    attacks = [len(each.alert_ids) for each in found if each.line["kind"] == "attack"]
    assert max(attacks, default=0) < ALERTS / 20
