"""What must hold at rest, checked anew from the alerts: the auditor shares no code with the engine.

Each check gives a sentence for each fault that it finds.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from correlate.model.cell import Point
from correlate.model.coverage import Coverage, Span
from correlate.model.decision import PENDING
from correlate.model.incident import Incident
from local.audit.stored import Placed, Stored
from shared.times import HOUR, format_time

MOST_HOPS: Final = 1_000

Check = Callable[[Stored], Iterator[str]]


def findings(stored: Stored) -> list[str]:
    """All that is wrong, a sentence each; nothing where the store is sound."""
    return [found for check in CHECKS for found in check(stored)]


def redirects_end(stored: Stored) -> Iterator[str]:
    """Each redirect leads to an incident, and not in a circle."""
    for name in sorted(stored.redirects):
        if resolve(stored, name) is None:
            yield f"redirect {name} leads to no incident"
        if name in stored.incidents:
            yield f"{name} is an incident and a redirect"


def coverage_is_disjoint(stored: Stored) -> Iterator[str]:
    """Spans of a resource are in order, disjoint, begin and end with an alert, and are of one."""
    for coverage in stored.coverage:
        before: Point | None = None
        for span in coverage.spans:
            first, last = span.interval
            if last < first:
                yield f"{_where(coverage, span)} ends before it begins"
            if before is not None and first <= before:
                yield f"{_where(coverage, span)} overlaps the one before it"
            before = last
            yield from _of_an_incident(stored, coverage, span)
            if first.start >= stored.since:
                yield from _bounds(stored, coverage, span)


def _of_an_incident(stored: Stored, coverage: Coverage, span: Span) -> Iterator[str]:
    incident = resolve(stored, span.incident)
    if incident is None:
        yield f"{_where(coverage, span)} is of {span.incident}, which is no incident"
    elif incident.withdrawn or not incident.visible:
        yield f"{_where(coverage, span)} is of {incident.id}, which nobody sees"


def _bounds(stored: Stored, coverage: Coverage, span: Span) -> Iterator[str]:
    alerts = _within(stored, coverage, span)
    if not alerts or (alerts[0].point, alerts[-1].point) != tuple(span.interval):
        yield f"{_where(coverage, span)} does not begin and end with an alert of it"


def counts_are_lists(stored: Stored) -> Iterator[str]:
    """Each span, and each incident, counts the alerts that are listed for it."""
    counted: dict[str, list[int]] = {}
    old: set[str] = set()
    for coverage in stored.coverage:
        for span in coverage.spans:
            evidence, context = _listed(stored, coverage, span)
            incident = resolve(stored, span.incident)
            name = span.incident if incident is None else incident.id
            if span.interval.first.start < stored.since:
                old.add(name)
                continue
            if (evidence, context) != (span.evidence_count, span.context_count):
                yield (
                    f"{_where(coverage, span)} counts {span.evidence_count} + {span.context_count}"
                    f" alerts and lists {evidence} + {context}"
                )
            sums = counted.setdefault(name, [0, 0])
            sums[0] += evidence
            sums[1] += context
    for incident in _seen(stored):
        if incident.id in old:
            continue
        evidence, context = counted.get(incident.id, (0, 0))
        shown = incident.shown
        told = shown["evidenceCount"], shown["contextCount"], shown["alertCount"]
        if told != (evidence, context, evidence + context):
            yield (
                f"{incident.id} counts {told[0]} + {told[1]} = {told[2]} alerts"
                f" and lists {evidence} + {context}"
            )


def activity_is_that_of_the_alerts(stored: Stored) -> Iterator[str]:
    """First and last activity are the starts of an incident's first and last alert."""
    bounds: dict[str, tuple[int, int]] = {}
    resources: dict[str, set[str]] = {}
    for coverage in stored.coverage:
        for span in coverage.spans:
            incident = resolve(stored, span.incident)
            if incident is None:
                continue
            first, last = span.interval
            known = bounds.get(incident.id, (first.start, last.start))
            bounds[incident.id] = min(known[0], first.start), max(known[1], last.start)
            resources.setdefault(incident.id, set()).add(coverage.entity)
    for incident in _seen(stored):
        if incident.id not in bounds:
            if incident.shown["alertCount"]:
                yield f"{incident.id} covers nothing"
            continue
        shown = incident.shown
        told = shown["firstActivityUtc"], shown["lastActivityUtc"]
        real = tuple(map(format_time, bounds[incident.id]))
        if told != real:
            yield (
                f"{incident.id} was active from {told[0]} to {told[1]},"
                f" its alerts from {real[0]} to {real[1]}"
            )
        number = len(resources[incident.id])
        if shown["resourceCount"] != number or incident.covered != number:
            yield (
                f"{incident.id} counts {shown['resourceCount']} resources, is covered on"
                f" {incident.covered}, and has {number}"
            )


def cited_alerts_are_listed(stored: Stored) -> Iterator[str]:
    """Each alert that an incident cites, in story, steps or `why`, is one of its own."""
    listed: dict[str, set[str]] = {}
    for coverage in stored.coverage:
        for span in coverage.spans:
            incident = resolve(stored, span.incident)
            if incident is not None:
                listed.setdefault(incident.id, set()).update(
                    each.point.alert for each in _within(stored, coverage, span)
                )
    for incident in _seen(stored):
        if incident.first >= stored.since and incident.shown["alertCount"]:
            for alert in sorted(set(_cited(dict(incident.shown)))):
                if alert not in listed.get(incident.id, ()):
                    yield f"{incident.id} cites alert {alert}, which it does not list"


def nothing_is_left_undone(stored: Stored) -> Iterator[str]:
    """No incident is forming, no decision waits."""
    for name, incident in sorted(stored.incidents.items()):
        if incident.forming:
            yield f"{name} is still forming"
    for decision in stored.decisions:
        if decision.state == PENDING:
            yield f"decision {decision.id} was not carried out"


CHECKS: Final[Sequence[Check]] = (
    redirects_end,
    coverage_is_disjoint,
    counts_are_lists,
    activity_is_that_of_the_alerts,
    cited_alerts_are_listed,
    nothing_is_left_undone,
)


def resolve(stored: Stored, name: str) -> Incident | None:
    """The incident that an id leads to; None where it leads to none."""
    for _ in range(MOST_HOPS):
        redirect = stored.redirects.get(name)
        if redirect is None:
            return stored.incidents.get(name)
        name = redirect.parent
    return None


def _seen(stored: Stored) -> Iterator[Incident]:
    """The incidents that lists show, in the order of their ids."""
    return (each for _, each in sorted(stored.incidents.items()) if each.visible)


def _within(stored: Stored, coverage: Coverage, span: Span) -> Sequence[Placed]:
    alerts = stored.alerts.get(coverage.entity, ())
    begin = bisect_left(alerts, span.interval.first, key=_point)
    return alerts[begin : bisect_right(alerts, span.interval.last, key=_point)]


def _point(alert: Placed) -> Point:
    return alert.point


def _listed(stored: Stored, coverage: Coverage, span: Span) -> tuple[int, int]:
    """How many alerts of a span are evidence, and how many context."""
    cells = set(span.cells)
    alerts = _within(stored, coverage, span)
    evidence = sum((each.point.start // HOUR, each.sid) in cells for each in alerts)
    return evidence, len(alerts) - evidence


def _cited(value: Any) -> Iterator[str]:
    """The public ids of alerts that a JSON value names."""
    if isinstance(value, dict):
        if isinstance(alert := value.get("alertId"), str):
            yield alert
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _cited(each)


def _where(coverage: Coverage, span: Span) -> str:
    first = span.interval.first
    return f"the interval of {coverage.subject.key} from {format_time(first.start)} {first.alert}"
