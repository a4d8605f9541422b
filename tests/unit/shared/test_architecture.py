"""The document on architecture names every property that is stored."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from correlate.decisions import Decision, Link
from correlate.ports import Absorbing, Cause, Root, Splitting
from correlate.records import entity_document, root_document
from correlate.sessions import EntityRecord
from shared.alert_versions import document_to_store, updated_document
from shared.killchain import Tactic
from shared.rejection import Rejection, accepted_document, rejected_document
from tests.unit.correlate.sightings import evidence, seen
from tests.unit.shared.alerts import make_alert

TEXT = (Path(__file__).parents[3] / "docs" / "architecture.md").read_text(encoding="utf-8")
NOW = 1_773_000_000_000


def stored_alert() -> dict[str, Any]:
    first, _ = document_to_store(make_alert(), received=NOW, rule="r-1")
    newer, _ = document_to_store(make_alert(), received=NOW)
    return updated_document(first | {"_ts": NOW // 1_000}, newer)


def incident() -> dict[str, Any]:
    root = Root(
        "i-1",
        evidence([seen(1, "scan", Tactic.Discovery)]),
        follows="i-0",
        absorbing=(Absorbing("n", "e", 0),),
        splitting=Splitting(Cause("why")),
        remade=1,
        links=(Link("d-1", "ann", NOW),),
    )
    return root_document(root, NOW)


def entity() -> dict[str, Any]:
    decision = Decision("d-1", "merge", "ann", NOW)
    return entity_document(EntityRecord("e", "host:x", decisions=("d-1",), decision=decision))


def rejected() -> dict[str, Any]:
    refused = Rejection("unreadable", "no JSON", b"\xff" * 300_000, "m-1", NOW)
    whole = rejected_document(Rejection("unreadable", "no JSON", b"x", "m-1", NOW), at=NOW)
    return whole | accepted_document(rejected_document(refused, at=NOW), at=NOW)


@pytest.mark.parametrize(
    ("section", "document"),
    [
        pytest.param("alerts", stored_alert(), id="alerts"),
        pytest.param("entities", entity(), id="entities"),
        pytest.param("incidents", incident(), id="incidents"),
        pytest.param("rejected", rejected(), id="rejected"),
    ],
)
def test_every_property_is_named(section: str, document: Mapping[str, Any]) -> None:
    text = TEXT.partition(f"\n**`{section}`**")[2].partition("\n**`")[0]
    named = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", text))))
    assert {name for name in document if not name.startswith("_")} <= named


@pytest.mark.parametrize(
    "kind", ["alert", "count", "decision", "incident", "redirect", "member", "history"]
)
def test_every_kind_is_named(kind: str) -> None:
    assert f'`type: "{kind}"`' in TEXT
