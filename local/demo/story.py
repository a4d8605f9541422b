"""What happens: an intrusion in four acts, a second smaller attack, and a day's noise."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from local.demo.cast import (
    ATTACKER,
    SERVICE_ACCOUNT,
    Happening,
    account,
    address,
    arm_alert,
    export_alert,
    host,
    machine,
    storage,
    table_row,
)
from shared.times import HOUR

LASTS: Final = 3 * HOUR


@dataclass(frozen=True, slots=True)
class Act:
    """One part of the story: what is told of it, and the queue messages that it sends.

    `alerts` counts what is pushed, `fresh` the different alerts that can be read among them;
    `stages` is how many stages all incidents together have when the act is over.
    """

    heading: str
    messages: tuple[bytes, ...]
    alerts: int
    fresh: int
    stages: int


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of the story."""

    title_words: str
    confidence: str
    stages: tuple[str, ...]
    resources: frozenset[str]
    alerts: int


WEB: Final = machine("web01")
DATABASE: Final = machine("sql01")
DATA: Final = storage("shopdata")
NODE: Final = machine("aks-node-3")

BREAK_IN: Final = (
    Happening(0, "Port scan from a suspicious address", "VM_PortSweep", "Low", "Probing", WEB,
              (address(ATTACKER), host("web01"))),
    Happening(9, "Failed SSH brute force attack", "VM_SshBruteForceFailed", "Medium", "Probing",
              WEB, (address(ATTACKER), host("web01"))),
    Happening(21, "Successful SSH brute force attack", "VM_SshBruteForceSuccess", "High",
              "InitialAccess", WEB, (address(ATTACKER), host("web01"), account(SERVICE_ACCOUNT)),
              ("Reset the password of the account that logged in.",
               "Restrict management ports to known addresses.")),
)  # fmt: skip
FOOTHOLD: Final = (
    Happening(27, "Suspicious download then run activity", "VM_DownloadAndRun", "Medium",
              "Execution", WEB, (host("web01"), account(SERVICE_ACCOUNT)),
              ("Isolate the machine and collect the downloaded file.",)),
    Happening(34, "New scheduled task that hides its command", "VM_HiddenCronJob", "Medium",
              "Persistence", WEB, (host("web01"), account(SERVICE_ACCOUNT)),
              ("Remove the scheduled task and check for others.",)),
)  # fmt: skip
SPREAD: Final = (
    Happening(58, "Credential dumping tool detected", "VM_CredentialDumping", "High",
              "CredentialAccess", WEB, (host("web01"), account(SERVICE_ACCOUNT)),
              ("Rotate every credential that was used on this machine.",)),
    Happening(71, "Log-on from an unusual machine", "VM_UnusualLogon", "Medium",
              "LateralMovement", DATABASE, (host("sql01"), account(SERVICE_ACCOUNT)),
              ("Disable the account until its use is understood.",)),
)  # fmt: skip
THEFT: Final = (
    Happening(96, "Unusual amount of data read from a storage account",
              "Storage.Blob_DataExfiltration.AmountOfDataAnomaly", "High", "Exfiltration", DATA,
              (account(SERVICE_ACCOUNT), address(ATTACKER)),
              ("Revoke the shared access signatures of the storage account.",
               "Find out which data was read, and whom to notify.")),
)  # fmt: skip
MINING: Final = (
    Happening(40, "Exposed Kubernetes dashboard accessed", "K8S_ExposedDashboard", "Medium",
              "InitialAccess", NODE, (host("aks-node-3"),),
              ("Do not expose the dashboard to the internet.",)),
    Happening(52, "Digital currency mining behaviour", "K8S_CurrencyMining", "High", "Impact", NODE,
              (host("aks-node-3"),), ("Stop the container and rebuild the node.",)),
)  # fmt: skip

PLAIN: Final = (
    ("Antimalware signature is out of date", "VM_AntimalwareOutdated", "Low", "Unknown"),
    ("Log-on outside of working hours", "VM_OffHoursLogon", "Low", "Unknown"),
    ("Unusual number of failed sign-ins", "VM_FailedSignins", "Low", "CredentialAccess"),
    ("Access from a Tor exit node", "VM_TorAccess", "Medium", "Unknown"),
)
NOISY: Final = 12
"""So many machines have one plain alert each; one more has the same alert again and again."""

EXPECTED: Final = (
    Expected(
        "exfiltration",
        "high",
        ("Reconnaissance", "InitialAccess", "Execution", "Persistence", "CredentialAccess",
         "LateralMovement", "Exfiltration"),
        frozenset({"web01", "sql01", "shopdata"}),
        8,
    ),
    Expected(
        "mining", "medium", ("InitialAccess", "Impact"), frozenset({"aks-node-3"}), 2
    ),
)  # fmt: skip

UNREADABLE: Final = (
    b'{"properties": {"alertDisplayName": "An alert without an identity or a time"}}'
)


def noise() -> tuple[Happening, ...]:
    """Alerts that belong to nothing: one on each of some machines, and one machine's habit."""
    single = tuple(
        Happening(7.0 * number, *PLAIN[number % len(PLAIN)], machine(f"office{number:02d}"),
                  (host(f"office{number:02d}"),))
        for number in range(NOISY)
    )  # fmt: skip
    habit = tuple(
        Happening(minute, "Unusual process on a build agent", "VM_UnusualProcess", "Low",
                  "Execution", machine("build07"), (host("build07"),))
        for minute in range(0, 150, 10)
    )  # fmt: skip
    return single + habit


def acts(start: int) -> tuple[Act, ...]:
    """The story, from an instant on, as the messages to push."""
    background = [table_row(each, start) for each in noise()]
    theft = arm_alert(THEFT[0], start)
    return (
        _act("a day's noise, with some alerts sent twice, and one that cannot be read",
             [background, background[:3]], len(background), 0, (UNREADABLE,)),
        _act("someone scans web01, guesses a password, and is in",
             [[arm_alert(each, start) for each in BREAK_IN]], len(BREAK_IN), 2),
        _act("a foothold on web01; elsewhere a Kubernetes node starts mining",
             [[export_alert(each, start) for each in FOOTHOLD],
              {"value": [arm_alert(each, start) for each in MINING]}],
             len(FOOTHOLD) + len(MINING), 6),
        _act("stolen credentials: from web01 to sql01",
             [table_row(each, start) for each in SPREAD], len(SPREAD), 8),
        _act("the data leaves, and the alert about it is delivered twice",
             [theft, theft], len(THEFT), 9),
    )  # fmt: skip


def distinct_alerts() -> int:
    """How many different alerts the story has."""
    return sum(map(len, (BREAK_IN, FOOTHOLD, SPREAD, THEFT, MINING, noise())))


def _act(
    heading: str,
    contents: Iterable[Any],
    fresh: int,
    stages: int,
    extra: tuple[bytes, ...] = (),
) -> Act:
    messages = tuple(json.dumps(content).encode() for content in contents)
    alerts = sum(_alerts_in(json.loads(message)) for message in messages) + len(extra)
    return Act(heading, messages + extra, alerts, fresh, stages)


def _alerts_in(content: Any) -> int:
    if isinstance(content, dict):
        return len(content["value"]) if "value" in content else 1
    return len(content)
