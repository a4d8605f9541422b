"""Telemetry: nothing unless it is switched on, and then what the table of metrics says."""

import gzip
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from shared import telemetry
from shared.telemetry import (
    ALERTS,
    AZURE_MONITOR,
    METRICS,
    OFF,
    OTLP,
    QUEUE_LAG,
    Kind,
    open_telemetry,
)
from shared.telemetry_sdk import OpenTelemetry
from tests.unit.shared.measuring import Measured

ROOT = Path(__file__).parents[3]


def test_importing_the_app_imports_nothing_of_opentelemetry() -> None:
    code = (
        "import sys, function_app, correlate.services, ingest_alert.messages;"
        "print(*[name for name in sys.modules if name.partition('.')[0] == 'opentelemetry'])"
    )
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S603 - composed here
    assert run.stdout.split() == []


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({}, id="nothing set"),
        pytest.param({AZURE_MONITOR: "false", OTLP: "0"}, id="set to false"),
        pytest.param({"APPLICATIONINSIGHTS_CONNECTION_STRING": "x"}, id="only the host's own"),
    ],
)
def test_it_is_off_unless_the_workers_setting_says_so(environment: dict[str, str]) -> None:
    assert open_telemetry(environment) is OFF


def test_off_takes_everything_and_does_nothing() -> None:
    OFF.add(ALERTS, 3, outcome="stored")
    OFF.record(QUEUE_LAG, 0.5)
    with OFF.span("work", message="m") as span:
        span.set("alerts", 3)
    assert not OFF.on


def test_with_azure_monitor_the_workers_own_providers_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "shared.telemetry_otlp", None)
    assert open_telemetry({AZURE_MONITOR: "True"}).on


def test_a_missing_package_is_named_and_costs_no_alert(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "shared.telemetry_sdk", None)
    assert open_telemetry({OTLP: "1"}) is OFF
    assert "shared.telemetry_sdk is not installed: build the package with" in caplog.text


def test_a_process_asks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    telemetry.process_telemetry.cache_clear()
    monkeypatch.delenv(OTLP, raising=False)
    monkeypatch.delenv(AZURE_MONITOR, raising=False)
    assert telemetry.process_telemetry() is telemetry.process_telemetry() is OFF


@pytest.mark.parametrize("name", METRICS)
def test_each_metric_reaches_the_exporter_as_the_table_says(name: str) -> None:
    reader = InMemoryMetricReader()
    measuring = OpenTelemetry(MeterProvider([reader]), TracerProvider())
    metric = METRICS[name]
    attributes = dict.fromkeys(metric.attributes, "x")
    if metric.kind is Kind.COUNTER:
        measuring.add(name, 2, **attributes)
        measuring.add(name, 3, **attributes)
    else:
        measuring.record(name, 2, **attributes)
        measuring.record(name, 3, **attributes)
    data: Any = reader.get_metrics_data()
    (exported,) = data.resource_metrics[0].scope_metrics[0].metrics
    (point,) = exported.data.data_points
    assert (exported.name, exported.unit, exported.description) == (name, metric.unit, metric.what)
    assert dict(point.attributes) == attributes
    assert (point.value if metric.kind is Kind.COUNTER else point.sum) == 5


def test_a_metric_that_is_not_in_the_table_is_refused() -> None:
    measuring = OpenTelemetry(MeterProvider([]), TracerProvider())
    with pytest.raises(KeyError, match=r"made\.up"):
        measuring.add("made.up")


def test_a_span_keeps_its_attributes_and_of_a_fault_only_the_type() -> None:
    spans = InMemorySpanExporter()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    measuring = OpenTelemetry(MeterProvider([]), tracers)

    def work() -> None:
        with measuring.span("work", message="m-1") as span:
            span.set("alerts.stored", 2)
            raise ValueError("secret")

    with pytest.raises(ValueError, match="secret"):
        work()
    (kept,) = spans.get_finished_spans()
    assert kept.name == "work"
    assert dict(kept.attributes or {}) == {"message": "m-1", "alerts.stored": 2}
    assert (kept.status.status_code, kept.status.description) == (StatusCode.ERROR, "ValueError")
    assert kept.events == ()


WORK = """
import logging, os
logging.getLogger().setLevel(logging.INFO)
from shared.telemetry import ALERTS, open_telemetry
telemetry = open_telemetry(os.environ)
with telemetry.span("ingest message"):
    telemetry.add(ALERTS, outcome="stored")
    logging.info("event=ingested")
"""


def test_with_otlp_traces_metrics_and_logs_go_to_the_endpoint() -> None:
    with Collector() as collector:
        environment = os.environ | {OTLP: "true", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        command = [sys.executable, "-W", "error", "-c", WORK]
        subprocess.run(command, check=True, cwd=ROOT, env=environment)  # noqa: S603 - composed here
    assert b"ingest message" in collector.received["/v1/traces"]
    assert ALERTS.encode() in collector.received["/v1/metrics"]
    assert b"event=ingested" in collector.received["/v1/logs"]


class Collector:
    """An OTLP endpoint that keeps what it is sent, by path."""

    def __init__(self) -> None:
        received: dict[str, bytes] = {}

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                plain = gzip.decompress(body) if self.headers.get("Content-Encoding") else body
                received[self.path] = received.get(self.path, b"") + plain
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_parts: object) -> None:
                """Print nothing."""

        self.received = received
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def test_what_tests_measure_with_is_the_real_thing() -> None:
    measured = Measured()
    measured.telemetry.add(ALERTS, 2, outcome="stored")
    measured.telemetry.record(QUEUE_LAG, 1.5)
    assert measured.values() == {(ALERTS, "stored"): 2, (QUEUE_LAG,): 1.5}
