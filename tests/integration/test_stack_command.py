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

from local.project import ROOT
from local.stack import azurite
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

    def queue(self, name: str) -> QueueHandle:
        """A queue of its Azurite."""
        port = int(re.findall(r":(\d+)/", self.addresses["queue"])[0])
        return QueueHandle(azurite.connection_string(port), name)

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


@dataclass(frozen=True)
class Ended:
    """What a run of the command left that was ended by Ctrl-C."""

    addresses: Mapping[str, str]
    ping: int
    children: list[int]
    code: int
    announced: str


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    """Start stacks, one after the other, on the same state."""
    launcher = Launcher(tmp_path_factory.mktemp("shared"))
    yield launcher
    launcher.close()


@pytest.fixture(scope="module")
def ended(shared: Launcher) -> Ended:
    """A first run, with a message in a queue when it ended."""
    command = shared.up()
    command.wait_ready()
    children, status = command.children(), ping(command.addresses["http"])
    queue = command.queue("kept")
    queue.create()
    queue.push(b"still here")
    queue.close()
    code = command.end(signal.SIGINT)
    return Ended(command.addresses, status, children, code, command.output.read_text())


@pytest.fixture(scope="module")
def again(shared: Launcher, ended: Ended) -> Command:
    """A second run on what the first has left."""
    assert ended.code == 0
    command = shared.up()
    command.wait_ready()
    return command


def test_it_announces_once_where_each_part_listens(ended: Ended) -> None:
    assert set(ended.addresses) == {"http", "queue", "cosmos"}
    assert ended.ping == 200
    assert len(re.findall("^READY ", ended.announced, re.MULTILINE)) == 1


def test_a_signal_ends_it_without_a_trace(ended: Ended) -> None:
    assert ended.code == 0
    assert len(ended.children) == 3
    assert [pid for pid in ended.children if alive(pid)] == []


def test_state_survives_a_restart(again: Command) -> None:
    queue = again.queue("kept")
    assert queue.bodies() == [b"still here"]
    queue.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_even_when_it_is_killed_no_part_outlives_it(again: Command) -> None:
    children = again.children()
    again.process.kill()
    again.process.wait()
    wait_until(lambda: not any(map(alive, children)), "all parts have ended")


def test_sigterm_in_the_middle_of_the_start_ends_it_too(launcher: Launcher) -> None:
    command = launcher.up()
    children = wait_until(command.children, "it has begun to start its parts")
    assert command.end(signal.SIGTERM) == 0
    assert [pid for pid in children if alive(pid)] == []


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
