"""`python -m local bench-overload`: far more alerts at once than the store's budget allows.

What must hold: nothing is lost, nothing becomes poison, and it takes as long as the budget says.
"""

import argparse
import json
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueServiceClient
from rich.console import Console

from local.api import Api
from local.bench_pipeline import MESSAGE, load
from local.demo.play import opened
from local.stack import Stack, StackOptions
from shared.times import HOUR, now

POLL_SECONDS: Final = 0.5
QUEUE: Final = "alerts"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the alerts.

    Attributes:
        seconds: from the first message pushed until the last was done with.
        units: request units that were spent in that time.
        refused: requests that were answered with 429.
        poisoned: messages in the poison queue.
        rejected: messages that were set aside.
    """

    sent: int
    stored: int
    seconds: float
    units: float
    refused: int
    poisoned: int
    rejected: int

    def dictated(self, rate: float) -> float:
        """How many seconds the budget needs for what was spent, at least.

        The first second comes for free; and what is let in at once while anything is left pays
        afterwards, so that up to a second's worth may be owed at the end.
        """
        return max(self.units / rate - 2, 0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--alerts", type=int, default=100_000)
    parser.add_argument("--resources", type=int, default=2_000)
    parser.add_argument("--throughput", type=int, default=1_000, help="request units a second")
    parser.add_argument("--patience", type=float, default=14_400, help="seconds to wait at most")


def run(args: argparse.Namespace) -> int:
    """Push everything at once and tell what became of it; 1 when something was lost or poisoned."""
    console = Console(highlight=False)
    alerts = load(args.alerts, args.resources, 10, now() - 6 * HOUR)
    with tempfile.TemporaryDirectory(prefix="bench-") as data:
        stack = Stack(StackOptions(data=Path(data), throughput=args.throughput))
        stack.start()
        try:
            outcome = overload(stack, alerts, args.patience)
        finally:
            stack.stop()
    console.print(f"sent {outcome.sent}, stored {outcome.stored}, rejected {outcome.rejected}")
    console.print(f"poisoned {outcome.poisoned}, refused with 429 {outcome.refused}")
    console.print(
        f"took {outcome.seconds:.0f} s for {outcome.units:.0f} RU, "
        f"{outcome.units / args.alerts:.1f} an alert; "
        f"the budget dictates {outcome.dictated(args.throughput):.0f} s"
    )
    whole = outcome.stored == outcome.sent and not outcome.poisoned and not outcome.rejected
    return 0 if whole else 1


def overload(stack: Stack, alerts: Sequence[dict[str, Any]], patience: float) -> Outcome:
    """Push alerts to a stack that has a budget, wait until its queue is empty, and count.

    The budget is lifted for counting, which would cost as much as anything else.

    Raises:
        TimeoutError: the queue is not empty in time.
    """
    span = f"{stack.cosmos}/_emulator/meter/overload"
    _admin("PUT", span)
    started = time.monotonic()
    with opened(stack.storage_connection) as queue:
        for first in range(0, len(alerts), MESSAGE):
            message = json.dumps(alerts[first : first + MESSAGE], separators=(",", ":"))
            queue.send_message(message.encode())
    while waiting(stack.storage_connection, QUEUE):
        if time.monotonic() - started > patience:
            raise TimeoutError(f"the queue is not empty after {patience:.0f} s")
        time.sleep(POLL_SECONDS)
    spent = _admin("DELETE", span)
    seconds = time.monotonic() - started
    _admin("DELETE", f"{stack.cosmos}/_emulator/throughput")
    api = Api(stack.http)
    return Outcome(
        sent=len(alerts),
        stored=api.get("/api/summary")["alerts"]["total"],
        seconds=seconds,
        units=spent["requestUnits"]["total"],
        refused=spent["statuses"].get("429", 0),
        poisoned=waiting(stack.storage_connection, f"{QUEUE}-poison"),
        rejected=sum(1 for _ in api.all("/api/rejected?limit=500")),
    )


def waiting(connection: str, name: str) -> int:
    """How many messages a queue has, hidden ones too; none when it does not exist."""
    with QueueServiceClient.from_connection_string(connection) as service:
        try:
            properties = service.get_queue_client(name).get_queue_properties()
        except ResourceNotFoundError:
            return 0
        return properties.approximate_message_count or 0


def _admin(method: str, url: str) -> Any:
    request = urllib.request.Request(url, method=method)  # noqa: S310 - our own emulator
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - likewise
        return json.load(answer)
