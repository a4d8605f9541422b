"""Runs of the reconciler: budget, failures, renewal, sweeps, recounts, lifetimes."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from correlate.baseline.snapshot import Snapshot
from correlate.episodes.reach import Reach, neighbours
from correlate.model.cell import Cell
from correlate.model.coverage import Coverage
from correlate.model.news import ALERTS, CONTINUE, RENEW, SWEEP, News, Recount
from correlate.policy import Policy
from correlate.reconcile import neighbourhood
from correlate.reconcile import run as reconcile_run
from correlate.reconcile.claims import Claim
from correlate.reconcile.difference import Difference, difference
from correlate.reconcile.lifetime import Lifetime
from correlate.reconcile.renewal import SLICE_INCIDENTS
from correlate.reconcile.view import View
from correlate.store.memory import MemoryStore
from correlate.store.port import Aside, Head, Put, RefusedWriteError
from shared.killchain import Tactic
from shared.times import DAY
from tests.unit.machine.test_decisions import attack
from tests.unit.machine.world import START, World, alert, entity, ids


def asides(world: World) -> list[Aside]:
    """What could not be computed."""
    return [each for each in world.all(Aside) if each.seed.entity]


async def test_what_a_run_has_no_time_for_is_left_to_the_next() -> None:
    world = World()
    alerts = [*attack("a", "vm1", 0), *attack("b", "vm2", 50), *attack("c", "vm3", 100)]
    news = world.store_alerts(alerts)
    report = await world.worker(budget=-1).run(news)
    assert (report.computed, report.put_off) == (0, 3)
    left = [each for each in world.database.news.values() if each.kind == CONTINUE]
    world.reconciler = world.worker()
    await world.reconcile(left)
    assert len(world.incidents) == 3
    world.audit()


class Broken:
    """A computation that fails for one resource as long as it is told to."""

    def __init__(self, resource: str) -> None:
        self.entity = entity(resource)
        self.on = True

    def __call__(self, view: View, claims: Sequence[Claim]) -> Difference:
        if self.on and self.entity in view.ledger.entities():
            raise ZeroDivisionError("by nothing")
        return difference(view, claims)


async def test_a_computation_that_fails_stops_no_other_and_is_tried_again_hourly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = Broken("vm1")
    monkeypatch.setattr(reconcile_run, "difference", broken)
    world = World()
    await world.add(*attack("a", "vm1", 0), *attack("b", "vm2", 50))
    (incident,) = world.incidents
    assert world.alerts_of(incident.id) == ids(*attack("b", "vm2", 50))
    (aside,) = asides(world)
    assert "by nothing" in aside.reason
    await world.reconcile([News("renew-1", "main", RENEW, hour=1)])
    assert len(world.incidents) == 1
    broken.on = False
    await world.reconcile([News("renew-2", "main", RENEW, hour=2)])
    assert len(world.incidents) == 2
    assert [each.done for each in asides(world)] == [True]
    world.audit()


class Picky(MemoryStore):
    """A store that does not take the coverage of one resource."""

    refused = entity("vm1")

    async def commit(self, head: Head, puts: Sequence[Put]) -> tuple[Head, dict[str, str]]:
        for put in puts:
            if isinstance(put.record, Coverage) and put.record.entity == self.refused:
                raise RefusedWriteError("too large")
        return await super().commit(head, puts)


async def test_what_the_store_does_not_take_stops_nothing_else() -> None:
    world = World()
    store = Picky(world.database)
    world.reconciler = reconcile_run.Reconciler(store, world.surroundings())
    await world.add(*attack("a", "vm1", 0), *attack("b", "vm2", 50))
    assert [world.alerts_of(each.id) for each in world.incidents] == [ids(*attack("b", "vm2", 50))]
    store.refused = ""
    await world.reconcile([News("renew-1", "main", RENEW, hour=1)])
    assert len(world.incidents) == 2
    world.audit()


async def test_a_day_that_cannot_be_looked_at_stops_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look = neighbours
    bad = entity("vm1")

    def looked(cell: Cell, snapshot: Snapshot, policy: Policy) -> Reach:
        if cell.resource == bad:
            raise ZeroDivisionError("by nothing")
        return look(cell, snapshot, policy)

    monkeypatch.setattr(neighbourhood, "neighbours", looked)
    world = World()
    await world.add(*attack("a", "vm1", 0), *attack("b", "vm2", 50))
    assert len(world.incidents) == 1
    monkeypatch.undo()
    await world.reconcile([News("renew-1", "main", RENEW, hour=1)])
    assert len(world.incidents) == 2
    world.audit()


async def test_a_renewal_judges_open_incidents_by_what_was_learned_since() -> None:
    world = World()
    alerts = attack("a", "vm1", 0)
    await world.add(*alerts)
    (before,) = world.incidents
    await world.add(*(alert(f"n{n}", f"other{n}", n, detection="Other") for n in range(30)))
    await world.reconcile([News("renew-1", "main", RENEW, hour=1)])
    (after,) = world.incidents
    assert after.id == before.id
    assert after.shown["expected"] != before.shown["expected"]


async def test_a_renewal_of_many_incidents_goes_on_until_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("correlate.reconcile.renewal.SLICE_INCIDENTS", 2)
    assert SLICE_INCIDENTS > 2
    world = World()
    await world.add(*(each for n in range(5) for each in attack(f"{n}", f"vm{n}", 30 * n)))
    assert len(world.incidents) == 5
    await world.reconcile([News("renew-1", "main", RENEW, hour=1)])
    told = [each for each in world.database.news.values() if each.kind == RENEW]
    assert [each.after for each in told] == sorted(each.after for each in told)
    assert len(told) == 2


async def test_a_sweep_computes_what_the_last_week_has(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(now=START + 2 * DAY)
    monkeypatch.setattr(reconcile_run, "difference", lambda _view: Difference())
    await world.add(*attack("a", "vm1", 0))
    assert world.incidents == []
    monkeypatch.undo()
    await world.reconcile([News("sweep-1", "main", SWEEP, hour=1)])
    assert len(world.incidents) == 1


async def test_an_alert_that_is_rewritten_to_take_no_part_is_counted_out() -> None:
    world = World()
    alerts = attack("a", "vm1", 0)
    extra = [alert(f"n{n}", "vm1", 1.1 + n / 10) for n in range(3)]
    await world.add(*alerts, *extra)
    (incident,) = world.incidents
    assert incident.shown["alertCount"] == 6
    name = extra[1].cell.first.alert
    world.database.remove(name)
    recount = Recount(entity("vm1"), START // DAY, name, "")
    await world.reconcile([News("r", "main", ALERTS, (), (recount,))])
    assert world.incidents[0].shown["alertCount"] == 5
    world.audit()


async def test_an_incident_whose_evidence_is_rewritten_away_is_withdrawn() -> None:
    world = World()
    alerts = attack("a", "vm1", 0)
    await world.add(*alerts)
    (incident,) = world.incidents
    await world.rewrite_away(*alerts[1:])
    assert world.incidents == []
    assert world.incident(incident.id).withdrawn
    assert world.spans("vm1") == ()
    await world.add(*alerts[1:])
    assert [each.id for each in world.incidents] == [incident.id]
    assert world.notes.count("returned") == 1
    world.audit()


async def test_a_recount_waits_until_the_rewrite_is_seen() -> None:
    world = World()
    alerts = attack("a", "vm1", 0)
    await world.add(*alerts)
    name = alerts[0].cell.first.alert
    world.database.versions[name] = "1"
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)
        world.database.versions[name] = "2"

    surroundings = replace(world.surroundings(), pause=pause)
    recount = Recount(entity("vm1"), START // DAY, name, "2")
    reconciler = reconcile_run.Reconciler(world.store, surroundings)
    await reconciler.run([News("r", "main", ALERTS, (), (recount,))])
    assert len(waited) == 1


@pytest.mark.parametrize(
    ("age", "takes_part"), [(87, True), (89, False)], ids=["not yet", "expiring"]
)
async def test_an_incident_whose_activity_begins_to_expire_is_frozen(
    age: int, takes_part: bool
) -> None:
    world = World()
    await world.add(*attack("a", "vm1", 0))
    (incident,) = world.incidents
    world.now = START + age * DAY
    world.reconciler = world.worker()
    await world.add(alert("x", "vm1", 3, Tactic.Exfiltration))
    assert (len(world.alerts_of(incident.id)) == 4) == takes_part
    world.audit()


async def test_a_late_alert_reaches_an_incident_that_is_35_days_old() -> None:
    world = World()
    alerts = attack("a", "vm1", 0)
    await world.add(*alerts)
    (incident,) = world.incidents
    world.now = START + 35 * DAY
    world.reconciler = world.worker()
    late = alert("x", "vm1", 1.5)
    await world.add(late)
    assert world.alerts_of(incident.id) == ids(*alerts, late)
    assert world.incidents[0].shown["alertCount"] == 4
    world.audit()


async def test_nothing_that_an_open_incident_covers_expires() -> None:
    world = World()
    alerts = attack("a", "vm1", 0)
    other = alert("n", "vm9", 0)
    await world.add(*alerts, other)
    life = Lifetime(90)
    for each in (*alerts, other):
        world.database.expires[each.cell.first.alert] = life.day(START // DAY)
    for day in range(80, 140):
        world.now = START + day * DAY
        world.database.expire()
        await world.reconcile([News(f"sweep-{day}", "main", SWEEP, hour=day)])
    (incident,) = world.incidents
    assert world.alerts_of(incident.id) == ids(*alerts)
    assert other.cell.first.alert not in world.database.alerts
    world.audit()


async def test_what_a_closed_incident_covers_goes_with_its_alerts() -> None:
    world = World()
    await world.add(*attack("a", "vm1", 0))
    (incident,) = world.incidents
    await world.change(incident.id, status="Resolved")
    world.now = START + 90 * DAY
    assert len(world.spans("vm1")) == 1
    world.now = START + 91 * DAY
    assert world.spans("vm1") == ()


async def test_a_rare_day_is_computed_once_and_habits_beside_it_never() -> None:
    world = World()
    rare = alert("r", "vm1", 0, Tactic.Execution)
    assert (await world.add(rare)).computed == 1
    habit = [
        alert(f"h{day}-{host}", f"pc{host}", -24 * day + 2, detection="Habit")
        for day in range(1, 9)
        for host in range(30)
    ]
    await world.add(*habit)
    again = alert("h", "vm1", 2, detection="Habit")
    assert (await world.add(again)).computed == 0


async def test_what_led_nowhere_by_itself_is_read_when_another_day_leads_to_it() -> None:
    world = World()
    key = ["account:joe"]
    habit = [
        alert(f"h{day}-{host}", f"pc{host}", -24 * day + 2, detection="Habit")
        for day in range(1, 9)
        for host in range(30)
    ]
    await world.add(*habit)
    first = alert("a", "vm1", 0, Tactic.InitialAccess)
    await world.add(first)
    world.now += 1
    steps = [
        alert("b", "vm2", 1, Tactic.Execution, keys=key),
        alert("c", "vm2", 2, Tactic.CredentialAccess),
    ]
    beside = alert("n", "vm2", 1.5, detection="Habit")
    await world.add(beside)
    await world.add(*steps)
    (incident,) = world.incidents
    assert world.alerts_of(incident.id) == ids(*steps, beside)
    world.audit()
