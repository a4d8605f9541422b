"""`python -m local host`: the Functions host alone, in the foreground."""

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
from pathlib import Path

import uvloop

from local.cli.parser import port
from local.host.errors import HostError
from local.host.host import Host, HostOptions, prepare
from local.host.logs import configure_early_logging, configure_logging
from local.project import DATA, ROOT

log = logging.getLogger("Host")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `host`."""
    parser.add_argument("--app", type=Path, default=ROOT, help="folder with function_app.py")
    parser.add_argument("--data", type=Path, default=DATA / "host", help="keeps keys")
    parser.add_argument(
        "--timers",
        type=Path,
        help="folder that the hosts of one app share for its timers (default: timers in --data)",
    )
    parser.add_argument("--port", type=port, default=7071, help="0 = any free port")
    parser.add_argument("--auth", action="store_true", help="enforce keys")
    parser.add_argument("--verbose", action="store_true", help="log in detail")
    parser.add_argument(
        "--grace",
        type=float,
        default=10.0,
        help="seconds that invocations get to end when stopping",
    )


def run(args: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM (exit code 0), or until the app cannot be loaded (1)."""
    configure_early_logging()
    options = HostOptions(
        app=args.app.resolve(),
        data=args.data.resolve(),
        timers=(args.timers or args.data / "timers").resolve(),
        port=args.port,
        auth=args.auth,
        grace_seconds=args.grace,
    )
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_serve(options, verbose=args.verbose))
    except HostError as error:
        log.error("%s", error, exc_info=error.__cause__ if args.verbose else None)  # noqa: TRY400 - the cause only when verbose
        return 1


def _quieten_collector() -> None:
    """Look for garbage less often: what has been loaded stays, and requests leave few cycles."""
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


async def _serve(options: HostOptions, *, verbose: bool) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    host_json, settings = prepare(options.app)
    configure_logging(host_json.logging, sys.stdout, verbose=verbose)
    if settings.note:
        log.info("%s", settings.note)
    os.chdir(options.app)
    host = Host(options, host_json, settings)
    _quieten_collector()
    try:
        await host.start()
        log.info("Listening on %s", host.address)
        await stop.wait()
        log.info("Stopping")
    finally:
        await host.stop()
        # An app never closes its clients: no host does it for it. That is no news when all ends.
        logging.disable(logging.CRITICAL)
    return 0
