"""The verdict on a component: a pure function of its evidence and the policy.

The steps, each explained with examples in `docs/policy.md`:

1. A detection active in several separate hours, spread over a day or more, is background.
2. For every stretch of a few hours (the window) that starts with new activity, the first instant of
   each stage by detections that are not background is found.
3. The longest run of stages that deepen while time goes on, allowing for detection lag, is the
   chain; each of its stages needs a detection of its own. The window with the best chain wins.
4. The chain's length gives the confidence; patterns, depth, severity and breadth give the score.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from correlate.evidence import Activity, DetectionKey, Evidence, Sighting
from correlate.policy import Background, Pattern, Policy, Qualification
from shared.killchain import Tactic
from shared.severity import Severity
from shared.times import HOUR

RUN_BITS: Final = 4 * len(Tactic)
STAGE_BITS: Final = (1 << RUN_BITS) - 1
TACTICS: Final = {f"{tactic:x}": tactic for tactic in Tactic}


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the chain: when it was first seen in the window, by which detection."""

    stage: Tactic
    first: int
    detection: str
    severity: Severity
    alert: Sighting | None


@dataclass(frozen=True, slots=True)
class Part:
    """One summand of the score, and the reason for it."""

    points: float
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the evidence amounts to.

    `confidence` is `high`, `medium`, `low` (only background lines up), or None: no incident.
    `window` is when the chain happened, in milliseconds; `period` is that with the activity around
    it that is not background, or None where all of the evidence counts. `severity` is raised by
    depth.
    """

    confidence: str | None
    chain: tuple[Step, ...]
    window: tuple[int, int] | None
    pattern: Pattern | None
    severity: Severity
    score: float
    parts: tuple[Part, ...]
    background: tuple[str, ...]
    rule: str
    period: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Detection:
    """A detection: the first instant of each of its earliest hours, and its first alerts."""

    name: str
    stages: tuple[Tactic, ...]
    severity: Severity
    instants: tuple[int, ...]
    alerts: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class _Weight:
    """What raises a score beside the chain: the worst severity and how many resources."""

    severity: Severity
    resources: int


def assess(evidence: Evidence, policy: Policy) -> Verdict:
    """The verdict on a component's evidence.

    It depends on little of it, which a burst seldom changes, so the latest verdicts are kept.
    """
    detections = tuple(
        _Detection(
            name,
            stages,
            activity.severity,
            tuple(sorted(activity.hours.values())),
            tuple(activity.alerts),
        )
        for (name, stages), activity in sorted(evidence.detections.items(), key=_in_order)
    )
    weight = _Weight(evidence.severity, len(evidence.resources))
    return _assess(weight, detections, policy.qualification, policy.patterns)


@lru_cache(maxsize=256)
def _assess(
    weight: _Weight,
    detections: tuple[_Detection, ...],
    rules: Qualification,
    patterns: tuple[Pattern, ...],
) -> Verdict:
    fresh, background = _part(detections, rules.background)
    chain = _best_chain(fresh, rules)
    if len(chain) >= rules.medium_stages:
        pattern = _pattern(chain, patterns)
        return _incident(weight, chain, pattern, fresh, background, rules)
    return _background_only(weight.severity, detections, background, rules)


def _in_order(item: tuple[DetectionKey, Activity]) -> DetectionKey:
    return item[0]


def _part(
    detections: Sequence[_Detection], rules: Background
) -> tuple[list[_Detection], tuple[str, ...]]:
    fresh = [each for each in detections if not is_background(each.instants, rules)]
    names = {each.name for each in detections} - {each.name for each in fresh}
    return fresh, tuple(sorted(names))


def is_background(instants: Iterable[int], rules: Background) -> bool:
    """Whether a detection was always there: active in enough separate hours, spread far enough.

    Hours close to each other count once, so that an attack which runs past the full hour does not
    look like a habit; the spread is counted in hours and not in calendar days, so that midnight
    plays no part.
    """
    hours = sorted({instant // HOUR for instant in instants})
    separate, last = 0, None
    for hour in hours:
        if last is None or hour - last > rules.separation_hours:
            separate, last = separate + 1, hour
    return separate >= rules.active_hours and hours[-1] - hours[0] >= rules.spread_hours


def _best_chain(detections: Sequence[_Detection], rules: Qualification) -> tuple[Step, ...]:
    """The best chain of any window: the longest, then the deepest, then the earliest.

    A window is looked at closely only where what its stages could give at best is better.
    """
    if len({each.name for each in detections}) < 2:
        return ()
    stages = _instants(detections)
    best: tuple[Step, ...] = ()
    rank = (0, 0)
    for start, end, at_best in _windows(stages, rules.window):
        if at_best <= rank:
            continue
        run = _longest_run(_onsets(stages, start, end), rules.lag)
        if _rank(run) <= rank:
            continue
        chain = _assign(run, _seen(detections, start, end))
        if (reached := _rank([step.stage for step in chain])) > rank:
            best, rank = chain, reached
    return best


def _instants(detections: Sequence[_Detection]) -> dict[Tactic, list[int]]:
    """All instants at which each stage was seen, stages and instants in order."""
    found: dict[Tactic, set[int]] = {}
    for each in detections:
        for stage in each.stages:
            found.setdefault(stage, set()).update(each.instants)
    return {stage: sorted(found[stage]) for stage in sorted(found)}


def _windows(
    stages: dict[Tactic, list[int]], length: int
) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """For each instant: the window that starts with it, both ends inclusive, and a rank.

    No chain of the stages that were seen in the window can exceed that rank.
    """
    seen = sorted((instant, stage) for stage, instants in stages.items() for instant in instants)
    inside = [0] * len(Tactic)
    present = entered = 0
    for index, (start, stage) in enumerate(seen):
        end = start + length
        while entered < len(seen) and seen[entered][0] <= end:
            entering = seen[entered][1]
            present += not inside[entering]
            inside[entering] += 1
            entered += 1
        if not index or seen[index - 1][0] != start:
            deepest = next(deep for deep in range(len(inside) - 1, -1, -1) if inside[deep])
            yield start, end, (present, deepest)
        inside[stage] -= 1
        present -= not inside[stage]


def _onsets(stages: dict[Tactic, list[int]], start: int, end: int) -> list[tuple[Tactic, int]]:
    """When each stage was first seen from `start` to `end` inclusive, in kill-chain order."""
    onsets = []
    for stage, instants in stages.items():
        index = bisect_left(instants, start)
        if index < len(instants) and instants[index] <= end:
            onsets.append((stage, instants[index]))
    return onsets


def _rank(run: Sequence[Tactic]) -> tuple[int, int]:
    """What chains are compared by: their length, then their deepest stage."""
    return (len(run), run[-1]) if run else (0, 0)


def _seen(detections: Sequence[_Detection], start: int, end: int) -> list[tuple[int, _Detection]]:
    """The detections that were active from `start` to `end` inclusive, with the first instant."""
    return [
        (min(inside), each)
        for each in detections
        if (inside := [at for at in each.instants if start <= at <= end])
    ]


def _longest_run(onsets: Sequence[tuple[Tactic, int]], lag: int) -> tuple[Tactic, ...]:
    """The longest sequence of deepening stages, each seen no earlier than `lag` before the last.

    Two stages at the same instant count as order; of equally long runs the deepest wins. A run is
    kept as a number that orders runs so: its length, then its stages, four bits each.
    """
    runs: list[tuple[int, int]] = []
    best = 0
    for stage, first in onsets:
        longest = 0
        for instant, run in runs:
            if run > longest and instant <= first + lag:
                longest = run
        length = (longest >> RUN_BITS) + 1
        longest += (1 << RUN_BITS) | (stage << (RUN_BITS - 4 * length))
        runs.append((first, longest))
        best = max(best, longest)
    stages = f"{best & STAGE_BITS:0{len(Tactic)}x}"[: best >> RUN_BITS]
    return tuple(TACTICS[digit] for digit in stages)


def _assign(run: tuple[Tactic, ...], seen: list[tuple[int, _Detection]]) -> tuple[Step, ...]:
    """Give each stage of the run a detection of its own, leaving out stages that get none.

    A maximum matching by augmenting paths (Kuhn's algorithm); at most 14 stages.
    """
    by_time = sorted(seen, key=lambda item: (item[0], item[1].name, item[1].stages))
    choices = {
        stage: [index for index, (_, each) in enumerate(by_time) if stage in each.stages]
        for stage in run
    }
    names = [each.name for _, each in by_time]
    taken: dict[str, tuple[Tactic, int]] = {}
    for stage in run:
        _augment(stage, choices, names, taken, set())
    steps = [_step(stage, *by_time[index]) for stage, index in taken.values()]
    return tuple(sorted(steps, key=lambda step: step.stage))


def _augment(
    stage: Tactic,
    choices: dict[Tactic, list[int]],
    names: list[str],
    taken: dict[str, tuple[Tactic, int]],
    tried: set[str],
) -> bool:
    for index in choices[stage]:
        name = names[index]
        if name in tried:
            continue
        tried.add(name)
        holder = taken.get(name)
        if holder is None or _augment(holder[0], choices, names, taken, tried):
            taken[name] = (stage, index)
            return True
    return False


def _step(stage: Tactic, first: int, each: _Detection) -> Step:
    alert = next((alert for alert in each.alerts if alert[0] == first), None)
    return Step(stage, first, each.name, each.severity, alert)


def _incident(
    weight: _Weight,
    chain: tuple[Step, ...],
    pattern: Pattern | None,
    fresh: list[_Detection],
    background: tuple[str, ...],
    rules: Qualification,
) -> Verdict:
    high = len(chain) >= rules.high_stages or (pattern is not None and pattern.raises)
    parts = _score(weight, chain, pattern, high=high)
    window = (min(step.first for step in chain), max(step.first for step in chain))
    return Verdict(
        "high" if high else "medium",
        chain,
        window,
        pattern,
        _raised(weight.severity, chain),
        round(sum(part.points for part in parts), 1),
        parts,
        background,
        _rule(chain, pattern, rules),
        _period(window, fresh, rules),
    )


def _rule(chain: tuple[Step, ...], pattern: Pattern | None, rules: Qualification) -> str:
    """The rule of the policy that made the incident, in a sentence."""
    high = len(chain) >= rules.high_stages
    needed = rules.high_stages if high else rules.medium_stages
    sentence = (
        f"{len(chain)} stages in forward order within {rules.window_hours} hours, by as many"
        f" detections that are not background ({needed} or more give"
        f" {'high' if high else 'medium'} confidence)"
    )
    if pattern is not None and pattern.raises and not high:
        return f"{sentence}, raised to high by the pattern {pattern.name}"
    return sentence


def _period(
    window: tuple[int, int], fresh: list[_Detection], rules: Qualification
) -> tuple[int, int]:
    """The window, lengthened by activity that is not background and lies close enough to it.

    Close enough is within the length of a window, again and again; then a margin is added, and the
    bounds are set on whole hours, since alerts are counted by the hour.
    """
    start, end = window
    instants = sorted({at for each in fresh for at in each.instants})
    for instant in reversed(instants):
        if start - rules.window <= instant < start:
            start = instant
    for instant in instants:
        if end < instant <= end + rules.window:
            end = instant
    low = (start - rules.margin) // HOUR * HOUR
    return low, ((end + rules.margin) // HOUR + 1) * HOUR - 1


def _background_only(
    severity: Severity,
    detections: Sequence[_Detection],
    background: tuple[str, ...],
    rules: Qualification,
) -> Verdict:
    """Low confidence where stages line up only if background counts; no incident otherwise."""
    chain = _best_chain(detections, rules) if background else ()
    if len(chain) < rules.medium_stages:
        return Verdict(
            None, (), None, None, severity, 0.0, (), background,
            "the alerts do not line up with the kill chain",
        )  # fmt: skip
    window = (min(step.first for step in chain), max(step.first for step in chain))
    parts = (Part(5.0, "stages line up only with detections that are always there"),)
    return Verdict(
        "low", chain, window, None, severity, 5.0, parts, background,
        "only background lines up: each further stage comes from detections that are always there",
    )  # fmt: skip


def _pattern(chain: tuple[Step, ...], patterns: Iterable[Pattern]) -> Pattern | None:
    """The first pattern whose stages are in the chain in order and whose words, if any, occur."""
    stages = [step.stage for step in chain]
    text = " ".join(
        f"{step.detection} {step.alert[3] if step.alert else ''}".lower() for step in chain
    )
    for pattern in patterns:
        if all(stage in stages for stage in pattern.tactics) and (
            not pattern.words or any(word.lower() in text for word in pattern.words)
        ):
            return pattern
    return None


def _raised(severity: Severity, chain: tuple[Step, ...]) -> Severity:
    """The worst alert's severity: a level up from three stages, two where they reach deep.

    Deep is lateral movement or beyond: the attacker has left the first machine or acts on his aim.
    """
    levels = (len(chain) >= 3) + (len(chain) >= 4 and chain[-1].stage >= Tactic.LateralMovement)
    return Severity(min(severity + levels, Severity.Critical))


def _score(
    weight: _Weight, chain: tuple[Step, ...], pattern: Pattern | None, *, high: bool
) -> tuple[Part, ...]:
    """The parts of the score; the confidence weighs more than all the rest together."""
    depth = chain[-1].stage
    breadth = min(weight.resources, 10)
    parts = [
        Part(60.0 if high else 30.0, f"{'high' if high else 'medium'} confidence"),
        Part(2.0 * min(len(chain), 6), f"{len(chain)} stages in forward order"),
        Part(0.5 * depth, f"reached {depth.title}"),
        Part(1.5 * _raised(weight.severity, chain), f"{weight.severity.name} severity alerts"),
    ]
    if breadth > 1:
        parts.append(Part(0.3 * breadth, f"{weight.resources} resources"))
    if pattern is not None:
        parts.append(Part(3.0, f"matches the pattern {pattern.name}"))
    return tuple(parts)


def window_hours(window: tuple[int, int]) -> str:
    """How long a window lasted, in words."""
    minutes = (window[1] - window[0]) // (HOUR // 60)
    if minutes < 120:
        return f"{minutes} minutes" if minutes != 1 else "1 minute"
    return f"{minutes / 60:.1f} hours"
