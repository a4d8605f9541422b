"""An episode: alerts on linked resources, near in time, and what is to be thought of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from correlate.model.cell import Cell, Interval
from shared.killchain import Tactic
from shared.severity import Severity


class Confidence(StrEnum):
    """How sure a verdict is, by how often chance would make as much."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    """Below the budget: an incident only where people made or touched it."""


class Kind(StrEnum):
    """What an episode is: an attack's steps, or one detection over many resources at once."""

    ATTACK = "attack"
    WAVE = "wave"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be thought of an episode, a function of its evidence, the baseline, the policy.

    `expected` is E: how many times a week chance alone would show as much. `score` is 0 to 100.
    `stages` are those of the chain, in order. `steps`, `links` and `why` are ready for a document:
    JSON values whose shape `docs/correlation.md` tells.
    """

    confidence: Confidence
    expected: float
    score: float
    severity: Severity
    title: str
    description: str
    stages: tuple[Tactic, ...]
    kill_chain: tuple[Mapping[str, Any], ...] = ()
    remediation: tuple[Mapping[str, Any], ...] = ()
    why: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Episode:
    """Linked evidence. `intervals`, by resource, run from its first alert to its last there.

    Of one resource the intervals are disjoint and in order. `verdict` is None where chance would
    make more of the like than the budget allows.
    """

    kind: Kind
    evidence: tuple[Cell, ...]
    intervals: Mapping[str, tuple[Interval, ...]]
    verdict: Verdict | None
