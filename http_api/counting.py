"""The summary's numbers, from the counts of alerts and the rows of incidents."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from http_api.periods import Period
from shared.alert import STATUSES
from shared.killchain import Tactic
from shared.severity import Severity
from shared.store.incident_table import IncidentRow
from shared.store.tally import Counts

SEVERITIES: Final = tuple(severity.name for severity in reversed(Severity))
CONFIDENCES: Final = ("high", "medium", "low")
STAGES: Final = tuple(tactic.name for tactic in Tactic)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is counted: hours since 1970, the first included and the last not; None is open."""

    first: int | None
    end: int | None

    def hold(self, hour: int) -> bool:
        """Whether an hour lies within."""
        return (self.first is None or hour >= self.first) and (self.end is None or hour < self.end)


def alert_numbers(counts: Counts, bounds: Bounds) -> dict[str, Any]:
    """Alerts that start within bounds: in all, by severity, by state."""
    severities: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    for cell, number in counts.items():
        if bounds.hold(cell.hour):
            severities[Severity(cell.rank).name] += number
            statuses[cell.status] += number
    return {
        "total": severities.total(),
        "bySeverity": _every(SEVERITIES, severities),
        "byStatus": _every(STATUSES, statuses),
    }


def incidents_within(rows: Iterable[IncidentRow], bounds: Bounds) -> list[IncidentRow]:
    """Incidents whose activity overlaps the bounds."""
    return [
        row
        for row in rows
        if (bounds.first is None or row.last >= bounds.first)
        and (bounds.end is None or row.first < bounds.end)
    ]


def incident_numbers(shown: Iterable[IncidentRow], every: Iterable[IncidentRow]) -> dict[str, Any]:
    """Incidents shown: in all, by severity, by state; and `every` one by confidence."""
    severities: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    for row in shown:
        severities[row.severity] += 1
        statuses[row.status] += 1
    return {
        "total": severities.total(),
        "bySeverity": _every(SEVERITIES, severities),
        "byStatus": _every(STATUSES, statuses),
        "byConfidence": _every(CONFIDENCES, Counter(row.confidence for row in every)),
    }


def stage_numbers(rows: Iterable[IncidentRow]) -> dict[str, int]:
    """How many incidents reached each stage, in kill-chain order."""
    return _every(STAGES, Counter(stage for row in rows for stage in row.stages))


def series(
    period: Period, counts: Counts, incidents: Iterable[IncidentRow]
) -> list[dict[str, Any]]:
    """For each bucket, the alerts and the incidents that begin in it, by severity."""
    alerts: list[Counter[str]] = [Counter() for _ in range(period.buckets)]
    begun: list[Counter[str]] = [Counter() for _ in range(period.buckets)]
    for cell, number in counts.items():
        if period.first <= cell.hour < period.end:
            alerts[period.bucket_of(cell.hour)][Severity(cell.rank).name] += number
    for row in incidents:
        if period.first <= row.first < period.end:
            begun[period.bucket_of(row.first)][row.severity] += 1
    return [
        {"startUtc": start, "incidents": dict(of_incidents), "alerts": dict(of_alerts)}
        for start, of_incidents, of_alerts in zip(period.starts(), begun, alerts, strict=True)
    ]


def activity(counts: Counts, incidents: Iterable[IncidentRow]) -> tuple[int, int] | None:
    """The first and the last hour that has any activity; None where there is none."""
    hours = {cell.hour for cell in counts}
    hours |= {hour for row in incidents for hour in (row.first, row.last)}
    return (min(hours), max(hours)) if hours else None


def reduction(incidents: int, alerts: int) -> float:
    """The share of alerts that nobody needs to look at one by one."""
    return round(max(0.0, 1 - incidents / alerts), 4) if alerts else 0.0


def _every(names: Iterable[str], counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in names}
