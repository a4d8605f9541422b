"""The fence and what can go wrong between two calls: written interleavings, then every crash."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

import pytest

from correlate.model.news import News  # noqa: TC001 - as all of the model
from correlate.model.observation import Observation
from correlate.reconcile.fence import FencedError
from correlate.store.memory import NoFaults
from correlate.store.port import LostReplyError
from shared.killchain import Tactic
from shared.times import DAY
from tests.unit.machine.test_decisions import attack
from tests.unit.machine.world import World, alert, ids


class CrashError(Exception):
    """The worker dies."""


@dataclass
class Trouble(NoFaults):
    """One fault at the call of that number; `hook` runs before the call of a name."""

    crash_before: int = 0
    crash_after: int = 0
    lose: int = 0
    stale: int = 0
    hooks: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    calls: int = 0

    async def before(self, call: str) -> None:
        self.calls += 1
        if self.calls == self.crash_before:
            raise CrashError(call)
        hook = self.hooks.pop(call, None)
        if hook is not None:
            await hook()

    async def after(self, call: str) -> bool:
        if self.calls == self.crash_after:
            raise CrashError(call)
        return self.calls == self.lose

    def lag(self, call: str) -> int:  # noqa: ARG002 - the protocol names it
        return self.stale


async def test_a_former_worker_that_goes_on_after_another_took_over_writes_nothing() -> None:
    world = World()
    await world.add(*attack("a", "vm1", 0))
    trouble = Trouble()
    former = world.worker(trouble)
    news = world.store_alerts([alert("x", "vm1", 3, Tactic.Exfiltration)])

    async def take_over() -> None:
        await world.worker().run(news)

    trouble.hooks["commit"] = take_over
    with pytest.raises(FencedError):
        await former.run(news)
    (incident,) = world.incidents
    assert incident.shown["alertCount"] == 4
    assert world.notes.count("opened") == 1
    world.audit()


async def test_a_worker_whose_turn_it_was_reads_anew_when_it_comes_back() -> None:
    world = World()
    first, second = world.worker(), world.worker()
    await first.run(world.store_alerts(attack("a", "vm1", 0)))
    await second.run(world.store_alerts([alert("x", "vm1", 3, Tactic.Exfiltration)]))
    news = world.store_alerts([alert("y", "vm1", 4, Tactic.Impact)])
    with pytest.raises(FencedError):
        await first.run(news)
    await first.run(news)
    (incident,) = world.incidents
    assert incident.shown["alertCount"] == 5
    world.audit()


async def test_a_batch_whose_reply_is_lost_is_done_once() -> None:
    world = World()
    trouble = Trouble()
    world.reconciler = world.worker(trouble)
    await world.add(*attack("a", "vm1", 0))
    trouble.lose = trouble.calls + 2
    await world.add(alert("x", "vm1", 3, Tactic.Exfiltration))
    (incident,) = world.incidents
    assert incident.shown["alertCount"] == 4
    world.audit()


async def test_a_closing_between_read_and_batch_is_noticed() -> None:
    world = World()
    trouble = Trouble()
    world.reconciler = world.worker(trouble)
    alerts = attack("a", "vm1", 0)
    await world.add(*alerts)
    (incident,) = world.incidents

    async def close() -> None:
        world.write(incident.id, status="Resolved")

    trouble.hooks["commit"] = close
    await world.add(*attack("b", "vm1", 4))
    assert world.alerts_of(incident.id) == ids(*alerts)
    assert world.incident(incident.id).closed
    assert [each.follows for each in world.incidents] == [None, incident.id]
    world.audit()


def story() -> list[list[Observation]]:
    """Batches of alerts that open, extend and unite incidents on three machines."""
    key = ["account:joe"]
    return [
        attack("a", "vm1", 0),
        attack("b", "vm2", 1),
        [alert("n", "vm3", 1.5), alert("e", "vm1", 3, Tactic.Discovery, keys=key)],
        [alert("f", "vm2", 3.5, Tactic.LateralMovement, keys=key), alert("m", "vm1", 1.2)],
        [alert("g", "vm3", 5, Tactic.Exfiltration, keys=key), alert("l", "vm1", 400)],
    ]


def told(world: World) -> set[tuple[frozenset[str], str]]:
    """Which alerts are together, and with what confidence."""
    return {
        (frozenset(world.alerts_of(each.id)), each.confidence.value) for each in world.incidents
    }


def fault(what: str, number: int) -> Trouble:
    """The fault of that name at the call of that number."""
    trouble = Trouble()
    setattr(trouble, what, number)
    return trouble


async def deliver(world: World, trouble: Trouble, batches: list[list[Observation]]) -> None:
    """Deliver each batch's news until a worker gets through; a crash makes a new worker."""
    world.reconciler = world.worker(trouble)
    for batch in batches:
        news: list[News] = world.store_alerts(batch)
        for _ in range(20):
            try:
                await world.reconcile(news)
            except CrashError:
                world.reconciler = world.worker(trouble)
            except (FencedError, LostReplyError):
                continue
            else:
                break
        else:
            raise AssertionError("it never gets through")


@pytest.fixture(scope="module")
def calm() -> tuple[set[tuple[frozenset[str], str]], int]:
    """What the story leaves where nothing goes wrong, and how many calls it takes."""
    world, trouble = World(), Trouble()
    asyncio.run(deliver(world, trouble, story()))
    world.audit()
    return told(world), trouble.calls


@pytest.mark.parametrize("what", ["crash_before", "crash_after", "lose"])
async def test_a_fault_at_any_call_changes_nothing_in_the_end(
    what: str, calm: tuple[set[tuple[frozenset[str], str]], int]
) -> None:
    expected, calls = calm
    assert calls > 10
    for number in range(1, calls + 1):
        world = World(remember=True)
        await deliver(world, fault(what, number), story())
        assert told(world) == expected, (what, number)
        world.audit()


async def test_reads_that_lag_change_nothing_in_the_end(
    calm: tuple[set[tuple[frozenset[str], str]], int],
) -> None:
    for lag in (1, 3, 100):
        world = World(remember=True)
        await deliver(world, Trouble(stale=lag), story())
        assert told(world) == calm[0]
        world.audit()


@pytest.mark.parametrize("seed", range(20))
async def test_any_order_and_repetition_of_the_alerts_gives_the_same(
    seed: int, calm: tuple[set[tuple[frozenset[str], str]], int]
) -> None:
    chance = Random(seed)  # noqa: S311 - a reproducible order
    alerts = [each for batch in story() for each in batch]
    chance.shuffle(alerts)
    world = World()
    while alerts:
        size = chance.randint(1, 4)
        news = world.store_alerts(alerts[:size])
        del alerts[:size]
        await world.reconcile(news)
        if chance.random() < 0.3:
            await world.reconcile(news)
    world.now += DAY
    assert told(world) == calm[0]
    world.audit()
