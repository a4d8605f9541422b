"""Six weeks of alerts that come late: in any order, or all at once, they give the same incidents.

The service's own record and reconcile are given them as an import would, by whatever alert comes
next; the backtest has them in the order of time.
"""

from collections.abc import Sequence
from random import Random
from typing import Final

import pytest

from correlate.model.activity import HOURS
from correlate.model.news import SWEEP, News
from correlate.model.observation import Observation, observe
from correlate.policy import default_policy
from correlate.store.port import Aside
from ingest_alert.reading import read_message
from ingest_alert.registry import parse_alert
from local.audit.checks import findings
from local.audit.stored import Placed, stored_of
from local.backtest.results import incidents_of
from local.backtest.run import Options, correlate_lines
from local.simulate.enterprise import generate
from local.simulate.enterprise.shape import Shape
from shared.times import HOUR, parse_time
from tests.unit.machine.world import World

DAYS: Final = 42
SHAPE: Final = Shape(
    seed=1,
    resources=20,
    detections=20,
    days=DAYS,
    alerts=500,
    start=parse_time("2026-10-05T00:00:00Z"),
)
ATTACKS: Final = ("web-exploit-to-privilege-escalation", "insider-exfiltration")

MESSAGES: Final = [each.message for each in generate(SHAPE, ATTACKS)]
OBSERVATIONS: Final = [
    observe(parse_alert(payload)) for message in MESSAGES for payload in read_message(message)
]
Told = frozenset[tuple[frozenset[str], str, float]]
"""Of each incident its alerts, its confidence, its E."""


async def backtest() -> Told:
    run = await correlate_lines(MESSAGES, Options(default_policy()))
    public = {
        each.source_id: each.point.alert for kept in run.table.alerts.values() for each in kept
    }
    return frozenset(
        (
            frozenset(public[each] for each in incident.alert_ids),
            incident.confidence,
            incident.line["expected"],
        )
        for incident in incidents_of(run)
    )


async def imported(parts: Sequence[Sequence[Observation]]) -> World:
    """A world after alerts came in parts, when all of them had happened, and the day's sweep."""
    world = World(now=max(each.cell.last.start for each in OBSERVATIONS))
    for part in parts:
        await world.add(*part)
    await world.reconcile([News("swept", "main", SWEEP, hour=world.now // HOUR + 1)])
    return world


def told(world: World) -> Told:
    return frozenset(
        (frozenset(world.alerts_of(each.id)), each.confidence.value, each.shown["expected"])
        for each in world.incidents
    )


def shuffled(seed: int, size: int) -> list[list[Observation]]:
    alerts = list(OBSERVATIONS)
    Random(seed).shuffle(alerts)  # noqa: S311 - an order that can be repeated
    return [alerts[first : first + size] for first in range(0, len(alerts), size)]


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([OBSERVATIONS], id="all at once"),
        pytest.param(shuffled(1, 200), id="in any order"),
        pytest.param(shuffled(2, 200)[::-1], id="in another"),
        pytest.param(
            [OBSERVATIONS[::-1][n : n + 150] for n in range(0, len(OBSERVATIONS), 150)],
            id="backwards",
        ),
    ],
)
async def test_an_import_gives_what_the_backtest_gives(
    parts: Sequence[Sequence[Observation]],
) -> None:
    expected = await backtest()
    assert len(expected) >= len(ATTACKS)
    world = await imported(parts)
    assert told(world) == expected
    alerts = {
        entity: [Placed(point, each.cell.sid) for point, each in kept]
        for entity, kept in world.database.observations.items()
    }
    assert findings(stored_of(world.database.all(), alerts)) == []
    assert not set(world.database.news) - world.read
    assert not [each for each in world.database.all() if isinstance(each, Aside) and not each.done]


def test_the_alerts_are_of_six_weeks() -> None:
    hours = {each.cell.hour for each in OBSERVATIONS}
    assert max(hours) - min(hours) > (DAYS - 1) * HOURS
