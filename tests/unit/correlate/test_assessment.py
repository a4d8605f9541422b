"""The verdict: every threshold of the policy at its edge; `docs/policy.md` tells the same."""

import pytest

from correlate.assessment import Verdict, assess
from correlate.observation import Observation
from correlate.policy import default_policy
from shared.killchain import Tactic
from shared.severity import Severity
from shared.times import HOUR
from tests.unit.correlate.sightings import DAY, evidence, seen

MS = 1 / 60_000
AT = 600.0

RECON, ACCESS, RUN = Tactic.Reconnaissance, Tactic.InitialAccess, Tactic.Execution
EXFILTRATION, IMPACT, DISCOVERY = Tactic.Exfiltration, Tactic.Impact, Tactic.Discovery


def verdict(*observations: Observation) -> Verdict:
    return assess(evidence(observations), default_policy())


@pytest.mark.parametrize(
    ("observations", "confidence"),
    [
        pytest.param([seen(AT, "scan", RECON)], None, id="one alert"),
        pytest.param([seen(AT, "scan", RECON, ACCESS)], None, id="one alert, two stages"),
        pytest.param(
            [seen(AT, "scan", RECON), seen(AT + 40, "logon", ACCESS)], "medium", id="two stages"
        ),
        pytest.param(
            [seen(AT, "scan", RECON), seen(AT + 40, "scan", ACCESS)], None, id="one detection"
        ),
        pytest.param(
            [seen(AT, "scan", RECON), seen(AT + 40, "sweep", RECON)], None, id="one stage"
        ),
        pytest.param(
            [seen(AT, "scan"), seen(AT + 40, "logon", ACCESS)], None, id="one without a stage"
        ),
        pytest.param(
            [seen(AT, "scan", RECON), seen(AT + 1, "logon", ACCESS), seen(AT + 2, "script", RUN)],
            "high",
            id="three stages",
        ),
        pytest.param(
            [seen(AT, "a", RECON, ACCESS, RUN), seen(AT + 1, "b", RECON, ACCESS, RUN)],
            "medium",
            id="two detections of three stages each count for two",
        ),
    ],
)
def test_what_lines_up_decides_the_confidence(
    observations: list[Observation], confidence: str | None
) -> None:
    assert verdict(*observations).confidence == confidence


@pytest.mark.parametrize(
    ("later", "counts"),
    [
        pytest.param(360, True, id="at the window's edge"),
        pytest.param(360 + MS, False, id="a millisecond too late"),
        pytest.param(0, True, id="at the same instant"),
        pytest.param(-15, True, id="as early as detections may lag"),
        pytest.param(-15 - MS, False, id="a millisecond too early"),
    ],
)
def test_the_window_and_the_lag_count_to_the_millisecond(later: float, *, counts: bool) -> None:
    found = verdict(seen(AT, "scan", RECON), seen(AT + later, "logon", ACCESS))
    assert (found.confidence == "medium") is counts


@pytest.mark.parametrize(
    ("minutes", "background"),
    [
        pytest.param([70, 570, 1575], True, id="three separate hours over 25"),
        pytest.param([70, 1575], False, id="two hours only"),
        pytest.param([70, 170, 185], False, id="one stretch past the full hour"),
        pytest.param([70, 570, 1440], False, id="spread over 23 hours"),
        pytest.param([70, 570, 1500], True, id="spread over 24 hours"),
        pytest.param([70, 170, 1575], False, id="two of three hours are one"),
        pytest.param([1380, 1450, 1500], False, id="an attack over midnight"),
    ],
)
def test_what_was_always_there_is_background(minutes: list[float], *, background: bool) -> None:
    habit = [seen(minute, "process", RUN) for minute in minutes]
    fresh = seen(minutes[-1] - 5, "logon", ACCESS)
    found = verdict(*habit, fresh)
    assert (found.background == ("process",)) is background
    assert found.confidence == ("low" if background else "medium")


def test_an_attack_among_background_stands_out() -> None:
    habit = [seen(minute, "process", RUN) for minute in range(0, 3 * 1440, 60)]
    attack = [
        seen(2000, "scan", RECON),
        seen(2010, "logon", ACCESS),
        seen(2030, "upload", EXFILTRATION),
    ]
    found = verdict(*habit, *attack)
    assert found.confidence == "high"
    assert [step.detection for step in found.chain] == ["scan", "logon", "upload"]


def test_the_period_is_the_attack_with_a_margin_on_whole_hours() -> None:
    found = verdict(
        seen(AT, "scan", RECON), seen(AT + 40, "logon", ACCESS), seen(AT + 1000, "odd", RECON)
    )
    assert found.period == (DAY + 9 * HOUR, DAY + 12 * HOUR - 1)


def test_the_period_takes_in_fresh_activity_near_it_again_and_again() -> None:
    found = verdict(
        seen(AT, "scan", RECON),
        seen(AT + 40, "logon", ACCESS),
        seen(AT + 340, "sweep", RECON),
        seen(AT + 690, "dig", RECON),
    )
    assert found.period is not None
    assert found.period[1] == DAY + 23 * HOUR - 1


@pytest.mark.parametrize(
    ("observations", "pattern", "confidence"),
    [
        pytest.param(
            [seen(AT, "logon", ACCESS), seen(AT + 9, "mining", IMPACT)],
            "cryptomining-after-exposure",
            "high",
            id="a telling pattern raises two stages to high",
        ),
        pytest.param(
            [seen(AT, "logon", ACCESS), seen(AT + 9, "wiper", IMPACT)],
            None,
            "medium",
            id="the words are missing",
        ),
        pytest.param(
            [seen(AT, "logon", ACCESS), seen(AT + 9, "upload", EXFILTRATION)],
            "access-to-exfiltration",
            "medium",
            id="by stages alone",
        ),
    ],
)
def test_a_pattern_names_the_course_of_attack(
    observations: list[Observation], pattern: str | None, confidence: str
) -> None:
    found = verdict(*observations)
    assert (found.pattern and found.pattern.name) == pattern
    assert found.confidence == confidence


@pytest.mark.parametrize(
    ("stages", "severity"),
    [
        pytest.param((RECON, ACCESS), Severity.Medium, id="two stages: the worst alert's"),
        pytest.param((RECON, ACCESS, RUN), Severity.High, id="three: one level up"),
        pytest.param((RECON, ACCESS, RUN, DISCOVERY), Severity.High, id="four, not deep"),
        pytest.param((RECON, ACCESS, RUN, EXFILTRATION), Severity.Critical, id="four, deep"),
    ],
)
def test_depth_raises_the_severity(stages: tuple[Tactic, ...], severity: Severity) -> None:
    alerts = [seen(AT + step, f"d{step}", stage) for step, stage in enumerate(stages)]
    assert verdict(*alerts).severity == severity


def test_the_parts_make_the_score() -> None:
    found = verdict(seen(AT, "scan", RECON), seen(AT + 40, "logon", ACCESS))
    assert found.score == sum(part.points for part in found.parts)


def test_a_real_intrusion_stands_above_a_noisy_host() -> None:
    intrusion = verdict(
        seen(AT, "scan", RECON, severity=Severity.Low),
        seen(AT + 10, "logon", ACCESS, severity=Severity.Low),
        seen(AT + 20, "script", RUN, severity=Severity.Low),
    )
    noisy = verdict(
        *(
            seen(AT + minute, f"n{minute}", IMPACT, severity=Severity.Critical, on=f"vm{minute}")
            for minute in range(30)
        ),
        seen(AT - 1, "beacon", Tactic.CommandAndControl, severity=Severity.Critical),
    )
    assert noisy.confidence == "medium"
    assert intrusion.score > noisy.score


def test_the_order_of_the_alerts_does_not_matter() -> None:
    alerts = [
        seen(AT, "scan", RECON),
        seen(AT + 10, "logon", ACCESS),
        seen(AT + 20, "script", RUN),
        seen(AT + 15, "odd", DISCOVERY, RUN),
    ]
    assert verdict(*alerts) == verdict(*reversed(alerts))


def test_the_verdict_follows_what_is_added_after_it_was_asked_for() -> None:
    alerts = [
        seen(AT, "scan", RECON),
        seen(AT + 10, "logon", ACCESS),
        seen(AT + 20, "script", RUN),
        seen(AT + 5, "scan", RECON, severity=Severity.Critical),
        seen(AT - 1, "scan", RECON),
        seen(AT + 90, "script", RUN),
    ]
    known = evidence(alerts[:1])
    for count, alert in enumerate(alerts[1:], start=2):
        assess(known, default_policy())
        known = known.copy()
        known.add(alert)
        assert assess(known, default_policy()) == verdict(*alerts[:count])


def test_the_verdict_follows_what_is_joined_after_it_was_asked_for() -> None:
    known = evidence([seen(AT, "scan", RECON)])
    assert assess(known, default_policy()).confidence is None
    known.absorb(evidence([seen(AT + 10, "logon", ACCESS)]))
    assert assess(known, default_policy()).confidence == "medium"
