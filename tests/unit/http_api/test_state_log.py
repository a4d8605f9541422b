"""Changes of an incident's state in the log: which incident and which state, and nobody's name."""

import logging

import pytest

from http_api.state_log import log_state_change
from shared.store.triage import Change, decide
from tests.unit.shared.measuring import Measured

NOW = 1_773_000_000_000


@pytest.mark.parametrize(
    ("before", "change", "line", "counted"),
    [
        pytest.param(
            "Active",
            {"status": "Resolved"},
            "event=closed incident=i-1 status=Resolved",
            "closed",
            id="resolved",
        ),
        pytest.param(
            "InProgress",
            {"status": "Dismissed"},
            "event=closed incident=i-1 status=Dismissed",
            "closed",
            id="dismissed",
        ),
        pytest.param(
            "Resolved",
            {"status": "Active"},
            "event=reopened incident=i-1 status=Active",
            "reopened",
            id="opened again",
        ),
        pytest.param("Active", {"status": "InProgress"}, None, None, id="taken up"),
        pytest.param("Resolved", {"status": "Dismissed"}, None, None, id="closed already"),
        pytest.param("Resolved", {"assignedTo": "Anna"}, None, None, id="another field"),
    ],
)
def test_closing_and_reopening_are_told(
    before: str,
    change: dict[str, str],
    line: str | None,
    counted: str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    measured = Measured()
    document = {"incidentId": "i-1", "status": before, "triage": {}}
    outcome = decide(document, Change(change, "a private remark"), by="Anna", at=NOW)
    log_state_change(document, outcome, measured.telemetry)
    assert caplog.messages == ([line] if line else [])
    assert measured.values() == ({("incidents.changed", counted): 1} if counted else {})
