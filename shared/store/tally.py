"""Counting alerts that may change, each exactly once, without reading them all.

What is counted is a cell: the hour in which the alert starts, its severity, its state. Every write
of an alert carries its past, the cells it was in and since when by the store's clock. So from the
alerts written after an instant follows what a count as of that instant lacks, however often each
was written meanwhile: the cell it is in now, less the cell it was in then.
"""

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
    """Where an alert is counted: start in whole hours since 1970, and rank and state, `3Active`."""

    hour: int
    key: str


Counts: TypeAlias = dict[int, dict[str, int]]
"""How many alerts there are, by hour and then by key; a number may be negative in a difference."""


def split_key(key: str) -> tuple[int, str]:
    """The severity rank and the state in a key."""
    return int(key[0]), key[1:]


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
    return Cell(hour, f"{version['severityRank']}{version['status']}")


def changes(lives: Iterable[Life], since: int, until: int | None) -> dict[int, Counts]:
    """What a count as of `since` lacks to be one as of `until`, by the day of storing.

    `lives` are of all alerts written after `since`; None is the present.
    """
    by_day: dict[int, Counts] = {}
    for life in lives:
        before, after = life.at(since), life.at(until)
        if before == after:
            continue
        counts = by_day.setdefault(life.day, {})
        if before is not None:
            _add(counts, before, -1)
        if after is not None:
            _add(counts, after, 1)
    return by_day


def total(parts: Iterable[Counts]) -> Counts:
    """The sum of counts, without what comes to nothing."""
    merged: Counts = {}
    for part in parts:
        for hour, keys in part.items():
            for key, number in keys.items():
                _add(merged, Cell(hour, key), number)
    kept = (
        (hour, {key: number for key, number in keys.items() if number})
        for hour, keys in merged.items()
    )
    return {hour: keys for hour, keys in kept if keys}


def _add(counts: Counts, cell: Cell, number: int) -> None:
    keys = counts.setdefault(cell.hour, {})
    keys[cell.key] = keys.get(cell.key, 0) + number


def counts_from(hours: Mapping[str, dict[str, int]]) -> Counts:
    """The counts in a document, whose names of hours are texts."""
    return {int(hour): keys for hour, keys in hours.items()}
