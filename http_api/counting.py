"""The summary's numbers, from the counts of alerts and the rows of incidents."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from http_api.filters import CONFIDENCES
from http_api.periods import Period
from shared.alert import STATUSES
from shared.killchain import Tactic
from shared.severity import Severity
from shared.store.incident_table import IncidentRow
from shared.store.tally import Counts, split_key

SEVERITIES: Final = tuple(severity.name for severity in reversed(Severity))
STAGES: Final = tuple(tactic.name for tactic in Tactic)

Points: TypeAlias = list[dict[str, int]]
"""For each bucket of a period, numbers by severity."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is counted: hours since 1970, the first included and the last not; None is open."""

    first: int | None
    end: int | None

    def hold(self, first: int, last: int) -> bool:
        """Whether what lasts from one hour to another overlaps."""
        return (self.first is None or last >= self.first) and (self.end is None or first < self.end)


def alert_numbers(parts: Iterable[Counts], bounds: Bounds) -> dict[str, Any]:
    """Alerts that start within bounds: in all, by severity, by state."""
    numbers: dict[str, int] = {}
    for part in parts:
        for hour, keys in part.items():
            if bounds.hold(hour, hour):
                _add(numbers, keys)
    severities, statuses = _split(numbers)
    return {
        "total": severities.total(),
        "bySeverity": _every(SEVERITIES, severities),
        "byStatus": _every(STATUSES, statuses),
    }


def alert_points(parts: Iterable[Counts], period: Period) -> Points:
    """For each bucket, the alerts that start in it by severity."""
    buckets: list[dict[str, int]] = [{} for _ in range(period.buckets)]
    for part in parts:
        for hour, keys in part.items():
            if period.first <= hour < period.end:
                _add(buckets[period.bucket_of(hour)], keys)
    return [+_split(numbers)[0] for numbers in buckets]


def _add(numbers: dict[str, int], more: dict[str, int]) -> None:
    for key, number in more.items():
        numbers[key] = numbers.get(key, 0) + number


def _split(numbers: dict[str, int]) -> tuple[Counter[str], Counter[str]]:
    """Numbers by key as numbers by severity and by state."""
    severities: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    for key, number in numbers.items():
        rank, status = split_key(key)
        severities[Severity(rank).name] += number
        statuses[status] += number
    return severities, statuses


@dataclass(frozen=True, slots=True)
class IncidentNumbers:
    """Numbers of incidents, the stages that they reached, and those that begin in each bucket."""

    numbers: dict[str, Any]
    stages: dict[str, int]
    points: Points


def incident_numbers(
    rows: Iterable[IncidentRow], ranks: Collection[int], bounds: Bounds, period: Period
) -> IncidentNumbers:
    """Incidents whose activity overlaps the bounds: in all, by severity, state and confidence.

    But for the last, only those of the confidence ranks given count; none given is all.
    """
    confidences: Counter[str] = Counter()
    shown: list[IncidentRow] = []
    wanted = {name for name, rank in CONFIDENCES.items() if not ranks or rank in ranks}
    for row in rows:
        if bounds.hold(row.first, row.last):
            confidences[row.confidence] += 1
            if row.confidence in wanted:
                shown.append(row)
    points: list[Counter[str]] = [Counter() for _ in range(period.buckets)]
    for row in shown:
        if period.first <= row.first < period.end:
            points[period.bucket_of(row.first)][row.severity] += 1
    numbers = {
        "total": len(shown),
        "bySeverity": _every(SEVERITIES, Counter(row.severity for row in shown)),
        "byStatus": _every(STATUSES, Counter(row.status for row in shown)),
        "byConfidence": _every(CONFIDENCES, confidences),
    }
    stages = Counter(stage for row in shown for stage in row.stages)
    return IncidentNumbers(numbers, _every(STAGES, stages), [dict(point) for point in points])


def activity(parts: Iterable[Counts], incidents: Iterable[IncidentRow]) -> tuple[int, int] | None:
    """The first and the last hour that has any activity; None where there is none."""
    hours = {hour for part in parts for hour in part}
    hours |= {hour for row in incidents for hour in (row.first, row.last)}
    return (min(hours), max(hours)) if hours else None


def reduction(incidents: int, alerts: int) -> float:
    """The share of alerts that nobody needs to look at one by one."""
    return round(max(0.0, 1 - incidents / alerts), 4) if alerts else 0.0


def _every(names: Iterable[str], counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in names}
