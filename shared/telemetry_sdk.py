"""Measurements handed to OpenTelemetry: to whichever providers the process has set up."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from opentelemetry import metrics, trace
from opentelemetry.metrics import Counter, Histogram, MeterProvider
from opentelemetry.trace import StatusCode, TracerProvider

from shared.telemetry import METRICS, Attribute, Kind, Span, Telemetry

_SCOPE: Final = "alerts_to_incidents"


class _Span(Span):
    __slots__ = ("_span",)

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def set(self, name: str, value: Attribute) -> None:
        self._span.set_attribute(name, value)


class OpenTelemetry(Telemetry):
    """Counts, records and traces with the given providers, or with those of the process."""

    __slots__ = ("_counters", "_histograms", "_tracer")
    on = True

    def __init__(
        self, meters: MeterProvider | None = None, tracers: TracerProvider | None = None
    ) -> None:
        meter = metrics.get_meter(_SCOPE, meter_provider=meters)
        self._tracer = trace.get_tracer(_SCOPE, tracer_provider=tracers)
        self._counters: dict[str, Counter] = {}
        self._histograms: dict[str, Histogram] = {}
        for name, metric in METRICS.items():
            if metric.kind is Kind.COUNTER:
                self._counters[name] = meter.create_counter(name, metric.unit, metric.what)
            else:
                self._histograms[name] = meter.create_histogram(name, metric.unit, metric.what)

    def add(self, metric: str, number: float = 1, **attributes: Attribute) -> None:
        """Add to a counter. Raises KeyError for one that `METRICS` does not have."""
        self._counters[metric].add(number, attributes)

    def record(self, metric: str, value: float, **attributes: Attribute) -> None:
        """Put a value into a histogram. Raises KeyError for one that `METRICS` does not have."""
        self._histograms[metric].record(value, attributes)

    @contextmanager
    def span(self, name: str, **attributes: Attribute) -> Iterator[Span]:
        """A span; of an exception it keeps the type, since a message could quote an alert."""
        with self._tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield _Span(span)
            except BaseException as fault:
                span.set_status(StatusCode.ERROR, type(fault).__name__)
                raise
