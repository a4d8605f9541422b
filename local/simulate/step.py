"""A step of a scenario: what a tool would raise an alert about, whatever its format."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from shared.times import MINUTE, format_time


@dataclass(frozen=True, slots=True)
class Step:
    """One alert to be; empty parts are left out of it.

    `minute` counts from the start of the attack, `writer` gives it a tool's format. `severity` is
    a name of our scale, `tactic` one of ATT&CK's without spaces. `account` is a name in `domain`;
    `address` the other side of a connection, `own_address` the host's; `container` is
    `namespace/pod`; `resource` an ARM id or an ARN. `part` tells apart the incidents of a scenario
    that has several; `also` writes the same alert as it comes through a second channel.
    """

    minute: float
    writer: "Writer"
    title: str
    detection: str
    severity: str
    tactic: str = ""
    technique: str = ""
    host: str = ""
    own_address: str = ""
    account: str = ""
    domain: str = ""
    address: str = ""
    container: str = ""
    resource: str = ""
    sha256: str = ""
    advice: str = ""
    part: str = ""
    also: "Writer | None" = None


@dataclass(frozen=True, slots=True)
class Stamp:
    """What makes an alert this one: its id (a GUID) and its time (ms since 1970)."""

    id: str
    at: int

    @property
    def time(self) -> str:
        """The time as most tools write it: `2026-11-24T08:00:00.000Z`."""
        return format_time(self.at)

    @property
    def later(self) -> str:
        """When the tool had made the alert: a minute after what it saw."""
        return format_time(self.at + MINUTE)


Alert: TypeAlias = dict[str, Any]
Writer: TypeAlias = Callable[[Step, Stamp], Alert]


def spaced(tactic: str) -> str:
    """`Initial Access` from `InitialAccess`."""
    return "".join(f" {c}" if c.isupper() else c for c in tactic).strip()


def snake(tactic: str) -> str:
    """`initial_access` from `InitialAccess`."""
    return spaced(tactic).replace(" ", "_").lower()


def without_empty(fields: Alert) -> Alert:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value not in ("", [], {})}
