"""The commands of `a2i` and `python -m local`, by name.

A command is a module with `add_arguments(parser)` and `run(args) -> int` (the exit code). It is
imported only when its command is asked for, so that one command's imports neither slow nor break
another. To add a command, add a row.
"""

import argparse
import importlib
from typing import Protocol, cast

#: Command name -> (module, one line for the list of commands).
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("local.demo.cli", "play a sample attack through the whole stack"),
    "up": ("local.stack.cli", "run Azurite, the Cosmos emulator and the Functions host"),
    "send": ("local.send.cli", "push files of alerts, of any format, to a queue"),
    "simulate": ("local.simulate.cli", "write or push sample attacks with noise, and their truth"),
    "incidents": ("local.ask.incidents", "list a running service's incidents, or show one"),
    "alerts": ("local.ask.alerts", "list a running service's alerts, or show one"),
    "try-format": ("local.try_format", "see what a mapping file makes of alerts"),
    "backtest": ("local.backtest.cli", "correlate a file of alerts, in memory"),
    "audit": ("local.audit.cli", "recount what the service stores, and name what is wrong"),
    "bench-engine": ("local.bench_engine", "time the engine beside a plain union-find"),
    "bench-formats": ("local.bench_formats", "time each format's parser beside json.loads"),
    "bench-pipeline": ("local.bench_pipeline", "time alerts from the queue to the incident list"),
    "bench-overload": ("local.bench_overload", "push far more alerts than the store may spend on"),
    "bench-store": ("local.bench_store", "count the store's requests an alert"),
    "host": ("local.host.cli", "run the Functions host alone"),
    "cosmos": ("local.cosmos.cli", "run the Cosmos emulator alone"),
    "completion": ("local.cli.completion", "print the script that completes commands in a shell"),
}

#: Other names of commands.
ALIASES: dict[str, str] = {"incident": "incidents", "alert": "alerts"}

_MEASURING = tuple(name for name in COMMANDS if name.startswith("bench-"))
_PARTS = ("host", "cosmos", "completion")

#: Heading -> the commands below it in the list; what is in no other group is for everyday use.
GROUPS: dict[str, tuple[str, ...]] = {
    "everyday": tuple(name for name in COMMANDS if name not in (*_MEASURING, *_PARTS)),
    "measure": _MEASURING,
    "parts and tools": _PARTS,
}


class Command(Protocol):
    """What a command's module offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's options."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it; return the process's exit code."""


def load(name: str) -> Command:
    """Import the command's module.

    Raises:
        KeyError: there is no such command.

    """
    module, _ = COMMANDS[name]
    return cast("Command", importlib.import_module(module))
