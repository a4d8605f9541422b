"""What is told of a batch: where each alert is, what happened to incidents, and how late it was."""

import asyncio
import logging
from random import Random
from typing import Any

import pytest

from correlate import services as correlate_services
from correlate.assessment import assess
from correlate.batch import correlate_batch
from correlate.flush import flush
from correlate.observation import Observation
from correlate.policy import Readings
from correlate.ports import Note, Root, Write
from correlate.report import Report, lag_of
from correlate.witness import Happening, Witness, witnessed
from correlate.work import Outcome
from local.backtest.memory import MemoryStore
from shared.killchain import Tactic
from shared.log_lines import MOST_IDS
from tests.unit.correlate.making import NOW, SMALL, alert, random_alerts
from tests.unit.correlate.sightings import evidence, seen
from tests.unit.correlate.state import ends_of
from tests.unit.shared.measuring import Measured

ATTACK = (
    alert("a", "vm1", 0, "account:ann", stages=(Tactic.InitialAccess,)),
    alert("b", "vm1", 0.2, "account:ann", stages=(Tactic.Execution,)),
    alert("c", "vm2", 0.4, "account:ann", stages=(Tactic.Impact,)),
)
ALONE = alert("z", "vm9", 0)


def fields(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split(" "))


def deliver(store: MemoryStore, batch: list[Observation]) -> tuple[Outcome, Witness]:
    async def run() -> tuple[Outcome, Witness]:
        for each in batch:
            store.add(each)
        witness = Witness()
        return await flush(batch, witnessed(store, witness), SMALL, lambda: NOW), witness

    return asyncio.run(run())


def told(batch: list[Observation], outcome: Outcome, witness: Witness) -> list[dict[str, str]]:
    return [fields(each) for each in Report(batch, 0, 1_500, outcome, witness).lines()]


@pytest.mark.parametrize("block", range(4))
def test_every_alert_is_placed_where_the_store_has_it(block: int) -> None:
    for seed in range(block * 50, block * 50 + 50):
        chance = Random(seed)  # noqa: S311 - a world told by its seed
        some = random_alerts(chance, 10)
        store = MemoryStore()
        for start in range(0, len(some), 3):
            batch = some[start : start + 3]
            _, witness = deliver(store, batch)
            placed = {each.alert_id: root for each, root in witness.place(batch)}
            for each in batch:
                (end,) = ends_of(store, each)
                expected = end if end in store.nodes else None
                assert placed.get(each.alert_id) == expected, f"seed {seed}, {each.alert_id}"


def test_an_id_leads_from_each_alert_to_its_incident() -> None:
    batch = [*ATTACK, ALONE]
    outcome, witness = deliver(MemoryStore(), batch)
    summary, placed, opened = told(batch, outcome, witness)
    incident = opened["incident"]
    assert opened == {"event": "opened", "incident": incident}
    assert placed["components"] == f"{incident}:{','.join(sorted(e.alert_id for e in ATTACK))}"
    assert placed["alone"] == ALONE.alert_id
    assert (summary["event"], summary["alerts"], summary["lag"]) == ("correlated", "4", "1.500")


def test_an_alert_that_was_alone_leads_to_the_incident_that_it_became_part_of() -> None:
    store = MemoryStore()
    first, *rest = ATTACK
    alone = told([first], *deliver(store, [first]))[1]
    assert alone == {"event": "placed", "alone": first.alert_id}
    lines = told(rest, *deliver(store, rest))
    (opened,) = [each for each in lines if each["event"] == "opened"]
    joined = [each for each in lines if each["event"] == "joined"]
    assert opened["incident"] == first.alert_id or joined == [
        {"event": "joined", "into": opened["incident"], "components": first.alert_id}
    ]


def test_what_is_delivered_again_is_placed_and_opens_nothing() -> None:
    store = MemoryStore()
    batch = list(ATTACK)
    deliver(store, batch)
    _, placed = told(batch, *deliver(store, batch))
    assert placed["components"].count(",") == 2


def test_a_bridge_tells_which_incident_took_in_which() -> None:
    store = MemoryStore()
    first = [alert(n, "vm1", at, stages=(s,)) for n, at, s in STAGED]
    second = [alert(n, "vm2", at + 5, stages=(s,)) for n, at, s in STAGED]
    deliver(store, first)
    deliver(store, second)
    bridge = [
        alert("x", "vm1", 0.4, "account:bob", stages=(Tactic.Impact,)),
        alert("y", "vm2", 5, "account:bob", stages=(Tactic.Impact,)),
        alert("w", "vm1", 2, "account:bob", minutes=120, stages=(Tactic.Impact,)),
    ]
    _, witness = deliver(store, bridge)
    (merged,) = [each for each in witness.happenings if each.what == "merged"]
    assert merged.into in store.nodes
    assert {root for _, root in witness.place(bridge)} == {merged.into}


STAGED = (("a", 0.0, Tactic.InitialAccess), ("b", 0.2, Tactic.Execution))


@pytest.mark.parametrize(
    ("what", "told"),
    [
        pytest.param("upgraded", ["upgraded"], id="a verdict"),
        pytest.param("split", ["split"], id="people split resources off"),
        pytest.param("merged", [], id="a merge is told of the one that was absorbed"),
    ],
)
def test_what_a_history_notes_is_told_once(what: str, told: list[str]) -> None:
    root = Root("i-1", evidence([seen(1, "scan", Tactic.Discovery)]), visible=True)
    witness = Witness()
    witness.saw_node(root)
    verdict = assess(root.evidence, SMALL)
    witness.wrote(Write(root, verdict, notes=(Note("h-1", what, None, None, "by Anna"),)))
    assert [each.what for each in witness.happenings] == told


def test_many_alerts_make_few_lines() -> None:
    batch = [alert(str(number), "vm1", number) for number in range(MOST_IDS + 5)]
    report = Report(batch, 2, 0, Outcome(alerts=len(batch)), Witness())
    summary, *lines = map(fields, report.lines())
    assert summary["unreadable"] == "2"
    assert [line["alone"].count(",") + 1 for line in lines] == [MOST_IDS, 5]


def test_a_batch_without_alerts_is_told_in_one_line() -> None:
    assert len(list(Report([], 0, 0, Outcome(), Witness()).lines())) == 1


@pytest.mark.parametrize(
    ("documents", "lag"),
    [
        pytest.param([], 0, id="none"),
        pytest.param([{"id": "x"}], 0, id="no time"),
        pytest.param([{"_ts": 95}, {"_ts": 90}, {"_ts": 99}], 10_000, id="the oldest counts"),
    ],
)
def test_the_lag_is_that_of_the_oldest_document(documents: list[dict[str, Any]], lag: int) -> None:
    assert lag_of(documents, 100_000) == lag


def test_happenings_are_counted_by_what_they_are() -> None:
    measured = Measured()
    witness = Witness(
        [Happening("opened", "a"), Happening("opened", "b"), Happening("merged", "a")]
    )
    report = Report([], 0, 2_000, Outcome(alerts=7, conflicts=3), witness)
    with measured.telemetry.span("correlate batch") as span:
        report.measure(measured.telemetry, span)
    assert measured.values() == {
        ("alerts.correlated",): 7,
        ("feed.lag",): 2,
        ("correlation.conflicts",): 3,
        ("incidents.changed", "opened"): 2,
        ("incidents.changed", "merged"): 1,
    }
    assert measured.spans() == {
        "correlate batch": {"alerts": 7, "incidents.opened": 2, "incidents.merged": 1}
    }


async def test_a_batch_that_cannot_be_read_tells_no_document(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    aside: list[Any] = []

    async def set_aside(unreadable: list[Any]) -> None:
        aside.extend(unreadable)

    documents = [{"type": "alert", "title": "secret", "_ts": NOW // 1_000 - 2}]
    await correlate_batch(documents, MemoryStore(), set_aside, SMALL, Readings(()), lambda: NOW)
    (line,) = map(fields, caplog.messages)
    assert (line["unreadable"], line["lag"]) == ("1", "2.000")
    assert len(aside) == 1
    assert "secret" not in caplog.text


async def test_a_batch_that_fails_is_told_and_raised(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise OSError("secret")

    monkeypatch.setattr(correlate_services, "process_services", fail)
    with pytest.raises(OSError, match="secret"):
        await correlate_services.correlate_documents([{"id": "x"}])
    assert caplog.messages == ["event=retried documents=1 lag=0.000 fault=OSError"]
