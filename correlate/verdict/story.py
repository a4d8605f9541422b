"""The story of an incident: title, description, kill chain, remediation; the same every time."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from correlate.model.cell import Cell
from correlate.policy import Pattern
from correlate.verdict.alerts import Subjects, alert_of, name_of
from correlate.verdict.chain import Step
from correlate.verdict.words import in_words, joined, number
from shared.killchain import Tactic
from shared.times import format_time

MOST_REMEDIES: Final = 12
"""Alerts whose remediation is kept: those of the chain, then the worst, then the earliest."""


def title_of(
    steps: Sequence[Step], pattern: Pattern | None, cells: Sequence[Cell], subjects: Subjects
) -> str:
    """`Brute force followed by execution on vm1 and 2 other resources`."""
    where = _where([step.cell for step in steps] or cells, subjects)
    if pattern is not None:
        return f"{pattern.title} on {where}"
    if steps:
        return f"Multi-stage activity on {where}: {joined([step.stage.title for step in steps])}"
    return f"Related alerts on {where}"


def _where(cells: Sequence[Cell], subjects: Subjects) -> str:
    """The resource of the deepest step, and how many others the steps are on."""
    main = name_of(cells[-1].resource, subjects)
    others = len({cell.resource for cell in cells}) - 1
    return main if others < 1 else f"{main} and {number(others, 'other resource')}"


def description_of(
    steps: Sequence[Step], cells: Sequence[Cell], chance: str, subjects: Subjects
) -> str:
    """What happened, in which order, to what, and how seldom chance makes as much."""
    first = min(cell.first.start for cell in cells)
    last = max(cell.last.start for cell in cells)
    resources = len({cell.resource for cell in cells})
    sentences = [
        (
            f"Rare alerts on {number(resources, 'resource')}, from {in_words(first)}"
            f" to {in_words(last)}. {chance}"
        )
    ]
    sentences += [
        f"• {step.stage.title}: {step.cell.title} on {name_of(step.cell.resource, subjects)},"
        f" {in_words(step.at)}."
        for step in sorted(steps, key=lambda step: (step.at, step.stage))
    ]
    return "\n".join(sentences)


def kill_chain(
    cells: Iterable[Cell], steps: Sequence[Step], subjects: Subjects
) -> tuple[dict[str, Any], ...]:
    """Every stage that the evidence reached, in order; `counted` are those of the chain."""
    by_stage: dict[Tactic, list[Cell]] = {}
    for cell in cells:
        for stage in cell.signal.stages:
            by_stage.setdefault(stage, []).append(cell)
    of_chain = {step.stage: step.cell for step in steps}
    return tuple(
        _stage(stage, by_stage[stage], of_chain.get(stage), subjects) for stage in sorted(by_stage)
    )


def _stage(
    stage: Tactic, cells: Sequence[Cell], step: Cell | None, subjects: Subjects
) -> dict[str, Any]:
    first = step if step is not None else min(cells, key=lambda cell: (cell.first, cell.id))
    return {
        "stage": stage.name,
        "title": stage.title,
        "tacticId": stage.attack_id,
        "phase": stage.phase,
        "firstUtc": format_time(min(cell.first.start for cell in cells)),
        "lastUtc": format_time(max(cell.last.start for cell in cells)),
        "severity": max(cell.signal.severity for cell in cells).name,
        "detections": sorted({cell.signal.detection for cell in cells}),
        "counted": step is not None,
        "firstAlert": alert_of(first, subjects),
    }


def remediation_of(
    cells: Sequence[Cell], steps: Sequence[Step], subjects: Subjects
) -> tuple[dict[str, Any], ...]:
    """The sources' remediation by alert, each in its own order; the same steps are told once."""
    chain = {step.cell.id for step in steps}
    ranked = sorted(
        (cell for cell in cells if cell.steps),
        key=lambda cell: (cell.id not in chain, -cell.signal.severity, cell.first, cell.id),
    )
    told: dict[tuple[str, ...], Cell] = {}
    for cell in ranked:
        told.setdefault(cell.steps, cell)
    return tuple(
        {**alert_of(cell, subjects), "steps": list(texts)}
        for texts, cell in list(told.items())[:MOST_REMEDIES]
    )
