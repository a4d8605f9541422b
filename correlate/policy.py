"""The policy: every number and name that decides what becomes an incident.

`policy.json` beside this module holds the defaults; `docs/policy.md` explains each with an example.
An unknown name or an impossible value is refused by name when the policy is read.
"""

import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import log
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from shared.entities import KINDS
from shared.killchain import Tactic, parse_tactics
from shared.severity import Severity, parse_severity
from shared.times import MINUTE

DEFAULT_FILE: Final = Path(__file__).parent / "policy.json"


class PolicyError(ValueError):
    """The policy cannot be used; the message names each field at fault and why."""


class _Strict(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)


class Kind(_Strict):
    """How one kind of key links: within which gap, and which unrelated resources make it common."""

    gap_minutes: Annotated[int, Field(ge=1, le=14 * 24 * 60, alias="gapMinutes")]
    most_resources: Annotated[int, Field(ge=1, le=1_000, alias="mostResources")] = 6

    @property
    def gap(self) -> int:
        """The gap in milliseconds."""
        return self.gap_minutes * MINUTE


class Chance(_Strict):
    """What chance may make: E is how many times a week it alone would show as much."""

    budget: Annotated[float, Field(gt=0, le=100, alias="falseIncidentsAWeek")] = 1.0
    high: Annotated[float, Field(gt=0, le=100, alias="highAt")] = 0.01
    rare: Annotated[float, Field(gt=0, lt=1, alias="rareIn12Hours")] = 0.08
    lag_minutes: Annotated[int, Field(ge=0, le=24 * 60, alias="lagMinutes")] = 15

    @model_validator(mode="after")
    def _ordered(self) -> "Chance":
        if self.high > self.budget:
            raise ValueError("highAt must not be more than falseIncidentsAWeek")
        return self

    @property
    def threshold(self) -> float:
        """The rarity from which alerts link: minus the logarithm of `rareIn12Hours`."""
        return -log(self.rare)

    @property
    def lag(self) -> int:
        """Within which order proves nothing, in milliseconds."""
        return self.lag_minutes * MINUTE


class Priors(_Strict):
    """How often a detection fires on a resource, by severity, while nothing is known of it.

    In hours from one time to the next; together they weigh `weightHours` hours of one resource.
    """

    informational: Annotated[float, Field(gt=0, alias="informational")] = 24
    low: Annotated[float, Field(gt=0)] = 48
    medium: Annotated[float, Field(gt=0)] = 240
    high: Annotated[float, Field(gt=0)] = 720
    critical: Annotated[float, Field(gt=0)] = 720
    weight_hours: Annotated[float, Field(gt=0, le=10_000, alias="weightHours")] = 200

    def cells(self, severity: Severity) -> float:
        """How many hours with an alert the prior stands for."""
        every: float = getattr(self, severity.name.lower())
        return self.weight_hours / every


class Wave(_Strict):
    """One detection on so many resources within so many hours."""

    resources: Annotated[int, Field(ge=3, le=10_000)] = 10
    hours: Annotated[int, Field(ge=1, le=48)] = 6


class Bounds(_Strict):
    """How far an episode may reach."""

    days: Annotated[int, Field(ge=1, le=60)] = 14
    resources: Annotated[int, Field(ge=2, le=100_000)] = 5_000


class Asset(_Strict):
    """What a resource is worth: `match` is searched in its name and id; 1 to 3 is added."""

    match: Annotated[str, Field(min_length=1, max_length=300)]
    criticality: Annotated[int, Field(ge=1, le=3)]

    @field_validator("match")
    @classmethod
    def _compiles(cls, text: str) -> str:
        return _expression(text)


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as fault:
        raise ValueError(f"{text!r} is no regular expression: {fault}") from None
    return text


def _stage(name: str) -> Tactic:
    known, _ = parse_tactics(name)
    if len(known) != 1:
        raise ValueError(f"{name!r} is no stage: use an ATT&CK tactic such as InitialAccess")
    return known[0]


class Pattern(_Strict):
    """A known course of attack: stages in order, words or detections of its alerts, or several.

    One that `raises` makes an incident's confidence high. One with `incident` is knowledge of its
    own: alerts that it names are an incident of that confidence whatever chance would make.
    """

    name: Annotated[str, Field(min_length=1, max_length=80)]
    title: Annotated[str, Field(min_length=1, max_length=120)]
    stages: Annotated[tuple[str, ...], Field(max_length=6)] = ()
    words: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    detections: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    raises: bool = False
    incident: Literal["medium", "high"] | None = None

    @field_validator("stages")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_stage(name).name for name in names)

    @model_validator(mode="after")
    def _says_something(self) -> "Pattern":
        if not (self.stages or self.words or self.detections):
            raise ValueError("a pattern needs stages, words or detections")
        if self.incident is not None and not (self.words or self.detections):
            raise ValueError("a pattern that makes an incident needs words or detections")
        return self

    @cached_property
    def tactics(self) -> tuple[Tactic, ...]:
        """The stages, in the order of the kill chain."""
        return tuple(sorted(Tactic[name] for name in self.stages))

    def names(self, detection: str, title: str) -> bool:
        """Whether it names an alert by its detection or by a word; without either it names all."""
        if not self.words and not self.detections:
            return True
        text = f"{detection} {title}".lower()
        return detection in self.detections or any(word.lower() in text for word in self.words)


class Mapping(_Strict):
    """What to take alerts for whose source states no tactic, or to leave them out.

    `match` is a regular expression that is searched in the alert's type and title.
    """

    match: Annotated[str, Field(min_length=1, max_length=300)]
    tactics: tuple[str, ...] | None = None
    severity: str | None = None
    ignore: bool = False

    @field_validator("match")
    @classmethod
    def _compiles(cls, text: str) -> str:
        return _expression(text)

    @field_validator("tactics")
    @classmethod
    def _known(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if names is None else tuple(_stage(name).name for name in names)

    @field_validator("severity")
    @classmethod
    def _scale(cls, name: str | None) -> str | None:
        if name is None:
            return None
        severity = parse_severity(name)
        if severity is None:
            raise ValueError(f"{name!r} is no severity: use {', '.join(Severity.__members__)}")
        return severity.name


class Policy(_Strict):
    """The whole policy. `read_policy` makes one from JSON."""

    version: Literal[2] = 2
    kinds: dict[str, Kind]
    chance: Chance = Chance()
    priors: Priors = Priors()
    wave: Wave = Wave()
    bounds: Bounds = Bounds()
    patterns: tuple[Pattern, ...] = ()
    mappings: tuple[Mapping, ...] = ()
    assets: tuple[Asset, ...] = ()

    @field_validator("kinds")
    @classmethod
    def _known(cls, kinds: dict[str, Kind]) -> dict[str, Kind]:
        unknown = sorted(kinds.keys() - set(KINDS))
        if unknown:
            raise ValueError(f"unknown kind {unknown[0]!r}: use {', '.join(KINDS)}")
        if "resource" not in kinds:
            raise ValueError("the kind 'resource' is missing: it says when alerts belong together")
        return kinds

    @cached_property
    def by_itself(self) -> tuple[Pattern, ...]:
        """The patterns that make an incident by themselves."""
        return tuple(pattern for pattern in self.patterns if pattern.incident is not None)

    @cached_property
    def longest_gap(self) -> int:
        """The longest gap of any kind, in milliseconds."""
        return max(kind.gap for kind in self.kinds.values())

    def criticality(self, name: str, identifier: str) -> int:
        """What a resource is worth, 0 to 3: that of the first asset that matches it."""
        for asset in self.assets:
            if re.search(asset.match, name) or re.search(asset.match, identifier):
                return asset.criticality
        return 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mapping says of a detection."""

    tactics: tuple[Tactic, ...] | None
    severity: Severity | None
    ignore: bool


class Readings:
    """The mappings of a policy, looked up once for each detection and title."""

    def __init__(self, mappings: tuple[Mapping, ...]) -> None:
        self._rules = tuple(
            (
                re.compile(rule.match, re.IGNORECASE),
                Reading(
                    None if rule.tactics is None else tuple(Tactic[name] for name in rule.tactics),
                    None if rule.severity is None else Severity[rule.severity],
                    rule.ignore,
                ),
            )
            for rule in mappings
        )
        self._of = lru_cache(maxsize=10_000)(self._search)

    def __bool__(self) -> bool:
        return bool(self._rules)

    def of(self, alert_type: str, title: str) -> Reading | None:
        """The first mapping that matches the type or the title; None without one."""
        return self._of(alert_type, title)

    def _search(self, alert_type: str, title: str) -> Reading | None:
        for pattern, reading in self._rules:
            if pattern.search(alert_type) or pattern.search(title):
                return reading
        return None


def read_policy(text: str, *, name: str = "policy.json") -> Policy:
    """The policy in a JSON text.

    Raises PolicyError naming the file, each field at fault, and why.
    """
    try:
        content: Any = json.loads(text)
    except ValueError as fault:
        raise PolicyError(f"{name} is no JSON: {fault}") from None
    try:
        return Policy.model_validate(content)
    except ValidationError as fault:
        faults = "; ".join(
            f"{'.'.join(map(str, error['loc'])) or 'the policy'}: {error['msg']}"
            for error in fault.errors()
        )
        raise PolicyError(f"{name}: {faults}") from None


@lru_cache(maxsize=1)
def default_policy() -> Policy:
    """The policy that ships with the service."""
    return read_policy(DEFAULT_FILE.read_text(encoding="utf-8"))
