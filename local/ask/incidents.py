"""`a2i incidents [ID]`: the incidents of a running service."""

import argparse
from typing import Any, Final

from local.ask import asking
from local.ask.asking import Kind


def _tell(incident: Any) -> list[str]:
    """An incident in full: what happened, where, why, and what to do."""
    resources = ", ".join(each["name"] for each in incident["resources"])
    verdict = (
        f"{incident['severity']}, score {incident['score']:g}, confidence {incident['confidence']}"
    )
    lines = [
        incident["title"],
        f"  severity    {verdict}, {incident['status']}",
        f"  activity    {incident['firstActivityUtc']} to {incident['lastActivityUtc']}",
        f"  resources   {resources}",
        f"  alerts      {incident['alertCount']}, from {', '.join(incident['sources'])}",
        f"  why         {incident['why']['rule']}",
        "",
    ]
    lines += [
        f"  {step['firstUtc']}  {step['title']}: {', '.join(step['detections'])}"
        for step in incident["killChain"]
    ]
    if incident["remediationSteps"]:
        lines += ["", "  what to do:", *(f"  - {step}" for step in incident["remediationSteps"])]
    return lines


KIND: Final = Kind(
    noun="incident",
    path="/api/incidents",
    filters=("severity", "status", "confidence", "stage", "resource", "entity", "source",
             "assignedTo", "label", "from", "to", "q"),
    columns=(
        ("score", lambda each: f"{each['score']:g}"),
        ("severity", lambda each: each["severity"]),
        ("status", lambda each: each["status"]),
        ("title", lambda each: each["title"]),
        ("alerts", lambda each: f"{each['alertCount']:,}"),
        ("last activity", lambda each: each["lastActivityUtc"][:16].replace("T", " ")),
        ("id", lambda each: each["incidentId"]),
    ),
    tell=_tell,
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    asking.add_arguments(parser, KIND)


def run(args: argparse.Namespace) -> int:
    """List the incidents, or show one."""
    return asking.run(args, KIND)
