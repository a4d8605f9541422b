"""What a mapping file may say, how what is wrong in it is told, and where formats come from."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ingest_alert.errors import AlertError
from ingest_alert.estate import UNSTATED
from ingest_alert.handling import Message, Services, ingest
from ingest_alert.mapping.model import MappingError, read_mapping
from ingest_alert.mapping.reading import source_by
from ingest_alert.mapping.stored import KEPT, StoredFormats
from ingest_alert.mapping.trial import dry_run
from ingest_alert.mapping.values import values_at
from ingest_alert.registry import parse_alert
from tests.unit.ingest.fakes import NOW, Alerts, Rejections, Rules
from tests.unit.ingest.sampling import native

PLAIN: dict[str, Any] = {
    "name": "acme-guard",
    "vendor": "Acme",
    "product": "Guard",
    "recognise": {"has": ["guardId", "what.title"]},
    "id": "guardId",
    "title": "what.title",
    "start": "when",
}
ALERT: dict[str, Any] = {
    "guardId": "g-1",
    "what": {"title": "Odd", "level": 8, "tags": ["tactic:Discovery", "x"]},
    "when": "2026-03-02T10:00:00Z",
    "machine": "web01",
}


def mapping(**more: Any) -> dict[str, Any]:
    return {**PLAIN, **more}


def read(more: dict[str, Any], **fields: Any) -> Any:
    return source_by(mapping(**more)).parse({**ALERT, **fields}, UNSTATED)


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"name": "Acme Guard"}, "name", "string should match pattern"),
        ({"start": None}, "start.0", "input should be a valid dictionary"),
        ({"colour": "red"}, "colour", "extra inputs are not permitted"),
        ({"severity": {"from": "x", "table": {"a": "Bad"}}}, "severity", "'Bad' is not one of"),
        ({"finding": {"from": "x", "otherwise": "odd"}}, "finding", "'odd' is not one of attack"),
        ({"id": {"match": "(x)"}}, "id.0", "one of path, text and join is needed"),
        ({"id": {"path": "a", "match": "("}}, "id.0.match", "is no regular expression"),
        ({"id": {"path": "a", "match": "x"}}, "id.0.match", "a group in the pattern is needed"),
        ({"recognise": {"without": ["a"]}}, "recognise", "has, any or equals is needed"),
        ({"entities": [{"kind": "person", "value": "a"}]}, "entities.0.kind", "input should be"),
        ({"entities": [{"kind": "host"}]}, "entities.0", "value is needed"),
    ],
)
def test_what_is_wrong_in_a_mapping_is_told_by_field(
    change: dict[str, Any], field: str, reason: str
) -> None:
    with pytest.raises(MappingError) as caught:
        read_mapping(mapping(**change))
    found = {error.field: error.reason for error in caught.value.errors}
    assert field in found, found
    assert reason in found[field]
    assert f"{field}: " in str(caught.value)


def test_what_is_missing_in_a_mapping_is_told() -> None:
    with pytest.raises(MappingError, match="title: field required"):
        read_mapping({"name": "x", "vendor": "", "product": ""})


@pytest.mark.parametrize("value", [None, 1, [], "text"])
def test_what_is_no_object_is_no_mapping(value: Any) -> None:
    with pytest.raises(MappingError):
        read_mapping(value)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("what.level", [8]),
        ("WHAT.Level", [8]),
        ("what.tags", ["tactic:Discovery", "x"]),
        ("list.a", [1, 2]),
        ("dotted.name.here", ["v"]),
        ("json.inner", ["w"]),
        ("nowhere.at.all", []),
        ("nothing", []),
    ],
)
def test_values_are_found_at_paths(path: str, values: list[Any]) -> None:
    payload = {
        **ALERT,
        "list": [{"a": 1}, {"b": 3}, {"a": 2}],
        "dotted.name": {"here": "v"},
        "json": '{"inner": "w"}',
        "nothing": None,
    }
    assert values_at(payload, path) == values


def test_lists_within_lists_give_no_more_values_than_are_worth_it() -> None:
    assert len(values_at({"a": [[1] * 1_000] * 1_000}, "a")) == 500


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("machine", "web01"),
        (["absent", "machine"], "web01"),
        ({"text": "same for all"}, "same for all"),
        ({"path": "what.tags", "match": "tactic:(.+)"}, "Discovery"),
        ({"join": ["machine", "guardId"], "between": "/"}, "web01/g-1"),
        ([{"join": ["machine", "absent"]}, "guardId"], "g-1"),
    ],
)
def test_a_rule_finds_a_text(rule: Any, found: str) -> None:
    assert read({"description": rule}).description == found


@pytest.mark.parametrize(
    ("level", "severity"), [(9, "Critical"), (7, "High"), (1, "Low"), ("grave", "High")]
)
def test_a_severity_is_a_word_or_a_number(level: Any, severity: str) -> None:
    table = {
        "from": "what.level",
        "table": {"grave": "High"},
        "numbers": [[9, "Critical"], [7, "High"], [0, "Low"]],
    }
    alert = read({"severity": table}, what={"title": "Odd", "level": level})
    assert alert.severity.name == severity


def test_a_severity_that_is_not_known_is_medium_and_noted() -> None:
    alert = read({"severity": "what.level"}, what={"title": "Odd", "level": "purple"})
    assert (alert.severity.name, alert.notes[0]) == (
        "Medium",
        "Severity 'purple' is not known: taken as Medium.",
    )


def test_entities_are_those_of_lists_where_a_field_says_so() -> None:
    rule = {
        "each": "parts",
        "when": {"kind": ["machine", "box"]},
        "entities": [{"kind": "host", "value": "name", "details": {"os": "system"}}],
    }
    parts = [
        {"kind": "Machine", "name": "web02", "system": "Linux"},
        {"kind": "person", "name": "mia"},
    ]
    alert = read({"entities": [rule]}, parts=parts)
    assert alert.keys == ("host:web02",)
    assert alert.entities[0].fields == (("os", "Linux"),)


def test_where_no_id_is_given_parts_make_one() -> None:
    change = {"id": "absent", "idParts": ["what.title", "when"]}
    first, again = (read(change) for _ in range(2))
    other = read(change, when="2026-03-02T11:00:00Z")
    assert first.identity == again.identity != other.identity


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"guardId": None}, [("guardId", "missing: it is the alert's id")]),
        ({"what": {}}, [("what.title", "missing: it is the alert's title")]),
        ({"when": None}, [("when", "missing: the alert states no time")]),
        ({"when": "soon"}, [("when", "'soon' is no time that can be used")]),
    ],
)
def test_what_an_alert_lacks_is_told_by_the_mappings_paths(
    fields: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    with pytest.raises(AlertError) as caught:
        read({}, **fields)
    assert [(error.field, error.reason) for error in caught.value.errors] == errors


def test_an_unknown_alert_is_told_which_format_comes_nearest_and_what_is_missing() -> None:
    detection = {"ruleInfo": {"name": "x"}, "alertInfo": {"createdAt": "2026-03-02T10:00:00Z"}}
    with pytest.raises(
        AlertError, match=r"sentinelone-alert comes nearest: it has no alertInfo\.al"
    ):
        parse_alert(detection)
    with pytest.raises(AlertError) as caught:
        parse_alert({"colour": 1})
    assert str(caught.value) == "no known format has these fields: 'colour'"


def test_a_dry_run_tells_what_would_be_stored_and_what_is_wrong() -> None:
    good, bad, taken, none = dry_run(
        mapping(), [ALERT, {**ALERT, "when": "soon"}, {**native(), **ALERT}, 7]
    )
    assert good.recognised
    assert good.document is not None
    assert (good.document["title"], good.taken_by, good.errors) == ("Odd", "", ())
    assert (bad.document, bad.errors[0].field) == (None, "when")
    assert taken.taken_by == "defender"
    assert none.errors[0].reason == "an alert is a JSON object"
    with pytest.raises(MappingError):
        dry_run(mapping(colour=1), [ALERT])


class Stored:
    """A store of mappings that counts how often it is read."""

    def __init__(self, *mappings: dict[str, Any]) -> None:
        self.kept = mappings
        self.reads = 0

    async def mappings(self) -> Sequence[Mapping[str, Any]]:
        self.reads += 1
        return self.kept


async def test_a_stored_format_reads_alerts_without_a_deployment(
    alerts: Alerts, rejected: Rejections, rules: Rules, caplog: pytest.LogCaptureFixture
) -> None:
    store = Stored(mapping(), mapping(name="broken", colour=1))
    formats = StoredFormats(store, lambda: NOW)
    services = Services(alerts, rejected, rules, lambda: NOW, formats=formats)
    tally = await ingest(Message("m-1", json.dumps(ALERT).encode(), NOW), services)
    assert (tally.stored, tally.rejected) == (1, 0)
    assert alerts.taken[0].source == "acme-guard"
    assert "event=format name=broken fields=colour" in caplog.text


async def test_stored_formats_are_read_again_after_a_while() -> None:
    store, clock = Stored(mapping()), [NOW]
    formats = StoredFormats(store, lambda: clock[0])
    for later, reads in ((0, 1), (KEPT - 1, 1), (KEPT, 2)):
        clock[0] = NOW + later
        await formats.active()
        assert store.reads == reads
