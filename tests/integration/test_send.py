"""`python -m local send` through the real queue."""

import base64
import gzip
import json
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest_alert.reading import read_message
from local.send.packing import MESSAGE_BYTES
from local.stack import Stack
from tests.integration.stack_client import QueueHandle

ROOT = Path(__file__).parents[2]


@pytest.fixture
def queue(open_queue: Callable[[str], QueueHandle]) -> QueueHandle:
    """A queue of the test's own that nobody watches."""
    queue = open_queue(f"send{uuid.uuid4().hex[:12]}")
    queue.create()
    return queue


def send(
    services: Stack, queue: str, *files: str, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "local", "send", *files, "--queue", queue]
    return subprocess.run(  # noqa: S603 - our own interpreter and module
        [*command, "--connection", services.storage_connection],
        input=stdin,
        capture_output=True,
        check=False,
        cwd=ROOT,
    )


def test_files_of_any_shape_and_standard_input_arrive(
    services: Stack, queue: QueueHandle, tmp_path: Path
) -> None:
    lines, packed = tmp_path / "lines.jsonl", tmp_path / "envelope.json.gz"
    lines.write_bytes(b'{"n":1}\n{"n":2}\n')
    packed.write_bytes(gzip.compress(json.dumps({"value": [{"n": 3}, {"n": 4}]}).encode()))
    done = send(services, queue.name, str(lines), str(packed), "-", stdin=b'{"n":5}')
    assert done.returncode == 0, done.stderr
    (body,) = queue.bodies()
    assert json.loads(body) == [{"n": n} for n in (1, 2, 3, 4, 5)]
    summary = f"3 files: 5 alerts in 1 message sent to {queue.name}; 0 refused\n"
    assert done.stdout.decode() == summary


def test_the_largest_message_is_taken_and_what_is_larger_is_refused(
    services: Stack, queue: QueueHandle, tmp_path: Path
) -> None:
    alerts = tmp_path / "large.jsonl"
    largest = b'{"x":"' + b"y" * (MESSAGE_BYTES - 8) + b'"}'
    alerts.write_bytes(largest + b'\n{"x":"' + b"y" * MESSAGE_BYTES + b'"}\n')
    done = send(services, queue.name, str(alerts), str(tmp_path / "missing.json"))
    assert done.returncode == 1, done.stderr
    assert queue.bodies() == [largest]
    head, too_large, missing = done.stdout.decode().splitlines()
    assert head.endswith("2 refused")
    assert "large.jsonl line 2: the alert has 49,160 bytes" in too_large
    assert missing.endswith("missing.json: it cannot be read: No such file or directory")


@pytest.mark.parametrize(
    ("queue_name", "reason"), [("nowhere", b"the queue 'nowhere' does not exist: create it")]
)
def test_a_queue_that_is_missing_is_told(services: Stack, queue_name: str, reason: bytes) -> None:
    done = send(services, queue_name, "-", stdin=b"{}")
    assert done.returncode == 2
    assert reason in done.stderr


def test_bodies_are_base64_as_the_trigger_expects(services: Stack, queue: QueueHandle) -> None:
    assert send(services, queue.name, "-", stdin='{"x":"ü"}'.encode()).returncode == 0
    (text,) = queue.texts()
    assert base64.b64decode(text, validate=True) == '{"x":"ü"}'.encode()


def test_a_simulated_attack_is_pushed_whole(services: Stack, queue: QueueHandle) -> None:
    command = [sys.executable, "-m", "local", "simulate", "container-escape", "--push"]
    where = ["--connection", services.storage_connection, "--queue", queue.name]
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [*command, *where], capture_output=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    pushed = [alert for body in queue.bodies() for alert in read_message(body)]
    assert len(pushed) == 7 + 70
    assert b"77 alerts in" in done.stdout
