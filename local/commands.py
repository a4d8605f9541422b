"""The commands of `python -m local`, by name.

A command is a module with `add_arguments(parser)` and `run(args) -> int` (the exit code). It is
imported only when its command is asked for, so that one command's imports neither slow nor break
another. To add a command, add a row.
"""

import argparse
import importlib
from typing import Protocol, cast

#: Command name -> (module, one line for the list of commands).
COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("local.stack.cli", "run Azurite, the Cosmos emulator and the Functions host"),
    "demo": ("local.demo.cli", "play a sample attack through the whole stack"),
    "send": ("local.send.cli", "push files of alerts, of any format, to a queue"),
    "simulate": ("local.simulate.cli", "write or push sample attacks with noise, and their truth"),
    "backtest": ("local.backtest.cli", "correlate a file of alerts, in memory"),
    "bench-engine": ("local.bench_engine", "time the engine beside a plain union-find"),
    "bench-formats": ("local.bench_formats", "time each format's parser beside json.loads"),
    "bench-pipeline": ("local.bench_pipeline", "time alerts from the queue to the incident list"),
    "bench-store": ("local.bench_store", "count the store's requests an alert"),
    "host": ("local.host.cli", "run the Functions host alone"),
    "cosmos": ("local.cosmos.cli", "run the Cosmos emulator alone"),
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
