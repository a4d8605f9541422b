"""Alerts for pipeline tests: campaigns on resources of their own, in the native format."""

import random
import uuid
from dataclasses import dataclass
from typing import Any

from local.demo.cast import Happening, account, arm_alert, host, machine
from shared.times import parse_time

START = parse_time("2026-11-20T08:00:00Z")

CHAIN = (
    ("Port scan", "T_Scan", "Low", "Probing"),
    ("Password guessed", "T_Login", "High", "InitialAccess"),
    ("Script run", "T_Script", "Medium", "Execution"),
    ("Data sent out", "T_Sent", "High", "Exfiltration"),
)
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
    """A campaign with names that no other has: each stage on each of its machines."""
    name = uuid.uuid4().hex[:8]
    victims = tuple(f"{name}-vm{number}" for number in range(machines))
    attack = [
        Happening(
            10 * step + number,
            *CHAIN[step],
            machine(victim),
            (host(victim), account(f"{name}-user")),
            (f"Look at {victim}.",),
        )
        for step in range(len(CHAIN))
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
