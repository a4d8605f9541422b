"""A day of alerts that belong to no attack, from the same tools.

Each source of noise keeps to one habit: a machine that is scanned, one whose users mistype. A few
are on the attacked machines too, where they are only in the way.
"""

from dataclasses import replace
from random import Random
from typing import Final

from local.simulate.cast import Cast, machine
from local.simulate.clouds import guardduty
from local.simulate.microsoft import arm, table_row
from local.simulate.sensors import alertmanager, elastic, falco, suricata, wazuh
from local.simulate.step import Step
from shared.times import DAY, MINUTE

HABITS: Final = (
    Step(0, suricata, "Ports scanned from outside", "9000901", "Low", "Reconnaissance"),
    Step(0, wazuh, "Log-on failed", "100901", "Low", "CredentialAccess", "T1110"),
    Step(0, arm, "Log-on outside of working hours", "VM_OffHoursLogon", "Low", "InitialAccess"),
    Step(0, table_row, "Signatures of the virus scanner are old", "old-signatures", "Low"),
    Step(0, elastic, "Script that an administrator uses", "admin-script", "Low", "Execution"),
    Step(0, falco, "Package manager started in a container", "", "Low", "Persistence"),
    Step(0, guardduty, "Port of an instance probed", "Recon:EC2/PortProbeUnprotectedPort", "Low"),
    Step(0, alertmanager, "Disk nearly full", "DiskNearlyFull", "Medium"),
)
UPKEEP: Final = (
    Step(0, wazuh, "Package updated", "100911", "Low"),
    Step(0, table_row, "Signatures of the virus scanner are old", "old-signatures", "Low"),
)
"""What attacked machines do besides: it states no tactic."""
ALERTS_A_HABIT: Final = 4
ON_ATTACKED: Final = 0.03
"""The share of noise that is on attacked machines, if they are not to have more than"""
UPKEEP_A_MACHINE: Final = 4
"""so many alerts of it each."""
_DAY: Final = DAY / MINUTE
_BEFORE: Final = 0.8
"""The share of the day that lies before the attack begins."""


def noise(count: int, attack: tuple[Step, ...], cast: Cast, chance: Random) -> list[Step]:
    """So many alerts over the day around an attack."""
    attacked = sorted({step.host for step in attack if step.host})
    habits = [_habit(number, cast) for number in range(-(-count // ALERTS_A_HABIT))]
    upkeep = min(round(ON_ATTACKED * count), UPKEEP_A_MACHINE * len(attacked))
    found = []
    for number in range(count):
        if number < upkeep:
            step = replace(chance.choice(UPKEEP), host=chance.choice(attacked))
        else:
            step = chance.choice(habits)
        found.append(replace(step, minute=(chance.random() - _BEFORE) * _DAY))
    return found


def _habit(number: int, cast: Cast) -> Step:
    habit = HABITS[number % len(HABITS)]
    name = cast.host("pc")
    return replace(
        habit,
        host=name,
        own_address=cast.inside() if habit.writer in (suricata, wazuh, elastic) else "",
        container=f"tools/{name}" if habit.writer is falco else "",
        resource=machine(name) if habit.writer is arm else "",
    )
