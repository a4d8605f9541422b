"""`python -m local bench-pipeline`: how long alerts take from the queue to the incident list."""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from azure.storage.queue import QueueClient
from rich.console import Console

from local.api import Api
from local.demo.cast import Happening, account, arm_alert, host, machine
from local.demo.play import opened
from local.stack import Stack, StackOptions
from shared.times import HOUR, now

MESSAGE: Final = 50
"""Alerts a message: as many of these as the queue's 48 KiB hold."""
CHAIN: Final = (
    ("Port scan", "T_Scan", "Low", "Probing"),
    ("Password guessed", "T_Login", "High", "InitialAccess"),
    ("Script run", "T_Script", "Medium", "Execution"),
    ("Data sent out", "T_Sent", "High", "Exfiltration"),
)
PATIENCE_SECONDS: Final = 300.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--alerts", type=int, default=10_000)
    parser.add_argument("--resources", type=int, default=200)
    parser.add_argument("--attacks", type=int, default=10, help="resources that are attacked")


def run(args: argparse.Namespace) -> int:
    """Push alerts over many resources, in random order; tell when all is stored and correlated."""
    console = Console(highlight=False)
    alerts = load(args.alerts, args.resources, args.attacks, now() - 6 * HOUR)
    with tempfile.TemporaryDirectory(prefix="bench-") as data:
        stack = Stack(StackOptions(data=Path(data)))
        stack.start()
        try:
            with opened(stack.storage_connection) as queue:
                _measure(Api(stack.http), queue, alerts, args.attacks, console)
        finally:
            stack.stop()
    return 0


def load(alerts: int, resources: int, attacks: int, start: int) -> list[dict[str, Any]]:
    """Alerts on resources in turn: on the attacked ones first a chain of stages, then noise."""
    chance = random.Random(1)  # noqa: S311 - a load, not a secret
    happenings = []
    for number in range(alerts):
        turn, which = divmod(number, resources)
        name = f"vm{which:04d}"
        if which < attacks and turn < len(CHAIN):
            entities = (host(name), account(f"user{which}"))
            step = Happening(10 * turn, *CHAIN[turn], machine(name), entities)
        else:
            noise = (f"Noise {number}", f"T_Noise{number % 5}", "Low", "Unknown")
            step = Happening(chance.random() * 200, *noise, machine(name), (host(name),))
        happenings.append(step)
    chance.shuffle(happenings)
    return [arm_alert(each, start) for each in happenings]


def _measure(
    api: Api, queue: QueueClient, alerts: list[dict[str, Any]], attacks: int, console: Console
) -> None:
    started = time.perf_counter()
    for first in range(0, len(alerts), MESSAGE):
        message = json.dumps(alerts[first : first + MESSAGE], separators=(",", ":"))
        queue.send_message(message.encode())
    console.print(f"pushed {len(alerts)} alerts in {time.perf_counter() - started:.1f} s")
    _until(lambda: api.get("/api/summary")["alerts"]["total"] >= len(alerts))
    console.print(f"stored after {time.perf_counter() - started:.1f} s")
    _until(lambda: _complete(api, attacks))
    console.print(f"all {attacks} incidents complete after {time.perf_counter() - started:.1f} s")


def _complete(api: Api, attacks: int) -> bool:
    incidents = list(api.all("/api/incidents?limit=500"))
    return len(incidents) == attacks and all(len(each["stages"]) == 4 for each in incidents)


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {PATIENCE_SECONDS:.0f} s")
        time.sleep(0.5)
