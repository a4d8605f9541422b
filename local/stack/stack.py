"""Start the three parts of the stack in order, wait for each, and stop them in reverse."""

import importlib.util
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from local.project import DATA, ROOT
from local.stack import azurite, ports, probes
from local.stack.containers import create_containers
from local.stack.errors import StackError
from local.stack.part import Part, PartSpec

#: The documented key of every Cosmos emulator, so no secret.
COSMOS_KEY = (
    "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="
)
#: A host that is killed leaves its messages hidden for ten minutes on Azure. Nobody wants to wait
#: for that at a desk, and nothing else depends on it: hiding is renewed while a message is handled.
SOONER_AGAIN = {"AzureFunctionsJobHost__extensions__queues__receiveVisibility": "00:00:30"}


@dataclass(frozen=True, slots=True)
class StackOptions:
    """What to run and where. A port of 0 means any free one.

    `data` keeps all state, so that it survives a restart. `throughput` (request units a second) and
    `lag` (milliseconds) make the emulator as unforgiving as the service. `app` is the folder with
    `function_app.py`. `queues` are created, as a deployment does. `environment` is added to the
    host's. `host_log` None shows the host's log on this process's output.
    """

    data: Path = DATA
    http_port: int = 0
    queue_port: int = 0
    cosmos_port: int = 0
    app: Path = ROOT
    auth: bool = False
    verbose: bool = False
    partitions: int = 1
    throughput: int | None = None
    lag: int = 0
    queues: tuple[str, ...] = ("alerts",)
    environment: Mapping[str, str] = field(default_factory=dict)
    log_to_files: bool = True


class Stack:
    """The three parts, each a `Part` that tests may stop, kill and start again."""

    def __init__(self, options: StackOptions) -> None:
        """Choose the ports and compose the commands; nothing runs yet.

        Raises:
            StackError: a port is taken, or a part is not installed.

        """
        _check_ports(options)
        self.options = options
        self.data = options.data.resolve()
        self._queue_port = ports.choose(options.queue_port)
        self._cosmos_port = ports.choose(options.cosmos_port)
        self._http_port = ports.choose(options.http_port)
        self.http = f"http://127.0.0.1:{self._http_port}"
        self.queue = azurite.queue_url(self._queue_port)
        self.cosmos = f"http://127.0.0.1:{self._cosmos_port}"
        self.storage_connection = azurite.connection_string(self._queue_port)
        self.cosmos_connection = f"AccountEndpoint={self.cosmos}/;AccountKey={COSMOS_KEY};"
        self.azurite = Part(self._azurite_spec())
        self.emulator = Part(self._emulator_spec())
        self.host = Part(self._host_spec())

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts, in the order in which they start."""
        return self.azurite, self.emulator, self.host

    @property
    def settings(self) -> dict[str, str]:
        """The app's connection settings for this stack, by name."""
        return {"AzureWebJobsStorage": self.storage_connection, "COSMOS": self.cosmos_connection}

    def start(self, stop: threading.Event | None = None) -> None:
        """Start all parts and wait until each answers; return early when `stop` is set.

        Raises:
            StackError: a part ended or does not answer; the others have been stopped.

        """
        stop = stop or threading.Event()
        self.start_services(stop)
        if stop.is_set():
            return
        with self._stopped_on_failure():
            self.host.start()
            self.host.wait_ready(stop)

    def start_services(self, stop: threading.Event | None = None) -> None:
        """Start Azurite and the emulator without a host, likewise."""
        stop = stop or threading.Event()
        with self._stopped_on_failure():
            self.azurite.start()
            self.emulator.start()
            self.azurite.wait_ready(stop)
            self.emulator.wait_ready(stop)

    @contextmanager
    def _stopped_on_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.stop()
            raise

    def watch(self, stop: threading.Event, interval_seconds: float = 0.2) -> None:
        """Return when `stop` is set; raise PartDiedError as soon as a part ends by itself."""
        while not stop.wait(interval_seconds):
            for part in self.parts:
                part.check_alive()

    def stop(self) -> None:
        """Stop all parts, the host first. Idempotent."""
        for part in reversed(self.parts):
            part.stop()

    def _log(self, name: str) -> Path:
        return self.data / "logs" / f"{name}.log"

    def _azurite_spec(self) -> PartSpec:
        return PartSpec(
            name="Azurite",
            command=azurite.command(self._queue_port, self.data / "azurite"),
            environment={},
            probe=partial(azurite.create_queues, self.storage_connection, self.options.queues),
            log=self._log("azurite"),
        )

    def _emulator_spec(self) -> PartSpec:
        arguments = [
            *("--port", str(self._cosmos_port), "--data", str(self.data / "cosmos")),
            *("--partitions", str(self.options.partitions), "--lag", str(self.options.lag)),
        ]
        if self.options.throughput is not None:
            arguments += ["--throughput", str(self.options.throughput)]
        return PartSpec(
            name="the Cosmos emulator",
            command=[*_local_command("cosmos"), *arguments],
            environment={},
            probe=partial(create_containers, self.cosmos, self.cosmos_connection),
            log=self._log("cosmos"),
        )

    def _host_spec(self) -> PartSpec:
        return host_spec(self, self._http_port, "host", self.options)


def host_spec(stack: Stack, port: int, name: str, options: StackOptions) -> PartSpec:
    """Return how to run a Functions host on the stack's services; tests run several.

    `name` is the host's folder and log; of the options, those of a host count.
    """
    switches = [f"--{switch}" for switch in ("auth", "verbose") if getattr(options, switch)]
    arguments = [
        *("--port", str(port), "--data", str(stack.data / name), "--app", str(options.app)),
        *("--timers", str(stack.data / "timers" / options.app.name)),
    ]
    return PartSpec(
        name="the Functions host",
        command=[*_local_command("host"), *arguments, *switches],
        environment={**stack.settings, **SOONER_AGAIN, **options.environment},
        probe=partial(probes.answers_ok, f"http://127.0.0.1:{port}/admin/host/ping"),
        log=stack.data / "logs" / f"{name}.log" if options.log_to_files else None,
    )


def _local_command(name: str) -> list[str]:
    if importlib.util.find_spec(f"local.{name}") is None:
        raise StackError(f"the part local/{name} is missing: get the project's complete source")
    return [sys.executable, "-m", "local", name]


def _check_ports(options: StackOptions) -> None:
    ports.require_free(options.http_port, "HTTP", "--http-port")
    ports.require_free(options.queue_port, "the queue service", "--queue-port")
    ports.require_free(options.cosmos_port, "the Cosmos emulator", "--cosmos-port")


@contextmanager
def running_stack(options: StackOptions) -> Iterator[Stack]:
    """Run the stack for the length of a `with` block.

    Raises:
        StackError: it cannot start; the message says what to do.

    """
    stack = Stack(options)
    stack.start()
    try:
        yield stack
    finally:
        stack.stop()
