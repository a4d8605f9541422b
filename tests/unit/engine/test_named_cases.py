"""What the engine must tell apart, case by case, amid three weeks of noise."""

import pytest

from correlate.model.cell import Cell
from correlate.model.episode import Confidence, Kind
from shared.killchain import Tactic
from shared.severity import Severity
from tests.unit.engine.worlds import alert, find, habit, joined, noise

RECON, ACCESS, RUN = Tactic.Reconnaissance, Tactic.InitialAccess, Tactic.Execution
PERSIST, ESCALATE, STEAL = (
    Tactic.Persistence,
    Tactic.PrivilegeEscalation,
    Tactic.CredentialAccess,
)
MOVE, CALL, TAKE = Tactic.LateralMovement, Tactic.CommandAndControl, Tactic.Exfiltration
SEEN = 14 * 24
"""Two weeks into the noise."""


def intrusion(host: str, at: float, name: str = "x", **more: object) -> list[Cell]:
    """Five stages in an hour, by detections of their own."""
    stages = (ACCESS, RUN, PERSIST, ESCALATE, STEAL)
    return [
        alert(host, at + number / 4, f"{name}{number}", stage, severity=Severity.High, **more)  # type: ignore[arg-type]
        for number, stage in enumerate(stages)
    ]


def test_an_intrusion_amid_noise_is_one_incident_and_the_first() -> None:
    attack = intrusion("h007", SEEN)
    found = find(attack)
    first = found.incidents[0]
    assert first.verdict is not None
    assert first.verdict.confidence is Confidence.HIGH
    assert {cell.id for cell in attack} <= {cell.id for cell in first.evidence}


def test_three_weeks_of_noise_make_no_high_incident_and_at_most_five_times_the_budget() -> None:
    found = find()
    assert [e for e in found.incidents if e.verdict and e.verdict.expected <= 0.01] == []
    assert len(found.incidents) <= 5 * 3


def test_two_different_attacks_a_week_apart_with_a_habit_between_are_two_incidents() -> None:
    one, other = intrusion("h007", SEEN - 90, "a"), intrusion("h007", SEEN + 78, "b")
    between = habit("h007", "updates", 0, 21 * 24 - 1, 6)
    found = find(one, other, between)
    first, second = found.of(one), found.of(other)
    assert (len(first), len(second)) == (1, 1)
    assert first != second


def test_the_same_attack_twice_three_days_apart_is_two_incidents() -> None:
    one, other = intrusion("h007", SEEN), intrusion("h007", SEEN + 72)
    found = find(one, other)
    first, second = found.of(one), found.of(other)
    assert (len(first), len(second)) == (1, 1)
    assert first != second


def test_stages_12_and_20_hours_apart_hold_together() -> None:
    attack = [
        alert("h007", SEEN, "odd-logon", ACCESS),
        alert("h007", SEEN + 12, "hidden-task", PERSIST),
        alert("h007", SEEN + 32, "key-table-read", STEAL),
        alert("h007", SEEN + 48, "odd-tunnel", TAKE),
    ]
    found = find(attack).of(attack)
    assert len(found) == 1
    assert {cell.id for cell in attack} <= {cell.id for cell in found[0].evidence}


def test_an_intrusion_that_repeats_every_four_hours_for_three_days_stays_an_incident() -> None:
    attack = joined(cell for turn in range(18) for cell in intrusion("h007", SEEN + 4 * turn))
    found = find(attack).of(attack)
    assert [each.verdict.confidence for each in found if each.verdict] == [Confidence.HIGH]


def test_a_beacon_every_hour_for_two_days_does_not_hide_the_intrusion_before_it() -> None:
    attack = intrusion("h007", SEEN)
    beacon = [alert("h007", SEEN + 2 + each, "beacon", CALL) for each in range(48)]
    alone, followed = find(attack).of(attack), find(attack, beacon).of(attack)
    assert [each.verdict.confidence for each in (*alone, *followed) if each.verdict] == [
        Confidence.HIGH,
        Confidence.HIGH,
    ]


def test_what_comes_later_on_its_own_host_does_not_lower_a_verdict() -> None:
    attack = intrusion("h007", SEEN)
    later = [
        alert("h007", SEEN + 30 + 5 * each, f"x{each % 5}", RUN, severity=Severity.High)
        for each in range(25)
    ]
    (alone,) = find(attack, until=21 * 24).of(attack)
    after = find(attack, later, until=21 * 24).of(attack)[0]
    assert alone.verdict is not None
    assert after.verdict is not None
    assert after.verdict.confidence is alone.verdict.confidence


@pytest.mark.parametrize("name", ["a", "zz"])
def test_twelve_detections_of_a_stage_hide_no_attack_whatever_their_names(name: str) -> None:
    attack = intrusion("h007", SEEN, name)
    others = [alert("h007", SEEN - 1 + each / 6, f"m{each:02}", RUN) for each in range(12)]
    found = find(attack, others).of(attack)
    assert [each.verdict.confidence for each in found if each.verdict] == [Confidence.HIGH]
    chain = found[0].verdict.why["stages"] if found[0].verdict and found[0].verdict.why else ()
    assert {step["stage"] for step in chain} >= {"InitialAccess", "Persistence", "CredentialAccess"}


def visits(machines: int) -> list[Cell]:
    """One account, from machine to machine within four hours."""
    told = (MOVE, Tactic.Discovery, STEAL, PERSIST)
    return [
        alert(f"h{each:03}", SEEN + 4 * each / machines, f"visit{each % 4}", told[each % 4],
              keys=["account:eve"])
        for each in range(machines)
    ]  # fmt: skip


@pytest.mark.parametrize("machines", [25, 26, 100])
def test_an_account_that_visits_many_machines_is_one_incident(machines: int) -> None:
    attack = visits(machines)
    found = find(attack, background=noise(400)).of(attack)
    assert len(found) == 1
    inside = {cell.id for cell in found[0].evidence}
    assert sum(cell.id in inside for cell in attack) >= 0.9 * machines


SHARED = [
    pytest.param("host:dns", id="a DNS server"),
    pytest.param("address:198.51.100.3", id="a proxy"),
    pytest.param("address:198.51.100.9", id="an egress address"),
    pytest.param("account:admin@corp", id="an administrator"),
    pytest.param("address:10.0.0.99", id="a scanner"),
]


@pytest.mark.parametrize("hosts", [8, 24, 500])
@pytest.mark.parametrize("key", SHARED)
def test_what_noisy_hosts_share_glues_nothing(key: str, hosts: int) -> None:
    around = noise(max(hosts, 120), 8)
    sharing = {cell.resource for cell in around if int(cell.first.alert.split("-")[-2][1:]) < hosts}
    named = [
        alert(cell.first.alert.split("-")[-2], cell.first.start / 3_600_000 - 480_000,
              cell.signal.detection, *cell.signal.stages, severity=cell.signal.severity,
              keys=[key])
        if cell.resource in sharing
        else cell
        for cell in around
    ]  # fmt: skip
    found = find(background=named)
    widest = max(len(each.intervals) for each in found.everything if each.kind is Kind.ATTACK)
    assert widest <= 4
    assert [each for each in found.attacks() if len(each.intervals) > 2] == []


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("address:203.0.113.1", id="a NAT address"),
        pytest.param("host:jump", id="a jump host"),
        pytest.param("account:admin@corp", id="an administrator"),
    ],
)
def test_two_attacks_at_once_through_something_shared_stay_two(key: str) -> None:
    usual = [
        alert(f"h{host:03}", 24 * day + host / 3, "d01", keys=[key])
        for day in range(21)
        for host in range(0, 60, 3)
    ]
    one = intrusion("h007", SEEN, "a", keys=[key])
    other = intrusion("h050", SEEN + 0.3, "b", keys=[key])
    found = find(one, other, usual)
    first, second = found.of(one), found.of(other)
    assert (len(first), len(second)) == (1, 1)
    assert first != second


def test_severity_and_score_are_those_of_the_chains_alerts() -> None:
    attack = [
        alert("h007", SEEN, "quiet1", ACCESS, severity=Severity.Medium),
        alert("h007", SEEN + 0.5, "quiet2", TAKE, severity=Severity.Medium),
    ]
    beside = [alert("h007", SEEN + 0.2, "loud", severity=Severity.Critical)]
    (alone,), (with_it,) = find(attack).of(attack), find(attack, beside).of(attack)
    assert alone.verdict is not None
    assert with_it.verdict is not None
    assert with_it.verdict.severity is alone.verdict.severity is Severity.Medium
    assert with_it.verdict.score == pytest.approx(alone.verdict.score, abs=2)


def test_breadth_alone_raises_no_rank() -> None:
    deep, wide = intrusion("h007", SEEN), visits(100)
    found = find(deep, wide, background=noise(400))
    assert found.incidents[0] in found.of(deep)


def test_a_new_noisy_rule_on_300_hosts_is_one_wave_at_most() -> None:
    rule = [
        alert(f"h{host:03}", SEEN + 24 * day + host / 40, "new-rule", RUN, severity=Severity.Low)
        for host in range(300)
        for day in range(5)
    ]
    assert len(find(rule, background=noise(400)).of(rule)) <= 1


@pytest.mark.parametrize("key", [(), ("file:bad",)], ids=["nothing shared", "one file"])
def test_a_worm_on_200_hosts_in_an_hour_is_one_incident(key: tuple[str, ...]) -> None:
    worm = [
        alert(f"h{host:03}", SEEN + host / 200 + step / 30, name, stage, keys=key)
        for host in range(200)
        for step, (name, stage) in enumerate((("flaw-used", MOVE), ("service-started", RUN)))
    ]
    found = find(worm, background=noise(600)).of(worm)
    assert len(found) == 1
    assert len(found[0].intervals) >= 198
