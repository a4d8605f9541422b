"""The auditor names each fault that is put into a sound store, and nothing in a sound one."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from correlate.model.cell import Interval, Point
from correlate.model.coverage import Coverage
from correlate.model.decision import MERGE, Decision, Request
from correlate.model.incident import Incident, Redirect
from local.audit.checks import findings
from local.audit.stored import Placed, Stored, stored_of
from shared.killchain import Tactic
from tests.unit.machine.world import World, alert


async def sound() -> Stored:
    """One incident on one resource, with what is beside it."""
    world = World()
    stages = (Tactic.InitialAccess, Tactic.Execution, Tactic.Impact)
    await world.add(
        *(alert(f"a{n}", "vm1", n / 2, stage) for n, stage in enumerate(stages)),
        alert("lone", "vm2", 1),
    )
    alerts = {
        entity: [Placed(point, each.cell.sid) for point, each in kept]
        for entity, kept in world.database.observations.items()
    }
    return stored_of(world.database.all(), alerts)


def one(stored: Stored) -> tuple[Coverage, Incident]:
    (coverage,), (incident,) = stored.coverage, stored.incidents.values()
    return coverage, incident


def with_incident(stored: Stored, **changed: object) -> Stored:
    _, incident = one(stored)
    return replace(stored, incidents={incident.id: replace(incident, **changed)})  # type: ignore[arg-type]


def with_shown(stored: Stored, **changed: object) -> Stored:
    _, incident = one(stored)
    return with_incident(stored, shown={**incident.shown, **changed})


def with_span(stored: Stored, **changed: object) -> Stored:
    coverage, _ = one(stored)
    span = replace(coverage.spans[0], **changed)  # type: ignore[arg-type]
    return replace(stored, coverage=[replace(coverage, spans=(span,))])


def twice(stored: Stored) -> Stored:
    coverage, _ = one(stored)
    return replace(stored, coverage=[replace(coverage, spans=coverage.spans * 2)])


def backwards(stored: Stored) -> Stored:
    first, last = one(stored)[0].spans[0].interval
    return with_span(stored, interval=Interval(last, first))


def wider(stored: Stored) -> Stored:
    first, last = one(stored)[0].spans[0].interval
    return with_span(stored, interval=Interval(first, Point(last.start + 1, last.alert)))


def an_alert_more(stored: Stored) -> Stored:
    coverage, _ = one(stored)
    alerts = stored.alerts[coverage.entity]
    middle = Placed(Point(alerts[1].point.start + 1, "0" * 24), alerts[1].sid)
    return replace(stored, alerts={coverage.entity: sorted([*alerts, middle])})


def citing_another(stored: Stored) -> Stored:
    return with_shown(stored, why={"steps": [{"alert": {"alertId": "f" * 24}}]})


def in_a_circle(stored: Stored) -> Stored:
    return replace(stored, redirects={"a": Redirect("a", "b"), "b": Redirect("b", "a")})


def waiting(stored: Stored) -> Stored:
    return replace(stored, decisions=[Decision(Request("d1", MERGE, "x"), 1)])


def redirected(stored: Stored) -> Stored:
    _, incident = one(stored)
    return replace(stored, redirects={incident.id: Redirect(incident.id, incident.id)})


async def test_nothing_is_said_of_a_sound_store() -> None:
    stored = await sound()
    assert len(stored.incidents) == 1
    assert findings(stored) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(twice, "overlaps the one before it", id="an alert in two intervals"),
        pytest.param(backwards, "ends before it begins", id="an interval backwards"),
        pytest.param(wider, "does not begin and end with an alert", id="an interval too wide"),
        pytest.param(
            lambda stored: with_span(stored, incident="main-gone"),
            "main-gone, which is no incident",
            id="an interval of nobody",
        ),
        pytest.param(
            lambda stored: with_incident(stored, withdrawn=True, visible=False),
            "which nobody sees",
            id="an interval of a withdrawn incident",
        ),
        pytest.param(
            lambda stored: with_span(stored, context_count=7), "counts 3 + 7", id="a wrong count"
        ),
        pytest.param(an_alert_more, "and lists 4 + 0", id="an alert that nobody counted"),
        pytest.param(
            lambda stored: with_shown(stored, alertCount=9), "= 9 alerts", id="a wrong sum"
        ),
        pytest.param(
            lambda stored: with_shown(stored, firstActivityUtc="2026-11-02T08:00:01.000Z"),
            "was active from 2026-11-02T08:00:01.000Z",
            id="an activity that no alert has",
        ),
        pytest.param(
            lambda stored: with_incident(stored, covered=2), "is covered on 2", id="a lost resource"
        ),
        pytest.param(
            lambda stored: replace(stored, coverage=[]), "covers nothing", id="lost coverage"
        ),
        pytest.param(citing_another, "which it does not list", id="why cites another's alert"),
        pytest.param(in_a_circle, "redirect a leads to no incident", id="redirects in a circle"),
        pytest.param(redirected, "is an incident and a redirect", id="an id of both kinds"),
        pytest.param(
            lambda stored: with_incident(stored, forming=True), "still forming", id="forming"
        ),
        pytest.param(waiting, "decision d1 was not carried out", id="a decision that waits"),
    ],
)
async def test_a_fault_is_named(spoil: Callable[[Stored], Stored], said: str) -> None:
    found = findings(spoil(await sound()))
    assert any(said in each for each in found), found


async def test_what_may_have_expired_is_not_counted() -> None:
    stored = await sound()
    _, incident = one(stored)
    assert findings(replace(stored, alerts={}, since=incident.first + 1)) == []
