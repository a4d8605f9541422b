"""The workbook, the alarms and the document on operations ask for what the code emits."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from correlate.reconcile.notes import HAPPENINGS
from ingest_alert.report import TOLD, Report
from shared.telemetry import METRICS
from tests.unit.infra.bicep import FOLDER, ROOT, Bicep

OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
ALARMS: list[dict[str, Any]] = json.loads((FOLDER / "alarms.json").read_text())["alarms"]
WORKBOOK: dict[str, Any] = json.loads((FOLDER / "workbook.json").read_text())
MONITORING = Bicep.read("monitoring.bicep")


@cache
def emitted() -> dict[str, set[str]]:
    """Fields by event, as the code writes them."""
    found: dict[str, set[str]] = {}
    for event, fields in [*_literal_lines(), *_composed_lines()]:
        found.setdefault(event, set()).update(fields)
    return found


def _literal_lines() -> Iterator[tuple[str, set[str]]]:
    """Calls such as `line("failed", message=…)`."""
    for package in ("ingest_alert", "correlate", "http_api"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "line":
                    event, names = node.args[0], {each.arg for each in node.keywords if each.arg}
                    if isinstance(event, ast.Constant):
                        yield str(event.value), names
                    elif path.name == "state_log.py":
                        yield from ((each, names) for each in ("closed", "reopened"))


def _composed_lines() -> Iterator[tuple[str, set[str]]]:
    """Lines whose fields or events are made at run time."""
    for each in Report("m", 0, dict.fromkeys(TOLD, ("a",)), 1).lines():
        fields = dict(part.split("=", 1) for part in each.split(" "))
        yield fields.pop("event"), set(fields)
    yield from ((each, {"incident"}) for each in HAPPENINGS)


def queries() -> Iterator[tuple[str, str]]:
    """Every query, with where it stands."""
    yield from ((f"alarm {each['name']}", each["query"]) for each in ALARMS)
    for item in WORKBOOK["items"]:
        if item["type"] == 3:
            yield f"workbook {item['content']['title']}", item["content"]["query"]
    for number, query in enumerate(re.findall(r"```kql\n(.*?)```", OPERATIONS, re.DOTALL)):
        yield f"operations.md {number}", query


QUERIES = dict(queries())


def test_the_document_lists_every_event_with_its_fields() -> None:
    table = OPERATIONS.partition("| event | fields | logged |\n|---|---|---|\n")[2]
    listed: dict[str, set[str]] = {}
    for row in table.partition("\n\n")[0].splitlines():
        events, fields = (re.findall(r"`(\w+)`", cell) for cell in row.split("|")[1:3])
        listed |= {event: set(fields) for event in events}
    assert listed == emitted()


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_query_asks_only_for_what_is_emitted(query: str) -> None:
    known = emitted()
    events = re.findall(r'"event=(\w+) "', query)
    chosen = re.search(r"event in \(([^)]*)\)", query)
    events += re.findall(r'"(\w+)"', chosen[1]) if chosen else []
    events += re.findall(r'event == "(\w+)"', query)
    assert set(events) <= known.keys()
    for columns in re.findall(r"parse-kv message as \(([^)]*)\)", query):
        names = set(re.findall(r"(\w+):\w+", columns)) - {"event"}
        assert names <= set().union(*(known[event] for event in events))
    for name in re.findall(r'name == "([^"]+)"', query):
        attributes = set(re.findall(r"customDimensions\.(\w+)", query))
        assert attributes <= set(METRICS[name].attributes)
    assert query.count("(") == query.count(")")


def test_every_query_is_of_the_log_or_of_a_metric() -> None:
    for where, query in QUERIES.items():
        assert re.search(r"\b(traces|customMetrics)\b", query), where


def test_the_document_lists_every_metric_as_the_table_in_the_code_does() -> None:
    for name, metric in METRICS.items():
        attributes = ", ".join(f"`{each}`" for each in metric.attributes)
        row = f"| `{name}` | {metric.kind}, `{metric.unit}` | {attributes} | {metric.what} |"
        assert row in OPERATIONS, row


@pytest.mark.parametrize("alarm", ALARMS, ids=[each["name"] for each in ALARMS])
def test_an_alarm_can_be_a_rule_and_has_its_row_and_its_runbook(alarm: dict[str, Any]) -> None:
    assert alarm["operator"] in {"GreaterThan", "LessThan"}
    assert alarm["window"] in {"PT15M", "PT1H", "PT6H"}
    assert alarm["frequency"] in {"PT5M", "PT15M", "PT1H"}
    assert (alarm["aggregation"] == "Count") == (not alarm["measure"])
    assert not alarm["measure"] or re.search(rf"\b{alarm['measure']}\b", alarm["query"])
    (row,) = re.findall(rf"^\| \[`{alarm['name']}`\].*$", OPERATIONS, re.MULTILINE)
    assert str(alarm["threshold"]) in row
    runbook = OPERATIONS.partition(f"\n### {alarm['name']}\n")[2].partition("\n### ")[0]
    assert len(runbook) > 100


def test_every_field_of_an_alarm_is_used_by_the_deployment() -> None:
    used = set(re.findall(r"each\.(\w+)", MONITORING.text))
    assert used == ALARMS[0].keys()
    assert all(each.keys() == used for each in ALARMS)


def test_the_alarm_on_refusals_has_its_row_and_its_runbook() -> None:
    threshold = re.search(r"threshold: (\d+)", MONITORING.text)
    assert threshold
    assert f"| [`throttled`](#throttled) | more than {threshold[1]} requests" in OPERATIONS
    assert "\n### throttled\n" in OPERATIONS


def test_the_workbook_is_one() -> None:
    assert WORKBOOK["version"] == "Notebook/1.0"
    names = [item["name"] for item in WORKBOOK["items"]]
    assert len(names) == len(set(names))
    assert {item["type"] for item in WORKBOOK["items"]} <= {1, 3, 9}


def test_nobody_pays_for_alarms_or_metrics_unless_they_are_asked_for() -> None:
    main = Bicep.read("main.bicep").text
    assert "param alarmEmail string = ''" in main
    assert "param telemetry string = 'off'" in main
    assert MONITORING.text.count("if (told)") == 2
    assert "told ? alarms : []" in MONITORING.text


def test_every_telemetry_of_the_deployment_can_be_packed() -> None:
    allowed = re.search(
        r"@allowed\(\[([^]]*)\]\)\n@description\('Where", Bicep.read("main.bicep").text
    )
    assert allowed
    packed = {path.stem for path in (FOLDER / "telemetry").glob("*.txt")}
    assert set(re.findall(r"'([\w-]+)'", allowed[1])) == packed | {"off"}


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", OPERATIONS):
        assert (ROOT / "docs" / Path(link)).exists(), link
    headings = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", OPERATIONS, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", OPERATIONS)) <= headings
