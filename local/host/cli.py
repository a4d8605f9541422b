"""`python -m local host`: the Functions host alone, in the foreground."""

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
from enum import Enum, auto
from pathlib import Path

import uvloop

from local.cli.parser import port
from local.host.errors import HostError
from local.host.host import Host, HostOptions, prepare
from local.host.logs import configure_early_logging, configure_logging
from local.project import DATA, ROOT

log = logging.getLogger("Host")

#: What was running has failed by then, and its messages are settled within this time.
_RESTART_GRACE_SECONDS = 2.0


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
    """Run until SIGINT or SIGTERM (exit code 0), or until the app cannot be loaded (1).

    When a function ran too long, the process starts itself anew: all that the app held is gone.
    """
    configure_early_logging()
    folder = Path.cwd()
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
            ending = runner.run(_serve(options, verbose=args.verbose))
    except HostError as error:
        log.error("%s", error, exc_info=error.__cause__ if args.verbose else None)  # noqa: TRY400 - the cause only when verbose
        return 1
    if ending is Ending.WORKER_RESTART:
        os.chdir(folder)
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - this very command once more
    return 0


class Ending(Enum):
    """Why a host ended."""

    STOPPED = auto()
    WORKER_RESTART = auto()


def _quieten_collector() -> None:
    """Look for garbage less often: what has been loaded stays, and requests leave few cycles."""
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


async def _serve(options: HostOptions, *, verbose: bool) -> Ending:
    loop = asyncio.get_running_loop()
    ending: asyncio.Future[Ending] = loop.create_future()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _end, ending, Ending.STOPPED)
    host_json, settings = prepare(options.app)
    configure_logging(host_json.logging, sys.stdout, verbose=verbose)
    if settings.note:
        log.info("%s", settings.note)
    os.chdir(options.app)
    host = Host(options, host_json, settings, lambda: _end(ending, Ending.WORKER_RESTART))
    _quieten_collector()
    grace: float | None = None
    try:
        await host.start()
        log.info("Listening on %s", host.address)
        if await ending is Ending.WORKER_RESTART:
            grace = _RESTART_GRACE_SECONDS
            log.error("A function ran longer than functionTimeout: restarting the worker")
        else:
            log.info("Stopping")
    finally:
        await host.stop(grace)
        # An app never closes its clients: no host does it for it. That is no news when all ends.
        logging.disable(logging.CRITICAL)
    return ending.result()


def _end(ending: asyncio.Future[Ending], why: Ending) -> None:
    if not ending.done():
        ending.set_result(why)
