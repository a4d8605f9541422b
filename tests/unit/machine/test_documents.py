"""Records to documents and back: through JSON, each is what it was."""

import json

import pytest

from correlate.model.activity import Activity, Count, KeyDay
from correlate.model.cell import Interval, Point
from correlate.model.coverage import Coverage, Span
from correlate.model.decision import Decision, Piece, Request
from correlate.model.episode import Confidence, Kind
from correlate.model.incident import Incident, Note, Redirect
from correlate.model.news import (
    ALERTS,
    CONTINUE,
    DECISION,
    PERSON,
    RENEW,
    SWEEP,
    News,
    Recount,
    Seed,
)
from correlate.model.observation import activities_of
from correlate.store.documents import document_of, news_document, news_of, record_of, size_of
from correlate.store.port import Aside, BaselineDay, KeyShard, Put, Record
from shared.killchain import Tactic
from shared.severity import Severity
from shared.times import DAY
from tests.unit.machine.world import START, alert, entity

HEX = "0123456789abcdef01234567"
INTERVAL = Interval(Point(START, HEX), Point(START + 1, HEX))
SEEN = alert("a", "vm1", 0, Tactic.Execution, keys=["account:joe", "host:web"])
REQUEST = Request("m", "merge", "main-1", ("main-2",), ("r",), (HEX,), "u", "ann", START, "why")


def activity() -> Activity:
    """A day with a cell and its count."""
    (found,) = activities_of([SEEN])
    hour = SEEN.cell.hour
    return Activity(found.subject, found.day, found.cells, {(hour, "ab" * 8, "3"): Count(2, 5)})


RECORDS: dict[str, Record] = {
    "activity": activity(),
    "key shard": KeyShard(20_000, "ab", {"ab12": KeyDay("ab12", 20_000, {"e": 3})}),
    "baseline day": BaselineDay("Seen it", 20_000, Severity.High, True, {"e": 5}),
    "coverage": Coverage(
        SEEN.subject, (Span(INTERVAL, "main-1", {"ab": (1, 2)}, 3, 4),), held=True
    ),
    "incident": Incident(
        "main-1",
        Kind.ATTACK,
        START,
        START + 5,
        Confidence.HIGH,
        {
            "kind": "attack",
            "confidence": "high",
            "confidenceRank": 3,
            "title": "T",
            "firstActivityUtc": "2026-11-02T08:00:00.000Z",
            "stages": ["Execution"],
            "why": None,
        },
        2,
        {"status": "Resolved", "labels": ["x"], "triage": {}, "assignedTo": "ann", "other": 1},
        "main-0",
        ("main-7",),
        withdrawn=True,
        forming=True,
        hand=True,
    ),
    "redirect": Redirect("main-1", "main-2"),
    "decision": Decision(
        REQUEST, 3, (Piece("e", INTERVAL),), ((Piece("f", INTERVAL),),), "done", "main-1",
        ("main-9",), "no", voided=True,
    ),
    "note": Note("h-1", "main-1", START, "ann", "merged", "a", "b", "why", "d-1"),
    "aside": Aside(Seed("e", 5), "KeyError: x"),
}  # fmt: skip


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_a_record_comes_back_as_it_was(record: Record) -> None:
    document = json.loads(json.dumps(document_of(Put(record), "main", START)))
    assert record_of(document) == record
    assert document["organisation"] == "main"
    assert "ttl" not in document


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_a_size_is_no_less_than_the_documents(record: Record) -> None:
    assert size_of(record) >= len(json.dumps(document_of(Put(record), "main", START)))


@pytest.mark.parametrize(
    ("expires", "ttl"), [(START + DAY, 86_400), (START + 1, 1), (START - DAY, 1)]
)
def test_what_is_left_of_a_life_is_computed_as_it_is_written(expires: int, ttl: int) -> None:
    put = Put(RECORDS["redirect"], expires)
    assert document_of(put, "main", START)["ttl"] == ttl


@pytest.mark.parametrize(
    "news",
    [
        News("1", "main", ALERTS, (activity(),), (Recount(entity("vm1"), 5, HEX, "v"),)),
        News("2", "main", PERSON, incident="main-1"),
        News("3", "main", DECISION, request=REQUEST),
        News("4", "main", RENEW, hour=7, after="x"),
        News("5", "main", SWEEP, hour=7),
        News("6", "main", CONTINUE, seeds=(Seed("e", 5),), tries=2),
    ],
    ids=lambda news: news.kind,
)
def test_news_comes_back_as_it_was(news: News) -> None:
    assert news_of(json.loads(json.dumps(news_document(news)))) == news
