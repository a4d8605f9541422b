"""What is stored of one organisation, as the auditor looks at it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from correlate.model.cell import Point
from correlate.model.coverage import Coverage
from correlate.model.decision import Decision
from correlate.model.incident import Incident, Redirect
from correlate.store.port import Record


class Placed(NamedTuple):
    """An alert that takes part: its place among those of its resource, and its signal."""

    point: Point
    sid: str


@dataclass(frozen=True, slots=True)
class Stored:
    """Records at rest. `alerts`: those that take part by resource, in order.

    `since`: what starts earlier may have expired, and with it what counted it.
    """

    alerts: Mapping[str, Sequence[Placed]]
    coverage: Sequence[Coverage] = ()
    incidents: Mapping[str, Incident] = field(default_factory=dict)
    redirects: Mapping[str, Redirect] = field(default_factory=dict)
    decisions: Sequence[Decision] = ()
    since: int = 0


def stored_of(
    records: Iterable[Record], alerts: Mapping[str, Sequence[Placed]], since: int = 0
) -> Stored:
    """What records and alerts are together; see `Stored`."""
    coverage: list[Coverage] = []
    decisions: list[Decision] = []
    incidents: dict[str, Incident] = {}
    redirects: dict[str, Redirect] = {}
    for record in records:
        match record:
            case Coverage():
                coverage.append(record)
            case Decision():
                decisions.append(record)
            case Incident():
                incidents[record.id] = record
            case Redirect():
                redirects[record.id] = record
    return Stored(alerts, coverage, incidents, redirects, decisions, since)
