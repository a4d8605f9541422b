"""An incident over more resources than a batch writes: forming until its last batch, then whole."""

import json

import pytest

from correlate.model.coverage import Coverage
from correlate.model.incident import Incident
from correlate.model.observation import Observation
from correlate.reconcile.fence import FencedError
from correlate.store.documents import document_of
from correlate.store.port import LostReplyError, Put
from shared.killchain import Tactic
from tests.unit.machine.test_fence import CrashError, Trouble, fault
from tests.unit.machine.world import World, alert, ids

MACHINES = 250


def worm() -> list[Observation]:
    """From machine to machine within an hour, by one account; two stages on each."""
    key = ["account:joe"]
    stages = (Tactic.Execution, Tactic.LateralMovement)
    return [
        alert(f"{stage.name}{n}", f"vm{n:03d}", n / MACHINES + step / 100, stage, keys=key)
        for n in range(MACHINES)
        for step, stage in enumerate(stages)
    ]


async def through(world: World, trouble: Trouble) -> None:
    """Bring the worm in; a worker that dies is followed by another."""
    world.reconciler = world.worker(trouble)
    news = world.store_alerts(worm())
    for _ in range(10):
        try:
            await world.reconcile(news)
        except CrashError:
            world.reconciler = world.worker(trouble)
        except (FencedError, LostReplyError):
            continue
        else:
            return


async def test_a_worm_is_one_incident_of_all_its_resources_and_alerts() -> None:
    world = World()
    await through(world, Trouble())
    (incident,) = world.incidents
    assert incident.shown["resourceCount"] == MACHINES
    assert incident.shown["alertCount"] == 2 * MACHINES
    assert len(incident.shown["resources"]) == 50
    assert world.notes == ["opened"]
    world.audit()


async def test_its_documents_stay_small() -> None:
    world = World()
    await through(world, Trouble())
    sizes = {
        type(record): max(
            len(json.dumps(document_of(Put(each), "main", world.now)))
            for each in world.all(type(record))
        )
        for record in world.database.all()
    }
    assert sizes[Incident] < 64 * 1_024
    assert sizes[Coverage] < 2 * 1_024
    assert max(sizes.values()) < 128 * 1_024


async def test_people_see_nothing_of_it_before_it_is_whole() -> None:
    world, trouble = World(), Trouble()
    seen: list[int] = []

    async def look() -> None:
        seen.append(len(world.incidents))
        trouble.hooks["commit"] = look

    trouble.hooks["commit"] = look
    await through(world, trouble)
    assert len(seen) > 5
    assert set(seen) == {0}
    assert len(world.incidents) == 1


@pytest.mark.parametrize("what", ["crash_before", "crash_after", "lose"])
@pytest.mark.parametrize("back", range(0, 8, 2))
async def test_a_fault_while_it_forms_changes_nothing_in_the_end(what: str, back: int) -> None:
    calm, world = Trouble(), World()
    await through(world, calm)
    expected = {frozenset(world.alerts_of(each.id)) for each in world.incidents}
    world = World(remember=True)
    await through(world, fault(what, calm.calls - back))
    assert {frozenset(world.alerts_of(each.id)) for each in world.incidents} == expected
    world.audit()


async def test_an_incident_that_is_closed_while_it_forms_is_completed() -> None:
    world, trouble = World(), Trouble()
    await through(world, trouble)
    (incident,) = world.incidents
    batches = 0

    async def close_as_it_forms() -> None:
        nonlocal batches
        batches += 1
        if world.incident(incident.id).forming:
            world.write(incident.id, status="Resolved")
        else:
            trouble.hooks["commit"] = close_as_it_forms

    trouble.hooks["commit"] = close_as_it_forms
    later = [
        alert(f"late{n}", f"vm{n:03d}", 2 + n / MACHINES, Tactic.Exfiltration, keys=["account:joe"])
        for n in range(MACHINES)
    ]
    await world.add(*later)
    assert world.incident(incident.id).closed
    assert batches > 3
    assert world.incident(incident.id).closed
    assert world.alerts_of(incident.id) >= ids(*worm())
    world.audit()
