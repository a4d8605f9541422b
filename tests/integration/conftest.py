"""Fixtures: one stack for the whole session, on free ports and with fresh state.

`services` is Azurite and the Cosmos emulator; `stack` has the project's own app running on them.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.stack import Stack, StackOptions
from local.stack.part import Part
from local.stack.ports import choose
from local.stack.stack import host_spec
from tests.integration.stack_client import QueueHandle, Site

APPS = Path(__file__).parent / "apps"

#: What a test's own hosts run with: leases change hands in seconds rather than a minute.
QUICK = {
    "AzureFunctionsJobHost__extensions__cosmosDB__leaseAcquireInterval": "500",
    "AzureFunctionsJobHost__extensions__cosmosDB__leaseRenewInterval": "500",
    "AzureFunctionsJobHost__extensions__cosmosDB__leaseExpirationInterval": "3000",
    "AzureFunctionsJobHost__extensions__cosmosDB__feedPollDelay": "200",
    "AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:00",
    "AzureFunctionsJobHost__extensions__queues__maxPollingInterval": "00:00:00.200",
}

PARTITIONS = 4
KEPT_DAYS = 3_650
"""Samples and real alerts are older than alerts are kept by default."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.integration)


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Azurite and the Cosmos emulator; no host runs yet."""
    options = StackOptions(
        data=tmp_path_factory.mktemp("stack"),
        partitions=PARTITIONS,
        environment={"ALERT_RETENTION_DAYS": str(KEPT_DAYS)},
    )
    stack = Stack(options)
    stack.start_services()
    yield stack
    stack.stop()


@pytest.fixture(scope="session")
def stack(services: Stack) -> Stack:
    """The whole stack with the project's app."""
    services.host.start()
    services.host.wait_ready()
    return services


@pytest.fixture(scope="session")
def site(stack: Stack) -> Site:
    """The app's HTTP side."""
    return Site(stack.http)


@pytest.fixture(scope="session")
def open_queue(services: Stack) -> Iterator[Callable[[str], QueueHandle]]:
    """Give access to queues by name."""
    opened: list[QueueHandle] = []

    def open_one(name: str) -> QueueHandle:
        opened.append(QueueHandle(services.storage_connection, name))
        return opened[-1]

    yield open_one
    for queue in opened:
        queue.close()


@pytest.fixture(scope="session")
def alerts_queue(open_queue: Callable[[str], QueueHandle]) -> QueueHandle:
    """The queue that the app's `ingest_alert` watches."""
    return open_queue("alerts")


class HostRunner:
    """Runs hosts of test apps on the services."""

    def __init__(self, services: Stack) -> None:
        """Run none yet."""
        self._services = services
        self._parts: list[Part] = []

    def run(self, app: str, *, auth: bool = False, **environment: str) -> "RunningHost":
        """Start a host of the test app of that name and wait until it answers."""
        host = self.start(app, auth=auth, **environment)
        host.part.wait_ready()
        return host

    def start(self, app: str, *, auth: bool = False, **environment: str) -> "RunningHost":
        """Start a host of the test app of that name."""
        port = choose(0)
        options = StackOptions(
            app=APPS / app, auth=auth, verbose=True, environment={**QUICK, **environment}
        )
        part = Part(host_spec(self._services, port, f"{app}-{port}", options))
        self._parts.append(part)
        part.start()
        return RunningHost(part, Site(f"http://127.0.0.1:{port}"))

    def stop(self) -> None:
        """Stop all of them."""
        for part in self._parts:
            part.stop()


class RunningHost:
    """A host of a test app."""

    def __init__(self, part: Part, site: Site) -> None:
        """Keep its process and its address."""
        self.part = part
        self.site = site

    @property
    def log(self) -> str:
        """What it has logged so far."""
        assert self.part.spec.log is not None
        return self.part.spec.log.read_text()


@pytest.fixture(scope="module")
def hosts(services: Stack) -> Iterator[HostRunner]:
    """Run hosts of test apps; those that still run are stopped when the module's tests end."""
    runner = HostRunner(services)
    yield runner
    runner.stop()


@pytest.fixture
def open_own() -> Iterator[Callable[[str], QueueHandle]]:
    """Give access to the `alerts` queue of a stack of a test's own, by its connection string."""
    opened: list[QueueHandle] = []

    def open_one(connection: str) -> QueueHandle:
        opened.append(QueueHandle(connection, "alerts"))
        return opened[-1]

    yield open_one
    for queue in opened:
        queue.close()
