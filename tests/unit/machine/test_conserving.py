"""Whatever people decide, in any order, no alert that an incident had is lost from all of them."""

from random import Random

import pytest

from correlate.model.decision import MERGE, SPLIT, UNDO, Decision
from shared.killchain import Tactic
from tests.unit.machine.test_decisions import attack
from tests.unit.machine.world import World, alert


async def begin() -> World:
    """Four incidents, near and far from one another, with context and a shared account."""
    world = World()
    key = ["account:joe"]
    await world.add(
        *attack("a", "vm1", 0),
        *(alert(f"n{n}", "vm1", 0.3 + n / 7) for n in range(9)),
        *attack("b", "vm2", 1.5),
        *attack("c", "vm3", 9),
        alert("m1", "vm3", 11.5, Tactic.Discovery, keys=key),
        alert("m2", "vm4", 12, Tactic.LateralMovement, keys=key),
        *attack("d", "vm1", 100),
    )
    return world


def covered(world: World) -> set[str]:
    """All alerts that are in an incident."""
    return set().union(*(world.alerts_of(each.id) for each in world.incidents))


async def decide(world: World, chance: Random, number: int) -> Decision:
    """One decision at random."""
    incidents = world.incidents
    target = chance.choice(incidents)
    kind = chance.choice([MERGE, SPLIT, SPLIT, UNDO])
    name = f"d{number}"
    if kind == MERGE:
        others = chance.sample(incidents, min(len(incidents), chance.randint(1, 2)))
        return await world.decide(name, MERGE, target.id, others=tuple(e.id for e in others))
    if kind == UNDO:
        undoes = f"d{chance.randrange(number + 1)}"
        return await world.decide(name, UNDO, target.id, undoes=undoes)
    alerts = sorted(world.alerts_of(target.id))
    if chance.random() < 0.5 and target.shown["resourceCount"] > 1:
        entities = [
            coverage.entity
            for coverage in world.coverage
            if any(world.incident(span.incident).id == target.id for span in coverage.spans)
        ]
        return await world.decide(
            name, SPLIT, target.id, resources=tuple(chance.sample(entities, 1))
        )
    chosen = chance.sample(alerts, chance.randint(1, max(1, len(alerts) // 2)))
    return await world.decide(name, SPLIT, target.id, alerts=tuple(chosen))


@pytest.mark.parametrize("seed", range(40))
async def test_any_sequence_of_merges_splits_and_undoing_keeps_all_alerts(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - a reproducible sequence
    world = await begin()
    before = covered(world)
    done = 0
    for number in range(8):
        decision = await decide(world, chance, number)
        done += decision.state == "done"
        assert covered(world) >= before, (seed, number, decision.request)
        world.audit()
    assert done > 0


@pytest.mark.parametrize("seed", range(20))
async def test_so_do_closing_and_later_alerts_what_people_touched(seed: int) -> None:
    chance = Random(1_000 + seed)  # noqa: S311 - a reproducible sequence
    world = await begin()
    for number in range(8):
        await decide(world, chance, number)
        target = chance.choice(world.incidents)
        await world.change(target.id, status=chance.choice(["Resolved", "Active", "Active"]))
        before = touched(world)
        hours = chance.choice([0.5, 2.2, 10, 50, 101])
        stage = chance.choice([None, Tactic.Exfiltration, Tactic.Discovery])
        await world.add(alert(f"late{number}", f"vm{chance.randint(1, 4)}", hours, stage))
        assert covered(world) >= before, (seed, number)
        world.audit()


def touched(world: World) -> set[str]:
    """All alerts that are in an incident that people have done something to."""
    found = [world.alerts_of(each.id) for each in world.incidents if each.touched]
    return set().union(*found)
