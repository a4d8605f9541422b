"""Metrics and traces: what is measured, and the recorder that does nothing unless switched on.

The Functions runtime's own settings switch it on, see `docs/operations.md`. Only then is anything
of OpenTelemetry imported: off, a measurement is a call of an empty method.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

AZURE_MONITOR: Final = "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY"
"""The worker's setting that has it export to Application Insights by itself."""
OTLP: Final = "PYTHON_ENABLE_OPENTELEMETRY"
"""The worker's setting that the app exports by OpenTelemetry: to an OTLP endpoint."""
_TRUE: Final = frozenset({"1", "true", "t", "yes", "y"})
"""What the Python worker takes for true (azure_functions_runtime, `is_true_like`)."""
_LOG: Final = logging.getLogger("telemetry")

Attribute = str | int


class Kind(StrEnum):
    """How a metric is put together: a sum, or a distribution."""

    COUNTER = "counter"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its unit (UCUM), its attributes, and in a sentence what it measures."""

    kind: Kind
    unit: str
    attributes: tuple[str, ...]
    what: str


ALERTS: Final = "alerts.ingested"
POISON: Final = "messages.poison"
QUEUE_LAG: Final = "queue.lag"
CORRELATED: Final = "alerts.correlated"
FEED_LAG: Final = "feed.lag"
INCIDENTS: Final = "incidents.changed"
REQUESTS: Final = "store.requests"
REQUEST_UNITS: Final = "store.request_units"

METRICS: Final[Mapping[str, Metric]] = MappingProxyType(
    {
        ALERTS: Metric(
            Kind.COUNTER,
            "{alert}",
            ("outcome",),
            "alerts read from the queue, by what became of them",
        ),
        POISON: Metric(
            Kind.COUNTER, "{message}", (), "messages set aside because handling them always failed"
        ),
        QUEUE_LAG: Metric(
            Kind.HISTOGRAM, "s", (), "time from queueing a message to handling it, by message"
        ),
        CORRELATED: Metric(
            Kind.COUNTER, "{alert}", (), "alerts taken from the change feed for correlation"
        ),
        FEED_LAG: Metric(
            Kind.HISTOGRAM,
            "s",
            (),
            "time from storing the oldest alert of a batch to taking it for correlation, by batch",
        ),
        INCIDENTS: Metric(
            Kind.COUNTER, "{incident}", ("change",), "incidents, by what happened to them"
        ),
        REQUESTS: Metric(
            Kind.COUNTER,
            "{request}",
            ("container", "status"),
            "requests to Cosmos DB, each attempt counted",
        ),
        REQUEST_UNITS: Metric(
            Kind.COUNTER, "{RU}", ("container",), "request units that Cosmos DB charged"
        ),
    }
)
"""Everything that is measured, by name."""


class Span:
    """A stretch of work that a trace shows; off, it takes attributes and forgets them."""

    __slots__ = ()

    def set(self, name: str, value: Attribute) -> None:
        """Give the span an attribute."""


class Telemetry:
    """Takes measurements and drops them; `shared.telemetry_sdk` has one that keeps them."""

    __slots__ = ()
    on: bool = False

    def add(self, metric: str, number: float = 1, **attributes: Attribute) -> None:
        """Add to a counter of `METRICS`."""

    def record(self, metric: str, value: float, **attributes: Attribute) -> None:
        """Put a value into a histogram of `METRICS`."""

    @contextmanager
    def span(self, name: str, **attributes: Attribute) -> Iterator[Span]:  # noqa: ARG002 - what one that keeps them needs
        """A span around the work in the context; what is raised inside passes through."""
        yield _NO_SPAN


_NO_SPAN: Final = Span()
OFF: Final = Telemetry()


def open_telemetry(environment: Mapping[str, str]) -> Telemetry:
    """The telemetry that an environment asks for; none where its packages are missing.

    Telemetry is no reason to lose alerts: what is missing is told in the log, and work goes on.
    """
    azure_monitor = _is_true(environment, AZURE_MONITOR)
    if not azure_monitor and not _is_true(environment, OTLP):
        return OFF
    try:
        from shared.telemetry_sdk import OpenTelemetry  # noqa: PLC0415 - only where it is switched on

        if not azure_monitor:
            from shared.telemetry_otlp import export  # noqa: PLC0415 - only where it is switched on

            export()
    except ImportError as fault:
        _LOG.error(
            "telemetry is switched on, but %s is not installed: build the package with"
            " TELEMETRY=azure-monitor or TELEMETRY=otlp, as docs/operations.md says",
            fault.name,
        )
        return OFF
    return OpenTelemetry()


def _is_true(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "").strip().lower() in _TRUE


@cache
def process_telemetry() -> Telemetry:
    """The telemetry of this process, as its environment was when it was first asked for."""
    return open_telemetry(os.environ)
