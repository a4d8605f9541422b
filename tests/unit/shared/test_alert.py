import pytest

from shared.alert import (
    alert_document,
    counter_id,
    detection_of,
    digest,
    kinds_of,
    partition_of,
    search_text,
    split_alert_id,
    status_of,
)
from shared.entities import entity
from shared.severity import Severity
from tests.unit.shared.alerts import START, make_alert


def test_the_id_is_the_sources_identity_and_the_partition_the_resource() -> None:
    alert, again = make_alert(), make_alert(title="Another title", severity=Severity.High)
    assert alert.id == again.id
    assert alert.resource_key == again.resource_key
    assert make_alert(2).id != alert.id
    assert make_alert(host="db01").resource_key != alert.resource_key


def test_the_public_id_is_both_and_comes_apart_again() -> None:
    alert = make_alert()
    assert split_alert_id(alert.alert_id) == (alert.resource_key, alert.id)


@pytest.mark.parametrize("text", ["", "abc", "-x", "x-"])
def test_what_is_no_public_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no alert id"):
        split_alert_id(text)


def test_keys_are_distinct_with_the_resources_first() -> None:
    alert = make_alert(entities=(entity("host", "web01"), entity("address", "192.0.2.1")))
    assert alert.keys == ("host:web01", "address:192.0.2.1")
    assert kinds_of(alert.keys) == {"host", "address"}


@pytest.mark.parametrize(
    ("alert_type", "detection"),
    [("Scan", "Scan"), ("WindowsDefenderAtp", "A title"), ("", "A title")],
)
def test_a_type_for_everything_tells_no_detections_apart(alert_type: str, detection: str) -> None:
    assert detection_of(alert_type, "A title") == detection


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("New", "Active"),
        ("in_progress", "InProgress"),
        ("In Progress", "InProgress"),
        ("acknowledged", "InProgress"),
        ("RESOLVED", "Resolved"),
        ("closed", "Resolved"),
        ("Archived", "Dismissed"),
        ("SUPPRESSED", "Dismissed"),
        ("false-positive", "Dismissed"),
        ("", "Active"),
        ("anything", "Active"),
    ],
)
def test_the_state_that_an_alert_starts_in(source: str, status: str) -> None:
    assert status_of(source) == status


def test_where_a_part_ends_matters_to_its_digest() -> None:
    assert digest("a", "bc") != digest("ab", "c")
    assert len(partition_of("host:\ud800")) == 20


def test_the_document_holds_what_the_architecture_names() -> None:
    document = alert_document(make_alert(), received=START + 1)
    assert document["alertId"] == f"{document['resourceKey']}-{document['id']}"
    assert document["startTimeUtc"] == "2026-03-08T20:00:00.000Z"
    assert document["receivedTimeUtc"] == "2026-03-08T20:00:00.001Z"
    assert document["modifiedTimeUtc"] == document["generatedTimeUtc"]
    assert document["entities"] == [
        {"kind": "host", "value": "web01", "key": "host:web01"},
        {"kind": "process", "value": "nmap"},
    ]
    assert (document["status"], document["severityRank"], document["triage"]) == ("Active", 1, {})


def test_search_looks_through_everything_that_is_shown_once() -> None:
    text = search_text(make_alert(description="Found By NMAP"))
    assert text.split("\n") == ["port scan", "web01", "nmap", "alert-1", "found by nmap"]


def test_an_hour_has_one_counter() -> None:
    assert counter_id(START) == counter_id(START + 3_599_999) != counter_id(START + 3_600_000)
