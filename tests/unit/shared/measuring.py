"""Telemetry for tests: OpenTelemetry's own SDK, exporting to memory."""

from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.telemetry_sdk import OpenTelemetry


class Measured:
    """A telemetry, and what it has measured."""

    def __init__(self) -> None:
        self._reader = InMemoryMetricReader()
        self._spans = InMemorySpanExporter()
        tracers = TracerProvider()
        tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self.telemetry = OpenTelemetry(MeterProvider([self._reader]), tracers)

    def values(self) -> dict[tuple[Any, ...], float]:
        """Sums by metric and attribute values, in the order of the attributes' names."""
        data: Any = self._reader.get_metrics_data()
        found: dict[tuple[Any, ...], float] = {}
        for resource in data.resource_metrics if data else ():
            for metric in resource.scope_metrics[0].metrics:
                for point in metric.data.data_points:
                    values = (value for _, value in sorted(point.attributes.items()))
                    total = point.value if hasattr(point, "value") else point.sum
                    found[metric.name, *values] = total
        return found

    def spans(self) -> dict[str, dict[str, Any]]:
        """The finished spans' attributes by name; of equal names the last."""
        return {span.name: dict(span.attributes or {}) for span in self._spans.get_finished_spans()}
