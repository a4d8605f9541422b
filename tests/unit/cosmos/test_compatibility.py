"""COMPATIBILITY.md says what is so."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

import local.cosmos
from local.cosmos import unsupported
from local.cosmos.conformance.results import LEAST_SHARE, FileResult, render, share, write_section
from local.cosmos.conformance.suite import FILES
from local.cosmos.sql.aggregates import AGGREGATES
from local.cosmos.sql.functions import FUNCTIONS
from tests.unit.cosmos.emulated import ITEMS, Emulated, message

DOCUMENT = (Path(local.cosmos.__file__).parent / "COMPATIBILITY.md").read_text(encoding="utf-8")


def section(name: str) -> str:
    found = re.search(rf"<!-- {name}: begin -->\n(.*)\n<!-- {name}: end -->", DOCUMENT, re.DOTALL)
    assert found, f"COMPATIBILITY.md has no section {name}"
    return found[1]


def test_the_list_of_what_is_not_implemented_is_current() -> None:
    assert section("unsupported") == unsupported.render()


@pytest.mark.parametrize("name", unsupported.SCRIPTS)
def test_scripts_answer_501_and_are_listed(emulated: Emulated, name: str) -> None:
    refused = emulated.ask("POST", f"{ITEMS}/{name}", {"id": "x"})
    assert (refused.status, unsupported.SCRIPTS[name] in message(refused)) == (501, True)


@pytest.mark.parametrize("name", unsupported.POLICIES)
def test_policies_answer_501_and_are_listed(emulated: Emulated, name: str) -> None:
    definition: dict[str, Any] = {"id": "x", "partitionKey": {"paths": ["/pk"], "kind": "Hash"}}
    refused = emulated.ask("POST", "dbs/db/colls", {**definition, name: {"any": "thing"}})
    assert (refused.status, unsupported.POLICIES[name] in message(refused)) == (501, True)


@pytest.mark.parametrize("name", unsupported.FUNCTIONS)
@pytest.mark.parametrize(
    "text", ["SELECT VALUE {}(c.a, 1) FROM c", "SELECT * FROM c ORDER BY {}(c.a)"]
)
def test_functions_answer_501_and_are_listed(emulated: Emulated, name: str, text: str) -> None:
    refused = emulated.query(text.format(name))
    assert (refused.status, unsupported.FUNCTIONS[name] in message(refused)) == (501, True)


def test_no_function_is_both_there_and_lacking() -> None:
    assert not set(unsupported.FUNCTIONS) & (set(FUNCTIONS) | set(AGGREGATES))


def test_the_number_of_functions_is_about_what_the_document_says() -> None:
    said = re.search(r"about (\d+) functions", DOCUMENT)
    assert said
    assert abs(len(FUNCTIONS) + len(AGGREGATES) - int(said[1])) <= 10


def rows() -> dict[str, tuple[int, int]]:
    table = re.findall(
        r"^\| (test_\w+\.py) \| (\d+) \| (\d+) \|", section("conformance"), re.MULTILINE
    )
    return {name: (int(passed), int(failed)) for name, passed, failed in table}


def test_the_table_covers_every_file_and_shows_at_least_the_share_that_is_asked_for() -> None:
    assert set(rows()) == set(FILES)
    passed = sum(one for one, _ in rows().values())
    failed = sum(two for _, two in rows().values())
    assert passed / (passed + failed) >= LEAST_SHARE


def test_every_failure_in_the_table_is_explained() -> None:
    explained = re.findall(r"^- `(test_\w+\.py)::", section("conformance"), re.MULTILINE)
    failed = {name: count for name, (_, count) in rows().items()}
    assert {name: explained.count(name) for name in FILES} == failed
    assert "not explained" not in section("conformance")


def test_the_baseline_stands_beside_the_table() -> None:
    assert "124 of 242" in section("conformance")


def test_results_are_rendered_into_the_marked_part_only(tmp_path: Path) -> None:
    document = tmp_path / "x.md"
    marks = "<!-- conformance: begin -->\nold\n<!-- conformance: end -->"
    document.write_text(f"before\n{marks}\nafter\n")
    results = [FileResult("test_a.py", passed=9, failed=["test_a.py::test_x"])]
    write_section(document, render(results, "1.0"))
    text = document.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| test_a.py | 9 | 1 | 0 |" in text
    assert "old" not in text
    assert share(results) == 0.9


def test_the_reasons_are_json() -> None:
    path = Path(local.cosmos.__file__).parent / "conformance" / "reasons.json"
    reasons = orjson.loads(path.read_bytes())
    assert all(name.split("::")[0] in FILES and reason for name, reason in reasons.items())
