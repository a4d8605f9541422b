from dataclasses import replace

import pytest

from shared.alert import (
    alert_document,
    bucket_of,
    counter_id,
    detection_of,
    digest,
    kinds_of,
    search_text,
    status_of,
)
from shared.entities import entity
from shared.severity import Severity
from tests.unit.shared.alerts import START, make_alert


def test_the_id_is_the_sources_identity_whatever_else_a_version_says() -> None:
    alert, again = make_alert(), make_alert(title="Another", severity=Severity.High, host="db01")
    assert alert.id == again.id
    assert make_alert(2).id != alert.id


def test_two_organisations_never_share_an_alert() -> None:
    assert make_alert().id != replace(make_alert(), organisation="other").id


@pytest.mark.parametrize("buckets", [1, 4, 256])
def test_the_partition_follows_from_the_id(buckets: int) -> None:
    found = {int(bucket_of(make_alert(n).id, buckets)) for n in range(2_000)}
    assert found == set(range(buckets))


@pytest.mark.parametrize("text", ["", "abc-", "no-such-alert"])
def test_what_is_no_id_has_no_partition(text: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        bucket_of(text, 4)


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
    assert len(digest("host:\ud800")) == 64


def test_the_document_holds_what_the_architecture_names() -> None:
    document = alert_document(make_alert(), received=START + 1)
    alert = make_alert()
    assert document["alertId"] == document["id"] == alert.id
    assert (document["entity"], document["sid"]) == (alert.entity, alert.sid)
    assert document["organisation"] == "main"
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


def test_a_counter_is_of_a_resource_an_hour_and_a_signal() -> None:
    names = {counter_id(e, h, s) for e in ("a", "b") for h in (1, 2) for s in ("x", "y")}
    assert len(names) == 8
