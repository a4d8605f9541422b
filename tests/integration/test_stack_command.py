"""`python -m local up`: start, announce, stop; and what it says when it cannot."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from local.stack import azurite
from local.stack.part import ROOT
from tests.integration.conftest import APPS
from tests.integration.stack_client import QueueHandle, Site, wait_until

SETTINGS = {"RECORDER_QUEUE": "alerts", "RECORDER_DB": "no-database"}


@dataclass
class Command:
    """A running `python -m local up`."""

    process: subprocess.Popen[str]
    output: Path
    errors: Path
    addresses: Mapping[str, str] = field(default_factory=dict)

    def wait_ready(self) -> None:
        """Wait for the READY line and read the addresses from it."""
        line = wait_until(self._ready_line, "it is ready", seconds=60)
        self.addresses = dict(part.split("=", 1) for part in line.split()[1:])

    def _ready_line(self) -> str:
        assert self.process.poll() is None, self.errors.read_text()
        found = [one for one in self.output.read_text().splitlines() if one.startswith("READY ")]
        return found[0] if found else ""

    def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(30)

    def children(self) -> list[int]:
        """The processes that it has started."""
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid="],  # noqa: S607 - on the PATH of every Unix
            capture_output=True,
            text=True,
            check=True,
        )
        pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
        return [pid for pid, parent in pairs if parent == self.process.pid]


class Launcher:
    """Starts commands with their state in a folder, and ends what a test leaves."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[Command] = []

    def up(self, *arguments: str, ports: tuple[int, int, int] = (0, 0, 0)) -> Command:
        """Start it with the recorder app."""
        number = len(self._started)
        output, errors = self._folder / f"out{number}", self._folder / f"err{number}"
        http, queue, cosmos = map(str, ports)
        with output.open("w") as out, errors.open("w") as err:
            process = subprocess.Popen(  # noqa: S603 - the command is this test's own
                [
                    *(sys.executable, "-m", "local", "up", "--app", str(APPS / "recorder")),
                    *("--data", str(self._folder / "state"), "--http-port", http),
                    *("--queue-port", queue, "--cosmos-port", cosmos, *arguments),
                ],
                cwd=ROOT,
                env={**os.environ, **SETTINGS},
                stdout=out,
                stderr=err,
                text=True,
            )
        self._started.append(Command(process, output, errors))
        return self._started[-1]

    def close(self) -> None:
        """End what still runs."""
        for command in self._started:
            if command.process.poll() is None:
                command.process.terminate()
                command.process.wait(30)


@pytest.fixture
def launcher(tmp_path: Path) -> Iterator[Launcher]:
    """Start stacks."""
    launcher = Launcher(tmp_path)
    yield launcher
    launcher.close()


def alive(process: int) -> bool:
    """Whether a process runs (one that has ended but was not awaited does not)."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def ping(address: str) -> int:
    return Site(address).call("GET", "/admin/host/ping").status


def test_it_announces_where_each_part_listens_and_ends_without_a_trace(
    launcher: Launcher,
) -> None:
    command = launcher.up()
    command.wait_ready()
    children = command.children()
    assert set(command.addresses) == {"http", "queue", "cosmos"}
    assert ping(command.addresses["http"]) == 200
    assert len(children) == 3
    assert command.end(signal.SIGINT) == 0
    assert [pid for pid in children if alive(pid)] == []
    announced = command.output.read_text()
    assert len(re.findall("^READY ", announced, re.MULTILINE)) == 1


def test_sigterm_in_the_middle_of_the_start_ends_it_too(launcher: Launcher) -> None:
    command = launcher.up()
    children = wait_until(command.children, "it has begun to start its parts")
    assert command.end(signal.SIGTERM) == 0
    assert [pid for pid in children if alive(pid)] == []


def test_state_survives_a_restart(launcher: Launcher) -> None:
    first = launcher.up()
    first.wait_ready()
    queue = queue_at(first, "kept")
    queue.create()
    queue.push(b"still here")
    queue.close()
    assert first.end(signal.SIGTERM) == 0
    second = launcher.up()
    second.wait_ready()
    queue = queue_at(second, "kept")
    assert queue.bodies() == [b"still here"]
    queue.close()


def queue_at(command: Command, name: str) -> QueueHandle:
    port = int(re.findall(r":(\d+)/", command.addresses["queue"])[0])
    return QueueHandle(azurite.connection_string(port), name)


@pytest.mark.parametrize(
    ("position", "part"), [(0, "Azurite"), (1, "the Cosmos emulator"), (2, "the Functions host")]
)
def test_when_a_part_dies_it_says_which_and_ends_the_others(
    launcher: Launcher, position: int, part: str
) -> None:
    command = launcher.up()
    command.wait_ready()
    children = sorted(command.children())
    os.kill(children[position], signal.SIGKILL)
    assert command.process.wait(30) == 1
    assert f"error: {part} stopped by itself" in command.errors.read_text()
    assert [pid for pid in children if alive(pid)] == []


def test_an_app_that_cannot_be_loaded_ends_it_with_the_reason(
    launcher: Launcher, tmp_path: Path
) -> None:
    command = launcher.up("--app", str(tmp_path))
    assert command.process.wait(60) == 1
    assert "the Functions host stopped by itself" in command.errors.read_text()
    assert "host.json is missing" in command.output.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_even_when_it_is_killed_no_part_outlives_it(launcher: Launcher) -> None:
    command = launcher.up()
    command.wait_ready()
    children = command.children()
    command.process.kill()
    command.process.wait()
    wait_until(lambda: not any(map(alive, children)), "all parts have ended")


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_taken_port_is_one_line_that_says_what_to_do(launcher: Launcher, position: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = [0, 0, 0]
        ports[position] = taken.getsockname()[1]
        command = launcher.up(ports=(ports[0], ports[1], ports[2]))
        assert command.process.wait(30) == 1
    option = ("--http-port", "--queue-port", "--cosmos-port")[position]
    (line,) = command.errors.read_text().splitlines()
    assert str(ports[position]) in line
    assert option in line
