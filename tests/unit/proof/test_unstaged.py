"""Alerts without a stage: what people and late alerts do to the incidents that they are beside."""

from correlate.model.decision import MERGE, SPLIT, UNDO
from shared.killchain import Tactic
from tests.unit.machine.test_decisions import attack
from tests.unit.machine.world import World, alert, ids

UPKEEP = [alert("u", "vm1", 0.5), alert("v", "vm1", 1.5)]


async def test_upkeep_alone_is_no_incident() -> None:
    world = World()
    await world.add(*UPKEEP)
    assert world.incidents == []
    assert world.coverage == []


async def test_upkeep_that_was_split_off_stays_apart_until_that_is_undone() -> None:
    world = World()
    await world.add(*attack("a", "vm1", 0), *UPKEEP)
    (incident,) = world.incidents
    some = tuple(each.cell.first.alert for each in UPKEEP)
    await world.decide("s", SPLIT, incident.id, alerts=some)
    late = alert("w", "vm1", 1.7)
    await world.add(late)
    found = {frozenset(world.alerts_of(each.id)) for each in world.incidents}
    assert frozenset(ids(*UPKEEP)) in found
    world.audit()
    await world.decide("u", UNDO, incident.id, undoes="s")
    (whole,) = world.incidents
    assert world.alerts_of(whole.id) >= ids(*attack("a", "vm1", 0), *UPKEEP)
    world.audit()


async def test_a_closed_incident_takes_late_upkeep_and_the_next_attack_follows() -> None:
    world = World()
    await world.add(*attack("a", "vm1", 0))
    (incident,) = world.incidents
    await world.change(incident.id, status="Resolved")
    await world.add(*UPKEEP)
    assert world.alerts_of(incident.id) >= ids(UPKEEP[0])
    await world.add(*attack("b", "vm1", 40))
    assert len(world.incidents) == 2
    world.audit()


async def test_a_merge_keeps_the_upkeep_of_both_sides() -> None:
    world = World()
    one = [*attack("a", "vm1", 0), UPKEEP[0]]
    other = [*attack("b", "vm2", 48), alert("x", "vm2", 48.5)]
    await world.add(*one, *other)
    first, second = world.incidents
    await world.decide("m", MERGE, first.id, others=(second.id,))
    assert world.alerts_of(first.id) == ids(*one, *other)
    await world.add(alert("y", "vm2", 49, Tactic.Impact))
    await world.decide("u", UNDO, first.id, undoes="m")
    assert len(world.incidents) == 2
    world.audit()
