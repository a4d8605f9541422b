"""Interleavings that were found, or feared: each written down in a few lines."""

from contextlib import suppress

import pytest

from correlate.model.decision import MERGE, SPLIT, UNDO, Decision, Request
from correlate.model.news import DECISION, News
from correlate.reconcile import outbox
from correlate.reconcile.run import BusyError
from shared.killchain import Tactic
from tests.unit.machine.test_decisions import attack
from tests.unit.machine.test_fence import CrashError, Trouble
from tests.unit.machine.world import World, alert, ids
from tests.unit.proof.oracle import stored_baseline


@pytest.mark.parametrize("call", range(1, 30))
async def test_a_kill_between_any_two_batches_loses_nothing_that_was_learned(
    call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_PUTS", 2)
    alerts = [*attack("a", "vm1", 0), alert("m", "vm1", 1, Tactic.Discovery, keys=["account:joe"])]
    calm = World()
    await calm.add(*alerts)
    world = World()
    world.reconciler = world.worker(Trouble(crash_after=call))
    news = world.store_alerts(alerts)
    try:
        await world.reconcile(news)
    except CrashError:
        world.reconciler = world.worker()
        await world.reconcile(news)
    assert stored_baseline(world.database) == stored_baseline(calm.database)
    assert [each.shown for each in world.incidents] == [each.shown for each in calm.incidents]
    world.audit()


async def test_two_decisions_of_one_delivery_come_one_after_the_other() -> None:
    world = World()
    alerts = [*attack("a", "vm1", 0), alert("n", "vm1", 0.5), alert("m", "vm1", 1.5)]
    await world.add(*alerts)
    (incident,) = world.incidents
    chosen = tuple(each.cell.first.alert for each in alerts[3:])
    requests = [Request(name, SPLIT, incident.id, alerts=chosen, by="ann") for name in ("s", "t")]
    await world.reconcile([News(f"news-{r.name}", "main", DECISION, request=r) for r in requests])
    first, second = world.all(Decision)
    assert (first.state, second.state) == ("done", "refused")
    assert "is no alert of the incident" in second.refusal
    assert world.alerts_of(first.split_off[0]) == ids(*alerts[3:])
    world.audit()


async def test_a_decision_waits_for_an_earlier_one_that_was_put_off() -> None:
    world = World()
    alerts = [*attack("a", "vm1", 0), alert("n", "vm1", 0.5), alert("m", "vm1", 1.5)]
    await world.add(*alerts)
    (incident,) = world.incidents
    first = Request("s", SPLIT, incident.id, alerts=(alerts[3].cell.first.alert,), by="ann")
    second = Request("t", SPLIT, incident.id, alerts=(alerts[4].cell.first.alert,), by="ann")
    hurried = world.worker(budget=-1)
    for request in (first, second):
        await hurried.run([News(f"news-{request.name}", "main", DECISION, request=request)])
    world.reconciler = world.worker()
    await world.reconcile([])
    assert [each.state for each in world.all(Decision)] == ["done", "done"]
    assert sorted(len(world.alerts_of(each.id)) for each in world.incidents) == [1, 1, 3]
    world.audit()


async def test_late_alerts_on_two_resources_of_a_closed_incident_are_both_counted() -> None:
    world = World()
    key = ["account:joe"]
    steps = [
        alert("a", "vm1", 0, Tactic.InitialAccess, keys=key),
        alert("b", "vm2", 1, Tactic.Execution, keys=key),
        alert("c", "vm1", 2, Tactic.CredentialAccess, keys=key),
        alert("d", "vm2", 3, Tactic.Exfiltration, keys=key),
    ]
    await world.add(*steps)
    (incident,) = world.incidents
    await world.change(incident.id, status="Resolved")
    late = [alert("x", "vm1", 1.2), alert("y", "vm2", 2.2)]
    await world.add(*late)
    (closed,) = world.incidents
    assert closed.shown["alertCount"] == len(steps) + len(late)
    world.audit()


async def test_a_second_run_beside_one_that_hangs_is_refused() -> None:
    world = World()
    trouble = Trouble()
    worker = world.worker(trouble)
    news = world.store_alerts(attack("a", "vm1", 0))

    async def again() -> None:
        with pytest.raises(BusyError):
            await worker.run(news)

    trouble.hooks["commit"] = again
    await worker.run(news)
    assert len(world.incidents) == 1
    assert trouble.hooks == {}
    world.audit()


@pytest.mark.parametrize("call", range(1, 25))
async def test_what_loses_all_its_places_in_many_batches_is_led_to_until_the_last(
    call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    one, other = attack("a", "vm1", 0), attack("b", "vm2", 30)
    far = [*attack("c", "vm3", 60), *attack("d", "vm4", 90)]
    await world.add(*one, *other, *far)
    first = world.incidents[0]
    others = tuple(each.id for each in world.incidents[1:])
    monkeypatch.setattr(outbox, "MOST_PUTS", 3)
    monkeypatch.setattr(outbox, "_CHUNK", 1)
    merge = News("m", "main", DECISION, request=Request("m", MERGE, first.id, others, by="ann"))
    world.reconciler = world.worker(Trouble(crash_before=call))
    with suppress(CrashError):
        await world.reconcile([merge])
    world.reconciler = world.worker()
    for name in others:
        await world.change(name, status="Resolved")
    await world.reconcile([merge])
    assert [world.alerts_of(each.id) for each in world.incidents if each.id == first.id] == [
        ids(*one, *other, *far)
    ]
    world.audit()


async def test_a_withdrawn_incident_returns_to_a_worker_that_never_knew_it() -> None:
    world = World()
    alerts = attack("a", "vm1", 0)
    await world.add(*alerts)
    (incident,) = world.incidents
    await world.rewrite_away(*alerts[1:])
    assert world.incidents == []
    world.reconciler = world.worker()
    await world.add(*alerts[1:])
    assert [each.id for each in world.incidents] == [incident.id]
    assert "returned" in world.notes
    world.audit()


async def test_a_merge_is_undone_after_both_sides_have_grown() -> None:
    world = World()
    one, other = attack("a", "vm1", 0), attack("b", "vm2", 48)
    await world.add(*one, *other)
    first, second = world.incidents
    await world.decide("m", MERGE, first.id, others=(second.id,))
    grown = [alert("x", "vm1", 3, Tactic.Exfiltration), alert("y", "vm2", 51, Tactic.Impact)]
    await world.add(*grown)
    assert world.alerts_of(first.id) == ids(*one, *other, *grown)
    undone = await world.decide("u", UNDO, first.id, undoes="m")
    assert undone.state == "done", undone.refusal
    sides = {frozenset(world.alerts_of(each.id)) for each in world.incidents}
    assert sides == {frozenset(ids(*one, grown[0])), frozenset(ids(*other, grown[1]))}
    world.audit()
