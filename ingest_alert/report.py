"""What is told of a message once it is handled: its log lines and its measurements."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from shared.log_lines import line, parts, seconds
from shared.store.alert_writes import Outcome
from shared.telemetry import ALERTS, QUEUE_LAG, Span, Telemetry

TOLD: Final = ("stored", "suppressed", "duplicates", "updated")
"""What can become of an alert that was read; each alert is in one of them, or rejected."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a message's alerts: public ids by outcome, and how many were rejected.

    `lag` is how long the message waited, in milliseconds.
    """

    message: str
    lag: int
    ids: Mapping[str, tuple[str, ...]]
    rejected: int

    def lines(self) -> Iterator[str]:
        """The log lines; the numbers of each are of the alerts that it names, so that they add up.

        Nothing of an alert but its id is in them.
        """
        pairs = [(outcome, id_) for outcome in TOLD for id_ in self.ids[outcome]]
        rejected = self.rejected
        for piece in parts(pairs):
            named = {outcome: [id_ for told, id_ in piece if told == outcome] for outcome in TOLD}
            yield line(
                "ingested",
                message=self.message,
                lag=seconds(self.lag),
                **{outcome: len(ids) for outcome, ids in named.items()},
                rejected=rejected,
                **{f"{outcome}Ids": ",".join(ids) for outcome, ids in named.items()},
            )
            rejected = 0

    def measure(self, telemetry: Telemetry, span: Span) -> None:
        """Count the alerts by outcome, and note how long the message waited."""
        telemetry.record(QUEUE_LAG, max(self.lag, 0) / 1_000)
        counts = {outcome: len(self.ids[outcome]) for outcome in TOLD} | {"rejected": self.rejected}
        for outcome, number in counts.items():
            if number:
                telemetry.add(ALERTS, number, outcome=outcome)
                span.set(f"alerts.{outcome}", number)


def report_of(
    message: str, lag: int, outcome: Outcome, dismissed: Mapping[str, str], rejected: int
) -> Report:
    """The report on a message; `dismissed` are rules by the id of the alert they dismiss."""
    stored = [alert for alert in outcome.stored if alert.id not in dismissed]
    suppressed = [alert for alert in outcome.stored if alert.id in dismissed]
    told = zip(TOLD, (stored, suppressed, outcome.duplicates, outcome.updated), strict=True)
    ids = {name: tuple(alert.id for alert in alerts) for name, alerts in told}
    return Report(message, lag, ids, rejected)
