"""Observations for tests of verdicts: on one resource, by the minute."""

from collections.abc import Iterable
from functools import cache

from correlate.evidence import Evidence, evidence_of
from correlate.observation import Observation, Subject
from shared.entities import key_id
from shared.killchain import Tactic
from shared.severity import Severity
from shared.times import MINUTE, parse_time

DAY = parse_time("2026-03-02T00:00:00Z")


@cache
def subject(name: str = "vm1") -> Subject:
    key = f"host:{name}"
    return Subject(key, key_id(key), f"part-{name}", name, name, "host")


def seen(
    minute: float,
    detection: str,
    *stages: Tactic,
    severity: Severity = Severity.Medium,
    on: str = "vm1",
    keys: tuple[str, ...] = (),
    remediation: tuple[str, ...] = (),
) -> Observation:
    """An alert that many minutes after midnight; its title is the detection in words."""
    start = DAY + round(minute * MINUTE)
    return Observation(
        alert_id=f"part-{on}-{detection}-{minute}",
        subject=subject(on),
        start=start,
        end=start,
        title=f"{detection} seen",
        detection=detection,
        stages=stages,
        severity=severity,
        keys=keys,
        names=tuple(key.partition(":")[2] for key in keys),
        product="Sensor",
        remediation=remediation,
    )


def evidence(observations: Iterable[Observation]) -> Evidence:
    return evidence_of(observations)
