"""The command line: `python -m local.cosmos`, also reachable as a subcommand."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from local.cli.parser import port

from .certificate import write_certificate
from .server import PortTakenError, Settings, serve
from .store import DataInUseError

DEFAULT_PORT = 8081


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the emulator's options."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=port, default=DEFAULT_PORT, help="0 takes any free port")
    parser.add_argument(
        "--data",
        default=".local/cosmos",
        metavar="DIR",
        help="folder of the data, or ':memory:' to keep nothing (default: %(default)s)",
    )
    parser.add_argument(
        "--tls", action="store_true", help="serve HTTPS with a self-signed certificate"
    )
    parser.add_argument(
        "--partitions",
        type=_positive,
        default=1,
        metavar="N",
        help="physical partitions of each new container, at least",
    )
    parser.add_argument(
        "--throughput",
        type=_positive,
        metavar="RU",
        help="request units a second for everything together; more get 429 (default: no limit)",
    )
    parser.add_argument(
        "--lag",
        type=_milliseconds,
        default=0.0,
        metavar="MS",
        help="how far reads without a session token are behind (default: not at all)",
    )


def run(args: argparse.Namespace) -> int:
    """Run the emulator until it is interrupted; returns the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = write_certificate(Path(folder)) if args.tls else (None, None)
        settings = Settings(
            host=args.host,
            port=args.port,
            data=args.data,
            partitions=args.partitions,
            throughput=args.throughput,
            lag=args.lag,
            certificate=certificate,
            key=key,
        )
        try:
            serve(settings, _announce)
        except (PortTakenError, DataInUseError) as error:
            print(error, file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            return 0
    return 0


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(
        prog="python -m local.cosmos", description="Emulator of Azure Cosmos DB for NoSQL."
    )
    add_arguments(parser)
    return run(parser.parse_args())


def _announce(address: str) -> None:
    print(f"Cosmos DB emulator listening on {address}", flush=True)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _milliseconds(text: str) -> float:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return value / 1000
