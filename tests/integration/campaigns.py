"""Alerts for pipeline tests: campaigns on resources of their own, in the native format."""

import random
import uuid
from dataclasses import dataclass
from typing import Any

from local.demo.cast import Happening, account, arm_alert, host, machine
from shared.times import DAY, HOUR, now

START = now() // DAY * DAY - 2 * DAY + 8 * HOUR
"""In the morning of the day before yesterday."""

CHAIN = (
    ("Port scan", "Scan", "Medium", "Probing"),
    ("Password guessed", "Login", "High", "InitialAccess"),
    ("Script run", "Script", "Medium", "Execution"),
    ("Data sent out", "Sent", "High", "Exfiltration"),
)
"""Titles, and what detections are called after the campaign's name: what few have seen is rare."""
STAGES = ["Reconnaissance", "InitialAccess", "Execution", "Exfiltration"]


@dataclass(frozen=True, slots=True)
class Campaign:
    """An attack on a few machines that share an account, and noise on others."""

    name: str
    machines: tuple[str, ...]
    attack: list[dict[str, Any]]
    noise: list[dict[str, Any]]

    @property
    def alerts(self) -> list[dict[str, Any]]:
        """All of them, in no order."""
        mixed = [*self.attack, *self.noise]
        random.Random(self.name).shuffle(mixed)  # noqa: S311 - an order, not a secret
        return mixed


def campaign(*, machines: int = 3, noise: int = 0) -> Campaign:
    """A campaign with names that no other has: each stage on each of its machines.

    Its detections have names of their own too, so that however many campaigns there are, and in
    whatever order their alerts are read, none of them becomes common.
    """
    name = uuid.uuid4().hex[:8]
    victims = tuple(f"{name}-vm{number}" for number in range(machines))
    attack = [
        Happening(
            10 * step + number,
            *detection,
            machine(victim),
            (host(victim), account(f"{name}-user")),
            (f"Look at {victim}.",),
        )
        for step, detection in enumerate(_detections(name))
        for number, victim in enumerate(victims)
    ]
    others = [
        Happening(
            number % 200, f"Noise {number}", f"T_Noise{number % 7}", "Low", "Unknown",
            machine(f"{name}-other{number % 20}"), (host(f"{name}-other{number % 20}"),),
        )
        for number in range(noise)
    ]  # fmt: skip
    return Campaign(
        name,
        victims,
        [arm_alert(each, START) for each in attack],
        [arm_alert(each, START) for each in others],
    )


def _detections(name: str) -> list[tuple[str, str, str, str]]:
    return [(title, f"{name}-{kind}", severity, stage) for title, kind, severity, stage in CHAIN]
