"""Alerts for tests: one made with defaults, with any part given."""

from typing import Any

from shared.alert import Alert, Resource
from shared.entities import Entity, entity
from shared.killchain import Tactic
from shared.severity import Severity

START = 1_773_000_000_000


def make_alert(number: int = 1, *, host: str = "web01", **parts: Any) -> Alert:
    """An alert on a host; `number` tells one from another, `parts` replace any part."""
    named = entity("host", host)
    assert named.key is not None
    values: dict[str, Any] = {
        "source": "defender",
        "source_id": f"alert-{number}",
        "identity": ("microsoft", f"alert-{number}", "scan"),
        "title": "Port scan",
        "description": "",
        "alert_type": "Scan",
        "severity": Severity.Low,
        "tactics": (Tactic.Discovery,),
        "techniques": (),
        "start": START,
        "end": START,
        "generated": START,
        "resource": Resource(named.key, host, host, "host"),
        "entities": (named, Entity("process", "nmap")),
        "vendor": "Own",
        "product": "Own",
        "tenant": "",
        "status": "Active",
        "remediation": (),
        "link": "",
        "original": {"n": number},
    }
    return Alert(**(values | parts))
