"""Tests that a document names as `tests/…/test_file.py::test_name`, and whether they exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def document(name: str) -> str:
    """The text of a document in docs/."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def cited_tests(text: str) -> list[tuple[str, str]]:
    """File and name of each test that a text names, each once."""
    return sorted(set(NAMED.findall(text)))


def assert_test_exists(file: str, test: str) -> None:
    """Fail unless the file defines the test."""
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^(?:async )?def {test}\(", text, re.MULTILINE), f"{file}::{test}"
