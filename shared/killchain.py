"""The kill chain: the fourteen enterprise tactics of MITRE ATT&CK, in the order of its matrix.

Microsoft's *intent* names map onto them: `PreAttack` and `Probing` are what ATT&CK calls
Reconnaissance, `Exploitation` is its Initial Access; the rest share their names. `Stealth` and
`Defense Impairment`, into which ATT&CK 19 split Defense Evasion, stay one stage here. Each tactic
also has the phase of Lockheed Martin's Cyber Kill Chain (Hutchins, Cloppert, Amin 2011) in which it
falls, for display only.
"""

import re
from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from shared.strict_json import load


class Tactic(IntEnum):
    """A stage of the kill chain; a higher value lies deeper."""

    Reconnaissance = 0
    ResourceDevelopment = 1
    InitialAccess = 2
    Execution = 3
    Persistence = 4
    PrivilegeEscalation = 5
    DefenseEvasion = 6
    CredentialAccess = 7
    Discovery = 8
    LateralMovement = 9
    Collection = 10
    CommandAndControl = 11
    Exfiltration = 12
    Impact = 13

    @property
    def title(self) -> str:
        """The name in words: `Initial Access`."""
        return _WORD_START.sub(" ", self.name).replace(" And ", " and ")

    @property
    def attack_id(self) -> str:
        """The identifier in ATT&CK: `TA0001`."""
        return _ATTACK_IDS[self]

    @property
    def phase(self) -> str:
        """The phase of Lockheed Martin's Cyber Kill Chain."""
        return _PHASES[self]


_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])")

_ATTACK_IDS: Final = {
    Tactic.Reconnaissance: "TA0043",
    Tactic.ResourceDevelopment: "TA0042",
    Tactic.InitialAccess: "TA0001",
    Tactic.Execution: "TA0002",
    Tactic.Persistence: "TA0003",
    Tactic.PrivilegeEscalation: "TA0004",
    Tactic.DefenseEvasion: "TA0005",
    Tactic.CredentialAccess: "TA0006",
    Tactic.Discovery: "TA0007",
    Tactic.LateralMovement: "TA0008",
    Tactic.Collection: "TA0009",
    Tactic.CommandAndControl: "TA0011",
    Tactic.Exfiltration: "TA0010",
    Tactic.Impact: "TA0040",
}

_ACTIONS: Final = "Actions on Objectives"
_PHASES: Final = {
    Tactic.Reconnaissance: "Reconnaissance",
    Tactic.ResourceDevelopment: "Weaponization",
    Tactic.InitialAccess: "Delivery",
    Tactic.Execution: "Exploitation",
    Tactic.Persistence: "Installation",
    Tactic.PrivilegeEscalation: "Exploitation",
    Tactic.DefenseEvasion: "Installation",
    Tactic.CredentialAccess: _ACTIONS,
    Tactic.Discovery: _ACTIONS,
    Tactic.LateralMovement: _ACTIONS,
    Tactic.Collection: _ACTIONS,
    Tactic.CommandAndControl: "Command and Control",
    Tactic.Exfiltration: _ACTIONS,
    Tactic.Impact: _ACTIONS,
}

_NOT_A_LETTER_OR_DIGIT = re.compile(r"[^a-z0-9]+")


def _squeeze(name: str) -> str:
    return _NOT_A_LETTER_OR_DIGIT.sub("", name.lower())


_BY_NAME: Final = (
    {_squeeze(tactic.name): tactic for tactic in Tactic}
    | {_ATTACK_IDS[tactic].lower(): tactic for tactic in Tactic}
    | {
        "preattack": Tactic.Reconnaissance,
        "probing": Tactic.Reconnaissance,
        "exploitation": Tactic.InitialAccess,
        "defenceevasion": Tactic.DefenseEvasion,
        "stealth": Tactic.DefenseEvasion,
        "defenseimpairment": Tactic.DefenseEvasion,
    }
)

_SAYS_NOTHING: Final = frozenset({"", "unknown", "none", "null", "na", "custom"})


def parse_tactics(value: object) -> tuple[tuple[Tactic, ...], tuple[str, ...]]:
    """The tactics that a source's field names, in kill-chain order, and the words not understood.

    `value` may be one name, a comma or semicolon list, a JSON list in a string, or a list of any of
    these. `Unknown`, `-` and the like say nothing: they are no stage, and no unknown word either.
    """
    known: set[Tactic] = set()
    unknown: list[str] = []
    for word in _words(value):
        squeezed = _squeeze(word)
        tactic = _BY_NAME.get(squeezed)
        if tactic is not None:
            known.add(tactic)
        elif squeezed not in _SAYS_NOTHING:
            unknown.append(word)
    return tuple(sorted(known)), tuple(unknown)


def _words(value: object) -> Iterable[str]:
    if isinstance(value, str):
        text = value.strip()
        if text.startswith("["):
            try:
                yield from _words(load(text))
            except (ValueError, RecursionError):
                yield text
            return
        yield from (word for part in text.split(";") for word in part.split(",") if word.strip())
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _words(item)
