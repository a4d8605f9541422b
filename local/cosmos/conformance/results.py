"""What a run gave, and the part of COMPATIBILITY.md that says so."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

REASONS: Final = Path(__file__).parent / "reasons.json"
BEGIN: Final = "<!-- conformance: begin -->"
END: Final = "<!-- conformance: end -->"
LEAST_SHARE: Final = 0.92
BASELINE: Final = (
    "For comparison: `@vercel/cosmosdb-server` passes 124 of 242 (51 %) over 18 synchronous files."
)


@dataclass(slots=True)
class FileResult:
    """One file's outcome: how many passed and were skipped, and the ids of those that failed."""

    name: str
    passed: int = 0
    skipped: int = 0
    failed: list[str] = field(default_factory=list)


def read_report(name: str, report: Path) -> FileResult:
    """Read a JUnit report; a file that did not run at all counts as one failure."""
    result = FileResult(name)
    if not report.exists():
        result.failed.append(f"{name}::did not run")
        return result
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - written by our own pytest
        if case.find("failure") is not None or case.find("error") is not None:
            result.failed.append(f"{name}::{case.get('name')}")
        elif case.find("skipped") is not None:
            result.skipped += 1
        else:
            result.passed += 1
    return result


def known_reasons() -> dict[str, str]:
    """Why each test that may fail does so, by `file::test`."""
    reasons: dict[str, str] = json.loads(REASONS.read_text(encoding="utf-8"))
    return reasons


def unexplained(results: list[FileResult]) -> list[str]:
    """The failed tests that no reason is kept for."""
    reasons = known_reasons()
    return [test for result in results for test in result.failed if test not in reasons]


def share(results: list[FileResult]) -> float:
    """The share of the tests that ran which passed."""
    passed = sum(result.passed for result in results)
    return passed / max(passed + sum(len(result.failed) for result in results), 1)


def render(results: list[FileResult], sdk: str) -> str:
    """The table of files, and one line for each failure."""
    passed = sum(result.passed for result in results)
    failed = sum(len(result.failed) for result in results)
    skipped = sum(result.skipped for result in results)
    lines = [
        f"The tests of azure-cosmos {sdk}, by `python -m local.cosmos.conformance --write`:",
        "",
        "| file | passed | failed | skipped by itself |",
        "|---|---:|---:|---:|",
        *(f"| {r.name} | {r.passed} | {len(r.failed)} | {r.skipped} |" for r in results),
        f"| **all** | **{passed}** | **{failed}** | {skipped} |",
        "",
        f"That is {share(results):.1%}. {BASELINE}",
        "",
        "Why the others fail:",
        "",
    ]
    reasons = known_reasons()
    for result in results:
        lines += [f"- `{test}`: {reasons.get(test, 'not explained')}" for test in result.failed]
    return "\n".join(lines)


def write_section(document: Path, text: str) -> None:
    """Replace the part of the document between the two marks."""
    whole = document.read_text(encoding="utf-8")
    head, _, rest = whole.partition(BEGIN)
    _, _, tail = rest.partition(END)
    document.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")
