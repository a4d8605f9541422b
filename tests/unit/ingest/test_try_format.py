"""The command by which somebody tries a mapping file."""

import json
from pathlib import Path
from typing import Any

import pytest

from ingest_alert.mapping.trial import SHOWN
from local.__main__ import main
from tests.unit.ingest.test_mapping import ALERT, mapping


def tried(folder: Path, content: Any, *alerts: Any) -> int:
    (folder / "format.json").write_text(json.dumps(content))
    (folder / "alerts.jsonl").write_text("\n".join(map(json.dumps, alerts)))
    return main(["try-format", str(folder / "format.json"), str(folder / "alerts.jsonl")])


def test_what_would_be_stored_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tried(tmp_path, mapping(severity={"text": "High"}), ALERT) == 0
    shown = capsys.readouterr().out
    assert "alert 1: recognised" in shown
    assert "title: Odd" in shown
    assert "severity: High" in shown
    assert set(SHOWN) >= {"title", "severity"}


@pytest.mark.parametrize(
    ("content", "alert", "told"),
    [
        (mapping(colour=1), ALERT, "colour: extra inputs are not permitted"),
        (mapping(), {**ALERT, "when": "soon"}, "when: 'soon' is no time that can be used"),
        (mapping(recognise={"has": ["other"]}), ALERT, "alert 1: NOT recognised"),
    ],
    ids=["in the file", "in the alert", "not recognised"],
)
def test_what_is_at_fault_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: Any, alert: Any, told: str
) -> None:
    assert tried(tmp_path, content, alert) == 1
    shown = capsys.readouterr()
    assert told in shown.out + shown.err


def test_a_file_that_is_absent_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["try-format", "nowhere.json", "nowhere.jsonl"]) == 1
    assert "it cannot be read" in capsys.readouterr().err
