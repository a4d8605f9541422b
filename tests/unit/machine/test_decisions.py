"""Decisions by hand: merges, splits and their undoing keep every alert."""

import pytest

from correlate.model.decision import MERGE, SPLIT, UNDO
from correlate.model.observation import Observation
from shared.killchain import Tactic
from tests.unit.machine.world import World, alert, entity, ids


def attack(name: str, resource: str, hours: float) -> list[Observation]:
    """Three stages within two hours."""
    stages = (Tactic.InitialAccess, Tactic.Execution, Tactic.CredentialAccess)
    return [
        alert(f"{name}{number}", resource, hours + number, stage, detection=f"{name} {stage.name}")
        for number, stage in enumerate(stages)
    ]


async def two(apart: float) -> tuple[World, list[Observation], list[Observation], str, str]:
    """Two incidents on two resources, `apart` hours from one another."""
    world = World()
    one, other = attack("a", "vm1", 0), attack("b", "vm2", apart)
    await world.add(*one, *other)
    first, second = (
        next(each.id for each in world.incidents if world.alerts_of(each.id) == ids(*alerts))
        for alerts in (one, other)
    )
    return world, one, other, first, second


@pytest.mark.parametrize("apart", [0, 1, 7, 48], ids=["at once", "overlapping", "near", "far"])
async def test_a_merge_is_the_union_of_both_sides_whatever_their_times(apart: float) -> None:
    world, one, other, first, second = await two(apart)
    decision = await world.decide("m", MERGE, first, others=(second,))
    assert (decision.state, decision.outcome) == ("done", first)
    assert [each.id for each in world.incidents] == [first]
    assert world.alerts_of(first) == ids(*one, *other)
    assert world.incident(second).id == first
    assert "merged" in world.notes
    world.audit()


async def test_a_merge_that_is_undone_leaves_two_incidents_with_all_alerts() -> None:
    world, one, other, first, second = await two(48)
    await world.decide("m", MERGE, first, others=(second,))
    decision = await world.decide("u", UNDO, first, undoes="m")
    assert decision.state == "done", decision.refusal
    sides = {frozenset(world.alerts_of(each.id)) for each in world.incidents}
    assert sides == {frozenset(ids(*one)), frozenset(ids(*other))}
    assert first in {each.id for each in world.incidents}
    assert second not in {each.id for each in world.incidents}, "a redirect's id is not used again"
    world.audit()


async def test_a_split_by_resources() -> None:
    world = World()
    alerts = attack("a", "vm1", 0)
    moved = [
        alert("m1", "vm1", 2.5, Tactic.Discovery, keys=["account:joe"]),
        alert("m2", "vm2", 3, Tactic.LateralMovement, keys=["account:joe"]),
    ]
    await world.add(*alerts, *moved)
    (incident,) = world.incidents
    decision = await world.decide("s", SPLIT, incident.id, resources=(entity("vm2"),))
    assert decision.state == "done", decision.refusal
    (off,) = decision.split_off
    assert world.alerts_of(incident.id) == ids(*alerts, moved[0])
    assert world.alerts_of(off) == ids(moved[1])
    world.audit()


async def test_a_split_by_chosen_alerts_cuts_between_them() -> None:
    world = World()
    alerts = attack("a", "vm1", 0)
    extra = [alert(f"x{n}", "vm1", 0.5 + n / 100) for n in range(5)]
    await world.add(*alerts, *extra)
    (incident,) = world.incidents
    chosen = [extra[1], extra[3], alerts[1]]
    decision = await world.decide(
        "s", SPLIT, incident.id, alerts=tuple(each.cell.first.alert for each in chosen)
    )
    assert decision.state == "done", decision.refusal
    (off,) = decision.split_off
    assert world.alerts_of(off) == ids(*chosen)
    assert world.alerts_of(incident.id) == ids(*alerts, *extra) - ids(*chosen)
    world.audit()
    undone = await world.decide("u", UNDO, incident.id, undoes="s")
    assert undone.state == "done", undone.refusal
    assert world.alerts_of(incident.id) == ids(*alerts, *extra)
    world.audit()


async def test_late_alerts_come_to_the_side_that_was_split_from() -> None:
    world = World()
    alerts = attack("a", "vm1", 0)
    moved = [
        alert("m1", "vm1", 2.5, Tactic.Discovery, keys=["account:joe"]),
        alert("m2", "vm2", 3, Tactic.LateralMovement, keys=["account:joe"]),
    ]
    await world.add(*alerts, *moved)
    (incident,) = world.incidents
    decision = await world.decide("s", SPLIT, incident.id, resources=(entity("vm2"),))
    late = alert("l", "vm2", 4, Tactic.Exfiltration, keys=["account:joe"])
    await world.add(late)
    assert ids(late) <= world.alerts_of(incident.id)
    assert world.alerts_of(decision.split_off[0]) == ids(moved[1])
    world.audit()


@pytest.mark.parametrize(
    ("kind", "more", "reason"),
    [
        (MERGE, {"others": ("main-0",)}, "there is no incident main-0"),
        (SPLIT, {"resources": ("0" * 32,)}, "nothing of the incident was chosen"),
        (SPLIT, {"resources": (entity("vm1"),)}, "something must stay"),
        (SPLIT, {"alerts": ("f" * 24,)}, "is no alert of the incident"),
        (UNDO, {"undoes": "never"}, "there is no decision 'never' to undo"),
        ("swap", {}, "'swap' is no decision"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_reason(
    kind: str, more: dict[str, object], reason: str
) -> None:
    world = World()
    await world.add(*attack("a", "vm1", 0))
    (incident,) = world.incidents
    decision = await world.decide("d", kind, incident.id, **more)
    assert decision.state == "refused"
    assert reason in decision.refusal
    assert world.incidents == [incident]
