"""What is told of a batch once it is correlated: its log lines and its measurements."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from correlate.observation import Observation
from correlate.witness import Witness
from correlate.work import Outcome
from shared.log_lines import line, parts, seconds
from shared.telemetry import CONFLICTS, CORRELATED, FEED_LAG, INCIDENTS, Span, Telemetry
from shared.times import SECOND


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a batch; `lag` is how old its oldest document was, in milliseconds."""

    observations: Sequence[Observation]
    unreadable: int
    lag: int
    outcome: Outcome
    witness: Witness

    def lines(self) -> Iterator[str]:
        """The batch, where each of its alerts is, and what happened to incidents."""
        yield line(
            "correlated",
            lag=seconds(self.lag),
            alerts=self.outcome.alerts,
            alone=self.outcome.alone,
            written=self.outcome.written,
            conflicts=self.outcome.conflicts,
            unreadable=self.unreadable,
        )
        yield from self._places()
        yield from self._joined()
        for each in self.witness.happenings:
            yield line(each.what, incident=each.incident, into=each.into)

    def _places(self) -> Iterator[str]:
        """Which alerts are in which component, `root:alert,alert;root:alert`, and which alone."""
        placed = {each.alert_id: root for each, root in self.witness.place(self.observations)}
        ids = {each.alert_id for each in self.observations}
        for piece in parts(sorted((placed.get(id_, ""), id_) for id_ in ids)):
            by_root: dict[str, list[str]] = {}
            for root, alert in piece:
                by_root.setdefault(root, []).append(alert)
            alone = ",".join(by_root.pop("", ()))
            components = ";".join(f"{root}:{','.join(ids)}" for root, ids in by_root.items())
            if piece:
                yield line("placed", components=components, alone=alone)

    def _joined(self) -> Iterator[str]:
        """What became part of a component, but for the batch's own alerts: those are placed."""
        ids = {each.alert_id for each in self.observations}
        for into, nodes in self.witness.joined(ids).items():
            for piece in parts(nodes):
                yield line("joined", into=into, components=",".join(piece))

    def measure(self, telemetry: Telemetry, span: Span) -> None:
        """Count alerts, conflicts and what happened to incidents; note how old the batch was."""
        telemetry.add(CORRELATED, self.outcome.alerts)
        telemetry.record(FEED_LAG, max(self.lag, 0) / SECOND)
        if self.outcome.conflicts:
            telemetry.add(CONFLICTS, self.outcome.conflicts)
        for what, number in Counter(each.what for each in self.witness.happenings).items():
            telemetry.add(INCIDENTS, number, change=what)
            span.set(f"incidents.{what}", number)
        span.set("alerts", self.outcome.alerts)


def lag_of(documents: Iterable[Mapping[str, Any]], at: int) -> int:
    """How long ago the oldest of the documents was written, in milliseconds; 0 without any."""
    stamps = [stamp for each in documents if isinstance(stamp := each.get("_ts"), int)]
    return at - min(stamps) * SECOND if stamps else 0
