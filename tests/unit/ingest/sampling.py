"""The samples: one hand-written message a file, in the shape that a tool hands it over."""

import copy
import json
from pathlib import Path
from typing import Any

from ingest_alert.errors import AlertError
from ingest_alert.reading import read_message
from ingest_alert.registry import parse_alert
from shared.alert import Alert

FOLDER = Path(__file__).parent / "samples"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def body(name: str) -> bytes:
    """A sample as the bytes of a message."""
    return (FOLDER / f"{name}.json").read_bytes()


def value(name: str) -> Any:
    """A sample as a JSON value of one's own, to be changed at will."""
    return json.loads(body(name))


def alerts(name: str) -> list[Alert]:
    """The alerts in a sample."""
    return parse(value(name))


def alert(name: str) -> Alert:
    """The only alert, or the first, in a sample."""
    return alerts(name)[0]


def parse(message: Any) -> list[Alert]:
    """The alerts in a message that is given as a JSON value."""
    return [parse_alert(payload) for payload in read_message(json.dumps(message).encode())]


def parse_one(message: Any) -> Alert:
    """The only alert in a message that is given as a JSON value."""
    (found,) = parse(message)
    return found


def faults(message: Any) -> list[tuple[str, str]]:
    """The field errors of a message that holds one alert, which cannot be used."""
    try:
        found = parse(message)
    except AlertError as fault:
        return [(error.field, error.reason) for error in fault.errors]
    raise AssertionError(f"it was read: {found}")


def native(**fields: Any) -> dict[str, Any]:
    """A native alert with a few fields; those that are None are left out."""
    plain = {
        "systemAlertId": "a-1",
        "alertType": "Scan",
        "alertDisplayName": "Port scan",
        "severity": "Low",
        "intent": "Probing",
        "startTimeUtc": "2026-03-02T10:00:00Z",
        "compromisedEntity": "web01",
    } | fields
    return {name: copy.deepcopy(item) for name, item in plain.items() if item is not None}


def keys(message: Any) -> tuple[str, ...]:
    """The keys of the only alert in a message."""
    return parse_one(message).keys
