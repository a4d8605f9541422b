"""`python -m local up`: the whole stack in the foreground."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from local.cli.parser import port
from local.project import DATA, ROOT
from local.stack.errors import StackError
from local.stack.fetching import fetch_azurite
from local.stack.stack import Stack, StackOptions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `up`."""
    parser.add_argument(
        "--data",
        type=Path,
        default=DATA,
        help="folder that keeps the state (default %(default)s)",
    )
    parser.add_argument(
        "--http-port", type=port, default=7071, help="port of the Functions host (0 = any free one)"
    )
    parser.add_argument(
        "--queue-port", type=port, default=10001, help="port of Azurite's queue service"
    )
    parser.add_argument(
        "--cosmos-port", type=port, default=8081, help="port of the Cosmos emulator"
    )
    parser.add_argument("--app", type=Path, default=ROOT, help="folder with function_app.py")
    parser.add_argument(
        "--auth", action="store_true", help="enforce the host's and functions' keys"
    )
    parser.add_argument("--verbose", action="store_true", help="log what the host does in detail")
    parser.add_argument(
        "--partitions", type=int, default=1, help="physical partitions of a container"
    )
    parser.add_argument(
        "--throughput", type=int, metavar="RU", help="request units a second; more get 429"
    )
    parser.add_argument(
        "--lag", type=int, default=0, metavar="MS", help="how far reads without a session lag"
    )


def run(args: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM (exit code 0), or until a part fails (1)."""
    stop = _stop_on_signals()
    try:
        fetch_azurite(lambda said: print(said, flush=True))
        stack = Stack(_options(args))
        try:
            stack.start(stop)
            if not stop.is_set():
                _announce(stack)
            stack.watch(stop)
        finally:
            stack.stop()
    except StackError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


def _options(args: argparse.Namespace) -> StackOptions:
    return StackOptions(
        data=args.data,
        http_port=args.http_port,
        queue_port=args.queue_port,
        cosmos_port=args.cosmos_port,
        app=args.app.resolve(),
        auth=args.auth,
        verbose=args.verbose,
        partitions=args.partitions,
        throughput=args.throughput,
        lag=args.lag,
        log_to_files=False,
    )


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _announce(stack: Stack) -> None:
    print(f"Azurite (queues)    {stack.queue}")
    print(f"Cosmos emulator     {stack.cosmos}")
    print(f"Functions host      {stack.http}")
    print(f"State and logs      {stack.data}")
    print(f"READY http={stack.http} queue={stack.queue} cosmos={stack.cosmos}", flush=True)
