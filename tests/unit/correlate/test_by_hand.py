"""Joining and splitting by hand: what a decision does, and that it lasts.

Then among workers that fail and die at every store call, and among people who close incidents.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pytest

from correlate.by_hand import Request, Result, carry_out
from correlate.flush import flush
from correlate.observation import Observation
from correlate.ports import Redirect, Root
from local.backtest.memory import MemoryStore
from shared.entities import key_id
from tests.unit.correlate.analysts import Analysts, merge, split
from tests.unit.correlate.making import NOW, SMALL, alert, random_alerts
from tests.unit.correlate.people import Team
from tests.unit.correlate.schedule import Chance, Scheduler, feed
from tests.unit.correlate.state import assert_as_expected, assert_sound, ends_of
from tests.unit.correlate.test_people import assert_each_alert_leads_to_one
from tests.unit.correlate.test_schedules import BLOCKS, SCHEDULES

ANN = "account:ann"
BOB = "account:bob"


class World:
    """A store, the alerts that were sent, and decisions on what came of them."""

    def __init__(self, *alerts: Observation) -> None:
        self.store = MemoryStore()
        self.sent: list[Observation] = []
        self.send(*alerts)

    def send(self, *alerts: Observation) -> None:
        for each in alerts:
            self.store.add(each)
            self.sent.append(each)
            asyncio.run(flush([each], self.store, SMALL, lambda: NOW))

    def decide(self, request: Request) -> Result:
        return asyncio.run(carry_out(request, self.store, SMALL, lambda: NOW))

    def root(self, of: Observation) -> Root:
        (end,) = ends_of(self.store, of)
        root = self.store.nodes[end]
        assert isinstance(root, Root)
        return root

    def together(self) -> list[set[str]]:
        """The names of resources whose alerts are one component, for each component."""
        found: dict[str, set[str]] = {}
        for each in self.sent:
            (end,) = ends_of(self.store, each)
            found.setdefault(end, set()).add(each.subject.name)
        assert_as_expected(self.store, self.sent, SMALL)
        return sorted(found.values(), key=sorted)

    def by(self, node: str) -> list[tuple[str, str]]:
        """Who did what to a component, as its history tells."""
        return [(str(each["what"]), str(each["by"])) for each in self.store.history[node].values()]


def pair(first: str, second: str, key: str, at: float = 0) -> tuple[Observation, Observation]:
    """Two resources' alerts that a key ties together."""
    return alert(f"{key}a", first, at, key), alert(f"{key}b", second, at, key)


def two_incidents() -> World:
    return World(*pair("vm1", "vm2", ANN), *pair("vm3", "vm4", BOB))


def joined() -> World:
    world = two_incidents()
    one, _, other, _ = world.sent
    world.decide(merge(1, world.root(one).id, world.root(other).id))
    return world


def split_off(*names: str) -> World:
    """Three resources that an account ties together, of which some were split off."""
    world = World(*(alert(str(number), f"vm{number}", 0, ANN) for number in (1, 2, 3)))
    resources = [each.subject.entity for each in world.sent if each.subject.name in names]
    world.decide(split(1, world.root(world.sent[0]).id, *resources))
    return world


def test_a_join_leaves_one_of_them_and_the_other_leads_to_it() -> None:
    world = two_incidents()
    one, other = (world.root(world.sent[number]).id for number in (0, 2))
    result = world.decide(merge(1, other, one))
    assert world.together() == [{"vm1", "vm2", "vm3", "vm4"}]
    assert result == Result(min(one, other))
    absorbed = world.store.nodes[max(one, other)]
    assert isinstance(absorbed, Redirect)
    assert absorbed.parent == min(one, other)


def test_a_join_tells_who_made_it() -> None:
    world = joined()
    root = world.root(world.sent[0])
    assert [link.by for link in root.links] == ["ann"]
    assert ("merged", "ann") in world.by(root.id)


@pytest.mark.parametrize("resource", ["vm1", "vm4"])
def test_later_alerts_on_either_go_to_the_joined_one(resource: str) -> None:
    world = joined()
    world.send(alert("later", resource, 1))
    assert len(world.together()) == 1


def test_a_join_outlasts_a_key_that_becomes_common() -> None:
    world = joined()
    world.send(*(alert(f"c{number}", f"vm{number}", 0, ANN) for number in (5, 6, 7)))
    assert {"vm1", "vm2", "vm3", "vm4"} in world.together()


@pytest.mark.parametrize("times", [2, 3])
def test_a_decision_that_is_carried_out_again_changes_nothing(times: int) -> None:
    world = two_incidents()
    one, other = (world.root(world.sent[number]).id for number in (0, 2))
    results = [world.decide(merge(1, one, other)) for _ in range(times)]
    writes = world.store.writes
    assert world.decide(merge(1, one, other)) == results[0]
    assert world.store.writes == writes


def test_a_split_leaves_the_incident_to_what_stays() -> None:
    world = World(*(alert(str(number), f"vm{number}", 0, ANN) for number in (1, 2, 3)))
    before = world.root(world.sent[0]).id
    named = next(each for each in world.sent if each.alert_id == before)
    world.decide(split(1, before, named.subject.entity))
    others = {each.subject.name for each in world.sent} - {named.subject.name}
    assert world.together() == sorted([{named.subject.name}, others], key=sorted)
    stays = next(each for each in world.sent if each.alert_id != before)
    assert world.root(stays).id == before


def test_what_is_split_off_together_stays_together() -> None:
    assert split_off("vm1", "vm2").together() == [{"vm1", "vm2"}, {"vm3"}]


def test_a_split_tells_who_made_it_on_both_sides() -> None:
    world = World(*(alert(str(number), f"vm{number}", 0, ANN) for number in (1, 2)))
    root = world.root(world.sent[0])
    seen = tuple(each.alert_id for each in world.sent)
    world.store.nodes[root.id] = replace(root, visible=True, absorbed=seen)
    world.decide(split(1, root.id, world.sent[0].subject.entity))
    for each in world.sent:
        assert ("split", "ann") in world.by(world.root(each).id)


@pytest.mark.parametrize(
    ("later", "components"),
    [
        (alert("x", "vm1", 1, ANN), [{"vm1"}, {"vm2", "vm3"}]),
        (alert("x", "vm1", 1.9, ANN), [{"vm1"}, {"vm2", "vm3"}]),
        (alert("x", "vm2", 1, ANN), [{"vm1"}, {"vm2", "vm3"}]),
        (alert("x", "vm1", 1), [{"vm1"}, {"vm2", "vm3"}]),
    ],
    ids=["by the same key", "after a pause", "of the others", "without a key"],
)
def test_later_alerts_do_not_flow_back(later: Observation, components: list[set[str]]) -> None:
    world = split_off("vm1")
    world.send(later)
    assert world.together() == components


def test_a_new_key_ties_again() -> None:
    world = split_off("vm1")
    world.send(*pair("vm1", "vm2", BOB, 0.5))
    assert len(world.together()) == 1


def test_a_new_resource_joins_those_that_stay() -> None:
    world = World(*pair("vm1", "vm2", ANN))
    world.decide(split(1, world.root(world.sent[0]).id, world.sent[0].subject.entity))
    world.send(alert("new", "vm3", 0.5, ANN))
    assert world.together() == [{"vm1"}, {"vm2", "vm3"}]


def test_a_split_is_undone_by_a_join() -> None:
    world = split_off("vm1")
    roots = {world.root(each).id for each in world.sent}
    world.decide(merge(2, *roots))
    assert len(world.together()) == 1


def test_a_join_is_undone_by_a_split() -> None:
    world = joined()
    world.decide(
        split(
            2,
            world.root(world.sent[0]).id,
            *(key_id(f"resource:{each}") for each in ("vm3", "vm4")),
        )
    )
    assert world.together() == [{"vm1", "vm2"}, {"vm3", "vm4"}]
    assert not world.root(world.sent[0]).links


def test_a_decision_that_comes_again_late_does_not_undo_a_later_one() -> None:
    world = split_off("vm1")
    roots = {world.root(each).id for each in world.sent}
    world.decide(merge(2, *roots))
    again = split(1, world.root(world.sent[0]).id, world.sent[0].subject.entity)
    world.decide(again)
    assert len(world.together()) == 1


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        (("vm1", "vm2"), "Nothing of the incident would be left."),
        (("vm9",), "None of the resources is in the incident any more."),
    ],
    ids=["all", "another"],
)
def test_a_split_that_does_not_fit_is_refused(resources: Iterable[str], reason: str) -> None:
    world = World(*pair("vm1", "vm2", ANN))
    root = world.root(world.sent[0])
    writes = world.store.writes
    result = world.decide(split(1, root.id, *(key_id(f"resource:{each}") for each in resources)))
    assert result == Result(root.id, refusal=reason)
    assert world.store.writes == writes


def test_a_closed_incident_is_not_joined() -> None:
    world = two_incidents()
    one, other = (world.root(world.sent[number]) for number in (0, 2))
    world.store.nodes[other.id] = replace(other, people={"status": "Resolved"})
    result = world.decide(merge(1, one.id, other.id))
    assert result.refusal == f"The incident {other.id} was closed meanwhile."
    assert len(world.together()) == 2


def run_with_analysts(seed: int) -> Analysts:
    chance = Random(seed)  # noqa: S311 - a schedule told by its seed
    alerts = random_alerts(chance, chance.choice((6, 10)))
    store, analysts = MemoryStore(), Analysts()
    _schedule(store, analysts, alerts, chance).run()
    assert_as_expected(store, alerts, SMALL)
    return analysts


def run_with_analysts_and_people(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - a schedule told by its seed
    alerts = random_alerts(chance, 10)
    store, analysts, team = MemoryStore(), Analysts(), Team()
    scheduler = _schedule(store, analysts, alerts, chance)
    scheduler.add(team.person(store, chance, chance.randint(1, 4)))
    scheduler.run()
    found = assert_each_alert_leads_to_one(store, alerts)
    assert_sound(store, found, closed_once={deed.root for deed in team.deeds})


def _schedule(
    store: MemoryStore, analysts: Analysts, alerts: list[Observation], chance: Random
) -> Scheduler:
    chooser = Chance(chance, mishaps=chance.choice((0, 0, 2, 5)))
    scheduler = Scheduler(chooser)
    for share in (alerts[::2], alerts[1::2]):
        size = chance.randint(1, 3)
        batches = [share[start : start + size] for start in range(0, len(share), size)]
        scheduler.add(feed(store, batches, SMALL, chooser))
    for _ in range(chance.randint(1, 2)):
        scheduler.add(analysts.analyst(store, SMALL, chance, chance.randint(1, 3)))
    return scheduler


@pytest.mark.parametrize("block", range(BLOCKS))
def test_decisions_at_any_moment(block: int) -> None:
    for seed in range(block, SCHEDULES // 4, BLOCKS):
        try:
            run_with_analysts(seed)
        except Exception as fault:
            raise AssertionError(f"schedule {seed}: {fault}") from fault


@pytest.mark.parametrize("block", range(BLOCKS))
def test_decisions_among_people_at_any_moment(block: int) -> None:
    for seed in range(block, SCHEDULES // 8, BLOCKS):
        try:
            run_with_analysts_and_people(seed)
        except Exception as fault:
            raise AssertionError(f"schedule {seed}: {fault}") from fault
