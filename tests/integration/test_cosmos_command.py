"""`python -m local.cosmos`: one line when ready, a clean end, clear words when it cannot start."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from azure.cosmos import CosmosClient

from tests.integration.cosmos_support import KEY, emulator

if TYPE_CHECKING:
    from pathlib import Path


def run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local.cosmos", *options]
    return subprocess.run(  # noqa: S603 - our own interpreter and module
        command, capture_output=True, text=True, check=False, timeout=30
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with emulator("--data", str(tmp_path)) as running:
        assert running.address.startswith("http://127.0.0.1:")
        running.process.send_signal(number)
        assert running.process.wait(timeout=20) == 0


def test_a_taken_port_is_one_line_that_says_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("--port", str(port), "--data", ":memory:")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr


def test_a_data_folder_in_use_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    with emulator("--data", str(tmp_path)):
        done = run("--port", "0", "--data", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "--data" in done.stderr


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_it_serves_tls_to_the_sdk() -> None:
    with emulator("--data", ":memory:", "--tls", "--host", "localhost") as running:
        assert running.address.startswith("https://localhost:")
        with CosmosClient(running.address, KEY) as client:
            client.create_database("secure")
            assert [database["id"] for database in client.list_databases()] == ["secure"]


@pytest.mark.parametrize("option", [("--partitions", "0"), ("--port", "x")])
def test_a_wrong_option_is_refused(option: tuple[str, str]) -> None:
    assert run(*option).returncode == 2


def test_the_benchmark_reports_every_figure_with_its_target() -> None:
    command = [sys.executable, "-m", "local.cosmos.bench", "--requests", "40", "--items", "1500"]
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        command, capture_output=True, text=True, check=False, timeout=60
    )
    lines = [line for line in done.stdout.splitlines() if line.endswith(("met", "MISSED"))]
    assert len(lines) == 6, done.stderr
    assert done.returncode == any(line.endswith("MISSED") for line in lines)
