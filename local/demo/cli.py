"""`python -m local demo`: a sample attack through the whole stack, and what becomes of it."""

import argparse
import signal
import tempfile
import threading
import time
import webbrowser
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from local.api import Api
from local.cli.parser import port
from local.demo.play import MissingError, Play, opened
from local.demo.show import Show
from local.demo.story import LASTS, acts, distinct_alerts
from local.stack import Stack, StackOptions
from local.stack.errors import StackError
from local.stack.fetching import fetch_azurite
from shared.times import now


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--stay", action="store_true", help="stay up for use until Ctrl-C")
    for name in ("http", "queue", "cosmos"):
        parser.add_argument(f"--{name}-port", type=port, default=0, help="0 = any free port")


def run(args: argparse.Namespace) -> int:
    """Play the story in the terminal."""
    return perform(args, Console(highlight=False))


def perform(args: argparse.Namespace, console: Console) -> int:
    """Play the story on a fresh stack; 0 only if what it must become has appeared."""
    with ExitStack() as closing:
        data = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="demo-")))
        try:
            fetch_azurite(console.print)
            stack = Stack(_options(args, data))
            console.print("starting Azurite, the Cosmos emulator and the Functions host …")
            stack.start()
        except StackError as fault:
            console.print(f"[red]{fault}[/]")
            return 1
        closing.callback(stack.stop)
        try:
            code = _play(stack, console)
        except (MissingError, OSError) as fault:
            console.print(f"[red]the demo failed: {fault}; the logs are below[/]")
            _show_logs(data, console)
            return 1
        if args.stay and code == 0:
            _stay(stack, console)
        return code


def _options(args: argparse.Namespace, data: Path) -> StackOptions:
    return StackOptions(
        data=data,
        http_port=args.http_port,
        queue_port=args.queue_port,
        cosmos_port=args.cosmos_port,
    )


def _play(stack: Stack, console: Console) -> int:
    started = time.monotonic()
    show = Show(console)
    with opened(stack.storage_connection) as queue:
        play = Play(Api(stack.http), queue, show)
        stored = 0
        for act in acts(now() - LASTS):
            stored += act.fresh
            play.act(act, stored)
        missing = play.finish()
    for each in missing:
        console.print(f"[red]missing: {each}[/]")
    if play.stored != distinct_alerts():
        missing.append("alerts")
        console.print(f"[red]{play.stored} alerts are stored, not {distinct_alerts()}[/]")
    if missing:
        return 1
    show.alone(play.alone())
    console.print(
        f"\n[green]✓[/] {play.stored} alerts became {len(play.shown)} incidents, as expected,"
        f" in {time.monotonic() - started:.0f} s"
    )
    return 0


def _show_logs(data: Path, console: Console) -> None:
    for path in sorted((data / "logs").glob("*.log")):
        console.rule(path.name)
        console.print(path.read_text(encoding="utf-8", errors="replace")[-4_000:], markup=False)


def _stay(stack: Stack, console: Console) -> None:
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    console.print(f"\nThe page is at [bold]{stack.http}/[/], the queue at {stack.queue}.")
    console.print("Ctrl-C ends it all.")
    if console.is_terminal:
        webbrowser.open(stack.http)
    stack.watch(ended)
