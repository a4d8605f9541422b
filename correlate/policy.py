"""The policy: every number and name that decides what becomes an incident.

`policy.json` beside this module holds the defaults; `docs/policy.md` explains each with an example.
An unknown name or an impossible value is refused by name when the policy is read.
"""

import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from shared.entities import KINDS
from shared.killchain import Tactic, parse_tactics
from shared.severity import Severity, parse_severity
from shared.times import HOUR, MINUTE

DEFAULT_FILE: Final = Path(__file__).parent / "policy.json"


class PolicyError(ValueError):
    """The policy cannot be used; the message names each field at fault and why."""


class _Strict(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)


class Kind(_Strict):
    """How one kind of entity links: within which gap, and up to how many resources."""

    gap_minutes: Annotated[int, Field(ge=1, le=14 * 24 * 60, alias="gapMinutes")]
    most_resources: Annotated[int, Field(ge=2, le=1_000, alias="mostResources")] = 25

    @property
    def gap(self) -> int:
        """The gap in milliseconds."""
        return self.gap_minutes * MINUTE

    @property
    def grid(self) -> int:
        """The grid that session bounds are widened to: a 24th of the gap, a minute at least."""
        return max(self.gap_minutes // 24, 1) * MINUTE


class Background(_Strict):
    """A detection active in so many separate hours, spread over so many, was always there.

    Evidence keeps a detection's earliest 26 active hours: enough to tell, within these limits.
    """

    active_hours: Annotated[int, Field(ge=2, le=8, alias="activeHours")] = 3
    separation_hours: Annotated[int, Field(ge=0, le=2, alias="separationHours")] = 2
    spread_hours: Annotated[int, Field(ge=1, le=24, alias="spreadHours")] = 24


class Qualification(_Strict):
    """When alerts that belong together line up with the kill chain."""

    window_hours: Annotated[int, Field(ge=1, le=24 * 7, alias="windowHours")] = 6
    margin_minutes: Annotated[int, Field(ge=0, le=24 * 60, alias="marginMinutes")] = 60
    lag_minutes: Annotated[int, Field(ge=0, le=24 * 60, alias="lagMinutes")] = 15
    medium_stages: Annotated[int, Field(ge=2, le=14, alias="mediumStages")] = 2
    high_stages: Annotated[int, Field(ge=2, le=14, alias="highStages")] = 3
    background: Background = Background()

    @model_validator(mode="after")
    def _ordered(self) -> "Qualification":
        if self.high_stages < self.medium_stages:
            raise ValueError("highStages must not be less than mediumStages")
        return self

    @property
    def window(self) -> int:
        """The window in milliseconds."""
        return self.window_hours * HOUR

    @property
    def margin(self) -> int:
        """The margin around an attack's period in milliseconds."""
        return self.margin_minutes * MINUTE

    @property
    def lag(self) -> int:
        """The detection lag in milliseconds."""
        return self.lag_minutes * MINUTE


def _stage(name: str) -> Tactic:
    known, _ = parse_tactics(name)
    if len(known) != 1:
        raise ValueError(f"{name!r} is no stage: use an ATT&CK tactic such as InitialAccess")
    return known[0]


class Pattern(_Strict):
    """A known course of attack: stages that the chain has, and words of its alerts, if any.

    One that `raises` is telling enough to make confidence high where the stages alone would not.
    """

    name: Annotated[str, Field(min_length=1, max_length=80)]
    title: Annotated[str, Field(min_length=1, max_length=120)]
    stages: Annotated[tuple[str, ...], Field(min_length=1, max_length=6)]
    words: tuple[str, ...] = ()
    raises: bool = False

    @field_validator("stages")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_stage(name).name for name in names)

    @cached_property
    def tactics(self) -> tuple[Tactic, ...]:
        """The stages, in the order in which they must appear."""
        return tuple(Tactic[name] for name in self.stages)


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
        try:
            re.compile(text)
        except re.error as fault:
            raise ValueError(f"{text!r} is no regular expression: {fault}") from None
        return text

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

    version: Literal[1] = 1
    kinds: dict[str, Kind]
    retention_days: Annotated[int, Field(ge=1, le=365, alias="retentionDays")] = 30
    longest_alert_hours: Annotated[int, Field(ge=1, le=24 * 14, alias="longestAlertHours")] = 24
    qualification: Qualification = Qualification()
    patterns: tuple[Pattern, ...] = ()
    mappings: tuple[Mapping, ...] = ()

    @field_validator("kinds")
    @classmethod
    def _all_kinds(cls, kinds: dict[str, Kind]) -> dict[str, Kind]:
        unknown = sorted(kinds.keys() - set(KINDS))
        if unknown:
            raise ValueError(f"unknown kind {unknown[0]!r}: use {', '.join(KINDS)}")
        if "resource" not in kinds:
            raise ValueError("the kind 'resource' is missing: it says when alerts belong together")
        return kinds


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
