"""host.json: defaults of the real host, overrides, and errors that name the field."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.host.errors import SettingsError
from local.host.hostjson import HostJson, QueuesSection, read_host_json
from local.host.timespan import parse_timespan


def read(tmp_path: Path, document: Any, settings: dict[str, str] | None = None) -> HostJson:
    (tmp_path / "host.json").write_text(json.dumps(document))
    return read_host_json(tmp_path, settings or {})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch_size", 16),
        ("max_dequeue_count", 5),
        ("visibility_timeout", timedelta(0)),
        ("message_encoding", "base64"),
        ("max_polling_interval", timedelta(seconds=2)),
        ("receive_visibility", timedelta(minutes=10)),
    ],
)
def test_queue_defaults(tmp_path: Path, name: str, value: object) -> None:
    queues = read(tmp_path, {"version": "2.0"}).extensions.queues
    assert getattr(queues, name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lease_acquire_interval", 13_000),
        ("lease_renew_interval", 17_000),
        ("lease_expiration_interval", 60_000),
        ("feed_poll_delay", 5_000),
    ],
)
def test_change_feed_defaults(tmp_path: Path, name: str, value: int) -> None:
    assert getattr(read(tmp_path, {"version": "2.0"}).extensions.cosmos_db, name) == value


def test_the_route_prefix_is_api_unless_it_is_given(tmp_path: Path) -> None:
    assert read(tmp_path, {"version": "2.0"}).extensions.http.route_prefix == "api"
    document = {"version": "2.0", "extensions": {"http": {"routePrefix": ""}}}
    assert read(tmp_path, document).extensions.http.route_prefix == ""


@pytest.mark.parametrize("cores", [1, 4])
def test_the_batch_threshold_is_half_a_batch_a_core(
    cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    assert QueuesSection(batchSize=32).threshold == 16 * cores


def test_an_app_setting_overrides_a_value(tmp_path: Path) -> None:
    settings = {"AzureFunctionsJobHost__extensions__queues__batchSize": "1"}
    assert read(tmp_path, {"version": "2.0"}, settings).extensions.queues.batch_size == 1


@pytest.mark.parametrize(
    ("document", "words"),
    [
        pytest.param({}, "version", id="no version"),
        pytest.param(
            {"version": "2.0", "extensions": {"queues": {"batchSize": 33}}},
            "extensions.queues.batchSize",
            id="batch too large",
        ),
        pytest.param(
            {"version": "2.0", "extensions": {"queues": {"maxPollingInterval": "00:00:00.050"}}},
            "extensions.queues.maxPollingInterval",
            id="polls too often",
        ),
        pytest.param(
            {"version": "2.0", "extensions": {"queues": {"visibilityTimeout": "5s"}}},
            "hours:minutes:seconds",
            id="no time span",
        ),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, document: Any, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        read(tmp_path, document)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"host\.json is missing"):
        read_host_json(tmp_path, {})


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("00:00:05", timedelta(seconds=5)),
        ("00:00:00.250", timedelta(milliseconds=250)),
        ("01:30:00", timedelta(hours=1, minutes=30)),
        ("2.00:00:01", timedelta(days=2, seconds=1)),
        ("00:10", timedelta(minutes=10)),
    ],
)
def test_time_spans(text: str, length: timedelta) -> None:
    assert parse_timespan(text) == length


@pytest.mark.parametrize("text", ["", "5", "x", "00:00:00:00", 5])
def test_no_time_spans(text: object) -> None:
    with pytest.raises(ValueError, match="no time span"):
        parse_timespan(text)


def test_functions_may_be_given_any_time(tmp_path: Path) -> None:
    assert read(tmp_path, {"version": "2.0", "functionTimeout": "-1"}).timeout_seconds is None
    assert read(tmp_path, {"version": "2.0", "functionTimeout": "00:05:00"}).timeout_seconds == 300
