"""`a2i alerts [ID]`: the alerts of a running service."""

import argparse
from typing import Any, Final

from local.ask import asking
from local.ask.asking import Kind


def _tell(alert: Any) -> list[str]:
    """An alert in full: what it says, and which incident holds it."""
    incident = alert["incident"]
    held = f"{incident['title']} ({incident['incidentId']})" if incident else "none"
    reason = [] if incident else [f"  why         {alert['incidentReason']}"]
    return [
        alert["title"],
        f"  severity    {alert['severity']}, {alert['status']}",
        f"  time        {alert['startTimeUtc']} to {alert['endTimeUtc']}",
        f"  resource    {alert['resource']['name']}",
        f"  stages      {', '.join(alert['tactics']) or 'none stated'}",
        f"  source      {alert['source']}, {alert['systemAlertId']}",
        f"  incident    {held}",
        *reason,
        *(f"  note        {note}" for note in alert["notes"]),
        *(["", alert["description"]] if alert["description"] else []),
    ]


KIND: Final = Kind(
    noun="alert",
    path="/api/alerts",
    filters=("severity", "status", "stage", "resource", "entity", "source", "assignedTo",
             "label", "from", "to", "q"),
    columns=(
        ("time", lambda each: each["startTimeUtc"][:16].replace("T", " ")),
        ("severity", lambda each: each["severity"]),
        ("title", lambda each: each["title"]),
        ("resource", lambda each: each["resource"]["name"]),
        ("stages", lambda each: ", ".join(each["tactics"])),
        ("id", lambda each: each["alertId"]),
    ),
    tell=_tell,
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    asking.add_arguments(parser, KIND)


def run(args: argparse.Namespace) -> int:
    """List the alerts, or show one."""
    return asking.run(args, KIND)
