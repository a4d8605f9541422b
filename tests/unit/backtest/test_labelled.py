"""Real alerts, one intrusion in five days of noise: what the default policy makes of them."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from correlate.policy import default_policy
from local.backtest.reading import Source, disorder, read_file
from local.backtest.results import incidents_of
from local.backtest.run import Run, correlate_pieces
from local.backtest.scoring import read_truth
from shared.pieces import Piece

DATA = Path(__file__).parents[4] / "shared" / "data" / "labelled"
NAME = "ait_russellmitchell"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the labelled alerts lie beside the project's folder"
)


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return read_file(DATA / f"{NAME}.jsonl.gz")


def correlated(source: Source) -> list[dict[str, Any]]:
    """The incidents, without their ids."""
    run, policy = Run(), default_policy()
    asyncio.run(correlate_pieces(source.pieces, policy, run))
    assert run.rejected == 0, run.faults
    found = [dict(each.line) for each in incidents_of(run, policy)]
    for each in found:
        del each["incidentId"]
    return found


def in_order(lines: list[bytes]) -> Source:
    pieces = [Piece(number, line) for number, line in enumerate(lines, start=1)]
    return Source(pieces, len(pieces), lambda taken: taken)


@pytest.fixture(scope="module")
def incidents(lines: list[bytes]) -> list[dict[str, Any]]:
    return correlated(in_order(lines))


def test_the_intrusion_is_one_incident_ranked_first(incidents: list[dict[str, Any]]) -> None:
    truth = read_truth(read_file(DATA / f"{NAME}.truth.jsonl.gz"))
    held = Counter(truth[each] or "noise" for each in incidents[0]["alertIds"])
    all_of_it = Counter(truth.values())["intrusion"]
    assert held["intrusion"] >= 0.99 * all_of_it
    assert held["noise"] < 0.03 * held.total()


def test_little_else_is_shown(incidents: list[dict[str, Any]], lines: list[bytes]) -> None:
    found = Counter(each["confidence"] for each in incidents)
    assert found["high"] == 1
    assert found["high"] + found["medium"] <= 5
    assert 1 - (found["high"] + found["medium"]) / len(lines) > 0.999


def test_neither_order_nor_duplicates_change_it(
    incidents: list[dict[str, Any]], lines: list[bytes]
) -> None:
    assert correlated(disorder(in_order(lines), 1, 0.3)) == incidents
