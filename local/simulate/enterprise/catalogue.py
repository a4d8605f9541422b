"""The detections that the enterprise's tools know: most fire seldom, a few all the time."""

from dataclasses import dataclass, replace
from random import Random
from typing import Final

from local.simulate.enterprise.population import Ranked
from local.simulate.enterprise.shape import Shape

WITHOUT_TACTIC: Final = 0.4
"""The share of detections that state no tactic."""
_EXPONENT: Final = 1.0
_PAIRED: Final = 0.1
"""The share of detections that another tool's detection follows."""
_SEVERITIES: Final = ("Informational", "Low", "Medium", "High")
_COMMON: Final = (35, 45, 19, 1)
_SELDOM: Final = (15, 35, 38, 12)
"""Weights of the severities among the more frequent half, and the other."""
_TACTICS: Final = {
    "Reconnaissance": 8, "InitialAccess": 12, "Execution": 18, "Persistence": 10,
    "PrivilegeEscalation": 6, "DefenseEvasion": 10, "CredentialAccess": 12, "Discovery": 9,
    "LateralMovement": 6, "Collection": 2, "CommandAndControl": 4, "Exfiltration": 2, "Impact": 1,
}  # fmt: skip
_PRODUCTS: Final = {
    "process": ("Endpoint Sensor", "Virus Scanner"),
    "traffic": ("Network Sensor",),
    "lookup": ("Network Sensor",),
    "web": ("Web Gateway",),
    "log-on": ("Identity Guard", "Log Analysis"),
    "plain": ("Log Analysis", "Virus Scanner"),
}
"""Who sees what; `sees` decides which entities an alert names."""
_WORDS: Final = {
    "process": ("Script", "Program", "Task", "Service", "Library", "Installer"),
    "traffic": ("Connection", "Transfer", "Session", "Scan"),
    "lookup": ("Name lookup", "Burst of lookups"),
    "web": ("Download", "Upload", "Page request"),
    "log-on": ("Log-on", "Failed log-on", "Change of rights"),
    "plain": ("Setting", "Update", "Log entry", "Signature"),
}
_HOW: Final = (
    "of an unusual kind", "at an unusual time", "never seen before", "by an old version",
    "with odd arguments", "more often than usual", "from an unusual place", "with a warning",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Detection:
    """A rule of a tool; `tactic` is "" where it states none.

    `sees` is what it looks at, `on` the machines that it is for: `laptops`, `servers` or `all`.
    `followed_by` is the name of another tool's detection that sees the same, "" for none, and
    `follows` how often it does.
    """

    name: str
    title: str
    severity: str
    tactic: str
    product: str
    sees: str
    on: str
    followed_by: str = ""
    follows: float = 0.0


PATCH: Final = Detection(
    "D000", "Protected file replaced, rule 0", "Medium", "Persistence", "Endpoint Sensor", "plain",
    "all",
)  # fmt: skip
"""What fires on many machines in the evening of a patch."""


def _scan(number: int, title: str, severity: str, tactic: str) -> Detection:
    name, title = f"D{number:03d}", f"{title}, rule {number}"
    return Detection(name, title, severity, tactic, "Network Sensor", "traffic", "all")


SCANS: Final = (
    _scan(1, "Ports probed", "Low", "Reconnaissance"),
    _scan(2, "Exploit tried against a service", "High", "InitialAccess"),
    _scan(3, "Standard password tried", "Medium", "CredentialAccess"),
)
"""What fires where the enterprise's own scanner passes by."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All detections by name; `ordinary` are all but `PATCH` and `SCANS`, the busiest first."""

    by_name: dict[str, Detection]
    ordinary: Ranked[Detection]


def compile_catalogue(shape: Shape) -> Catalogue:
    """The detections, drawn by the seed."""
    chance = Random(f"{shape.seed}/detections")  # noqa: S311 - sample data, no secret
    special = (PATCH, *SCANS)
    silent = _silent(shape.detections, len(special), chance)
    found = [
        _detection(number, number in silent, number * 2 < shape.detections, chance)
        for number in range(len(special), shape.detections)
    ]
    _pair(found, chance)
    by_name = {each.name: each for each in (*special, *found)}
    return Catalogue(by_name, Ranked(found, _EXPONENT))


def _silent(detections: int, first: int, chance: Random) -> set[int]:
    """The numbers of those that state no tactic."""
    return set(chance.sample(range(first, detections), round(WITHOUT_TACTIC * detections)))


def _detection(number: int, silent: bool, common: bool, chance: Random) -> Detection:
    sees = chance.choices(tuple(_PRODUCTS), (35, 20, 8, 7, 20, 10))[0]
    (severity,) = chance.choices(_SEVERITIES, _COMMON if common else _SELDOM)
    (tactic,) = chance.choices(tuple(_TACTICS), tuple(_TACTICS.values()))
    return Detection(
        name=f"D{number:03d}",
        title=f"{chance.choice(_WORDS[sees])} {chance.choice(_HOW)}, rule {number}",
        severity=severity,
        tactic="" if silent else tactic,
        product=chance.choice(_PRODUCTS[sees]),
        sees=sees,
        on=chance.choices(("laptops", "servers", "all"), (3, 4, 3))[0],
    )


def _pair(found: list[Detection], chance: Random) -> None:
    """Let one in ten be followed by another's detection of the same event."""
    places = chance.sample(range(len(found)), 2 * round(_PAIRED * len(found)))
    for first, second in zip(places[::2], places[1::2], strict=True):
        found[first] = _followed(found[first], found[second], 0.4 + 0.5 * chance.random())


def _followed(first: Detection, second: Detection, share: float) -> Detection:
    return replace(first, followed_by=second.name, follows=share)
