"""A report in Markdown, to paste into a ticket."""

import re
from collections.abc import Iterable
from typing import Any, Final

from http_api.views import remediation_steps
from shared.store.queries import Document

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~!])")
_MOST_ALERTS: Final = 100


def markdown(incident: Document, alerts: list[Document]) -> str:
    """The report: what happened, where, in which order, why it is one incident, what to do."""
    parts = [
        f"# {_plain(incident['title'])}",
        _facts(incident),
        _plain(incident["description"]),
        _section("Kill chain", _stages(incident)),
        _section("Attacked resources", _resources(incident)),
        _section("What ties it together", (_plain(link["text"]) for link in _links(incident))),
        _section("What to do", map(_plain, remediation_steps(incident))),
        _alerts(incident, alerts),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _plain(text: Any) -> str:
    """Text that Markdown takes literally, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def _facts(incident: Document) -> str:
    triage = incident.get("triage", {})
    rows = [
        ("Severity", incident["severity"]),
        ("Confidence", f"{incident['confidence']} (score {incident['score']})"),
        ("State", incident["status"]),
        ("Classification", triage.get("classification")),
        ("Owner", incident.get("assignedTo")),
        ("Activity", f"{incident['firstActivityUtc']} to {incident['lastActivityUtc']}"),
        ("Alerts", f"{incident['alertCount']} on {incident['resourceCount']} resources"),
        ("Incident", incident["incidentId"]),
    ]
    lines = (f"| {name} | {_plain(value)} |" for name, value in rows if value)
    return "\n".join(["| | |", "|---|---|", *lines])


def _section(title: str, lines: Iterable[str]) -> str:
    items = [f"- {line}" for line in lines]
    return "\n".join([f"## {title}", "", *items]) if items else ""


def _stages(incident: Document) -> Iterable[str]:
    for stage in incident["killChain"]:
        name = f"**{_plain(stage['title'])}** ({stage['tacticId']})"
        yield f"{name}, {stage['firstUtc']}: {', '.join(map(_plain, stage['detections']))}"


def _resources(incident: Document) -> Iterable[str]:
    for resource in incident["resources"]:
        yield f"{_plain(resource['name'])} ({_plain(resource['type'])}): {_plain(resource['id'])}"
    more = incident["resourceCount"] - len(incident["resources"])
    if more > 0:
        yield f"and {more} more"


def _links(incident: Document) -> list[Document]:
    links: list[Document] = (incident.get("why") or {}).get("links", [])
    return links


def _alerts(incident: Document, alerts: list[Document]) -> str:
    if not alerts:
        return ""
    lines = [
        "## Alerts",
        "",
        "| time | severity | alert | resource |",
        "|---|---|---|---|",
        *(
            f"| {alert['startTimeUtc']} | {alert['severity']} | {_plain(alert['title'])}"
            f" | {_plain(alert['resource']['name'])} |"
            for alert in alerts[:_MOST_ALERTS]
        ),
    ]
    more = incident["alertCount"] - min(len(alerts), _MOST_ALERTS)
    return "\n".join([*lines, *([f"\nand {more} more"] if more > 0 else [])])
