"""Parsing in processes gives what parsing in this one does, in the same order."""

import json
from typing import Any

from correlate.policy import Readings
from local.backtest.parsing import Parser
from local.backtest.processes import AT_ONCE, FEW, parsing
from local.demo.cast import Happening, arm_alert, machine
from shared.pieces import Fault, Piece
from shared.times import parse_time

START = parse_time("2026-11-02T08:00:00Z")


def scan(number: int) -> dict[str, Any]:
    """An alert of one of seven machines."""
    seen = Happening(number, "Scan", "T_Scan", "High", "Probing", machine(f"vm{number % 7}"))
    return arm_alert(seen, START)


def pieces(count: int) -> list[Piece | Fault]:
    """Alerts of a few machines, and one piece in a thousand that cannot be read."""
    return [
        Piece(number, b"{" if number % 1_000 == 500 else json.dumps(scan(number)).encode())
        for number in range(1, count + 1)
    ]


def test_processes_parse_as_this_one_does() -> None:
    many = pieces(FEW + AT_ONCE + 1)
    parser = Parser(Readings(()))
    with parsing(parser, 2) as parse:
        shared = list(parse(iter(many)))
    with parsing(parser, 1) as parse:
        alone = list(parse(iter(many)))
    assert len(shared) > 2
    assert [row for each in shared for row in each.rows] == [
        row for each in alone for row in each.rows
    ]
    assert [fault for each in shared for fault in each.faults] == [
        fault for each in alone for fault in each.faults
    ]


def test_a_small_file_is_parsed_at_once() -> None:
    with parsing(Parser(Readings(())), 2) as parse:
        (parsed,) = parse(iter(pieces(3)))
    assert [row[7] for row in parsed.rows] == [1, 2, 3]
