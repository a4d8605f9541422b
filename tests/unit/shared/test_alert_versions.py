from itertools import pairwise
from typing import Any

import pytest

from shared import alert_versions
from shared.alert import Finding
from shared.alert_versions import Keeping, document_to_store, updated_document, version_of
from shared.entities import entity
from shared.severity import Severity
from shared.times import DAY, SECOND, format_time
from tests.unit.shared.alerts import START, make_alert

KEEPING = Keeping()

NEWER: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"modified": START}, {"modified": START + 1}),
    ({"generated": START}, {"generated": START + 1}),
    ({"end": START}, {"end": START + 1}),
    ({"status": "New"}, {"status": "InProgress"}),
    ({"status": "InProgress"}, {"status": "Resolved"}),
    ({"modified": START + 1, "status": "New"}, {"modified": START + 2, "status": "New"}),
    ({"modified": START, "status": "Resolved"}, {"modified": START + 1, "status": "New"}),
]


@pytest.mark.parametrize(("older", "newer"), NEWER)
def test_the_newer_version_is_greater(older: dict[str, Any], newer: dict[str, Any]) -> None:
    assert version_of(make_alert(**older)) < version_of(make_alert(**newer))


def test_versions_that_say_the_same_are_equal_whatever_the_envelope() -> None:
    assert version_of(make_alert(original={"a": 1})) == version_of(make_alert(original={"b": 2}))


def test_any_two_versions_that_differ_are_ordered() -> None:
    alerts = [make_alert(entities=(entity("host", f"h{n}"),)) for n in range(5)]
    versions = sorted(map(version_of, alerts))
    assert all(first < second for first, second in pairwise(versions))


def test_an_original_that_does_not_fit_is_left_out_with_a_note(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(alert_versions, "MOST_BYTES", 5_000)
    alert = make_alert(original={"x": "y" * 10_000})
    document, size = document_to_store(alert, KEEPING, received=START)
    assert document["original"] is None
    assert "left out" in document["notes"][-1]
    assert size < 5_000


def stored_alert() -> dict[str, Any]:
    document, _ = document_to_store(make_alert(), KEEPING, received=START)
    return document | {"_ts": 1_000}


def test_an_update_remembers_the_version_that_it_replaces_for_the_counts() -> None:
    stored = stored_alert()
    newer, _ = document_to_store(make_alert(status="Resolved"), KEEPING, received=START)
    past = updated_document(stored, newer)["past"]
    assert [(each["since"], each["status"]) for each in past] == [(1_000, "Active")]


def test_an_update_leaves_what_people_decided() -> None:
    stored = stored_alert()
    stored |= {
        "status": "InProgress",
        "triage": {"history": [{}]},
        "assignedTo": "mia",
        "labels": ["x"],
    }
    newer, _ = document_to_store(
        make_alert(status="Resolved", title="New"), KEEPING, received=START + 9
    )
    document = updated_document(stored, newer)
    assert (document["title"], document["sourceStatus"]) == ("New", "Resolved")
    assert (document["status"], document["assignedTo"]) == ("InProgress", "mia")
    assert (document["labels"], document["triage"]) == (["x"], {"history": [{}]})
    assert document["receivedTimeUtc"] == stored["receivedTimeUtc"]


def test_an_update_follows_the_source_while_nobody_decided() -> None:
    stored = stored_alert()
    newer, _ = document_to_store(make_alert(status="Resolved"), KEEPING, received=START)
    assert updated_document(stored, newer)["status"] == "Resolved"


def test_an_update_of_a_suppressed_alert_stays_dismissed() -> None:
    stored = stored_alert()
    stored |= {"status": "Dismissed", "suppressedBy": "rule-1"}
    newer, _ = document_to_store(make_alert(status="InProgress"), KEEPING, received=START)
    document = updated_document(stored, newer)
    assert (document["status"], document["suppressedBy"]) == ("Dismissed", "rule-1")


def test_a_rule_dismisses_a_new_alert_and_no_update_of_one_that_takes_part() -> None:
    dismissed, _ = document_to_store(make_alert(), KEEPING, received=START, rule="r-1")
    assert (dismissed["status"], dismissed["suppressedBy"]) == ("Dismissed", "r-1")
    stored = stored_alert()
    document = updated_document(stored, dismissed)
    assert document["status"] == "Active"
    assert "suppressedBy" not in document


def moved(**changed: Any) -> list[list[Any]]:
    """The days that are read anew after a rewrite of an alert that takes part."""
    newer, _ = document_to_store(make_alert(**changed), KEEPING, received=START)
    return list(updated_document(stored_alert(), newer).get("recount", []))


HERE, TODAY = make_alert().entity, START // DAY


@pytest.mark.parametrize(
    ("changed", "days"),
    [
        pytest.param({"description": "other words"}, [], id="words alone"),
        pytest.param({"end": START + 1}, [], id="its end"),
        pytest.param({"severity": Severity.High}, [[HERE, TODAY]], id="its signal"),
        pytest.param(
            {"start": START + DAY, "end": START + DAY},
            [[HERE, TODAY + 1], [HERE, TODAY]],
            id="its start",
        ),
        pytest.param({"finding": Finding.POSTURE}, [[HERE, TODAY]], id="it is no attack after all"),
    ],
)
def test_a_rewrite_names_the_days_that_correlation_has_to_read_anew(
    changed: dict[str, Any], days: list[list[Any]]
) -> None:
    assert moved(**changed) == days


def test_what_takes_no_part_has_no_day_read_anew() -> None:
    posture: dict[str, Any] = {"finding": Finding.POSTURE}
    stored, _ = document_to_store(make_alert(**posture), KEEPING, received=START)
    newer, _ = document_to_store(
        make_alert(severity=Severity.High, **posture), KEEPING, received=START
    )
    assert "recount" not in updated_document(stored | {"_ts": 1}, newer)


def test_a_rewrite_shortens_no_life_that_correlation_has_lengthened() -> None:
    until = START + 200 * DAY
    newer, _ = document_to_store(make_alert(status="Resolved"), KEEPING, received=START)
    document = updated_document(stored_alert() | {"expiresUtc": format_time(until)}, newer)
    assert document["expiresUtc"] == format_time(until)
    assert document["ttl"] == (until - START) // SECOND


def test_a_rewrite_notes_when_it_was_received() -> None:
    newer, _ = document_to_store(make_alert(status="Resolved"), KEEPING, received=START + DAY)
    assert updated_document(stored_alert(), newer)["updatedUtc"] == format_time(START + DAY)
