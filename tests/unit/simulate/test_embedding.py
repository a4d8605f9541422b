"""Attacks in the noise of an enterprise, and what each of the quiet ones is like."""

from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise
from random import Random

import pytest

from ingest_alert.registry import parse_alert
from local.simulate.cast import Cast
from local.simulate.enterprise import ATTACKS, generate
from local.simulate.enterprise.catalogue import compile_catalogue
from local.simulate.enterprise.population import populate
from local.simulate.enterprise.shape import Shape
from local.simulate.play import Labelled
from local.simulate.quiet import QUIET
from local.simulate.scenarios import SCENARIOS, Steps
from shared.times import DAY, HOUR, MINUTE

SHAPE = Shape(resources=1_000, detections=200, days=7, alerts=2_000)
EXTENTS = [
    ("two-quiet-stages", 1, 0.7),
    ("known-detections", 1, 1.2),
    ("slow-stages", 1, 48),
    ("worm", 200, 1),
    ("account-visits-25", 26, 3.9),
    ("account-visits-26", 27, 3.9),
    ("account-visits-100", 101, 4),
    ("twice-on-one-host", 1, 72.9),
    ("repeated-intrusion", 1, 68.9),
    ("beacon-after-intrusion", 1, 48),
    ("two-through-one-gateway", 2, 1.1),
]
"""Of each quiet attack: on how many machines it is, and for how many hours it goes on."""


@cache
def attacked() -> tuple[Labelled, ...]:
    """Every attack once."""
    return tuple(each for each in generate(SHAPE, ATTACKS) if each.incident is not None)


def of(name: str) -> list[Labelled]:
    return [each for each in attacked() if (each.incident or "").partition("/")[0] == name]


def steps(name: str) -> Steps:
    return ATTACKS[name].steps(Cast(Random("cast")))  # noqa: S311 - sample data, no secret


def host(alert: Labelled) -> str:
    return str(alert.alert["properties"]["compromisedEntity"])


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_there_whole_within_the_period(name: str) -> None:
    found = of(name)
    first = [each.id for each in found if not each.again]
    assert len({each.id for each in found}) == len(first) == len(steps(name))
    assert SHAPE.start <= found[0].at <= found[-1].at < SHAPE.end


def test_the_truth_names_every_alert_once_and_noise_in_between() -> None:
    made = list(generate(SHAPE, ATTACKS))
    truth = {each.id: each.incident for each in made}
    assert len(truth) == SHAPE.alerts + len({each.id for each in attacked()})
    assert len(truth) == sum(not each.again for each in made)
    assert sum(incident is None for incident in truth.values()) == SHAPE.alerts
    assert [each.at for each in made] == sorted(each.at for each in made)


def test_no_machine_and_no_owner_plays_in_two_attacks() -> None:
    members = {each.name: each.owner for each in populate(SHAPE).all.things}
    people = {owner for owner in members.values() if owner}
    seen: dict[str, set[str]] = defaultdict(set)
    for name in ATTACKS:
        for each in of(name):
            text = each.message.decode()
            words = set(text.replace('"', " ").replace("/", " ").split())
            for word in words & (members.keys() | people):
                seen[word].add(name)
    assert len(seen) > 350
    assert {word: names for word, names in seen.items() if len(names) > 1} == {}


@pytest.mark.parametrize("name", QUIET)
def test_a_quiet_attack_is_on_machines_that_the_noise_knows_by_the_same_id(name: str) -> None:
    known = {each.name: each.azure for each in populate(SHAPE).all.things}
    for each in of(name):
        stated = each.alert["properties"]["resourceIdentifiers"]
        azure = [one["azureResourceId"] for one in stated if one["type"] == "AzureResource"]
        assert [known[host(each)]] == (azure or [""])


def test_the_same_attack_again_is_another_incident_on_other_machines() -> None:
    made = generate(SHAPE, ["two-quiet-stages"] * 3)
    hosts = defaultdict(set)
    for each in made:
        if each.incident:
            hosts[each.incident].add(host(each))
    assert set(hosts) == {"two-quiet-stages", "two-quiet-stages-2", "two-quiet-stages-3"}
    assert len(set.union(*hosts.values())) == 3


@pytest.mark.parametrize(("name", "hosts", "hours"), EXTENTS)
def test_it_is_on_so_many_machines_in_so_many_hours(name: str, hosts: int, hours: float) -> None:
    found = of(name)
    assert len({host(each) for each in found}) == hosts
    assert found[-1].at - found[0].at == pytest.approx(hours * HOUR, abs=4 * MINUTE)


def test_there_are_expectations_for_every_quiet_attack() -> None:
    assert {name for name, _, _ in EXTENTS} == set(QUIET)
    assert not set(QUIET) & set(SCENARIOS)


def test_slow_stages_are_12_to_20_hours_apart() -> None:
    gaps = [after.at - before.at for before, after in pairwise(of("slow-stages"))]
    assert len(gaps) == 3
    for gap in gaps:
        assert 12 * HOUR - 3 * MINUTE < gap < 20 * HOUR + 3 * MINUTE


@pytest.mark.parametrize("name", ["twice-on-one-host", "two-through-one-gateway"])
def test_two_attacks_are_two_incidents(name: str) -> None:
    counts = Counter(each.incident for each in of(name))
    assert set(counts) == {f"{name}/1", f"{name}/2"}
    assert counts[f"{name}/1"] == counts[f"{name}/2"] >= 3


def test_an_attack_comes_again_three_days_later_with_the_same_detections() -> None:
    found = of("twice-on-one-host")
    first, second = found[:5], found[5:]
    assert Counter(each.incident for each in first) == {"twice-on-one-host/1": 5}
    assert abs(second[0].at - first[0].at - 3 * DAY) <= 3 * MINUTE
    kinds = [[each.alert["properties"]["alertType"] for each in part] for part in (first, second)]
    assert kinds[0] == kinds[1]


def test_two_attacks_share_the_gateway_of_the_enterprise_and_nothing_else() -> None:
    named: dict[str | None, set[str]] = defaultdict(set)
    for each in of("two-through-one-gateway"):
        named[each.incident].update(parse_alert(each.alert).keys)
    first, second = named.values()
    assert first & second == {f"address:{populate(SHAPE).shared.gateway}"}


def test_known_detections_are_of_the_catalogue_and_others_are_not() -> None:
    catalogue = compile_catalogue(SHAPE).by_name
    for name in QUIET:
        used = {each.alert["properties"]["alertType"] for each in of(name)}
        assert (used <= catalogue.keys()) is (name == "known-detections")
        assert name == "known-detections" or not used & catalogue.keys()


@pytest.mark.parametrize(
    ("change", "attacks", "reason"),
    [
        pytest.param(
            {"days": 2}, ["twice-on-one-host"], "days: twice-on-one-host takes 73 hours", id="long"
        ),
        pytest.param({"resources": 100}, ["worm"], "resources: there are no more lap", id="wide"),
        pytest.param(
            {"resources": 20}, ["slow-stages"] * 6, "resources: there are no more srv", id="many"
        ),
        pytest.param(
            {"detections": 20}, ["known-detections"], "detections: none of the rarer", id="few"
        ),
    ],
)
def test_an_attack_that_does_not_fit_is_refused(
    change: dict[str, int], attacks: list[str], reason: str
) -> None:
    shape = Shape(**{"resources": 1_000, "days": 7, "alerts": 10} | change)
    with pytest.raises(ValueError, match=reason):
        generate(shape, attacks)


def test_an_attack_that_is_not_known_is_refused() -> None:
    with pytest.raises(KeyError, match="nonsense"):
        generate(SHAPE, ["nonsense"])
