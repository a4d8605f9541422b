"""Alerts of a file as cells, resources and a baseline."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from correlate.baseline.baseline import Baseline
from correlate.baseline.keys import id_of
from correlate.model.activity import KeyDay, Subject
from correlate.model.cell import Cell, Mention, Point, Signal, join, join_mentions
from correlate.policy import Policy, Readings
from ingest_alert.errors import ReadingError
from ingest_alert.reading import read_message
from ingest_alert.registry import parse_alert
from local.backtest.reading import read_file
from shared.alert import Alert
from shared.times import HOUR


@dataclass(slots=True)
class World:
    """Everything of a file. `alerts`: by cell, when its alerts start and the source's ids."""

    cells: dict[tuple[str, int, str], Cell] = field(default_factory=dict)
    subjects: dict[str, Subject] = field(default_factory=dict)
    alerts: dict[tuple[str, int, str], list[tuple[Point, str]]] = field(default_factory=dict)


def read_world(paths: Iterable[Path], policy: Policy) -> World:
    """The alerts of files, each once."""
    world, seen, readings = World(), set(), Readings(policy.mappings)
    for path in paths:
        for line in read_file(path):
            for payload in read_message(line):
                try:
                    alert = parse_alert(payload)
                except ReadingError:
                    continue
                if alert.id not in seen:
                    seen.add(alert.id)
                    _add(world, alert, readings)
    return world


def _add(world: World, alert: Alert, readings: Readings) -> None:
    stages, severity = alert.tactics, alert.severity
    said = readings.of(alert.alert_type, alert.title)
    if said is not None:
        if said.ignore:
            return
        stages = stages or said.tactics or ()
        severity = severity if said.severity is None else said.severity
    entity = id_of(alert.resource.key)
    point = Point(alert.start, alert.id)
    signal = Signal(alert.detection, severity, stages, alert.product)
    named = {each.key: each.value for each in alert.entities if each.key is not None}
    named.pop(alert.resource.key, None)
    cell = Cell(
        entity, alert.start // HOUR, signal.id, signal, point, point, alert.end, alert.title,
        alert.remediation, join_mentions(Mention(k, v, point) for k, v in named.items()),
    )  # fmt: skip
    known = world.cells.get(cell.id)
    world.cells[cell.id] = cell if known is None else join(known, cell)
    world.alerts.setdefault(cell.id, []).append((point, alert.source_id))
    world.subjects.setdefault(
        entity,
        Subject(entity, alert.resource.key, alert.resource.id, alert.resource.name,
                alert.resource.type),
    )  # fmt: skip


def baseline_of(cells: Iterable[Cell]) -> Baseline:
    """The baseline of cells, and of the keys that they name."""
    baseline = Baseline()
    keys: dict[tuple[str, int], dict[str, int]] = {}
    for cell in cells:
        day, bit = cell.hour // 24, 1 << cell.hour % 24
        baseline.add(
            cell.signal.detection, cell.signal.severity, bool(cell.signal.stages), cell.resource,
            day, bit,
        )  # fmt: skip
        for mention in cell.mentions:
            named = keys.setdefault((id_of(mention.key), day), {})
            named[cell.resource] = named.get(cell.resource, 0) | bit
    for (key, day), resources in keys.items():
        baseline.add_key(KeyDay(key, day, resources))
    return baseline
