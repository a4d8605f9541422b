"""Worlds of alerts in which episodes form although little is stored: rare stages, near in time."""

from random import Random
from typing import Final

from shared.killchain import Tactic
from shared.times import DAY, HOUR
from tests.unit.proof.service import START, Fact

STAGES: Final = (
    Tactic.InitialAccess,
    Tactic.Execution,
    Tactic.CredentialAccess,
    Tactic.LateralMovement,
    Tactic.Exfiltration,
)
KEYS: Final = ("account:joe", "account:ann", "ip:203.0.113.7")


def world(chance: Random) -> list[Fact]:
    """Chains on few machines, some through shared keys, noise between; sometimes an outbreak."""
    machines = [f"vm{number}" for number in range(chance.randint(2, 5))]
    facts: list[Fact] = []
    for attack in range(chance.randint(1, 3)):
        begin = chance.choice([0, 6, 24, 26, 50, 51, 80]) + chance.random()
        homes = chance.sample(machines, min(len(machines), chance.randint(1, 2)))
        key = (chance.choice(KEYS),) if len(homes) > 1 or chance.random() < 0.3 else ()
        for number, stage in enumerate(STAGES[: chance.randint(2, 5)]):
            hours = begin + number * chance.choice([0.2, 1, 1, 3])
            home = homes[number * len(homes) // 5] if chance.random() < 0.8 else homes[-1]
            name = f"Seen {stage.name} {chance.choice(['', attack])}"
            facts += [
                _fact(f"{attack}.{number}.{again}", home, hours + again / 9, name, stage, key)
                for again in range(chance.choice([1, 1, 1, 3]))
            ]
    for number in range(chance.randint(0, 8)):
        hours = chance.random() * 90 if chance.random() < 0.4 else chance.choice(facts).start
        hours = hours if hours < 1_000 else (hours - START) / HOUR + chance.random()
        reached = chance.choice([None, None, *STAGES])
        keys = (chance.choice(KEYS),) if chance.random() < 0.2 else ()
        facts.append(_fact(f"n{number}", chance.choice(machines), hours, "Noise", reached, keys))
    if chance.random() < 0.05:
        facts += [
            _fact(f"w{number}", f"pc{number}", 60 + number / 10, "Worm", Tactic.Execution)
            for number in range(12)
        ]
    chance.shuffle(facts)
    return facts


def _fact(
    name: str,
    machine: str,
    hours: float,
    detection: str,
    stage: Tactic | None,
    keys: tuple[str, ...] = (),
) -> Fact:
    return Fact(name, machine, START + round(hours * HOUR), detection, stage, keys)


LAST: Final = START + 5 * DAY
"""After all of them."""
