"""The alerts of a file in memory, as the store has them: each once, in its newest version.

Rows and activity come in parts, in any order. Of an alert that comes in several versions the
newest stands, as `shared.alert_versions` says; the days that they touch are read anew.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from correlate.model.activity import Activity, join
from correlate.model.cell import Interval, Point
from correlate.model.observation import activities_of, observe
from correlate.record import as_read
from local.backtest.parsing import (
    IGNORED,
    NO_PART,
    TAKES_PART,
    Parsed,
    Parser,
    Row,
    Version,
    stored_of,
)
from shared.alert_versions import takes_part
from shared.pieces import Fault, Piece
from shared.times import DAY, HOUR

Day: TypeAlias = tuple[str, int]


class Kept(NamedTuple):
    """An alert that takes part: its place among those of its resource, its signal, its own id."""

    point: Point
    sid: str
    source_id: str


@dataclass(slots=True)
class Table:
    """All alerts of a file. `activities`: what those that take part did, by resource and day."""

    activities: dict[Day, Activity] = field(default_factory=dict)
    alerts: dict[str, list[Kept]] = field(default_factory=dict)
    """Those that take part by resource, in order; there once all is read, see `settle`."""
    stored: int = 0
    duplicates: int = 0
    updated: int = 0
    ignored: int = 0
    dismissed: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)
    _rows: dict[str, Row] = field(default_factory=dict)
    _versions: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, parsed: Parsed) -> None:
        """Take in what some pieces held."""
        self.faults += parsed.faults
        rows = self._rows
        for row in parsed.rows:
            known = rows.setdefault(row[0], row)
            if known is not row:
                self._again(known, row)
        for activity in parsed.activities:
            before = self.activities.get(activity.id)
            self.activities[activity.id] = activity if before is None else join(before, activity)

    def _again(self, known: Row, row: Row) -> None:
        """An alert that is there already: sent twice, or in another version."""
        self.duplicates += 1
        if known[1] != row[1]:
            versions = self._versions.setdefault(row[0], [known])
            if all(each[1] != row[1] for each in versions):
                versions.append(row)
                self.duplicates -= 1
                self.updated += 1

    def settle(self, pieces: Iterable[Piece | Fault], parser: Parser) -> None:
        """Let the newest versions stand, and sort. `pieces` are all of the file, once more."""
        days = {(row[3], row[4] // DAY) for versions in self._versions.values() for row in versions}
        if days:
            self._read_again(days, pieces, parser)
        self._sort()

    def _read_again(self, days: set[Day], pieces: Iterable[Piece | Fault], parser: Parser) -> None:
        """Read the days of resources anew on which an alert came in several versions."""
        wanted = {row[7] for versions in self._versions.values() for row in versions}
        wanted |= {row[7] for row in self._rows.values() if (row[3], row[4] // DAY) in days}
        found: dict[str, list[Version]] = {}
        for number, piece in enumerate(pieces, start=1):
            if number in wanted:
                for alert in parser.alerts(piece, []):
                    found.setdefault(alert.id, []).append(parser.version(alert))
        observations = []
        for name, versions in found.items():
            row, newest = self._rows[name], max(versions, key=_order)
            if name in self._versions:
                row = self._rows[name] = _settled(row, versions, parser)
                alike = len(self._versions[name]) - len({each.version for each in versions})
                self.duplicates += alike
                self.updated -= alike
            observation = as_read(parser.readings, observe(newest.alert))
            if row[6] == TAKES_PART and observation is not None:
                observations.append(observation)
        for day in days:
            self.activities.pop(day, None)
        for activity in activities_of(observations):
            if activity.id in days:
                self.activities[activity.id] = activity

    def _sort(self) -> None:
        self.stored = len(self._rows)
        signals: dict[str, str] = {}
        for name, _, source_id, entity, start, sid, part, _ in self._rows.values():
            if part == TAKES_PART:
                kept = Kept(Point(start, name), signals.setdefault(sid, sid), source_id)
                self.alerts.setdefault(entity, []).append(kept)
            elif part == IGNORED:
                self.ignored += 1
            else:
                self.dismissed += 1
        self._rows.clear()
        self._versions.clear()
        for alerts in self.alerts.values():
            alerts.sort()

    def within(self, entity: str, interval: Interval) -> list[Kept]:
        """The alerts of a resource in an interval, in order."""
        alerts = self.alerts.get(entity, [])
        begin = bisect_left(alerts, interval.first, key=_point)
        return alerts[begin : bisect_right(alerts, interval.last, key=_point)]

    def counts(self, entity: str, day: int) -> Mapping[tuple[int, str], int]:
        """How many alerts a resource has on a day, by hour and signal id."""
        alerts = self.alerts.get(entity, [])
        begin = bisect_left(alerts, day * DAY, key=_start)
        end = bisect_left(alerts, (day + 1) * DAY, key=_start)
        return Counter((each.point.start // HOUR, each.sid) for each in alerts[begin:end])

    def take_days(self) -> Iterator[list[Activity]]:
        """The activity of each day, the earliest first; it is given away."""
        by_day: dict[int, list[Day]] = {}
        for name in self.activities:
            by_day.setdefault(name[1], []).append(name)
        for day in sorted(by_day):
            yield [self.activities.pop(name) for name in sorted(by_day[day])]


def _point(kept: Kept) -> Point:
    return kept.point


def _start(kept: Kept) -> int:
    return kept.point.start


def _order(version: Version) -> str:
    return version.version


def _settled(row: Row, versions: list[Version], parser: Parser) -> Row:
    """The row of an alert's newest version; the rule of its first one stands.

    It goes on by the id that it had first: another channel may state another. Versions arrive in
    their order: in which order a file has them changes nothing.
    """
    newest, first = max(versions, key=_order), min(versions, key=_order)
    alert = newest.alert
    observation = observe(alert)
    part = NO_PART
    if takes_part(stored_of(alert, first.rule)):
        part = IGNORED if as_read(parser.readings, observation) is None else TAKES_PART
    cell = observation.cell
    return (
        row[0], row[1], first.alert.source_id, cell.resource, alert.start, cell.sid, part, row[7],
    )  # fmt: skip
