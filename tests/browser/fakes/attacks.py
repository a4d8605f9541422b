"""The attacks and the noise that the samples are made of."""

from datetime import timedelta
from typing import Final

from shared.killchain import Tactic
from shared.severity import Severity
from tests.browser.fakes.samples import HOSTILE, NOW, Attack, Document, Shot, lone, utc

_THIEF: Final = "203.0.113.77"

SHOP: Final = Attack(
    id="5c1e7a90b3d24f68",
    title="Credential theft followed by data exfiltration on web-01 and 3 other resources",
    description="Between 06:41 and 08:27 someone guessed the password of svc-deploy, signed in to"
    " web-01, ran a downloader and stole credentials from memory.\nWith these the attacker moved"
    " to build-07 and sql-orders, read the customer table and copied it to stshopbackup, from"
    " where 41 GB left for an address that no one here has used before.",
    start=NOW - timedelta(hours=2, minutes=19),
    shots=(
        Shot(0, "Failed sign-ins from one address", Tactic.CredentialAccess, Severity.Medium, "web-01", "svc-deploy", _THIEF, times=14),
        Shot(9, "Sign-in from an address never seen before", Tactic.InitialAccess, Severity.Medium, "web-01", "svc-deploy", _THIEF),
        Shot(12, "Encoded PowerShell downloads a program", Tactic.Execution, Severity.High, "web-01", "svc-deploy", times=3),
        Shot(15, "New scheduled task runs at start-up", Tactic.Persistence, Severity.Medium, "web-01", "svc-deploy"),
        Shot(31, "Memory of the sign-in process was read", Tactic.CredentialAccess, Severity.High, "web-01", "svc-deploy"),
        Shot(44, "Many machines were looked up in a short time", Tactic.Discovery, Severity.Low, "web-01", "svc-deploy", times=6),
        Shot(58, "Remote service started from another machine", Tactic.LateralMovement, Severity.High, "build-07", "admin-mk"),
        Shot(63, "Remote service started from another machine", Tactic.LateralMovement, Severity.High, "sql-orders", "admin-mk"),
        Shot(71, "Unusual export of a whole table", Tactic.Collection, Severity.High, "sql-orders", "admin-mk", times=2),
        Shot(84, "Access key used from a new country", Tactic.Collection, Severity.Medium, "stshopbackup", "admin-mk", _THIEF),
        Shot(102, "Unusual amount of data leaves a storage account", Tactic.Exfiltration, Severity.Critical, "stshopbackup", "admin-mk", _THIEF, times=2),
    ),
    steps=(
        "Disable svc-deploy and admin-mk, and revoke their sessions.",
        "Rotate both access keys of stshopbackup and block 203.0.113.77 at the firewall.",
        "Isolate web-01 and build-07; take an image of the disk before anything is cleaned.",
        "Find out which customers are in the exported table, and whom to inform.",
    ),
    labels=("customer data", "night shift"),
    owner="",
    pattern=("credential-to-exfiltration", "Credential theft followed by data exfiltration"),
    history=(
        {"atUtc": utc(NOW - timedelta(minutes=55)), "by": "correlation", "what": "confidence", "from": "medium", "to": "high"},
        {"atUtc": utc(NOW - timedelta(minutes=31)), "by": "dana@contoso.com", "what": "comment", "comment": "Called the owner of build-07: nobody works on it at this hour."},
    ),
)  # fmt: skip

MINER: Final = Attack(
    id="9b0d46e2a7c1538f",
    title="Cryptomining after exposure on aks-batch",
    description="A dashboard without a password was opened from the internet, a privileged"
    " container was started, and a known miner runs in it.",
    start=NOW - timedelta(hours=20),
    shots=(
        Shot(0, "Cluster dashboard is open to the internet", Tactic.InitialAccess, Severity.Medium, "aks-batch", "", "198.51.100.9"),
        Shot(6, "Privileged container was started", Tactic.PrivilegeEscalation, Severity.High, "aks-batch", "", "198.51.100.9"),
        Shot(11, "Known mining program runs", Tactic.Impact, Severity.High, "aks-batch", times=9),
    ),
    steps=("Close the dashboard to the internet.", "Remove the container and its image.", "Rotate the credentials of the cluster."),
    status="InProgress",
    owner="li@contoso.com",
    pattern=("cryptomining", "Cryptomining after exposure"),
)  # fmt: skip

HOSTILE_ATTACK: Final = Attack(
    id="77aa00cc11ee22bb",
    title=HOSTILE,
    description=f"The title of this incident was chosen by the attacker: {HOSTILE}",
    start=NOW - timedelta(hours=30),
    shots=(
        Shot(0, HOSTILE, Tactic.InitialAccess, Severity.Low, "web-02", "<b>eve</b>", "2001:db8::7"),
        Shot(18, "Shell started by the web server", Tactic.Execution, Severity.Medium, "web-02", "<b>eve</b>"),
    ),
    steps=("<a href=javascript:alert(1)>Look at the logs of the web server</a>.",),
)  # fmt: skip

CLOSED: Final = Attack(
    id="e4f1b22907d94c35",
    title="Brute force followed by execution on jump-01",
    description="A test of the red team: passwords were guessed and a shell was opened.",
    start=NOW - timedelta(days=3, hours=2),
    shots=(
        Shot(0, "Failed sign-ins from one address", Tactic.CredentialAccess, Severity.Medium, "jump-01", "tester", "192.0.2.44", times=22),
        Shot(40, "Shell started over the remote desktop", Tactic.LateralMovement, Severity.Medium, "jump-01", "tester"),
    ),
    steps=("Ask the red team for its plan.",),
    status="Resolved",
    owner="dana@contoso.com",
    classification="BenignPositive",
    history=(
        {"atUtc": utc(NOW - timedelta(days=2)), "by": "dana@contoso.com", "what": "change", "from": {"status": "Active"}, "to": {"status": "Resolved", "classification": "BenignPositive"}, "comment": "Announced test of the red team."},
    ),
)  # fmt: skip

LARGE: Final = Attack(
    id="1000010000100001",
    title="Intrusion spreading to other machines: 40 resources",
    description="A worm tries every machine of the network, again and again.",
    start=NOW - timedelta(days=5),
    shots=tuple(
        Shot(number * 7, title, tactic, severity, f"node-{number % 40:02}", "svc-backup", times=250)
        for number in range(40)
        for title, tactic, severity in (
            (
                ("Worm spreads over the file share", Tactic.LateralMovement, Severity.High),
                ("Program started from a temporary folder", Tactic.Execution, Severity.Medium),
            )[number % 2],
        )
    ),
    steps=("Cut the network between the machines.",),
    status="InProgress",
    owner="li@contoso.com",
)

_KINDS: Final = (
    ("Encoded command on a machine", (Tactic.Execution, Tactic.DefenseEvasion), Severity.Medium),
    ("Phishing led to a stolen token", (Tactic.InitialAccess, Tactic.CredentialAccess), Severity.High),
    ("Discovery before a lateral move", (Tactic.Discovery, Tactic.LateralMovement), Severity.Medium),
    ("Backups deleted, then files encrypted", (Tactic.DefenseEvasion, Tactic.Impact), Severity.Critical),
    ("Scan followed by an exploit", (Tactic.Reconnaissance, Tactic.InitialAccess), Severity.Low),
    ("Secrets read, then data copied", (Tactic.CredentialAccess, Tactic.Collection, Tactic.Exfiltration), Severity.High),
)  # fmt: skip
_STATUSES: Final = ("Active", "Resolved", "Active", "Dismissed", "InProgress", "Resolved")


def small_attacks(count: int) -> list[Attack]:
    """Many small incidents of the last weeks, to fill the list."""
    return [_small(number) for number in range(count)]


def _small(number: int) -> Attack:
    title, tactics, severity = _KINDS[number % len(_KINDS)]
    host = f"{('web', 'app', 'batch', 'desk')[number % 4]}-{number % 23 + 10}"
    account = f"user{number % 17:02}"
    shots = tuple(
        Shot(place * 11, f"{tactic.title} on {host}", tactic, Severity(max(1, severity - place % 2)), host, account, times=1 + number % 4)
        for place, tactic in enumerate(tactics)
    )  # fmt: skip
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
    ]  # fmt: skip


ALONE: Final = lone(
    "a10e",
    Shot(0, "Impossible travel of one account", Tactic.InitialAccess, Severity.High, "kv-payments", "noor@contoso.com", "198.51.100.200"),
    NOW - timedelta(minutes=42),
)  # fmt: skip
"""The alert that nothing else is tied to."""
