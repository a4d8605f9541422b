"""The oracle: which incidents some alerts are, worked out from all of them at once.

It shares nothing with the machine but the model and the pure function that finds episodes.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from correlate.baseline.baseline import Baseline
from correlate.baseline.keys import id_of
from correlate.episodes.find import find_episodes
from correlate.model.activity import KeyDay
from correlate.model.cell import Cell, Interval, Point, join
from correlate.model.coverage import Coverage
from correlate.model.incident import Incident, Redirect
from correlate.model.observation import observe_document
from correlate.store.memory import MemoryDatabase
from correlate.store.port import BaselineDay, KeyShard
from shared.times import DAY, HOUR, format_time
from tests.unit.proof.service import Fact, Service


class Told(NamedTuple):
    """An incident without what is history: its alerts, what it is, what it counts."""

    alerts: frozenset[str]
    kind: str
    confidence: str
    evidence: int
    resources: int
    first: str
    last: str


def expected(service: Service) -> set[Told]:
    """The incidents that a service's alerts are, by the baseline that it holds."""
    facts = [fact for fact in service.facts.values() if fact.takes_part]
    cells = _cells(facts)
    baseline = baseline_of(service.database)
    episodes = find_episodes(
        cells,
        lambda end: baseline.snapshot(min(service.now, end + 7 * DAY), service.policy),
        service.policy,
    )
    found = set()
    for episode in episodes:
        if episode.verdict is None:
            continue
        inside = [fact for fact in facts if _inside(fact, episode.intervals.get(fact.entity, ()))]
        named = {cell.id for cell in episode.evidence}
        found.add(
            Told(
                frozenset(fact.id for fact in inside),
                episode.kind.value,
                episode.verdict.confidence.value,
                sum(_cell_id(fact) in named for fact in inside),
                len({fact.entity for fact in inside}),
                format_time(min(fact.start for fact in inside)),
                format_time(max(fact.start for fact in inside)),
            )
        )
    return found


def _inside(fact: Fact, intervals: Iterable[Interval]) -> bool:
    point = Point(fact.start, fact.id)
    return any(each.first <= point <= each.last for each in intervals)


def _cell_id(fact: Fact) -> tuple[str, int, str]:
    return fact.entity, fact.start // HOUR, fact.document(())["sid"]


def _cells(facts: Iterable[Fact]) -> list[Cell]:
    cells: dict[tuple[str, int, str], Cell] = {}
    for fact in facts:
        cell = observe_document(fact.document(())).cell
        cells[cell.id] = join(cells[cell.id], cell) if cell.id in cells else cell
    return list(cells.values())


def learned(facts: Iterable[Fact]) -> tuple[dict[object, int], dict[object, int]]:
    """Hour bits that alerts give detections, and keys, by resource and day."""
    fired: dict[object, int] = {}
    named: dict[object, int] = {}
    for fact in facts:
        day, bit = fact.start // DAY, 1 << fact.start // HOUR % 24
        at = fact.detection, fact.entity, day
        fired[at] = fired.get(at, 0) | bit
        for key in fact.keys:
            under = id_of(key), fact.entity, day
            named[under] = named.get(under, 0) | bit
    return fired, named


def stored_baseline(database: MemoryDatabase) -> tuple[dict[object, int], dict[object, int]]:
    """The same as it is stored."""
    fired: dict[object, int] = {}
    named: dict[object, int] = {}
    for record in database.all():
        if isinstance(record, BaselineDay):
            for entity, hours in record.resources.items():
                fired[record.detection, entity, record.day] = hours
        elif isinstance(record, KeyShard):
            for key, key_day in record.keys.items():
                for entity, hours in key_day.resources.items():
                    named[key, entity, record.day] = hours
    return fired, named


def baseline_of(database: MemoryDatabase) -> Baseline:
    """The baseline that is stored."""
    baseline = Baseline()
    for record in database.all():
        if isinstance(record, BaselineDay):
            for entity, hours in record.resources.items():
                baseline.add(
                    record.detection, record.severity, record.staged, entity, record.day, hours
                )
        elif isinstance(record, KeyShard):
            for key, key_day in record.keys.items():
                baseline.add_key(KeyDay(key, record.day, key_day.resources))
    return baseline


def told(service: Service) -> set[Told]:
    """The incidents that are stored, as coverage and their documents tell."""
    found = set()
    alerts = membership(service)
    for incident in service.database.all():
        if isinstance(incident, Incident) and incident.visible:
            shown = incident.shown
            assert shown["alertCount"] == len(alerts.get(incident.id, ())), incident.id
            found.add(
                Told(
                    frozenset(alerts.get(incident.id, ())),
                    incident.kind.value,
                    incident.confidence.value,
                    shown["evidenceCount"],
                    shown["resourceCount"],
                    shown["firstActivityUtc"],
                    shown["lastActivityUtc"],
                )
            )
    return found


def membership(service: Service) -> dict[str, set[str]]:
    """The alerts of each incident; fails where one is in two, or a count is not its alerts."""
    database = service.database
    found: dict[str, set[str]] = {}
    owner: dict[str, str] = {}
    facts: dict[str, list[Fact]] = {
        entity: list(some)
        for entity, some in groupby(
            sorted(service.facts.values(), key=lambda fact: fact.entity),
            key=lambda fact: fact.entity,
        )
    }
    for coverage in database.all():
        if not isinstance(coverage, Coverage):
            continue
        for span in coverage.spans:
            incident = resolve(database, span.incident)
            assert not incident.withdrawn, f"{incident.id} is withdrawn and covers"
            inside = [
                fact
                for fact in facts.get(coverage.entity, ())
                if fact.takes_part and _inside(fact, [span.interval])
            ]
            assert len(inside) == span.evidence_count + span.context_count, (span, inside)
            for fact in inside:
                assert owner.setdefault(fact.id, incident.id) == incident.id, "in two incidents"
                assert fact.id not in found.get(incident.id, ()), "covered twice"
                found.setdefault(incident.id, set()).add(fact.id)
    return found


def resolve(database: MemoryDatabase, name: str) -> Incident:
    """The incident that an id leads to; fails where it leads nowhere, or in a circle."""
    seen: set[str] = set()
    record = database.record(name)
    while isinstance(record, Redirect):
        assert record.id not in seen, "redirects in a circle"
        seen.add(record.id)
        record = database.record(record.parent)
    assert isinstance(record, Incident), f"{name} leads nowhere"
    return record
