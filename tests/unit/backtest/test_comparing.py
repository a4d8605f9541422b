"""What a change of policy does, one sentence an incident; and the scores."""

import pytest

from local.backtest.comparing import compare
from local.backtest.results import Incident
from local.backtest.scoring import Score, makeup, score


def incident(title: str, *alert_ids: str, confidence: str = "high") -> Incident:
    return Incident({"title": title, "confidence": confidence, "alertIds": list(alert_ids)})


A, B = incident("A", "1", "2"), incident("B", "3", "4")
BOTH = incident("AB", "1", "2", "3", "4")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param([A, B], [B, A], [], id="nothing"),
        pytest.param([A], [A, B], ["added: “B” (high, 2 alerts)"], id="added"),
        pytest.param([A, B], [A], ["dropped: “B” (high, 2 alerts)"], id="dropped"),
        pytest.param(
            [A, B],
            [BOTH],
            ["merged: “A” (high, 2 alerts) + “B” (high, 2 alerts) → “AB” (high, 4 alerts)"],
            id="merged",
        ),
        pytest.param(
            [BOTH],
            [A, B],
            ["split: “AB” (high, 4 alerts) → “A” (high, 2 alerts) + “B” (high, 2 alerts)"],
            id="split",
        ),
        pytest.param(
            [A],
            [incident("A", "1", "2", confidence="medium")],
            ["changed: “A” (high, 2 alerts) → “A” (medium, 2 alerts)"],
            id="changed",
        ),
    ],
)
def test_each_change_is_one_sentence(
    before: list[Incident], after: list[Incident], said: list[str]
) -> None:
    assert compare(before, after) == said


TRUTH = {"1": "x", "2": "x", "3": "x", "4": None}


@pytest.mark.parametrize(
    ("incidents", "expected"),
    [
        pytest.param([incident("", "1", "2", "3")], Score(1.0, 1.0), id="all of it"),
        pytest.param([incident("", "1", "2")], Score(1.0, 1 / 3), id="one of three pairs"),
        pytest.param([incident("", "1", "2", "4")], Score(1 / 3, 1 / 3), id="noise beside it"),
        pytest.param([], Score(0.0, 0.0), id="nothing"),
    ],
)
def test_pairs_are_scored(incidents: list[Incident], expected: Score) -> None:
    assert score(incidents, TRUTH) == expected


def test_what_an_incident_holds_is_told_in_words() -> None:
    assert makeup(["1", "2", "4"], TRUTH) == "2 x, 1 noise"
