"""Alerts of a file as the store has them: each once, the newest version, counted anew."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from correlate.policy import Readings, default_policy
from local.backtest.parsing import Parser
from local.backtest.table import Table
from local.demo.cast import Happening, arm_alert, machine
from shared.entities import key_id
from shared.pieces import Fault, Piece
from shared.suppression import Condition, Rule
from shared.times import HOUR, parse_time

START = parse_time("2026-11-02T08:00:00Z")
RULE = Rule(
    id="quiet",
    reason="known",
    author="ann",
    conditions=(Condition(field="severity", values=("Low",)),),
)


def alert(name: str, **changed: Any) -> dict[str, Any]:
    """An alert of one machine, whose source's id is its name."""
    made = arm_alert(Happening(5, "Scan", "T_Scan", "High", "Probing", machine("vm1")), START)
    made["properties"] |= {"systemAlertId": name} | changed
    return made


def table_of(*messages: Any, rules: tuple[Rule, ...] = (), at_once: int = 100) -> Table:
    """The table of messages, each of one or more alerts, so many of them parsed at a time."""
    parser = Parser(Readings(default_policy().mappings), rules)
    pieces: list[Piece | Fault] = [
        Piece(number, json.dumps(each).encode()) for number, each in enumerate(messages, start=1)
    ]
    table = Table()
    for first in range(0, len(pieces), at_once):
        table.add(parser.parse(first + 1, pieces[first : first + at_once]))
    table.settle(pieces, parser)
    return table


def kept(table: Table) -> list[str]:
    return sorted(each.source_id for alerts in table.alerts.values() for each in alerts)


NEWER = {"timeGeneratedUtc": "2026-11-02T09:00:00Z"}
ENTITY = key_id("resource:" + machine("vm1").lower())


def starts(table: Table) -> list[int]:
    """When the cells of all activity begin."""
    cells = (cell for each in table.activities.values() for cell in each.cells.values())
    return sorted(cell.first.start for cell in cells)


def test_an_alert_that_is_sent_twice_is_kept_once() -> None:
    table = table_of(alert("a"), alert("a"), [alert("b"), alert("a")])
    assert (table.stored, table.duplicates, table.updated) == (2, 2, 0)
    assert kept(table) == ["a", "b"]


@pytest.mark.parametrize("at_once", [1, 100])
@pytest.mark.parametrize("order", [(0, 1), (1, 0), (1, 0, 1, 0)])
def test_the_newest_version_stands_whatever_the_order(order: Sequence[int], at_once: int) -> None:
    versions = [alert("a"), alert("a", startTimeUtc="2026-11-02T06:30:00Z", **NEWER)]
    table = table_of(*(versions[each] for each in order), alert("b"), at_once=at_once)
    assert (table.stored, table.updated) == (2, 1)
    assert table.duplicates == len(order) - 2
    assert starts(table) == [START - HOUR - HOUR // 2, START + HOUR // 12]


def test_a_version_that_says_the_same_is_a_duplicate() -> None:
    table = table_of(alert("a"), alert("a", unheardOf=1))
    assert (table.stored, table.duplicates, table.updated) == (1, 1, 0)


def test_a_version_on_another_day_leaves_nothing_behind() -> None:
    moved = alert(
        "a", startTimeUtc="2026-11-04T01:00:00Z", endTimeUtc="2026-11-04T01:00:00Z", **NEWER
    )
    table = table_of(alert("a"), moved)
    assert starts(table) == [parse_time("2026-11-04T01:00:00Z")]
    ((_, day),) = table.activities
    assert sum(table.counts(ENTITY, day).values()) == 1
    assert not table.counts(ENTITY, day - 2)


def test_what_a_rule_dismissed_when_it_was_new_stays_dismissed() -> None:
    first = alert("a", severity="Low")
    table = table_of(alert("a", **NEWER), first, rules=(RULE,))
    assert (kept(table), table.dismissed, table.activities) == ([], 1, {})


def test_a_rule_that_only_the_newer_version_meets_dismisses_nothing() -> None:
    later = alert("a", severity="Low", **NEWER)
    table = table_of(later, alert("a"), rules=(RULE,))
    assert (kept(table), table.dismissed) == (["a"], 0)


def test_counts_are_by_hour_and_signal() -> None:
    table = table_of(alert("a"), alert("b"), alert("c", severity="Low"))
    assert sorted(table.counts(ENTITY, START // (24 * HOUR)).values()) == [1, 2]


def test_what_cannot_be_read_is_told_with_its_line() -> None:
    parser = Parser(Readings(()))
    parsed = parser.parse(1, [Fault(3, "cut"), Piece(4, b"{}"), Piece(5, b"[1]")])
    assert [line for line, _ in parsed.faults] == [3, 4, 5]
    assert parsed.rows == []
