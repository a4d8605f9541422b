"""Words for an incident: title, description and remediation, written from the evidence.

The same evidence gives the same words; there is no model and no randomness.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from correlate.assessment import Step, Verdict, window_hours
from correlate.evidence import Evidence
from shared.times import SECOND


def title_of(evidence: Evidence, verdict: Verdict, resources: int) -> str:
    """`Brute force followed by execution on vm1 and 2 other resources`."""
    where = _where(evidence, verdict, resources)
    if verdict.pattern is not None:
        return f"{verdict.pattern.title} on {where}"
    if verdict.chain:
        stages = joined([step.stage.title for step in verdict.chain])
        lead = "Background activity" if verdict.confidence == "low" else "Multi-stage activity"
        return f"{lead} on {where}: {stages}"
    return f"Related alerts on {where}"


def _where(evidence: Evidence, verdict: Verdict, resources: int) -> str:
    """The resource where the chain got deepest, and how many others there are."""
    seen = [step.alert[2] for step in verdict.chain if step.alert]
    named = min(evidence.resources.items())[1].identity[1] if evidence.resources else "a resource"
    main = seen[-1] if seen else named
    return main if resources < 2 else f"{main} and {_number(resources - 1, 'other resource')}"


def description_of(verdict: Verdict, span: tuple[int, int], alerts: int, resources: int) -> str:
    """What happened, in which order, to what, and what was left out of the account.

    `span` is the first and the last instant, `alerts` and `resources` are how many there are.
    """
    if verdict.window is None:
        return "These alerts belong together, but they do not line up with the kill chain."
    sentences = [
        (
            f"{_number(alerts, 'related alert')} on {_number(resources, 'resource')}, from"
            f" {in_words(span[0])} to {in_words(span[1])}."
        )
    ]
    start = in_words(verdict.window[0])
    if verdict.confidence == "low":
        sentences.append("Stages line up only with detections that are always active here:")
    else:
        sentences.append(
            f"Within {window_hours(verdict.window)} from {start},"
            f" {len(verdict.chain)} stages of the kill chain followed each other:"
        )
    sentences.extend(_told(step) for step in verdict.chain)
    if verdict.background and verdict.confidence != "low":
        names = joined(list(verdict.background[:5]))
        sentences.append(f"Not counted, because it is always active here: {names}.")
    return "\n".join(sentences)


def _told(step: Step) -> str:
    what = step.alert[3] if step.alert else step.detection
    where = f" on {step.alert[2]}" if step.alert else ""
    return f"• {step.stage.title}: {what}{where}, {in_words(step.first)}."


def remediation_of(evidence: Evidence) -> list[str]:
    """The sources' remediation steps: of the worst alerts first, then of the earliest."""
    ranked = sorted(evidence.steps.items(), key=lambda item: (-item[1][0], -item[1][1], item[0]))
    return [step for step, _ in ranked]


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def joined(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def in_words(instant: int) -> str:
    """`24 January 2022, 03:56:47 UTC`."""
    moment = datetime.fromtimestamp(instant // SECOND, UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M:%S} UTC"


def duration(milliseconds: int) -> str:
    """How long, in the largest unit that leaves at least two of it: `90 minutes`."""
    seconds = milliseconds // SECOND
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
