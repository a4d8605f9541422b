"""`docs/architecture.md`: it names every property that is stored, and files that there are."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from correlate.store.documents import document_of
from correlate.store.port import Head, Put
from shared.alert_versions import Keeping, document_to_store, updated_document
from shared.rejection import Rejection, accepted_document, rejected_document
from shared.settings import Settings
from shared.severity import Severity
from shared.store.alert_counts import day_document, state_document
from shared.store.alert_writes import AlertWriter
from shared.store.definitions import containers
from shared.store.formats import format_document
from tests.unit.docs.named_tests import ROOT, document
from tests.unit.machine.test_documents import RECORDS
from tests.unit.shared.alerts import START, make_alert
from tests.unit.shared.fake_container import FakeContainer

TEXT = document("architecture.md")
KEEPING = Keeping()
EVERYWHERE = {"id", "type", "organisation", "ttl"}


def section(name: str) -> str:
    """The text of a container."""
    return TEXT.partition(f"\n### `{name}`\n")[2].partition("\n### ")[0]


def row(name: str) -> str:
    """The row of a type of document in the table of `incidents`."""
    (found,) = re.findall(rf"^\| `{name}` \| .*$", section("incidents"), re.MULTILINE)
    return str(found)


def names_in(text: str) -> set[str]:
    return set(re.findall(r"[\w-]+", " ".join(re.findall(r"`([^`]+)`", text))))


def properties(found: Mapping[str, Any]) -> set[str]:
    return {name for name in found if not name.startswith("_")}


def rewritten_alert() -> dict[str, Any]:
    first, _ = document_to_store(make_alert(), KEEPING, received=START)
    newer, _ = document_to_store(make_alert(severity=Severity.High), KEEPING, received=START)
    people = {"assignedTo": "ann", "labels": ["vip"], "triage": {"history": []}}
    return updated_document(first | people | {"_ts": START // 1_000}, newer)


def rejected() -> dict[str, Any]:
    refused = Rejection("unreadable", "no JSON", b"\xff" * 300_000, "m-1", START)
    whole = rejected_document(Rejection("unreadable", "no JSON", b"x", "m-1", START), at=START)
    return whole | accepted_document(rejected_document(refused, at=START), at=START)


def test_every_property_of_an_alert_is_named() -> None:
    dismissed, _ = document_to_store(make_alert(), KEEPING, received=START, rule="r-1")
    stored = properties(rewritten_alert()) | properties(dismissed)
    assert stored <= names_in(section("alerts"))


async def test_every_property_of_a_counter_is_named() -> None:
    container = FakeContainer()
    await AlertWriter(container.database, KEEPING).add([make_alert()], received=START)
    (counter,) = container.of_type("count")
    counters = section("alerts").partition('`type: "count"`')[2]
    assert properties(counter) - EVERYWHERE <= names_in(counters)


def test_every_property_of_a_rejection_is_named() -> None:
    assert properties(rejected()) <= names_in(section("rejected"))


def test_every_property_of_a_format_is_named() -> None:
    stored = format_document({"name": "acme-guard"}, None, by="ann", at=START)
    assert properties(stored) <= names_in(section("formats"))


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_every_property_that_correlation_stores_is_named(record: Any) -> None:
    stored = document_of(Put(record), "main", START)
    kind = stored["type"]
    text = row(kind) if kind != "incident" else section("incidents")
    made_up = {"other"}
    assert properties(stored) - EVERYWHERE - made_up <= names_in(text)


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        ("tally", state_document("main", 1, 1)),
        ("tally-day", day_document("main", 1, {}, 1, 1)),
        ("head", dict.fromkeys(name for name in Head.__slots__ if name != "etag")),
    ],
)
def test_every_property_of_what_is_counted_and_fenced_is_named(
    kind: str, stored: Mapping[str, Any]
) -> None:
    assert properties(stored) - EVERYWHERE <= names_in(row(kind))


def test_every_container_is_named_with_its_key() -> None:
    table = TEXT.partition("\n## Containers\n")[2].partition("\n\n**Limits.**")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| `(/\w+)` \|", table, re.MULTILINE))
    assert told == {each.name: each.partition_key for each in containers(Settings())}


def test_the_ten_questions_lead_each_to_a_file() -> None:
    table = TEXT.partition("\n## Where is what\n")[2].partition("\n## ")[0]
    files = re.findall(r"\? \| `([\w/.]+)` \|$", table, re.MULTILINE)
    assert len(set(files)) == len(files) == 10
    assert not [name for name in files if not (ROOT / name).is_file()]


def test_its_prose_is_no_wider_than_a_screen() -> None:
    wide = [line for line in TEXT.splitlines() if len(line) > 140 and line[:1] not in ("|", " ")]
    assert not wide
