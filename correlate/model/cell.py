"""A cell: the alerts of one signal on one resource in one hour, joined.

Cells join: commutative, associative and idempotent, so that neither the order of alerts nor a
redelivery changes what is known. How many alerts a cell holds is counted apart (see `activity`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from shared.killchain import Tactic
from shared.severity import Severity
from shared.signals import signal_id

MOST_MENTIONS: Final = 32
"""Keys that a cell keeps: the first of them in text order."""


class Point(NamedTuple):
    """Where an alert stands in time: its start (milliseconds since 1970), then its public id."""

    start: int
    alert: str


class Interval(NamedTuple):
    """From one alert to another, both included."""

    first: Point
    last: Point


@dataclass(frozen=True, slots=True)
class Signal:
    """What fired. `stages` are the tactics that it stated, in the order of the kill chain."""

    detection: str
    severity: Severity
    stages: tuple[Tactic, ...]
    product: str = ""

    @property
    def id(self) -> str:
        """16 hex digits; the product takes no part in it."""
        return signal_id(self.detection, self.severity.name, (stage.name for stage in self.stages))


@dataclass(frozen=True, slots=True)
class Mention:
    """A key that an alert named, as people read it, and the first alert of the cell that did."""

    key: str
    name: str
    at: Point


@dataclass(frozen=True, slots=True)
class Cell:
    """The alerts of a signal on a resource that start in one hour (whole hours since 1970).

    `resource` is the id of its entity, `sid` that of its signal. `title` and `steps` (remediation)
    are those of the first alert; `end` is the latest end, in milliseconds. `mentions` are sorted by
    key and do not hold the resource's own.
    """

    resource: str
    hour: int
    sid: str
    signal: Signal
    first: Point
    last: Point
    end: int
    title: str
    steps: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()

    @property
    def id(self) -> tuple[str, int, str]:
        """What tells cells apart: resource, hour, signal."""
        return self.resource, self.hour, self.sid


def join(one: Cell, other: Cell) -> Cell:
    """Everything that two cells with the same id know."""
    earlier, later = (one, other) if _rank(one) <= _rank(other) else (other, one)
    signal = one.signal if one.signal.product <= other.signal.product else other.signal
    return Cell(
        earlier.resource,
        earlier.hour,
        earlier.sid,
        signal,
        earlier.first,
        max(one.last, other.last),
        max(one.end, other.end),
        earlier.title,
        earlier.steps,
        _mentions(earlier.mentions, later.mentions),
    )


def _rank(cell: Cell) -> tuple[Point, str, tuple[str, ...]]:
    return cell.first, cell.title, cell.steps


def _mentions(one: tuple[Mention, ...], other: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """Both joined; most often the first has all of it, as alerts of a signal are much alike."""
    if len(one) == len(other) and all(
        mine.key == theirs.key and (mine.at, mine.name) <= (theirs.at, theirs.name)
        for mine, theirs in zip(one, other, strict=True)
    ):
        return one
    return join_mentions((*one, *other))


def join_mentions(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    """One mention a key, its first, the keys in order; no more than a cell keeps."""
    first: dict[str, Mention] = {}
    for mention in mentions:
        known = first.get(mention.key)
        if known is None or (mention.at, mention.name) < (known.at, known.name):
            first[mention.key] = mention
    return tuple(first[key] for key in sorted(first)[:MOST_MENTIONS])
