"""What a change of state does: properties set and removed, and the history that tells it."""

from typing import Any

import pytest

from shared.store.triage import Change, Outcome, UnfittingError, decide
from shared.times import parse_time

AT = parse_time("2026-11-24T08:00:00Z")
NOW = "2026-11-24T08:00:00.000Z"
EARLIER = "2026-11-20T08:00:00.000Z"


def item(**fields: Any) -> dict[str, Any]:
    return {"id": "i", "status": "Active", "labels": [], "triage": {}, **fields}


def decided(document: dict[str, Any], comment: str | None = None, **values: Any) -> Outcome:
    return decide(document, Change(values, comment), by="anna", at=AT)


CLOSED = item(status="Resolved", triage={"closedUtc": EARLIER})
CLASSIFIED = item(triage={"classification": "FalsePositive", "classificationReason": "a test"})


@pytest.mark.parametrize(
    ("document", "values", "new", "removed"),
    [
        pytest.param(item(), {"status": "InProgress"}, {"status": "InProgress"}, (), id="begin"),
        pytest.param(
            item(),
            {"status": "Resolved"},
            {"status": "Resolved", "triage": {"closedUtc": NOW}},
            (),
            id="closing says when",
        ),
        pytest.param(
            CLOSED, {"status": "Dismissed"}, {"status": "Dismissed"}, (), id="closed stays closed"
        ),
        pytest.param(
            CLOSED, {"status": "Active"}, {"status": "Active", "triage": {}}, (), id="open again"
        ),
        pytest.param(CLOSED, {"status": "Resolved"}, {}, (), id="already so"),
        pytest.param(
            item(),
            {"classification": "TruePositive", "classificationReason": "seen it"},
            {"triage": {"classification": "TruePositive", "classificationReason": "seen it"}},
            (),
            id="classify with a reason",
        ),
        pytest.param(
            CLASSIFIED,
            {"classification": None},
            {"triage": {}},
            (),
            id="the reason goes with the classification",
        ),
        pytest.param(item(), {"assignedTo": "bo"}, {"assignedTo": "bo"}, (), id="assign"),
        pytest.param(
            item(assignedTo="bo"), {"assignedTo": None}, {}, ("assignedTo",), id="assign to nobody"
        ),
        pytest.param(item(), {"labels": ["a"]}, {"labels": ["a"]}, (), id="label"),
        pytest.param(item(labels=["a"]), {"labels": []}, {"labels": []}, (), id="no labels"),
        pytest.param({"id": "i", "status": "Active"}, {"labels": []}, {}, (), id="never labelled"),
    ],
)
def test_what_is_set_and_removed(
    document: dict[str, Any], values: dict[str, Any], new: dict[str, Any], removed: tuple[str, ...]
) -> None:
    outcome = decided(document, **values)
    assert (outcome.set, outcome.remove) == (new, removed)


@pytest.mark.parametrize(
    ("document", "comment", "values", "entries"),
    [
        pytest.param(
            item(),
            None,
            {"status": "Resolved"},
            [{"what": "status", "from": "Active", "to": "Resolved"}],
            id="from and to",
        ),
        pytest.param(
            item(), "look", {}, [{"what": "comment", "comment": "look"}], id="a comment alone"
        ),
        pytest.param(
            item(assignedTo="bo"),
            "handed over",
            {"assignedTo": None, "status": "InProgress"},
            [
                {
                    "what": "status",
                    "from": "Active",
                    "to": "InProgress",
                    "comment": "handed over",
                },
                {"what": "assignedTo", "from": "bo"},
            ],
            id="one entry a field, the comment with the first",
        ),
        pytest.param(item(), None, {"status": "Active"}, [], id="nothing changed"),
        pytest.param(
            item(),
            "still here",
            {"status": "Active"},
            [{"what": "comment", "comment": "still here"}],
            id="a comment on nothing changed",
        ),
    ],
)
def test_the_history_tells_who_when_what_from_to(
    document: dict[str, Any],
    comment: str | None,
    values: dict[str, Any],
    entries: list[dict[str, Any]],
) -> None:
    outcome = decided(document, comment, **values)
    assert list(outcome.entries) == [{"atUtc": NOW, "by": "anna", **entry} for entry in entries]


def test_a_reason_needs_a_classification() -> None:
    with pytest.raises(UnfittingError, match="needs a classification") as caught:
        decided(item(), classificationReason="because")
    assert caught.value.field == "classificationReason"


def test_a_reason_may_be_given_for_the_classification_that_is_there() -> None:
    outcome = decided(CLASSIFIED, classificationReason="a drill")
    assert outcome.set["triage"] == {
        "classification": "FalsePositive",
        "classificationReason": "a drill",
    }


def test_a_decision_leaves_the_document_as_it_was() -> None:
    document = item(triage={"classification": "FalsePositive"})
    decided(document, status="Resolved", classification=None)
    assert document == item(triage={"classification": "FalsePositive"})
