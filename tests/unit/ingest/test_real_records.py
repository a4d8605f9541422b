"""Records that tools really made, where they are at hand: none is lost, and facts are in place."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ingest_alert.registry import parse_alert
from shared.alert import Alert

DATA = Path(__file__).parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the folder {'/'.join(DATA.parts[-2:])} with real records is absent"
)
FILES = sorted((DATA / "formats").glob("*.jsonl"))
SOURCES = {
    "crowdstrike_detection_summary": "crowdstrike",
    "defender_arm": "defender",
    "defender_event_hub": "defender-export",
    "falco": "falco",
    "graph_alert_v2": "graph-alert",
    "guardduty": "aws-guardduty",
    "ocsf": "ocsf",
    "security_alert_table": "security-alert-table",
    "suricata_eve": "suricata",
    "wazuh": "wazuh",
}


def records(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def parsed(path: Path) -> list[Alert]:
    return [parse_alert(record) for record in records(path)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_record_is_read_with_all_that_an_alert_needs(path: Path) -> None:
    for record, alert in zip(records(path), parsed(path), strict=True):
        assert alert.source == SOURCES[path.stem]
        assert alert.source_id
        assert alert.title
        assert alert.resource.name
        assert not [note for note in alert.notes if note.startswith("Severity")]
        assert alert.original == record


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_reading_again_gives_the_same(path: Path) -> None:
    assert parsed(path) == parsed(path)


def test_the_labelled_alerts_are_all_different_and_all_read() -> None:
    with gzip.open(DATA / "labelled" / "ait_russellmitchell.jsonl.gz", "rt") as lines:
        alerts = [parse_alert(json.loads(line)) for line in lines]
    assert len({alert.id for alert in alerts}) == len(alerts) == 45_544
    kinds = Counter(alert.resource.key.partition(":")[0] for alert in alerts)
    assert kinds == {"host": 45_544}
