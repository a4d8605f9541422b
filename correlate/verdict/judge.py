"""Judging: evidence, a snapshot and the policy give a verdict, and nothing else does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from correlate.baseline.snapshot import Snapshot
from correlate.model.cell import Cell
from correlate.model.episode import Confidence, Verdict
from correlate.policy import Pattern, Policy
from correlate.verdict.alerts import Subjects
from correlate.verdict.chain import WORTHLESS, Search, Step, extended
from correlate.verdict.patterns import followed, known
from correlate.verdict.score import Part, score_of, severity_of, total
from correlate.verdict.story import description_of, kill_chain, remediation_of, title_of
from correlate.verdict.why import beside, chance_sentence, links_of, step_of, window
from correlate.verdict.words import joined, number
from shared.severity import Severity

ALL_THE_TIME: Final = 1e6
"""E where there is no chain: chance makes as much all the time."""

LOW_OUTBREAKS: Final = 2
"""Outbreaks of low severity that are taken to have been seen in the first week; one of others."""


@dataclass(frozen=True, slots=True)
class _Case:
    """What a verdict is made of. `deciding` are the cells that decide: steps, or named ones."""

    cells: Sequence[Cell]
    steps: tuple[Step, ...]
    usual: tuple[int, ...]
    deciding: Sequence[Cell]
    expected: float
    confidence: Confidence
    pattern: Pattern | None
    rule: str
    chance: str


def judge(
    evidence: Sequence[Cell],
    context: Sequence[Cell],
    snapshot: Snapshot,
    policy: Policy,
    *,
    subjects: Subjects | None = None,
) -> Verdict:
    """The verdict on evidence as it is, whoever put it together; LOW where chance makes as much.

    `context` are the other cells on the same resources at that time. Raises ValueError without
    evidence.
    """
    if not evidence:
        raise ValueError("a verdict needs evidence")
    case = _case(evidence, snapshot, policy, WORTHLESS)
    return _verdict(case, context, snapshot, policy, subjects or {})


def judge_linked(
    evidence: Sequence[Cell],
    context: Callable[[], Sequence[Cell]],
    snapshot: Snapshot,
    policy: Policy,
    *,
    subjects: Subjects,
) -> Verdict | None:
    """The verdict on evidence that links, as `judge` has it; None where that would be LOW.

    Most of what links is nothing: no more is looked for than may pass the policy's budget, and
    `context` is asked for with a verdict only.
    """
    case = _case(evidence, snapshot, policy, min(policy.chance.budget, WORTHLESS))
    if case.confidence is Confidence.LOW:
        return None
    return _verdict(case, context(), snapshot, policy, subjects)


def _case(evidence: Sequence[Cell], snapshot: Snapshot, policy: Policy, most: float) -> _Case:
    """What is known of evidence; chains of an E above `most` may be left out, patterns are not."""
    cells = sorted(evidence, key=lambda cell: (cell.first, cell.id))
    knowledge = known(cells, policy)
    chain = Search(cells, snapshot, policy, most if knowledge is None else WORTHLESS).best()
    if chain is not None:
        chain = extended(chain, cells, snapshot, policy.chance.lag)
    steps = () if chain is None else chain.steps
    expected = ALL_THE_TIME if chain is None else chain.expected
    course = followed(steps, policy)
    confidence, rule = _by_chance(expected, course, len(steps), policy)
    deciding: Sequence[Cell] = [step.cell for step in steps] or cells
    if knowledge is not None:
        told, named = knowledge
        says = Confidence.HIGH if told.incident == "high" else Confidence.MEDIUM
        if confidence is Confidence.LOW or (
            says is Confidence.HIGH and confidence is Confidence.MEDIUM
        ):
            course, confidence, deciding = told, says, named
            rule = f"the pattern {told.name} makes an incident of {says.value} confidence by itself"
    return _Case(
        cells,
        steps,
        () if chain is None else chain.dependent,
        deciding,
        expected,
        confidence,
        course,
        rule,
        "" if chain is None else chance_sentence(expected),
    )


def _by_chance(
    expected: float, course: Pattern | None, stages: int, policy: Policy
) -> tuple[Confidence, str]:
    chance = policy.chance
    if expected > chance.budget:
        return Confidence.LOW, "chance alone makes as much more often than the policy accepts"
    seldom = "that chance makes at most"
    sentence = f"{number(stages, 'stage')} in forward order, by as many detections, {seldom}"
    if expected <= chance.high:
        return Confidence.HIGH, f"{sentence} {chance.high:g} times a week"
    told = f"{sentence} {chance.budget:g} times a week"
    if course is not None and course.raises:
        return Confidence.HIGH, f"{told}, raised to high by the pattern {course.name}"
    return Confidence.MEDIUM, told


def _verdict(
    case: _Case, context: Sequence[Cell], snapshot: Snapshot, policy: Policy, subjects: Subjects
) -> Verdict:
    stages = tuple(step.stage for step in case.steps)
    severity = severity_of(case.deciding, stages)
    parts = score_of(
        case.confidence,
        case.expected,
        stages,
        severity,
        len({cell.resource for cell in case.deciding}),
        policy,
        criticality=_criticality(case.deciding, policy, subjects),
        pattern="" if case.pattern is None else case.pattern.name,
    )
    return Verdict(
        confidence=case.confidence,
        expected=case.expected,
        score=total(parts),
        severity=severity,
        title=title_of(case.steps, case.pattern, case.deciding, subjects),
        description=description_of(case.steps, case.cells, case.chance, subjects),
        stages=stages,
        kill_chain=kill_chain(case.cells, case.steps, subjects),
        remediation=remediation_of(case.cells, case.steps, subjects),
        why=_why(case, parts, snapshot, policy, subjects, context),
    )


def _criticality(cells: Sequence[Cell], policy: Policy, subjects: Subjects) -> int:
    found = (subjects[cell.resource] for cell in cells if cell.resource in subjects)
    return max((policy.criticality(each.name, each.id) for each in found), default=0)


def _why(
    case: _Case,
    parts: Sequence[Part],
    snapshot: Snapshot,
    policy: Policy,
    subjects: Subjects,
    context: Sequence[Cell],
) -> dict[str, Any]:
    return {
        "rule": case.rule,
        "chance": case.chance,
        "expected": float(f"{case.expected:.2g}"),
        "window": window(case.steps),
        "pattern": None
        if case.pattern is None
        else {"name": case.pattern.name, "title": case.pattern.title},
        "stages": [
            step_of(step, snapshot, subjects, usual=place in case.usual)
            for place, step in enumerate(case.steps)
        ],
        "links": links_of(case.cells, case.steps, snapshot, policy, subjects),
        "score": {
            "total": total(parts),
            "parts": [{"points": round(part.points, 1), "reason": part.reason} for part in parts],
        },
        "background": beside(context),
    }


def judge_wave(
    evidence: Sequence[Cell], snapshot: Snapshot, policy: Policy, *, subjects: Subjects
) -> Verdict:
    """The verdict on a wave: E is how many outbreaks as severe and wide a week brings."""
    cells = sorted(evidence, key=lambda cell: (cell.first, cell.id))
    severity = max(cell.signal.severity for cell in cells)
    stages = tuple(sorted({stage for cell in cells for stage in cell.signal.stages}))
    names = sorted({cell.title for cell in cells})
    resources = len({cell.resource for cell in cells})
    days = {cell.hour // 24 for cell in cells}
    own = cells[0].signal.detection
    others = snapshot.outbreaks.others(severity, resources, days, own)
    prior = 1 if severity >= Severity.Medium else LOW_OUTBREAKS
    expected = (others + prior) / max(1.0, snapshot.hours / 168)
    confidence = Confidence.MEDIUM if expected <= policy.chance.budget else Confidence.LOW
    chance = (
        f"{joined(names[:3])} started on {number(resources, 'resource')} within hours,"
        " where it was rare or unknown before."
    )
    parts = score_of(confidence, expected, stages, severity, 1, policy)
    return Verdict(
        confidence=confidence,
        expected=expected,
        score=total(parts),
        severity=severity,
        title=f"Outbreak on {number(resources, 'resource')}: {joined(names[:3])}",
        description=chance,
        stages=stages,
        kill_chain=kill_chain(cells, (), subjects),
        remediation=remediation_of(cells, (), subjects),
        why={
            "rule": f"one detection, new or rare, on {policy.wave.resources} resources or more"
            f" within {policy.wave.hours} hours",
            "chance": chance,
            "expected": float(f"{expected:.2g}"),
            "window": None,
            "pattern": None,
            "stages": [],
            "links": [],
            "score": {
                "total": total(parts),
                "parts": [{"points": round(p.points, 1), "reason": p.reason} for p in parts],
            },
            "background": [],
        },
    )
