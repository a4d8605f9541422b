"""Counting alerts that may change, each exactly once, without reading them all.

What is counted is a cell: the hour in which the alert starts, its severity, its state. Every write
of an alert carries its past, the cells it was in and since when by the store's clock. So from the
alerts written after an instant follows what a count as of that instant lacks, however often each
was written meanwhile: the cell it is in now, less the cell it was in then.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

from shared.times import HOUR, parse_time

HOURS_A_DAY: Final = 24
DAY_SECONDS: Final = 86_400
MOST_PAST: Final = 20
"""Past versions that an alert carries: the first and the latest."""
OLD_DAYS: Final = 30
"""An alert that starts so long before it is stored is counted in the first hour of its day."""


class Cell(NamedTuple):
    """Where an alert is counted: start in whole hours since 1970, severity rank, state."""

    hour: int
    rank: int
    status: str


Counts: TypeAlias = Counter[Cell]


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an alert: since when, in seconds of the store's clock, and its cell."""

    since: int
    cell: Cell


@dataclass(frozen=True, slots=True)
class Life:
    """An alert's versions, the first one first."""

    versions: tuple[Version, ...]

    @property
    def day(self) -> int:
        """The day since 1970 on which the alert was stored."""
        return self.versions[0].since // DAY_SECONDS

    def at(self, instant: int | None) -> Cell | None:
        """The cell at an instant, in seconds; None for the present. None before it was stored."""
        cell = None
        for version in self.versions:
            if instant is not None and version.since > instant:
                break
            cell = version.cell
        return cell


def past_of(stored: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The property `past` that the next version of an alert must have, from the one it replaces.

    Whoever rewrites an alert sets it, or the alert is counted twice.
    """
    present = {
        "since": stored["_ts"],
        "startTimeUtc": stored["startTimeUtc"],
        "severityRank": stored["severityRank"],
        "status": stored["status"],
    }
    past = [*stored.get("past", []), present]
    return past if len(past) <= MOST_PAST else [past[0], *past[1 - MOST_PAST :]]


def life_of(row: Mapping[str, Any]) -> Life:
    """The life of an alert from its document, or from the properties that `past_of` names."""
    versions = [*row.get("past", []), {**row, "since": row["_ts"]}]
    day = int(versions[0]["since"]) // DAY_SECONDS
    return Life(tuple(Version(int(each["since"]), _cell(each, day)) for each in versions))


def _cell(version: Mapping[str, Any], stored_day: int) -> Cell:
    hour = parse_time(version["startTimeUtc"]) // HOUR
    day = hour // HOURS_A_DAY
    if stored_day - day > OLD_DAYS:
        hour = day * HOURS_A_DAY
    return Cell(hour, version["severityRank"], version["status"])


def changes(lives: Iterable[Life], since: int, until: int | None) -> dict[int, Counts]:
    """What a count as of `since` lacks to be one as of `until`, by the day of storing.

    `lives` are of all alerts written after `since`; None is the present.
    """
    by_day: dict[int, Counts] = {}
    for life in lives:
        before, after = life.at(since), life.at(until)
        if before == after:
            continue
        counts = by_day.setdefault(life.day, Counter())
        if before is not None:
            counts[before] -= 1
        if after is not None:
            counts[after] += 1
    return by_day


def total(parts: Iterable[Counts]) -> Counts:
    """The sum of counts, without cells that are empty."""
    merged: Counts = Counter()
    for part in parts:
        merged.update(part)
    return Counter({cell: number for cell, number in merged.items() if number})


def hours_document(counts: Counts) -> dict[str, dict[str, int]]:
    """Counts as a document holds them: by hour, then by rank and state.

    As in `{"490000": {"3Active": 2}}`.
    """
    hours: dict[str, dict[str, int]] = {}
    for cell, number in sorted(counts.items()):
        if number:
            hours.setdefault(str(cell.hour), {})[f"{cell.rank}{cell.status}"] = number
    return hours


def counts_from(hours: Mapping[str, Mapping[str, int]]) -> Counts:
    """The counts in a document."""
    return Counter(
        {
            Cell(int(hour), int(key[0]), key[1:]): number
            for hour, keys in hours.items()
            for key, number in keys.items()
        }
    )
