"""Record: a batch of stored alerts and their counters becomes news, and nothing else.

Any number of workers record at once. What an alert says is joined in memory, for each resource and
day; the reconciler joins it with what is known.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from correlate.model.activity import Activity
from correlate.model.news import ALERTS, News, Recount
from correlate.model.observation import (
    Counter,
    Observation,
    activities_of,
    observe_counter,
    observe_document,
    reread,
)
from correlate.policy import Readings
from shared.alert import digest

MOST_CELLS: Final = 600
"""Cells and counts of one piece of news: some 400 KB where each names as much as it may."""
MOST_RECOUNTS: Final = 500


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A document of the feed that is not an alert as this service stores it, and why."""

    document: Mapping[str, Any]
    reason: str


@dataclass(slots=True)
class Batch:
    """What a batch holds of one organisation."""

    observations: list[Observation] = field(default_factory=list)
    counters: list[Counter] = field(default_factory=list)
    recounts: list[Recount] = field(default_factory=list)
    stamps: list[str] = field(default_factory=list)


def read_batch(
    documents: Iterable[Mapping[str, Any]], readings: Readings
) -> tuple[dict[str, Batch], list[Unreadable]]:
    """What documents of the feed say, by organisation; and those that cannot be read."""
    batches: dict[str, Batch] = {}
    unreadable: list[Unreadable] = []
    for document in documents:
        try:
            _read(document, batches, readings)
        except (KeyError, TypeError, ValueError) as fault:
            unreadable.append(Unreadable(document, f"{type(fault).__name__}: {fault}"))
    return batches, unreadable


def _read(document: Mapping[str, Any], batches: dict[str, Batch], readings: Readings) -> None:
    kind = document.get("type")
    if kind not in ("alert", "count"):
        return
    organisation = str(document["organisation"])
    stamp = f"{document['id']}/{document.get('_etag', '')}"
    if kind == "count":
        counter = observe_counter(document)
        batch = batches.setdefault(organisation, Batch())
        batch.counters.append(counter)
        batch.stamps.append(stamp)
        return
    recounts = [
        Recount(str(entity), int(day), str(document["id"]), str(document.get("sourceVersion", "")))
        for entity, day in document.get("recount", ())
    ]
    observation = None
    if document["takesPart"]:
        observation = as_read(readings, observe_document(document))
    batch = batches.setdefault(organisation, Batch())
    batch.recounts += recounts
    batch.stamps.append(stamp)
    if observation is not None:
        batch.observations.append(observation)


def as_read(readings: Readings, observation: Observation) -> Observation | None:
    """The observation as the policy's mappings read it; None where one says to ignore it.

    The tactics that a source states stand; a mapping gives them only where there are none.
    """
    if not readings:
        return observation
    cell = observation.cell
    reading = readings.of(cell.signal.detection, cell.title)
    if reading is None:
        return observation
    if reading.ignore:
        return None
    stages = cell.signal.stages or reading.tactics or ()
    severity = cell.signal.severity if reading.severity is None else reading.severity
    return Observation(observation.subject, reread(cell, stages, severity))


def news_of(organisation: str, batch: Batch) -> list[News]:
    """The news of a batch, in pieces that a document holds; the same for the same documents."""
    activities = activities_of(batch.observations, batch.counters)
    recounts = sorted(set(batch.recounts))
    name = digest(organisation, *sorted(batch.stamps))[:24]
    pieces = list(_pieces(activities))
    parts = [(piece, ()) for piece in pieces] + [
        ((), tuple(recounts[start : start + MOST_RECOUNTS]))
        for start in range(0, len(recounts), MOST_RECOUNTS)
    ]
    return [
        News(f"{name}-{number}", organisation, ALERTS, tuple(some), again)
        for number, (some, again) in enumerate(parts)
    ]


def _pieces(activities: Sequence[Activity]) -> Iterator[Sequence[Activity]]:
    piece: list[Activity] = []
    size = 0
    for activity in (part for each in activities for part in _parts(each)):
        more = len(activity.cells) + len(activity.counts)
        if piece and size + more > MOST_CELLS:
            yield piece
            piece, size = [], 0
        piece.append(activity)
        size += more
    if piece:
        yield piece


def _parts(activity: Activity) -> Iterator[Activity]:
    """An activity in parts that a piece of news holds; joined they are the whole."""
    if len(activity.cells) + len(activity.counts) <= MOST_CELLS:
        yield activity
        return
    cells, counts = sorted(activity.cells.items()), sorted(activity.counts.items())
    for start in range(0, len(cells), MOST_CELLS):
        part = dict(cells[start : start + MOST_CELLS])
        yield Activity(activity.subject, activity.day, part)
    for start in range(0, len(counts), MOST_CELLS):
        some = dict(counts[start : start + MOST_CELLS])
        yield Activity(activity.subject, activity.day, {}, some)


Post = Callable[[str, Sequence[News]], Awaitable[None]]
"""Adds news of an organisation; what is there already stays."""


async def record(
    documents: Iterable[Mapping[str, Any]],
    post: Post,
    set_aside: Callable[[list[Unreadable]], Awaitable[None]],
    readings: Readings,
) -> int:
    """Turn a batch of the feed into news; the number of alerts that take part.

    A document that cannot be read is set aside and does not stop the rest. Raises what the store
    raises: the batch is then delivered again, and gives the same news.
    """
    batches, unreadable = read_batch(documents, readings)
    if unreadable:
        await set_aside(unreadable)
    for organisation, batch in sorted(batches.items()):
        await post(organisation, news_of(organisation, batch))
    return sum(len(batch.observations) for batch in batches.values())
