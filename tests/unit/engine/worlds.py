"""A small organisation with three weeks of noise, and attacks that tests put into it.

Hosts `h000`… have some ordinary detections each, drawn by a fixed seed: loud hosts and quiet ones,
two detections in five without a stage. Times are hours since the noise began.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from random import Random

from correlate.baseline.baseline import Baseline
from correlate.baseline.keys import id_of
from correlate.episodes.find import find_episodes
from correlate.episodes.linking import Apart, never
from correlate.model.activity import KeyDay, Subject
from correlate.model.cell import Cell, Mention, Point, Signal, join, join_mentions
from correlate.model.episode import Episode, Kind
from correlate.policy import Policy, default_policy
from shared.killchain import Tactic
from shared.severity import Severity
from shared.times import HOUR

START = 20_000 * 24
"""The first hour of the noise, in hours since 1970."""
DAYS = 21
HOSTS = 120
POLICY = default_policy()
STAGES = tuple(Tactic)


def entity(host: str) -> str:
    return id_of(f"host:{host}")


def alert(
    host: str,
    at: float,
    detection: str,
    *stages: Tactic,
    severity: Severity = Severity.Medium,
    keys: Sequence[str] = (),
    title: str = "",
    remedies: Sequence[str] = (),
) -> Cell:
    """The cell of one alert."""
    start = round((START + at) * HOUR)
    point = Point(start, f"{detection}-{host}-{start}")
    signal = Signal(detection, severity, stages, "sensor")
    mentions = join_mentions(Mention(key, key.partition(":")[2], point) for key in keys)
    return Cell(
        entity(host), start // HOUR, signal.id, signal, point, point, start,
        title or detection, tuple(remedies), mentions,
    )  # fmt: skip


@cache
def noise(hosts: int = HOSTS, days: int = DAYS, seed: int = 1) -> tuple[Cell, ...]:
    """What goes on anyway."""
    chance = Random(f"{seed}/{hosts}/{days}")  # noqa: S311 - sample data
    found = []
    for number in range(hosts):
        loud = 0.15 + 3 * chance.random() ** 4
        for _ in range(round(loud * days)):
            rule = min(int(chance.expovariate(1 / 12)), 59)
            stages = () if rule % 5 < 2 else (STAGES[rule % len(STAGES)],)
            severity = Severity.Low if rule % 3 else Severity.Medium
            at = chance.random() * days * 24
            found.append(alert(f"h{number:03}", at, f"d{rule:02}", *stages, severity=severity))
    return tuple(found)


def habit(host: str, detection: str, first: float, last: float, every: float) -> list[Cell]:
    """A detection that fires on a host again and again."""
    count = int((last - first) / every) + 1
    return [
        alert(host, first + number * every, detection, Tactic.Execution, severity=Severity.Low)
        for number in range(count)
    ]


@dataclass(slots=True)
class Found:
    """The episodes that have a verdict, the likeliest attack first; `everything` is all of them."""

    incidents: list[Episode]
    everything: tuple[Episode, ...] = field(repr=False)

    def of(self, cells: Iterable[Cell]) -> list[Episode]:
        """The incidents that hold any of some cells."""
        ids = {cell.id for cell in cells}
        return [each for each in self.incidents if any(c.id in ids for c in each.evidence)]

    def attacks(self) -> list[Episode]:
        """The incidents that are no wave."""
        return [each for each in self.incidents if each.kind is Kind.ATTACK]


def baseline_of(cells: Iterable[Cell]) -> Baseline:
    """The baseline of cells and of their keys."""
    baseline = Baseline()
    keys: dict[tuple[str, int], dict[str, int]] = {}
    for cell in cells:
        day, bit = cell.hour // 24, 1 << cell.hour % 24
        signal = cell.signal
        baseline.add(
            signal.detection, signal.severity, bool(signal.stages), cell.resource, day, bit
        )
        for mention in cell.mentions:
            named = keys.setdefault((id_of(mention.key), day), {})
            named[cell.resource] = named.get(cell.resource, 0) | bit
    for (key, day), resources in keys.items():
        baseline.add_key(KeyDay(key, day, resources))
    return baseline


def joined(cells: Iterable[Cell]) -> list[Cell]:
    """One cell for each resource, hour and signal."""
    found: dict[tuple[str, int, str], Cell] = {}
    for cell in cells:
        known = found.get(cell.id)
        found[cell.id] = cell if known is None else join(known, cell)
    return list(found.values())


def find(
    *groups: Iterable[Cell],
    background: Iterable[Cell] | None = None,
    policy: Policy = POLICY,
    until: float | None = None,
    apart: Apart = never,
) -> Found:
    """The episodes amid the noise, as of the last alert or of `until` (hours)."""
    around = noise() if background is None else background
    cells = joined(cell for group in (around, *groups) for cell in group)
    baseline = baseline_of(cells)
    now = max(cell.last.start for cell in cells) if until is None else (START + until) * HOUR
    episodes = find_episodes(
        cells,
        lambda end: baseline.snapshot(round(min(now, end + 7 * 24 * HOUR)), policy),
        policy,
        apart=apart,
        subjects=subjects(cells),
    )
    incidents = [each for each in episodes if each.verdict is not None]
    incidents.sort(key=lambda each: -each.verdict.score if each.verdict else 0)
    return Found(incidents, episodes)


def subjects(cells: Iterable[Cell]) -> dict[str, Subject]:
    """The resources of cells; their names are in the alerts' ids."""
    found = {}
    for cell in cells:
        host = cell.first.alert.split("-")[-2]
        found[cell.resource] = Subject(cell.resource, f"host:{host}", host, host, "host")
    return found
