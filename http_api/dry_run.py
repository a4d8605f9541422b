"""A suppression rule tried on the alerts that are stored: what it would have matched."""

from dataclasses import dataclass, field
from typing import Final

from shared.alert import Alert, Resource
from shared.entities import Entity
from shared.severity import Severity
from shared.store.alert_reads import LATEST_RECEIVED, AlertReads
from shared.store.queries import Document, Position, position_of
from shared.suppression import Rule, matches

MOST_EXAMINED: Final = 20_000
"""Alerts that a dry run looks at, the latest; more would keep its caller waiting."""
MOST_EXAMPLES: Final = 20
_PAGE: Final = 1_000


@dataclass(slots=True)
class DryRun:
    """How many alerts were examined and matched, the latest matches, and whether all were seen."""

    examined: int = 0
    matched: int = 0
    complete: bool = False
    examples: list[Document] = field(default_factory=list)


async def run_rule(rule: Rule, alerts: AlertReads, since: str) -> DryRun:
    """Try a rule on the alerts received since an instant, the latest first."""
    trial = DryRun()
    after: Position | None = None
    while trial.examined < MOST_EXAMINED:
        page = await alerts.received(since, after, _PAGE)
        for row in page:
            trial.examined += 1
            if matches(rule, alert_of(row)):
                trial.matched += 1
                if len(trial.examples) < MOST_EXAMPLES:
                    trial.examples.append(row)
        if len(page) < _PAGE:
            trial.complete = True
            break
        after = position_of(page, LATEST_RECEIVED)
    return trial


def alert_of(row: Document) -> Alert:
    """The alert of a stored row, as far as rules look at it; the rest is empty."""
    resource = row["resource"]
    return Alert(
        source=row["source"],
        source_id=row["sourceAlertId"],
        identity=(),
        title=row["title"],
        description="",
        alert_type=row["alertType"],
        severity=Severity(row["severityRank"]),
        tactics=(),
        techniques=(),
        start=0,
        end=0,
        generated=0,
        resource=Resource(resource["key"], resource["id"], resource["name"], resource["type"]),
        entities=tuple(
            Entity(each["kind"], each["value"], each.get("key")) for each in row["entities"]
        ),
        vendor="",
        product="",
        tenant="",
        status="",
        remediation=(),
        link="",
        original={},
    )
