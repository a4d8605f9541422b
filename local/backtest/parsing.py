"""Parsing pieces of a file: what a worker process does.

Of each alert it gives back one short row, and of all of them together the activity that they are:
the documents themselves stay where they were read.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from correlate.model.activity import Activity
from correlate.model.observation import Observation, activities_of, observe
from correlate.policy import Readings
from correlate.record import as_read
from ingest_alert.errors import ReadingError
from ingest_alert.reading import read_message
from ingest_alert.registry import parse_alert
from shared.alert import Alert
from shared.alert_versions import takes_part, version_of
from shared.pieces import Fault, Piece
from shared.suppression import Rule, suppressing

Row: TypeAlias = tuple[str, bytes, str, str, int, str, int, int]
"""An alert: public id, mark of its content, the source's id, entity, start, signal id, part, and
the number of the piece that it was in.

A plain tuple: a million of them go from one process to another.
"""
NO_PART: Final = 0
"""It tells of no attack, or a suppression rule dismissed it."""
TAKES_PART: Final = 1
IGNORED: Final = 2
"""The policy says to ignore it."""
_MARK: Final = 8


@dataclass(slots=True)
class Parsed:
    """What pieces held: rows, the activity of those that take part, and what cannot be read.

    `faults` have the line of the file.
    """

    rows: list[Row] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)


class Version(NamedTuple):
    """One version of an alert as its source sent it; `rule` is what would dismiss it."""

    version: str
    alert: Alert
    rule: str | None


@dataclass(frozen=True, slots=True)
class Parser:
    """Parses as ingest does, and joins as record does. `rules` are suppression rules."""

    readings: Readings
    rules: tuple[Rule, ...] = ()

    def parse(self, first: int, pieces: Sequence[Piece | Fault]) -> Parsed:
        """Rows and activity of pieces, the first of which has a number."""
        parsed = Parsed()
        observations: list[Observation] = []
        for number, piece in enumerate(pieces, start=first):
            mark = b""
            if isinstance(piece, Piece):
                mark = hashlib.blake2b(piece.body, digest_size=_MARK).digest()
            for place, alert in enumerate(self.alerts(piece, parsed.faults)):
                observation = observe(alert)
                part, read = self._part(alert, observation)
                cell = observation.cell
                parsed.rows.append(
                    (
                        cell.first.alert,
                        mark if not place else mark + place.to_bytes(4, "big"),
                        alert.source_id,
                        cell.resource,
                        alert.start,
                        cell.sid,
                        part,
                        number,
                    )
                )
                if read is not None:
                    observations.append(read)
        parsed.activities = activities_of(observations)
        return parsed

    def alerts(self, piece: Piece | Fault, faults: list[tuple[int, str]]) -> Iterable[Alert]:
        """The alerts of a piece; what cannot be read is noted among the faults."""
        if isinstance(piece, Fault):
            faults.append(piece)
            return
        try:
            payloads = read_message(piece.body)
        except ReadingError as fault:
            faults.append((piece.line, str(fault)))
            return
        for payload in payloads:
            try:
                alert = parse_alert(payload)
            except ReadingError as fault:
                faults.append((piece.line, str(fault)))
            else:
                yield alert

    def _part(self, alert: Alert, observation: Observation) -> tuple[int, Observation | None]:
        if not takes_part(stored_of(alert, self.rule(alert))):
            return NO_PART, None
        read = as_read(self.readings, observation) if self.readings else observation
        return (IGNORED, None) if read is None else (TAKES_PART, read)

    def rule(self, alert: Alert) -> str | None:
        """The suppression rule that dismisses an alert when it is new; it arrives as it starts."""
        found = suppressing(self.rules, alert, at=alert.start) if self.rules else None
        return None if found is None else found.id

    def version(self, alert: Alert) -> Version:
        """An alert with what orders its versions."""
        return Version(version_of(alert), alert, self.rule(alert))


def stored_of(alert: Alert, rule: str | None) -> dict[str, str]:
    """What of an alert's document says whether it takes part."""
    stored = {"finding": alert.finding.value}
    return stored if rule is None else {**stored, "suppressedBy": rule}
