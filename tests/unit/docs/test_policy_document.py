"""`docs/policy.md`: each worked example, on the clock times that it gives, and its defaults."""

import re
from typing import Any

import pytest

from correlate.assessment import assess
from correlate.observation import Observation
from correlate.policy import Kind, default_policy
from correlate.sessions import EntityRecord, Touch, claim_sessions, subject_grid, widen
from shared.killchain import Tactic
from shared.severity import Severity
from shared.times import DAY as ONE_DAY
from shared.times import parse_time
from tests.unit.correlate.sightings import DAY, evidence, seen
from tests.unit.docs.named_tests import document

TEXT = document("policy.md")
POLICY = default_policy()
RECON, ACCESS, RUN = Tactic.Reconnaissance, Tactic.InitialAccess, Tactic.Execution


def at(clock: str) -> float:
    """Minutes since the first day's midnight; `+1` is the next day."""
    time, _, day = clock.partition(" +")
    instant = parse_time(f"2026-03-02T{time if time.count(':') == 2 else time + ':00'}Z")
    return (instant - DAY) / 60_000 + 1440 * int(day or 0)


def scan(clock: str) -> Observation:
    return seen(at(clock), "scan", RECON)


def logon(clock: str) -> Observation:
    return seen(at(clock), "logon", ACCESS)


def process(*clocks: str) -> list[Observation]:
    return [seen(at(clock), "process", RUN) for clock in clocks]


@pytest.mark.parametrize(
    ("alerts", "confidence"),
    [
        pytest.param([scan("10:00"), logon("10:40")], "medium", id="a second alert"),
        pytest.param([scan("10:00"), scan("10:40")], None, id="the same detection twice"),
        pytest.param(
            [scan("10:00"), seen(at("10:40"), "sweep", RECON)],
            None,
            id="two detections of one stage",
        ),
        pytest.param([scan("10:00"), logon("16:00")], "medium", id="six hours, the edge"),
        pytest.param([scan("10:00"), logon("16:00:00.001")], None, id="too late"),
        pytest.param([scan("10:40"), logon("10:25")], "medium", id="15 minutes early"),
        pytest.param([scan("10:40"), logon("10:24:59")], None, id="too early"),
        pytest.param([scan("10:40"), logon("10:40")], "medium", id="at the same instant"),
        pytest.param([seen(at("10:00"), "both", RECON, ACCESS)], None, id="one alert, two stages"),
        pytest.param(
            [scan("10:00"), logon("12:00"), seen(at("16:00"), "script", RUN)],
            "high",
            id="three stages within six hours",
        ),
        pytest.param(
            [*process("01:10", "09:30", "02:15 +1"), logon("02:10 +1")],
            "low",
            id="only background lines up",
        ),
        pytest.param(
            [*process("01:10", "02:50", "03:05"), logon("03:00")],
            "medium",
            id="no background: one stretch past the full hour",
        ),
    ],
)
def test_the_worked_examples(alerts: list[Observation], confidence: str | None) -> None:
    assert assess(evidence(alerts), POLICY).confidence == confidence


@pytest.mark.parametrize(
    ("clock", "together"),
    [pytest.param("10:40 +1", True, id="joins"), pytest.param("11:00 +1", False, id="does not")],
)
def test_the_gaps_edge(clock: str, *, together: bool) -> None:
    grid = subject_grid(POLICY)
    touches = [
        Touch(*widen(instant, instant, grid), clock)
        for instant in (round(DAY + at(each) * 60_000) for each in ("10:20", clock))
    ]
    record = claim_sessions(
        EntityRecord("e", "resource:e"), touches, lambda _: None, POLICY, DAY + 9 * ONE_DAY
    )
    assert (len(record.sessions) == 1) is together


def cells(first: str) -> list[str]:
    """The cells of the table row that starts with a cell."""
    (row,) = re.findall(rf"^\| `{re.escape(first)}`.*$", TEXT, re.MULTILINE)
    return [cell.strip() for cell in row.strip("|").split("|")]


@pytest.mark.parametrize("name", ["gapMinutes", "mostResources"])
def test_the_defaults_of_kinds(name: str) -> None:
    field = {"gapMinutes": "gap_minutes", "mostResources": "most_resources"}[name]
    told = {
        kind: int(figure)
        for kinds, figure in re.findall(r"([a-z, ]+) (\d+)", cells(name)[-1])
        for kind in kinds.replace(" ", "").split(",")
    }
    real = {kind: figure(rule, field) for kind, rule in POLICY.kinds.items()}
    if name == "mostResources":
        del real["resource"]
    assert told == real


def figure(rule: Kind, field: str) -> int:
    return int(getattr(rule, field))


def test_the_defaults_of_qualification() -> None:
    rules: Any = POLICY.qualification
    habit = rules.background
    assert cells("windowHours")[-1] == str(rules.window_hours)
    assert cells("lagMinutes")[-1] == str(rules.lag_minutes)
    assert cells("marginMinutes")[-1] == str(rules.margin_minutes)
    assert cells("mediumStages")[-1] == f"{rules.medium_stages}, {rules.high_stages}"
    assert cells("background.activeHours")[-1] == (
        f"{habit.active_hours}, {habit.separation_hours}, {habit.spread_hours}"
    )


def points_told(part: str) -> list[float]:
    """The figures of the row for a part of the score, in order."""
    (row,) = re.findall(rf"^\| {part} \|(.*)\|$", TEXT, re.MULTILINE)
    found = re.findall(r"\d+\.\d+|\d*½|\d+", row)
    return [float(each.replace("½", ".5")) for each in found]


def attack(
    *stages: Tactic, severity: Severity = Severity.Informational, resources: int = 1
) -> list[Observation]:
    """One stage after the other, each by its own detection; all seen on so many resources."""
    return [
        seen(number, f"detection {number}", stage, severity=severity, on=f"vm{machine}")
        for number, stage in enumerate(stages)
        for machine in range(resources)
    ]


def points(reason: str, alerts: list[Observation]) -> float:
    """What the part of the score with these words in its reason is worth; 0 if it is not there."""
    parts = assess(evidence(alerts), POLICY).parts
    return next((part.points for part in parts if reason in part.reason), 0.0)


EARLY = (Tactic.Reconnaissance, Tactic.ResourceDevelopment)
"""Two stages that no pattern names."""
HABIT = [*process("01:10", "09:30", "02:15 +1"), logon("02:10 +1")]
"""Only background lines up."""


@pytest.mark.parametrize(
    ("part", "reason", "attacks"),
    [
        pytest.param(
            "confidence", "", [attack(*EARLY, Tactic.Discovery), attack(*EARLY), HABIT],
            id="confidence: high, medium, low",
        ),
        pytest.param(
            "depth", "reached", [attack(*EARLY), attack(EARLY[0], Tactic.Impact)],
            id="depth: one step, the deepest",
        ),
        pytest.param(
            "severity",
            "severity",
            [attack(*EARLY, severity=each) for each in (Severity.Low, Severity.Critical)],
            id="severity: one level, the worst",
        ),
        pytest.param(
            "a pattern", "pattern", [attack(Tactic.Collection, Tactic.Exfiltration)],
            id="a pattern",
        ),
    ],
)  # fmt: skip
def test_the_points_that_the_score_gives(
    part: str, reason: str, attacks: list[list[Observation]]
) -> None:
    assert points_told(part) == [points(reason, each) for each in attacks]


@pytest.mark.parametrize(
    ("part", "reason", "attacks"),
    [
        pytest.param(
            "stages in the chain",
            "forward",
            {number: attack(*tuple(Tactic)[:number]) for number in (2, 5, 6, 7, 14)},
            id="stages",
        ),
        pytest.param(
            "resources, if more than one",
            "resources",
            {number: attack(*EARLY, resources=number) for number in (2, 9, 10, 11, 20)},
            id="resources",
        ),
    ],
)
def test_the_points_for_each_and_at_most(
    part: str, reason: str, attacks: dict[int, list[Observation]]
) -> None:
    each, most = points_told(part)
    assert [points(reason, some) for some in attacks.values()] == [
        pytest.approx(min(each * number, most)) for number in attacks
    ]


def test_one_resource_gives_no_points_for_resources() -> None:
    assert points("resources", attack(*EARLY)) == 0
    assert assess(evidence(HABIT), POLICY).score == points_told("confidence")[-1]


def test_high_confidence_stands_above_medium() -> None:
    low = assess(evidence(attack(*EARLY, Tactic.InitialAccess)), POLICY)
    top = assess(
        evidence(
            attack(Tactic.Collection, Tactic.Exfiltration, severity=Severity.Critical, resources=20)
        ),
        POLICY,
    )
    assert (low.confidence, top.confidence) == ("high", "medium")
    assert low.score > top.score
