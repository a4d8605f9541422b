"""An observation: what correlation needs to know of one alert, and nothing more."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, NamedTuple

from correlate.model.activity import HOURS, Activity, Count, Subject
from correlate.model.cell import MOST_MENTIONS, Cell, Mention, Point, Signal, join
from shared.alert import Alert
from shared.entities import key_id
from shared.killchain import Tactic
from shared.severity import Severity
from shared.signals import signal_id
from shared.times import HOUR, parse_time

LONGEST_NAME: Final = 120
LONGEST_ID: Final = 240
LONGEST_STEP: Final = 300
MOST_STEPS: Final = 8


@dataclass(frozen=True, slots=True)
class Observation:
    """One alert as a cell of its own, and the resource that it is about."""

    subject: Subject
    cell: Cell


class Counter(NamedTuple):
    """How many alerts of a signal start on a resource in an hour, in one partition of `alerts`."""

    entity: str
    hour: int
    sid: str
    partition: str
    value: Count


def observe(alert: Alert) -> Observation:
    """The observation of an alert that was just parsed."""
    resource = alert.resource
    subject = _subject(resource.key, resource.id, resource.name, resource.type)
    named = {entity.key: entity.value for entity in alert.entities if entity.key is not None}
    named.pop(resource.key, None)
    point = Point(alert.start, alert.id)
    product = alert.product or alert.vendor or alert.source
    signal, sid = _signal(alert.detection, alert.severity, alert.tactics, product)
    cell = Cell(
        subject.entity,
        alert.start // HOUR,
        sid,
        signal,
        point,
        point,
        alert.end,
        alert.title[:LONGEST_NAME],
        tuple(step[:LONGEST_STEP] for step in alert.remediation[:MOST_STEPS]),
        tuple(
            Mention(key, named[key][:LONGEST_NAME], point) for key in sorted(named)[:MOST_MENTIONS]
        ),
    )
    return Observation(subject, cell)


def observe_document(document: Mapping[str, Any]) -> Observation:
    """The observation of a stored alert.

    Raises KeyError, TypeError or ValueError when the document is not an alert as this service
    stores it.
    """
    resource = document["resource"]
    own = resource["key"]
    subject = _subject(own, resource["id"], resource["name"], resource["type"])
    point = Point(parse_time(document["startTimeUtc"]), document["id"])
    signal = Signal(
        document["detection"],
        Severity[document["severity"]],
        tuple(sorted(Tactic[name] for name in document["tactics"])),
        (document["product"] or document["vendor"] or document["source"])[:LONGEST_NAME],
    )
    named = {entity["key"]: entity["value"] for entity in document["entities"] if entity.get("key")}
    keys = sorted(key for key in document["keys"] if key != own)[:MOST_MENTIONS]
    cell = Cell(
        subject.entity,
        point.start // HOUR,
        document["sid"],
        signal,
        point,
        point,
        parse_time(document["endTimeUtc"]),
        document["title"][:LONGEST_NAME],
        tuple(step[:LONGEST_STEP] for step in document["remediationSteps"][:MOST_STEPS]),
        tuple(
            Mention(key, named.get(key, key.partition(":")[2])[:LONGEST_NAME], point)
            for key in keys
        ),
    )
    return Observation(subject, cell)


def observe_counter(document: Mapping[str, Any]) -> Counter:
    """The counter in a stored document; raises KeyError, TypeError, ValueError where it is none."""
    return Counter(
        str(document["entity"]),
        int(document["hour"]),
        str(document["sid"]),
        str(document["bucket"]),
        Count(int(document["v"]), int(document["n"])),
    )


@lru_cache(maxsize=16_384)
def _signal(
    detection: str, severity: Severity, tactics: tuple[Tactic, ...], product: str
) -> tuple[Signal, str]:
    """A signal and its id, made once for all its alerts."""
    signal = Signal(detection, severity, tuple(sorted(tactics)), product[:LONGEST_NAME])
    return signal, signal_id(detection, severity.name, (each.name for each in tactics))


_subjects: dict[tuple[str, str, str], Subject] = {}
_MOST_SUBJECTS: Final = 100_000


def _subject(key: str, identifier: str, name: str, kind: str) -> Subject:
    """One Subject a resource: a digest is not made again for every alert."""
    identity = key, identifier, name
    subject = _subjects.get(identity)
    if subject is None:
        if len(_subjects) >= _MOST_SUBJECTS:
            _subjects.clear()
        subject = _subjects[identity] = Subject(
            key_id(key), key, identifier[:LONGEST_ID], name[:LONGEST_NAME], kind[:LONGEST_NAME]
        )
    return subject


def activities_of(
    observations: Iterable[Observation], counters: Iterable[Counter] = ()
) -> list[Activity]:
    """What observations and counters say of each resource and day, in the order of their ids.

    A counter without an observation beside it knows no more of its resource than the id.
    """
    subjects: dict[tuple[str, int], Subject] = {}
    cells: dict[tuple[str, int], dict[tuple[int, str], Cell]] = {}
    counts: dict[tuple[str, int], dict[tuple[int, str, str], Count]] = {}
    for subject, cell in ((each.subject, each.cell) for each in observations):
        day = cell.resource, cell.hour // HOURS
        subjects[day] = max(subjects.get(day, subject), subject, key=_known)
        known = cells.setdefault(day, {})
        at = cell.hour, cell.sid
        known[at] = join(known[at], cell) if at in known else cell
    for counter in counters:
        day = counter.entity, counter.hour // HOURS
        subjects.setdefault(day, Subject(counter.entity, "", "", "", ""))
        kept = counts.setdefault(day, {})
        name = counter.hour, counter.sid, counter.partition
        kept[name] = max(kept.get(name, counter.value), counter.value)
    return [
        Activity(subjects[day], day[1], cells.get(day, {}), counts.get(day, {}))
        for day in sorted(subjects)
    ]


def _known(subject: Subject) -> tuple[str, str, str]:
    return subject.name, subject.id, subject.type


def reread(cell: Cell, stages: tuple[Tactic, ...], severity: Severity) -> Cell:
    """The cell with the stages and the severity that the policy gives its signal."""
    signal = replace(cell.signal, stages=tuple(sorted(stages)), severity=severity)
    return replace(cell, signal=signal)
