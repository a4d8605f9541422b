"""What people do to incidents: closing seals, touching keeps, opening again lifts the seal."""

from correlate.model.observation import Observation
from shared.killchain import Tactic
from tests.unit.machine.test_decisions import attack
from tests.unit.machine.world import World, alert, ids


async def closed() -> tuple[World, list[Observation], str]:
    """A closed incident."""
    world = World()
    alerts = attack("a", "vm1", 0)
    await world.add(*alerts)
    (incident,) = world.incidents
    await world.change(incident.id, status="Resolved")
    return world, alerts, incident.id


async def test_a_late_alert_inside_a_closed_incident_is_counted_there() -> None:
    world, alerts, name = await closed()
    late = alert("late", "vm1", 0.5, Tactic.Exfiltration)
    await world.add(late)
    (incident,) = world.incidents
    assert world.alerts_of(name) == ids(*alerts, late)
    assert incident.shown["alertCount"] == 4
    assert incident.shown["contextCount"] == 1
    world.audit()


async def test_later_alerts_open_an_incident_that_follows_the_closed_one() -> None:
    world, alerts, name = await closed()
    later = attack("b", "vm1", 5)
    await world.add(*later)
    _, second = world.incidents
    assert second.follows == name
    assert world.alerts_of(name) == ids(*alerts)
    assert world.alerts_of(second.id) == ids(*later)
    world.audit()


async def test_alerts_of_the_closed_incidents_last_hour_are_told_apart_exactly() -> None:
    world, alerts, name = await closed()
    same = [alert(f"s{n}", "vm1", 2 + n / 10, Tactic.CredentialAccess) for n in (1, 2)]
    await world.add(*same, *attack("b", "vm1", 3))
    assert world.alerts_of(name) == ids(*alerts)
    _, second = world.incidents
    assert ids(*same) <= world.alerts_of(second.id)
    world.audit()


async def test_an_incident_that_is_opened_again_takes_part_in_what_goes_on() -> None:
    world, alerts, name = await closed()
    later = attack("b", "vm1", 5)
    await world.add(*later)
    await world.change(name, status="Active")
    (incident,) = world.incidents
    assert incident.id == name
    assert world.alerts_of(name) == ids(*alerts, *later)
    world.audit()


async def test_people_keep_what_is_theirs_when_an_incident_grows() -> None:
    world = World()
    await world.add(*attack("a", "vm1", 0))
    (incident,) = world.incidents
    await world.change(incident.id, assignedTo="ann", labels=["red"])
    await world.add(alert("x", "vm1", 3, Tactic.Exfiltration))
    (incident,) = world.incidents
    assert incident.people["assignedTo"] == "ann"
    assert incident.people["labels"] == ["red"]
    assert incident.shown["alertCount"] == 4


async def test_a_change_that_the_worker_has_not_seen_is_not_overwritten() -> None:
    world = World()
    await world.add(*attack("a", "vm1", 0))
    (incident,) = world.incidents
    world.write(incident.id, assignedTo="ann")
    await world.add(alert("x", "vm1", 3, Tactic.Exfiltration))
    assert world.incident(incident.id).people["assignedTo"] == "ann"
    assert world.incident(incident.id).shown["alertCount"] == 4
    world.audit()


def habit(hours: int) -> list[Observation]:
    """The attack's detections on ten other machines, day after day: nothing rare any more."""
    stages = (Tactic.InitialAccess, Tactic.Execution, Tactic.CredentialAccess)
    return [
        alert(
            f"h{machine}-{hour}-{stage.name}",
            f"other{machine}",
            hour - 240,
            stage,
            detection=f"a {stage.name}",
        )
        for machine in range(10)
        for hour in range(0, hours, 2)
        for stage in stages
    ]


async def test_a_verdict_that_falls_withdraws_what_nobody_touched_and_it_may_return() -> None:
    world = World()
    alerts = attack("a", "vm1", 0)
    await world.add(*alerts)
    (incident,) = world.incidents
    await world.add(*habit(200))
    await world.change(incident.id)
    assert incident.id not in {each.id for each in world.incidents}
    assert world.spans("vm1") == ()
    assert "withdrawn" in world.notes
    world.audit()


async def test_a_verdict_that_falls_lowers_what_people_touched() -> None:
    world = World()
    alerts = attack("a", "vm1", 0)
    await world.add(*alerts)
    (incident,) = world.incidents
    await world.change(incident.id, assignedTo="ann")
    await world.add(*habit(200))
    await world.change(incident.id)
    kept = world.incident(incident.id)
    assert (kept.visible, kept.confidence) == (True, "low")
    assert world.alerts_of(incident.id) == ids(*alerts)
    assert "downgraded" in world.notes
    world.audit()
