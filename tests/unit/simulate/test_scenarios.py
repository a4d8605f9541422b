"""The sample attacks: each becomes one incident, in the backtest's engine, amid its noise."""

from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest

from correlate.policy import default_policy
from ingest_alert.reading import read_message
from ingest_alert.registry import parse_alert
from local.backtest.results import Incident, incidents_of
from local.backtest.run import Options, correlate_lines
from local.backtest.scoring import Score, score
from local.simulate.naming import (
    AMAZON,
    CUSTOMER,
    DIRECTORY,
    DNS_DOMAIN,
    POST_CUSTOMER,
    WORKSPACE,
)
from local.simulate.play import Play, play
from local.simulate.scenarios import SCENARIOS
from shared.alert import Alert
from shared.alert_versions import version_of
from shared.times import DAY, parse_time

START = parse_time("2026-11-02T08:00:00Z")
STAGES = {
    "cloud-credential-theft": {"InitialAccess", "CredentialAccess", "Exfiltration"},
    "brute-force-to-cryptomining": {"Reconnaissance", "InitialAccess", "Execution", "Impact"},
    "phishing-to-ransomware": {"InitialAccess", "Execution", "LateralMovement", "Impact"},
    "web-exploit-to-privilege-escalation": {"InitialAccess", "Execution", "PrivilegeEscalation"},
    "insider-exfiltration": {"Discovery", "Collection", "Exfiltration"},
    "container-escape": {"InitialAccess", "Execution", "PrivilegeEscalation"},
}
TITLES = {
    "cloud-credential-theft": "exfiltration",
    "brute-force-to-cryptomining": "Cryptomining",
    "phishing-to-ransomware": "Ransomware",
    "web-exploit-to-privilege-escalation": "Web shell",
    "insider-exfiltration": "exfiltrated",
    "container-escape": "privilege escalation",
}


def played(name: str, seed: int = 1, ratio: float = 10) -> Play:
    return play(SCENARIOS[name], seed=seed, ratio=ratio, start=START)


def parsed(made: Play) -> list[Alert]:
    return [parse_alert(each) for message in made.messages for each in read_message(message)]


async def correlated(made: Play) -> tuple[list[Incident], Score]:
    """The incidents of medium confidence or better, and how well they match the truth."""
    result = await correlate_lines(made.messages, Options(default_policy()))
    assert (result.table.stored, result.rejected) == (len(made.truth), 0)
    shown = incidents_of(result)
    return shown, score(shown, made.truth)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", SCENARIOS)
async def test_an_attack_is_one_incident_that_holds_all_of_it(name: str, seed: int) -> None:
    made = played(name, seed)
    (incident,), scored = await correlated(made)
    assert made.attack <= set(incident.alert_ids)
    assert scored.recall == 1
    assert scored.precision >= 0.7
    assert STAGES[name] <= set(incident.line["stages"])
    assert TITLES[name] in incident.line["title"]


@pytest.mark.parametrize("name", SCENARIOS)
async def test_much_noise_does_not_hide_it(name: str) -> None:
    made = played(name, ratio=60)
    (incident,), scored = await correlated(made)
    assert made.attack <= set(incident.alert_ids)
    assert scored.recall == 1
    assert len(incident.alert_ids) < 3 * len(made.attack)


def test_there_are_expectations_for_every_scenario() -> None:
    assert set(STAGES) == set(TITLES) == set(SCENARIOS)
    assert len(SCENARIOS) >= 6


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_is_told_by_several_tools_and_read_without_a_note(name: str) -> None:
    made = played(name)
    alerts = [alert for alert in parsed(made) if alert.source_id in made.attack]
    assert len({alert.source for alert in alerts}) >= 3
    assert [alert.notes for alert in alerts if alert.notes] == []
    assert all(alert.tactics for alert in alerts)


def test_together_they_use_most_formats() -> None:
    sources = {alert.source for name in SCENARIOS for alert in parsed(played(name))}
    assert sources == {
        "alertmanager", "aws-guardduty", "crowdstrike", "defender", "defender-export", "elastic",
        "falco", "graph-alert", "ocsf", "security-alert-table", "suricata", "wazuh",
    }  # fmt: skip


@pytest.mark.parametrize("ratio", [0, 1, 2.5])
def test_the_noise_is_as_much_as_was_asked_for(ratio: float) -> None:
    made = played("insider-exfiltration", ratio=ratio)
    assert len(made.attack) == 6
    assert len(made.truth) == 6 + round(6 * ratio)
    assert len(made.messages) == len(made.truth) + sum(each.again for each in made.alerts)


def test_an_alert_that_comes_through_two_channels_is_one_to_the_service() -> None:
    pairs = set()
    for name in SCENARIOS:
        made = played(name)
        alerts = parsed(made)
        for (first, second), labelled in zip(pairwise(alerts), made.alerts[1:], strict=True):
            if labelled.again:
                assert first.id == second.id
                assert labelled.id == min(first, second, key=version_of).source_id
                pairs.add((first.source, second.source))
        assert len({each.id for each in alerts}) == len(made.truth)
    assert pairs == {
        ("aws-guardduty", "ocsf"),
        ("defender", "defender-export"),
        ("graph-alert", "security-alert-table"),
        ("security-alert-table", "graph-alert"),
    }


TENANTS = {
    "alertmanager": {""},
    "aws-guardduty": {AMAZON},
    "crowdstrike": {CUSTOMER},
    "defender": {DIRECTORY},
    "defender-export": {DIRECTORY},
    "elastic": {AMAZON, ""},
    "falco": {""},
    "graph-alert": {DIRECTORY},
    "ocsf": {POST_CUSTOMER, AMAZON},
    "security-alert-table": {WORKSPACE},
    "suricata": {""},
    "wazuh": {""},
}


def test_each_product_states_its_own_tenant() -> None:
    said = defaultdict(set)
    for name in SCENARIOS:
        for alert in parsed(played(name)):
            said[alert.source].add(alert.tenant)
    assert said == TENANTS


def test_products_name_one_machine_in_their_own_ways() -> None:
    """Defender with its domain, Wazuh and Falco without: it is one host."""
    made = played("brute-force-to-cryptomining", ratio=0)
    hosts = [entity for alert in parsed(made) for entity in alert.entities if entity.kind == "host"]
    spellings = {entity.value for entity in hosts}
    (short,) = {value.removesuffix(f".{DNS_DOMAIN}") for value in spellings}
    assert spellings == {short, f"{short}.{DNS_DOMAIN}"}
    assert {entity.key for entity in hosts} == {f"host:{short}"}


def test_messages_come_in_order_of_time_within_a_day() -> None:
    starts = [alert.start for alert in parsed(played("container-escape"))]
    assert starts == sorted(starts)
    assert starts[-1] - starts[0] <= DAY


@pytest.mark.parametrize(
    ("change", "same"),
    [
        pytest.param({}, True, id="the same arguments"),
        pytest.param({"seed": 2}, False, id="another seed"),
        pytest.param({"ratio": 11.0}, False, id="more noise"),
        pytest.param({"start": START + DAY}, False, id="another day"),
    ],
)
def test_the_arguments_decide_every_byte(change: dict[str, Any], same: bool) -> None:
    arguments: dict[str, Any] = {"seed": 1, "ratio": 10.0, "start": START}
    scenario = SCENARIOS["container-escape"]
    assert (play(scenario, **arguments) == play(scenario, **arguments | change)) is same


def test_another_day_gives_other_alerts() -> None:
    scenario = SCENARIOS["container-escape"]
    later = play(scenario, seed=1, ratio=10, start=START + DAY)
    assert not played("container-escape").truth.keys() & later.truth.keys()
