"""Every mapping file reads its format; recognition is of one format only."""

import json
from contextlib import suppress
from typing import Any

import pytest

from ingest_alert.errors import AlertError
from ingest_alert.estate import UNSTATED
from ingest_alert.mapping.folder import FOLDER, shipped_formats
from ingest_alert.reading import read_message
from ingest_alert.registry import SOURCES, parse_alert
from shared.alert import Alert, status_of
from shared.times import format_time
from tests.unit.ingest.mapped_samples import MESSAGES, Facts


def body(name: str) -> bytes:
    message = MESSAGES[name][0]
    return (message if isinstance(message, str) else json.dumps(message)).encode()


def only(name: str) -> Alert:
    (payload,) = read_message(body(name))
    return parse_alert(payload)


def facts(alert: Alert) -> Facts:
    return Facts(
        alert.title,
        alert.severity.name,
        " ".join(alert.keys),
        " ".join(tactic.name for tactic in alert.tactics),
        " ".join(alert.techniques),
        status_of(alert.status),
        alert.finding.value,
    )


def test_every_mapping_file_has_a_sample_and_is_named_like_its_file() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(MESSAGES)
    assert [source.name for source in shipped_formats()] == sorted(MESSAGES)


@pytest.mark.parametrize("name", MESSAGES)
def test_the_facts_are_read(name: str) -> None:
    alert = only(name)
    assert alert.source == name
    assert facts(alert) == MESSAGES[name][1]
    assert format_time(alert.start)[:19] == "2026-03-02T10:00:00"


@pytest.mark.parametrize("name", MESSAGES)
def test_a_sample_is_recognised_as_one_format(name: str) -> None:
    (payload,) = read_message(body(name))
    assert isinstance(payload, dict)
    known = [each.name for each in (*SOURCES, *shipped_formats()) if each.recognise(payload)]
    assert known == [name]


@pytest.mark.parametrize("name", MESSAGES)
def test_reading_again_gives_the_same_identity(name: str) -> None:
    assert only(name).identity == only(name).identity


def variants(payload: Any) -> list[Any]:
    junk: list[Any] = [None, "", "x", 5, True, [], {}, [{}], {"a": {"b": 1}}]
    return [dict.fromkeys(payload, value) for value in junk]


@pytest.mark.parametrize("name", MESSAGES)
def test_fields_of_wrong_types_are_no_fault_of_ours(name: str) -> None:
    source = next(each for each in shipped_formats() if each.name == name)
    (payload,) = read_message(body(name))
    assert isinstance(payload, dict)
    for key in payload:
        for junk in variants({key: None}):
            with suppress(AlertError):
                assert source.parse({**payload, **junk}, UNSTATED).title
