"""Attacks that are hard to tell from what goes on anyway, each for one weakness of correlation.

All are told by one tool in the native format, so that nothing but their shape decides.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from math import log
from typing import Final

from local.simulate.cast import Cast, azure_id
from local.simulate.microsoft import arm
from local.simulate.naming import DOMAIN
from local.simulate.scenarios import Scenario, Steps
from local.simulate.step import Step

_HOUR: Final = 60.0
WORM_HOSTS: Final = 200
VISITS: Final = (25, 26, 100)
"""How many machines an account visits, in a scenario each."""
_VISITING_HOURS: Final = 4.0
_APART_HOURS: Final = 72.0
_BEACONS: Final = 48
_ROUNDS: Final = 18
_ROUND_HOURS: Final = 4.0


def _on(host: str, *, account: str = "", address: str = "", sha256: str = "") -> Step:
    return Step(0, arm, "", "", "Medium", host=host, resource=azure_id(host), account=account,
                domain=DOMAIN, address=address, sha256=sha256)  # fmt: skip


def _step(base: Step, hours: float, tactic: str, detection: str, title: str) -> Step:
    return replace(base, minute=hours * _HOUR, tactic=tactic, detection=detection, title=title)


def two_stages(cast: Cast) -> Steps:
    """Two rare detections on one server, forty minutes apart."""
    seen = _on(cast.host("srv"))
    return (
        _step(seen, 0, "CredentialAccess", "SecurityHiveCopied", "Security hive copied"),
        _step(seen, 0.7, "Exfiltration", "SlowUpload", "Slow upload to an unknown site"),
    )


def known_detections(cast: Cast) -> Steps:
    """Three stages on one server, all by detections that also fire elsewhere without an attack."""
    seen, steps = _on(cast.host("srv")), []
    for number, tactic in enumerate(("InitialAccess", "Persistence", "CredentialAccess")):
        rule = cast.usual(tactic)
        step = _step(seen, 0.6 * number, tactic, rule.name, rule.title)
        steps.append(replace(step, severity=rule.severity))
    return tuple(steps)


def slow_stages(cast: Cast) -> Steps:
    """Four stages on one server, 12, 20 and 16 hours apart."""
    seen = _on(cast.host("srv"))
    return (
        _step(seen, 0, "InitialAccess", "RareServiceLogon", "Log-on with a key never used before"),
        _step(seen, 12, "Persistence", "HiddenTask", "Scheduled task hidden from lists"),
        _step(seen, 32, "CredentialAccess", "KeytabRead", "Key table read by a shell"),
        _step(seen, 48, "Exfiltration", "OddTunnel", "Tunnel over an unusual protocol"),
    )


def worm(cast: Cast) -> Steps:
    """A worm on 200 laptops in an hour, twice as many every eight minutes: one file on all."""
    file, origin = cast.sha256(), cast.outside()
    hosts = [cast.host("lap") for _ in range(WORM_HOSTS)]
    steps: list[Step] = []
    for number, host in enumerate(hosts):
        source = cast.address_of(hosts[(number - 1) // 2]) if number else origin
        seen = _on(host, address=source, sha256=file)
        hour = log(1 + number) / log(WORM_HOSTS) * 0.95
        steps += (
            _step(seen, hour, "LateralMovement", "FlawOfFileShare", "Flaw of file sharing used"),
            _step(seen, hour + 0.03, "Execution", "UnknownService", "Unknown service started"),
        )
    return tuple(steps)


def account_visits(machines: int, cast: Cast) -> Steps:
    """A stolen account visits servers for four hours; on each, one of six rare detections fires."""
    first, account = cast.host("lap"), cast.person()
    start = _on(first, account=account)
    rare = (
        ("LateralMovement", "UnusualRemoteShell", "Remote shell of an account never seen there"),
        ("Discovery", "MemberListing", "Members of the administrators listed"),
        ("LateralMovement", "RemoteTask", "Task made from another machine"),
        ("CredentialAccess", "MemoryOfLogons", "Memory of log-ons opened"),
        ("Discovery", "ShareListing", "Shares of the network listed"),
        ("Persistence", "RareServiceMade", "Service made by a person"),
    )

    def visits() -> Iterator[Step]:
        for number in range(machines):
            hour = 0.4 + number * (_VISITING_HOURS - 0.4) / machines
            yield _step(_on(cast.host("srv"), account=account), hour, *rare[number % len(rare)])

    return (
        _step(start, 0, "InitialAccess", "TokenReplayed", "Token used from another machine"),
        _step(start, 0.2, "CredentialAccess", "TicketForged", "Ticket with a forged signature"),
        *visits(),
    )


def _intrusion(seen: Step) -> Steps:
    """Five high detections in an hour."""
    high = replace(seen, severity="High")
    return (
        _step(high, 0, "InitialAccess", "ExploitOfPortal", "Exploit of the portal"),
        _step(high, 0.2, "Execution", "PortalStartedShell", "Portal started a shell"),
        _step(high, 0.4, "Persistence", "KeyForLogonAdded", "Key for log-on added"),
        _step(high, 0.6, "PrivilegeEscalation", "KernelFlawUsed", "Flaw of the kernel used"),
        _step(high, 0.9, "CredentialAccess", "HashesRead", "Password hashes read"),
    )


def _later(steps: Steps, hours: float, part: str = "") -> Steps:
    return tuple(replace(each, minute=each.minute + hours * _HOUR, part=part) for each in steps)


def twice(cast: Cast) -> Steps:
    """The same attack twice on one host, three days apart: two incidents."""
    steps = _intrusion(_on(cast.host("web")))
    return _later(steps, 0, "1") + _later(steps, _APART_HOURS, "2")


def repeated(cast: Cast) -> Steps:
    """An intrusion whose five detections come again every four hours for three days."""
    steps = _intrusion(_on(cast.host("web")))
    return sum((_later(steps, _ROUND_HOURS * number) for number in range(_ROUNDS)), ())


def beacon(cast: Cast) -> Steps:
    """An intrusion, and then a beacon every hour for two days."""
    seen = _on(cast.host("web"), address=cast.outside())
    call = _step(seen, 0, "CommandAndControl", "HourlyCall", "Call to a rented server")
    calls = (_later((call,), 1.0 + number) for number in range(_BEACONS))
    return sum(calls, _intrusion(seen))


def one_gateway(cast: Cast) -> Steps:
    """Two attacks at once that only share the address by which both go out: two incidents."""
    gateway = cast.gateway()
    server = _on(cast.host("srv"), address=gateway)
    laptop = _on(cast.host("lap"), address=gateway, account=cast.person())
    return (
        *_later((
            _step(server, 0, "InitialAccess", "BackupConsoleExploit", "Backup console exploited"),
            _step(server, 0.5, "DefenseEvasion", "AuditStopped", "Audit of a server stopped"),
            _step(server, 1.1, "Impact", "BackupsDeleted", "Backups deleted"),
        ), 0, "1"),
        *_later((
            _step(laptop, 0.1, "Execution", "SignedLoader", "Signed program loaded unknown code"),
            _step(laptop, 0.6, "Collection", "ScreenRecorded", "Screen recorded by a document"),
            _step(laptop, 1.0, "Exfiltration", "PicturesSent", "Pictures sent to a chat service"),
        ), 0, "2"),
    )  # fmt: skip


def _scenario(name: str, steps: Callable[[Cast], Steps], summary: str) -> Scenario:
    return Scenario(name, summary, steps)


_ALL: Final = (
    _scenario("two-quiet-stages", two_stages, "two rare detections on one host"),
    _scenario("known-detections", known_detections, "stages whose detections fire elsewhere too"),
    _scenario("slow-stages", slow_stages, "stages 12 to 20 hours apart"),
    _scenario("worm", worm, f"{WORM_HOSTS} hosts in an hour"),
    *(
        _scenario(f"account-visits-{count}", partial(account_visits, count),
                  f"one account on {count} machines in four hours")
        for count in VISITS
    ),
    _scenario("twice-on-one-host", twice, "the same attack twice, three days apart"),
    _scenario("repeated-intrusion", repeated, "an intrusion again and again for three days"),
    _scenario("beacon-after-intrusion", beacon, "an intrusion, then an hourly call for two days"),
    _scenario("two-through-one-gateway", one_gateway, "two attacks at once behind one address"),
)  # fmt: skip
QUIET: Final = {scenario.name: scenario for scenario in _ALL}
