"""Facets: each counted as if nothing were chosen in it, but in all others."""

from typing import Any

import pytest

from http_api.facets import beyond_facets, chosen, count
from shared.store.filters import Filter
from shared.store.incident_table import IncidentRow

ROWS = [
    IncidentRow("High", "Active", "high", ("InitialAccess", "Impact"), 1, 2),
    IncidentRow("High", "Resolved", "medium", ("Impact",), 1, 2),
    IncidentRow("Low", "Active", "low", (), 1, 2),
]
ANY = Filter(confidences=())


def counted(wanted: Filter) -> dict[str, Any]:
    """The counts that are not zero."""
    found = count(ROWS, chosen(wanted))
    return {
        name: {key: number for key, number in value.items() if number}
        if isinstance(value, dict)
        else value
        for name, value in found.items()
    }


def test_without_a_choice_everything_counts() -> None:
    assert counted(ANY) == {
        "total": 3,
        "bySeverity": {"High": 2, "Low": 1},
        "byStatus": {"Active": 2, "Resolved": 1},
        "byStage": {"InitialAccess": 1, "Impact": 2},
        "byConfidence": {"high": 1, "medium": 1, "low": 1},
    }


def test_a_choice_narrows_every_facet_but_its_own() -> None:
    found = counted(Filter(confidences=(), severities=(3,)))
    assert found["total"] == 2
    assert found["bySeverity"] == {"High": 2, "Low": 1}
    assert found["byStatus"] == {"Active": 1, "Resolved": 1}


def test_two_choices_narrow_each_other() -> None:
    found = counted(Filter(confidences=(), severities=(3,), statuses=("Active",)))
    assert found["total"] == 1
    assert found["bySeverity"] == {"High": 1, "Low": 1}
    assert found["byStatus"] == {"Active": 1, "Resolved": 1}
    assert found["byStage"] == {"InitialAccess": 1, "Impact": 1}


def test_the_default_confidence_is_a_choice_too() -> None:
    found = counted(Filter())
    assert found["total"] == 2
    assert found["byConfidence"] == {"high": 1, "medium": 1, "low": 1}


def test_every_value_is_named_even_if_nothing_has_it() -> None:
    found = count([], chosen(ANY))
    assert found["byStatus"] == {"Active": 0, "InProgress": 0, "Resolved": 0, "Dismissed": 0}


@pytest.mark.parametrize(
    ("wanted", "asked"),
    [
        (Filter(severities=(3,), statuses=("Active",), stages=("Impact",)), False),
        (Filter(labels=("a",)), True),
        (Filter(words=("a",)), True),
        (Filter(since="2026"), True),
    ],
    ids=["facets alone", "label", "words", "period"],
)
def test_the_store_is_asked_only_for_what_is_no_facet(wanted: Filter, asked: bool) -> None:
    assert (beyond_facets(wanted) != ANY) is asked
