"""Real alerts, one intrusion in five days of noise: what the default policy makes of them."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from correlate.policy import default_policy
from ingest_alert.reading import read_message
from ingest_alert.registry import parse_alert
from local.audit.checks import findings
from local.backtest.audited import stored_of
from local.backtest.reading import Source, disorder, read_file, source_of
from local.backtest.results import incidents_of
from local.backtest.run import Options, Run, correlate
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


@pytest.fixture(scope="module")
def truth() -> dict[str, str | None]:
    return read_truth(read_file(DATA / f"{NAME}.truth.jsonl.gz"))


def in_order(lines: list[bytes]) -> Source:
    return source_of([Piece(number, line) for number, line in enumerate(lines, start=1)])


def correlated(source: Source) -> Run:
    run = asyncio.run(correlate(source, Options(default_policy())))
    assert run.rejected == 0, run.faults
    return run


def told(run: Run) -> list[dict[str, Any]]:
    """The incidents, without their ids."""
    found = [dict(each.line) for each in incidents_of(run)]
    for each in found:
        del each["incidentId"]
    return found


@pytest.fixture(scope="module")
def run(lines: list[bytes]) -> Run:
    return correlated(in_order(lines))


@pytest.fixture(scope="module")
def incidents(run: Run) -> list[dict[str, Any]]:
    return told(run)


def test_the_intrusion_is_ranked_first_and_the_only_one_that_is_high(
    incidents: list[dict[str, Any]], truth: dict[str, str | None]
) -> None:
    assert [each["confidence"] for each in incidents].count("high") == 1
    assert incidents[0]["confidence"] == "high"
    held = Counter(truth[each] for each in incidents[0]["alertIds"])
    assert held.most_common(1)[0][0] == "intrusion"


def test_it_has_the_intrusions_alerts_of_a_stage(
    incidents: list[dict[str, Any]], truth: dict[str, str | None], lines: list[bytes]
) -> None:
    staged = {
        alert.source_id
        for line in lines
        for alert in map(parse_alert, read_message(line))
        if alert.tactics and truth[alert.source_id] == "intrusion"
    }
    assert len(staged & set(incidents[0]["alertIds"])) >= 0.99 * len(staged)


def test_hardly_any_noise_counts(
    incidents: list[dict[str, Any]], truth: dict[str, str | None]
) -> None:
    evidence = incidents[0]["evidenceIds"]
    assert sum(truth[each] is None for each in evidence) < 0.01 * len(evidence)


def test_little_else_is_shown(incidents: list[dict[str, Any]]) -> None:
    assert Counter(each["confidence"] for each in incidents)["medium"] <= 2


def test_what_is_stored_is_sound(run: Run) -> None:
    assert findings(stored_of(run)) == []


def test_neither_order_nor_duplicates_change_a_byte(
    incidents: list[dict[str, Any]], lines: list[bytes]
) -> None:
    again = told(correlated(disorder(in_order(lines), 1, 0.3)))
    assert list(map(orjson.dumps, again)) == list(map(orjson.dumps, incidents))
