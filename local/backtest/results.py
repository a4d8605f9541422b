"""The incidents of a run, one JSON object each, the highest score first."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from correlate.assessment import Verdict, assess
from correlate.explanation import why
from correlate.members import inside
from correlate.narrative import title_of
from correlate.policy import Policy
from correlate.ports import MemberRecord, Root
from correlate.presentation import span_of
from correlate.sessions import Interval
from local.backtest.run import Run
from shared.times import format_time


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident of a run: the line that is written, and what scoring needs of it."""

    line: Mapping[str, Any]

    @property
    def alert_ids(self) -> list[str]:
        """The sources' own ids of its alerts."""
        ids: list[str] = self.line["alertIds"]
        return ids

    @property
    def confidence(self) -> str:
        """`high`, `medium` or `low`."""
        return str(self.line["confidence"])


def incidents_of(run: Run, policy: Policy) -> list[Incident]:
    """The incidents of a run; the order and the content depend on the alerts alone."""
    for alerts in run.ids.values():
        alerts.sort()
    found = []
    for root in run.store.roots():
        verdict = assess(root.evidence, policy)
        if verdict.confidence is not None:
            members = run.store.members[root.id].values()
            found.append(Incident(_line(root, verdict, members, run)))
    return sorted(found, key=_rank)


def _rank(incident: Incident) -> tuple[float, str, str]:
    line = incident.line
    return (-line["score"], line["firstActivityUtc"], line["alertIds"][0])


def _line(
    root: Root, verdict: Verdict, members: Iterable[MemberRecord], run: Run
) -> dict[str, Any]:
    evidence = root.evidence
    covered = sorted((each for each in members if each.alerts), key=lambda each: each.subject.key)
    first, last = span_of(evidence, root.period)
    return {
        "incidentId": root.id,
        "title": title_of(evidence, verdict, root.involved),
        "severity": verdict.severity.name,
        "confidence": verdict.confidence,
        "score": verdict.score,
        "firstActivityUtc": format_time(first),
        "lastActivityUtc": format_time(last),
        "stages": [step.stage.name for step in verdict.chain],
        "resources": [member.subject.id for member in covered],
        "alertIds": _alert_ids(covered, root.period, run),
        "why": why(evidence, verdict),
    }


def _alert_ids(members: Iterable[MemberRecord], period: Interval | None, run: Run) -> list[str]:
    found: list[tuple[int, str]] = []
    for member in members:
        alerts = run.ids[member.subject.partition]
        for start, end in inside(member.intervals, period):
            low = bisect_left(alerts, (start, ""))
            high = bisect_right(alerts, (end + 1, ""))
            found += alerts[low:high]
    return [source_id for _, source_id in sorted(found)]


def write_lines(incidents: Iterable[Incident], path: Path) -> None:
    """Write the incidents, one JSON object a line."""
    path.write_bytes(b"".join(orjson.dumps(each.line) + b"\n" for each in incidents))


def read_lines(path: Path) -> list[Incident]:
    """The incidents that an earlier run wrote.

    Raises OSError when the file cannot be read, ValueError naming the line that is no incident.
    """
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            content = orjson.loads(line)
            found.append(Incident(content))
            content["alertIds"], content["title"], content["confidence"]
        except (orjson.JSONDecodeError, KeyError, TypeError) as fault:
            raise ValueError(
                f"{path} line {number} is no incident of a backtest: {fault}"
            ) from None
    return found
