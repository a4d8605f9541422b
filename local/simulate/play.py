"""A scenario with its noise, as the messages that tools would send, and the truth about them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Final
from uuid import UUID

from ingest_alert.reading import read_message
from ingest_alert.registry import parse_alert
from local.simulate.cast import Cast
from local.simulate.noise import noise
from local.simulate.scenarios import Scenario
from local.simulate.step import Stamp
from shared.times import MINUTE

JITTER_MINUTES: Final = 3.0
"""By how much a step may be late; steps of one stage may change places by it."""


@dataclass(frozen=True, slots=True)
class Play:
    """Messages in order of time, and for each alert's id the incident it belongs to, or None."""

    messages: tuple[bytes, ...]
    truth: dict[str, str | None]

    @property
    def attack(self) -> set[str]:
        """The ids of the attack's alerts."""
        return {name for name, incident in self.truth.items() if incident is not None}

    def truth_lines(self) -> Iterator[bytes]:
        """The truth as `python -m local backtest --truth` reads it."""
        for name, incident in self.truth.items():
            yield json.dumps({"alertId": name, "incident": incident}).encode()


def play(scenario: Scenario, *, seed: int, ratio: float, start: int) -> Play:
    """The attack from an instant on, and `ratio` times as many alerts of noise around it.

    The same arguments give the same bytes. Raises ValueError for more noise than there are names.
    """
    chance = Random(f"{scenario.name}/{seed}/{start}")  # noqa: S311 - sample data, no secret
    cast = Cast(chance)
    attack = scenario.steps(cast)
    others = noise(round(ratio * len(attack)), attack, cast, chance)
    timed = [(step.minute + chance.random() * JITTER_MINUTES, step, True) for step in attack]
    timed += [(step.minute, step, False) for step in others]
    messages: list[bytes] = []
    truth: dict[str, str | None] = {}
    for minute, step, wanted in sorted(timed, key=lambda each: each[0]):
        identifier = str(UUID(int=chance.getrandbits(128), version=4))
        at = start + int(minute * MINUTE)
        alert = step.writer(step, Stamp(identifier, at, scenario.tenant))
        messages.append(json.dumps(alert, separators=(",", ":")).encode())
        truth[_source_id(alert)] = scenario.name if wanted else None
    return Play(tuple(messages), truth)


def _source_id(alert: Any) -> str:
    """The id by which the service knows the alert, read by its own parser."""
    (payload,) = read_message(json.dumps(alert).encode())
    return parse_alert(payload).source_id
