"""CONFORMANCE.md: each rule has a source, and a test that is there, or says how we differ."""

import re

import pytest

from local.project import ROOT

DOCUMENT = (ROOT / "local" / "host" / "CONFORMANCE.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in DOCUMENT.splitlines()
    if line.startswith("| ") and not line.startswith(("| **", "| rule"))
]
TESTS = {
    name
    for folder in ("unit/host", "integration")
    for file in (ROOT / "tests" / folder).glob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_rule_is_tested_or_says_how_ours_differs(row: list[str]) -> None:
    _, source, ours = row
    assert source
    named = re.findall(r"`(test_\w+)`", ours)
    assert set(named) <= TESTS
    assert named or ours.startswith("differs: ") or "tests/" in ours


def test_there_are_rules_of_every_kind() -> None:
    assert len(ROWS) > 40
