"""The project's own host.json, settings template and .funcignore."""

import json
from datetime import timedelta
from fnmatch import fnmatch
from pathlib import Path

import pytest

from local.host.hostjson import read_host_json

ROOT = Path(__file__).resolve().parents[3]


def test_the_extension_bundle_is_one_that_knows_retry_policies() -> None:
    bundle = json.loads((ROOT / "host.json").read_text())["extensionBundle"]
    assert bundle["version"] == "[4.*, 5.0.0)"


def test_the_routes_carry_their_own_prefix() -> None:
    assert read_host_json(ROOT, {}).extensions.http.route_prefix == ""


def test_a_message_may_fail_for_more_than_an_hour_before_it_is_poison() -> None:
    queues = read_host_json(ROOT, {}).extensions.queues
    assert queues.visibility_timeout * (queues.max_dequeue_count - 1) >= timedelta(hours=1)


def test_a_message_that_failed_is_tried_again_within_a_minute() -> None:
    queues = read_host_json(ROOT, {}).extensions.queues
    assert queues.visibility_timeout <= timedelta(minutes=1)


def test_sampling_keeps_exceptions() -> None:
    logging = json.loads((ROOT / "host.json").read_text())["logging"]
    assert "Exception" in logging["applicationInsights"]["samplingSettings"]["excludedTypes"]


def test_the_template_turns_the_home_page_off_and_holds_the_emulators_key_alone() -> None:
    values = json.loads((ROOT / "local.settings.template.json").read_text())["Values"]
    assert values["AzureWebJobsDisableHomepage"] == "true"
    assert values["AzureWebJobsStorage"] == "UseDevelopmentStorage=true"
    assert values["COSMOS"].startswith("AccountEndpoint=http://127.0.0.1:8081/;AccountKey=C2y6yDjf")


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("local", True),
        ("tests", True),
        ("infra", True),
        ("docs", True),
        (".venv", True),
        ("node_modules", True),
        ("local.settings.json", True),
        ("requirements-dev.txt", True),
        ("README.md", True),
        ("function_app.py", False),
        ("host.json", False),
        ("requirements.txt", False),
        ("shared", False),
        ("correlate", False),
        ("ingest_alert", False),
        ("http_api", False),
    ],
)
def test_what_deployment_leaves_out(name: str, left_out: bool) -> None:
    lines = (ROOT / ".funcignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    assert any(fnmatch(name, pattern) for pattern in patterns) is left_out


def test_a_message_is_handed_over_as_it_lies_in_the_queue() -> None:
    """So that the app sees plain text too, which a host that decodes base64 makes poison of."""
    assert read_host_json(ROOT, {}).extensions.queues.message_encoding == "none"
