"""The attacks and the noise that the samples are made of."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from shared.killchain import Tactic
from shared.severity import Severity
from tests.browser.fakes.samples import NOW, Attack, Document, Shot, lone, utc

_WRITTEN: Final = json.loads(Path(__file__).with_name("attacks.json").read_text())

_LISTS: Final = ("steps", "labels", "pattern")
_TEXTS: Final = ("status", "owner", "classification")


def _shot(fields: dict[str, Any]) -> Shot:
    tactic, severity = Tactic[fields["tactic"]], Severity[fields["severity"]]
    return Shot(**{**fields, "tactic": tactic, "severity": severity})


def _entry(fields: dict[str, Any]) -> Document:
    minutes = fields.pop("minutesAgo")
    return {"atUtc": utc(NOW - timedelta(minutes=minutes)), **fields}


def _attack(fields: dict[str, Any]) -> Attack:
    optional: dict[str, Any] = {name: tuple(fields[name]) for name in _LISTS if name in fields}
    optional |= {name: fields[name] for name in _TEXTS if name in fields}
    return Attack(
        id=fields["id"],
        title=fields["title"],
        description=fields["description"],
        start=NOW - timedelta(minutes=fields["minutesAgo"]),
        shots=tuple(map(_shot, fields["shots"])),
        history=tuple(map(_entry, fields.get("history", []))),
        **optional,
    )


SHOP: Final = _attack(_WRITTEN["shop"])
"""The attack that a reader should understand at a glance."""
MINER: Final = _attack(_WRITTEN["miner"])
HOSTILE: Final = _attack(_WRITTEN["hostile"])
"""An incident whose title, account and steps were written by the attacker."""
CLOSED: Final = _attack(_WRITTEN["closed"])

LARGE: Final = Attack(
    id="1000010000100001",
    title="Intrusion spreading to other machines: 40 resources",
    description="A worm tries every machine of the network, again and again.",
    start=NOW - timedelta(days=5),
    shots=tuple(
        Shot(
            number * 7,
            "Worm spreads over the file share" if number % 2 else "Program started from a share",
            Tactic.LateralMovement if number % 2 else Tactic.Execution,
            Severity.High if number % 2 else Severity.Medium,
            f"node-{number:02}",
            "svc-backup",
            times=250,
        )
        for number in range(40)
    ),
    steps=("Cut the network between the machines.",),
    status="InProgress",
    owner="li@contoso.com",
)
"""An incident of ten thousand alerts."""

_KINDS: Final = (
    ("Encoded command on a machine", "Execution DefenseEvasion", Severity.Medium),
    ("Phishing led to a stolen token", "InitialAccess CredentialAccess", Severity.High),
    ("Discovery before a lateral move", "Discovery LateralMovement", Severity.Medium),
    ("Backups deleted, then files encrypted", "DefenseEvasion Impact", Severity.Critical),
    ("Scan followed by an exploit", "Reconnaissance InitialAccess", Severity.Low),
    ("Secrets read, then copied", "CredentialAccess Collection Exfiltration", Severity.High),
)
_STATUSES: Final = ("Active", "Resolved", "Active", "Dismissed", "InProgress", "Resolved")


def small_attacks(count: int) -> list[Attack]:
    """Many small incidents of the last weeks, to fill the list."""
    return [_small(number) for number in range(count)]


def _small(number: int) -> Attack:
    title, tactics, severity = _KINDS[number % len(_KINDS)]
    host = f"{('web', 'app', 'batch', 'desk')[number % 4]}-{number % 23 + 10}"
    account = f"user{number % 17:02}"
    shots = tuple(
        Shot(
            place * 11,
            f"{Tactic[name].title} on {host}",
            Tactic[name],
            Severity(max(1, severity - place % 2)),
            host,
            account,
            times=1 + number % 4,
        )
        for place, name in enumerate(tactics.split())
    )
    status = _STATUSES[number % len(_STATUSES)]
    return Attack(
        id=f"{number:016x}",
        title=f"{title} on {host}",
        description=f"{title} on {host}, by {account}.",
        start=NOW - timedelta(hours=7 + number * 5.3),
        shots=shots,
        steps=("Look at what the account did in the hour before.", "Reset its password."),
        status=status,
        owner=("", "dana@contoso.com", "li@contoso.com")[number % 3] if status != "Active" else "",
        classification={"Resolved": "TruePositive", "Dismissed": "FalsePositive"}.get(status, ""),
    )


_NOISE: Final = (
    ("Sign-in at an unusual hour", Tactic.InitialAccess, Severity.Low),
    ("Certificate expires soon", Tactic.Reconnaissance, Severity.Informational),
    ("Rare program started", Tactic.Execution, Severity.Informational),
    ("Port scan from inside", Tactic.Discovery, Severity.Low),
    ("Policy forbids this region", Tactic.DefenseEvasion, Severity.Medium),
)


def noise(count: int) -> list[Document]:
    """Alerts that stay alone."""
    return [
        lone(
            f"f{number:06}",
            Shot(0, *_NOISE[number % len(_NOISE)], f"edge-{number % 61:02}"),
            NOW - timedelta(minutes=17 + number * 47),
        )
        for number in range(count)
    ]


def alone() -> Document:
    """The alert that nothing else is tied to."""
    shot = Shot(
        0,
        "Impossible travel of one account",
        Tactic.InitialAccess,
        Severity.High,
        "kv-payments",
        "noor@contoso.com",
        "198.51.100.200",
    )
    return lone("a10e", shot, NOW - timedelta(minutes=42))


ALONE: Final = alone()
