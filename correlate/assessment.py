"""The verdict on a component: a pure function of its evidence and the policy.

The steps, each explained with examples in `docs/policy.md`:

1. A detection active in several separate hours, spread over a day or more, is background.
2. For every stretch of a few hours (the window) that starts with new activity, the first instant of
   each stage by detections that are not background is found.
3. The longest run of stages that deepen while time goes on, allowing for detection lag, is the
   chain; each of its stages needs a detection of its own. The window with the best chain wins.
4. The chain's length gives the confidence; patterns, depth, severity and breadth give the score.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from correlate.evidence import Detection, Evidence, Sighting, Stated
from correlate.policy import Background, Pattern, Policy, Qualification
from shared.killchain import Tactic
from shared.severity import Severity
from shared.times import HOUR

STAGE_BITS: Final = 4
STAGE: Final = (1 << STAGE_BITS) - 1
RUN_BITS: Final = STAGE_BITS * len(Tactic)
RUN: Final = (1 << RUN_BITS) - 1
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


@dataclass(frozen=True, slots=True, eq=False)
class _Rules:
    """A policy as a key of kept verdicts: the very same one, which is cheap to tell."""

    policy: Policy

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rules) and self.policy is other.policy

    def __hash__(self) -> int:
        return id(self.policy)


@dataclass(frozen=True, slots=True)
class _Weight:
    """What raises a score beside the chain: the worst severity and how many resources."""

    severity: Severity
    resources: int


def assess(evidence: Evidence, policy: Policy) -> Verdict:
    """The verdict on a component's evidence.

    It depends on little of it, which a burst seldom changes, so the latest verdicts are kept.
    """
    weight = _Weight(evidence.severity, len(evidence.resources))
    return _assess(weight, evidence.stated, _Rules(policy))


@lru_cache(maxsize=256)
def _assess(weight: _Weight, stated: Stated, by: _Rules) -> Verdict:
    rules, patterns = by.policy.qualification, by.policy.patterns
    detections = stated.detections
    fresh, background = _part(detections, rules.background)
    chain = _best_chain(fresh, rules)
    if len(chain) >= rules.medium_stages:
        pattern = _pattern(chain, patterns)
        return _incident(weight, chain, pattern, fresh, background, rules)
    return _background_only(weight.severity, detections, background, rules)


def _part(
    detections: Sequence[Detection], rules: Background
) -> tuple[list[Detection], tuple[str, ...]]:
    fresh = [each for each in detections if not _is_background(each.instants, rules)]
    names = {each.name for each in detections} - {each.name for each in fresh}
    return fresh, tuple(sorted(names))


def _is_background(instants: Sequence[int], rules: Background) -> bool:
    """Whether a detection was always there: active in enough separate hours, spread far enough.

    Hours close to each other count once, so that an attack which runs past the full hour does not
    look like a habit; the spread is counted in hours and not in calendar days, so that midnight
    plays no part. `instants` are the first of their hours, ascending.
    """
    if instants[-1] // HOUR - instants[0] // HOUR < rules.spread_hours:
        return False
    separate, last = 0, None
    for instant in instants:
        hour = instant // HOUR
        if last is None or hour - last > rules.separation_hours:
            separate, last = separate + 1, hour
    return separate >= rules.active_hours


def _best_chain(detections: Sequence[Detection], rules: Qualification) -> tuple[Step, ...]:
    """The best chain of any window: the longest, then the deepest, then the earliest.

    A window is looked at closely only where what its stages could give at best is better.
    """
    names = len({each.name for each in detections})
    if names < 2:
        return ()
    stages = _instants(detections)
    window, lag = rules.window, rules.lag
    best: tuple[Step, ...] = ()
    rank = (0, 0)
    hopeless: set[int] = set()
    for start, present in _windows(stages, window):
        if present in hopeless:
            continue
        if _at_best(present, names) <= rank:
            hopeless.add(present)
            continue
        run = _longest_run(_onsets(stages, start, start + window), lag)
        if _rank(run) <= rank:
            continue
        chain = _assign(run, _seen(detections, start, start + window))
        if (reached := _rank([step.stage for step in chain])) > rank:
            best, rank = chain, reached
            if rank == _at_best(_bits(stages), names):
                break
    return best


def _at_best(stages: int, names: int) -> tuple[int, int]:
    """The rank that no chain of these stages (a bit each) by so many detections can exceed."""
    return min(stages.bit_count(), names), stages.bit_length() - 1


def _bits(stages: Iterable[Tactic]) -> int:
    """Stages as a number with a bit for each."""
    return sum(1 << stage for stage in stages)


def _instants(detections: Sequence[Detection]) -> dict[Tactic, list[int]]:
    """All instants at which each stage was seen, stages and instants in order."""
    found: dict[Tactic, set[int]] = {}
    for each in detections:
        for stage in each.stages:
            found.setdefault(stage, set()).update(each.instants)
    return {stage: sorted(found[stage]) for stage in sorted(found)}


def _windows(stages: dict[Tactic, list[int]], length: int) -> Iterator[tuple[int, int]]:
    """The instant that each window starts with, and the stages that are seen in it, a bit each."""
    seen = sorted(
        instant << STAGE_BITS | stage for stage, instants in stages.items() for instant in instants
    )
    inside = [0] * len(Tactic)
    present = entered = 0
    before: int | None = None
    for each in seen:
        start, stage = each >> STAGE_BITS, each & STAGE
        if start != before:
            end = (start + length + 1) << STAGE_BITS
            while entered < len(seen) and seen[entered] < end:
                entering = seen[entered] & STAGE
                present |= 1 << entering
                inside[entering] += 1
                entered += 1
            yield start, present
            before = start
        inside[stage] -= 1
        if not inside[stage]:
            present ^= 1 << stage


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


def _seen(detections: Sequence[Detection], start: int, end: int) -> list[tuple[int, Detection]]:
    """The detections that were active from `start` to `end` inclusive, with the first instant."""
    seen = []
    for each in detections:
        index = bisect_left(each.instants, start)
        if index < len(each.instants) and each.instants[index] <= end:
            seen.append((each.instants[index], each))
    return seen


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
        longest += (1 << RUN_BITS) | (stage << (RUN_BITS - STAGE_BITS * length))
        runs.append((first, longest))
        best = max(best, longest)
    stages = f"{best & RUN:0{len(Tactic)}x}"[: best >> RUN_BITS]
    return tuple(TACTICS[digit] for digit in stages)


def _assign(run: tuple[Tactic, ...], seen: list[tuple[int, Detection]]) -> tuple[Step, ...]:
    """Give each stage of the run a detection of its own, leaving out stages that get none.

    A maximum matching by augmenting paths (Kuhn's algorithm); at most 14 stages.
    """
    by_time = sorted(seen)
    choices: dict[Tactic, list[int]] = {stage: [] for stage in Tactic}
    for index, (_, each) in enumerate(by_time):
        for stage in each.stages:
            choices[stage].append(index)
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


def _step(stage: Tactic, first: int, each: Detection) -> Step:
    alert = next((alert for alert in each.alerts if alert[0] == first), None)
    return Step(stage, first, each.name, each.severity, alert)


def _incident(
    weight: _Weight,
    chain: tuple[Step, ...],
    pattern: Pattern | None,
    fresh: list[Detection],
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
    window: tuple[int, int], fresh: list[Detection], rules: Qualification
) -> tuple[int, int]:
    """The window, lengthened by activity that is not background and lies close enough to it.

    Close enough is within the length of a window, again and again; then a margin is added, and the
    bounds are set on whole hours, since alerts are counted by the hour.
    """
    start, end = window
    instants = sorted(set().union(*(each.instants for each in fresh)))
    near = rules.window
    for instant in reversed(instants[: bisect_left(instants, start)]):
        if instant < start - near:
            break
        start = instant
    for instant in instants[bisect_right(instants, end) :]:
        if instant > end + near:
            break
        end = instant
    low = (start - rules.margin) // HOUR * HOUR
    return low, ((end + rules.margin) // HOUR + 1) * HOUR - 1


def _background_only(
    severity: Severity,
    detections: Sequence[Detection],
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
    stages = {step.stage for step in chain}
    for pattern in patterns:
        if stages.issuperset(pattern.tactics) and (
            not pattern.words or _says_any(chain, pattern.words)
        ):
            return pattern
    return None


def _says_any(chain: tuple[Step, ...], words: Iterable[str]) -> bool:
    """Whether a word occurs in the chain's detections or the titles of their alerts."""
    text = " ".join(
        f"{step.detection} {step.alert[3] if step.alert else ''}".lower() for step in chain
    )
    return any(word.lower() in text for word in words)


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
