"""Bodies of changes: what is taken, and how each mistake is named."""

from typing import Any

import pytest

from http_api.changes import outcome_of, read_change, require_version
from http_api.problems import FieldError, Problem
from shared.store.triage import Change


@pytest.mark.parametrize(
    ("body", "change"),
    [
        pytest.param({"status": "Resolved"}, Change({"status": "Resolved"}), id="status"),
        pytest.param({"assignedTo": None}, Change({"assignedTo": None}), id="null clears"),
        pytest.param({"assignedTo": " Anna "}, Change({"assignedTo": "Anna"}), id="trimmed"),
        pytest.param(
            {"labels": ["b", "a", "b"]}, Change({"labels": ["b", "a"]}), id="labels, each once"
        ),
        pytest.param({"comment": "hm\nso"}, Change({}, "hm\nso"), id="comment of two lines"),
    ],
)
def test_only_what_is_given_changes(body: dict[str, Any], change: Change) -> None:
    assert read_change(body) == change


STATUSES = ("Active", "InProgress", "Resolved", "Dismissed")


@pytest.mark.parametrize(
    ("body", "field", "reason", "allowed"),
    [
        pytest.param({"state": "x"}, "state", "is no field here", "status", id="unknown field"),
        pytest.param({"status": "Open"}, "status", "is not known", "Dismissed", id="status"),
        pytest.param({"status": None}, "status", "is not known", "Active", id="no status"),
        pytest.param({"status": 1}, "status", "is not known", "Active", id="status of a number"),
        pytest.param(
            {"classification": "Bad"}, "classification", "is not known", "TruePositive", id="class"
        ),
        pytest.param({"labels": "a"}, "labels", "valid list", None, id="labels that are no list"),
        pytest.param({"labels": ["a,b"]}, "labels.0", "not allowed", None, id="label with a comma"),
        pytest.param({"labels": [" "]}, "labels.0", "at least 1", None, id="blank label"),
        pytest.param({"labels": ["a" * 65]}, "labels.0", "at most 64", None, id="long label"),
        pytest.param(
            {"labels": [str(n) for n in range(21)]}, "labels", "at most 20", None, id="many labels"
        ),
        pytest.param({"comment": "a" * 4_001}, "comment", "at most 4000", None, id="long comment"),
        pytest.param({"comment": ""}, "comment", "at least 1", None, id="blank comment"),
        pytest.param({"assignedTo": "a\x00"}, "assignedTo", "not allowed", None, id="control"),
        pytest.param({}, "body", "changes nothing", "comment", id="nothing"),
        pytest.param([], "body", "must be a JSON object", None, id="a list"),
        pytest.param("Resolved", "body", "must be a JSON object", None, id="a text"),
    ],
)
def test_a_mistake_is_named(body: Any, field: str, reason: str, allowed: str | None) -> None:
    with pytest.raises(Problem) as caught:
        read_change(body)
    (error,) = caught.value.errors
    assert error.field == field
    assert reason in error.reason
    assert (allowed in error.allowed) if allowed else not error.allowed


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(Problem) as caught:
        read_change({"status": "Open", "bogus": 1})
    assert {error.field for error in caught.value.errors} == {"status", "bogus"}


def test_a_change_that_does_not_fit_is_a_problem() -> None:
    change = Change({"classificationReason": "because"})
    with pytest.raises(Problem) as caught:
        outcome_of({"status": "Active"}, change, by="anna", at=0)
    assert caught.value.errors == (
        FieldError("classificationReason", "a reason needs a classification"),
    )


@pytest.mark.parametrize("versions", [("1",), ("0", "1"), ("*",)], ids=["that", "or that", "any"])
def test_the_version_seen_may_be_changed(versions: tuple[str, ...]) -> None:
    require_version("1", versions)


def test_another_version_may_not_be_changed() -> None:
    with pytest.raises(Problem) as caught:
        require_version("2", ("1",))
    assert caught.value.status == 412
    assert caught.value.headers == {"ETag": '"2"'}
