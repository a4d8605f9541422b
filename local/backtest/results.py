"""The incidents of a run, one JSON object each, the highest score first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from correlate.model.coverage import Coverage, Span
from correlate.model.incident import Incident as Stored
from correlate.model.incident import Redirect
from correlate.store.memory import MemoryDatabase
from local.backtest.run import Run
from local.backtest.table import Kept  # noqa: TC001 - as all of the table
from shared.times import HOUR


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident of a run: the line that is written, and what scoring needs of it."""

    line: Mapping[str, Any]

    @property
    def alert_ids(self) -> list[str]:
        """The sources' own ids of its alerts."""
        ids: list[str] = self.line["alertIds"]
        return ids

    @property
    def evidence_ids(self) -> list[str]:
        """Those of them that count; all, where the line does not tell."""
        ids: list[str] = self.line.get("evidenceIds", self.alert_ids)
        return ids

    @property
    def confidence(self) -> str:
        """`high`, `medium` or `low`."""
        return str(self.line["confidence"])


def incidents_of(run: Run) -> list[Incident]:
    """The incidents of a run; the order and the content depend on the alerts alone."""
    covered = covered_by(run.database)
    found = [
        Incident(_line(each, covered.get(each.id, []), run))
        for each in run.database.all()
        if isinstance(each, Stored) and each.visible
    ]
    return sorted(found, key=_rank)


def covered_by(database: MemoryDatabase) -> dict[str, list[tuple[Coverage, Span]]]:
    """What each incident covers, through redirects, by its id."""
    found: dict[str, list[tuple[Coverage, Span]]] = {}
    for record in database.all():
        if isinstance(record, Coverage):
            for span in record.spans:
                found.setdefault(_resolved(database, span.incident), []).append((record, span))
    return found


def _resolved(database: MemoryDatabase, name: str) -> str:
    while isinstance(record := database.record(name), Redirect):
        name = record.parent
    return name


def _rank(incident: Incident) -> tuple[float, str, str]:
    line = incident.line
    return (-line["score"], line["firstActivityUtc"], line["alertIds"][0])


def _line(incident: Stored, covered: Iterable[tuple[Coverage, Span]], run: Run) -> dict[str, Any]:
    shown = incident.shown
    alerts: list[tuple[Kept, bool]] = []
    resources: dict[str, str] = {}
    for coverage, span in covered:
        resources[coverage.subject.key] = coverage.subject.id
        cells = set(span.cells)
        alerts += (
            (each, (each.point.start // HOUR, each.sid) in cells)
            for each in run.table.within(coverage.entity, span.interval)
        )
    alerts.sort()
    return {
        "incidentId": incident.id,
        **{name: shown[name] for name in _SHOWN},
        "resources": [resources[key] for key in sorted(resources)],
        "alertIds": [each.source_id for each, _ in alerts],
        "evidenceIds": [each.source_id for each, counts in alerts if counts],
        "why": shown["why"],
    }


_SHOWN = (
    *("title", "severity", "confidence", "score", "expected", "kind"),
    *("firstActivityUtc", "lastActivityUtc", "stages"),
)


def write_lines(incidents: Iterable[Incident], path: Path) -> None:
    """Write the incidents, one JSON object a line."""
    path.write_bytes(b"".join(orjson.dumps(each.line) + b"\n" for each in incidents))


def read_lines(path: Path) -> list[Incident]:
    """The incidents that an earlier run wrote.

    Raises OSError when the file cannot be read, ValueError naming the line that is no incident.
    """
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            content = orjson.loads(line)
            found.append(Incident(content))
            content["alertIds"], content["title"], content["confidence"]
        except (orjson.JSONDecodeError, KeyError, TypeError) as fault:
            raise ValueError(
                f"{path} line {number} is no incident of a backtest: {fault}"
            ) from None
    return found
