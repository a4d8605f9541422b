"""`python -m local send FILE…`: push files of alerts to a queue."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeAlias

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from local.alert_files import opened as opened_file
from local.cli.parser import add_format
from local.send.contents import Item, Refusal, read_contents
from local.send.packing import pack
from local.send.queue import LOCAL, QueueError, opened, put_on
from local.send.sending import Pace, Tally, send_all

_SHOWN_EVERY: Final = 100
"""Alerts between two steps of the bar."""

Advance: TypeAlias = Callable[[str, float], None]
"""Shows what is being sent, and how many files are done."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="JSON of any shape, CEF, LEEF or Sentinel's CSV, gzipped or not; - for stdin",
    )
    parser.add_argument(
        "--connection",
        default=LOCAL,
        help="storage connection string, or UseDevelopmentStorage=true (default: the local stack)",
    )
    parser.add_argument("--queue", default="alerts", help="the queue's name (default alerts)")
    parser.add_argument("--rate", type=positive, metavar="N", help="at most N alerts a second")
    add_format(parser)


def positive(text: str) -> float:
    """A number above nought. Raises ArgumentTypeError."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def run(args: argparse.Namespace) -> int:
    """Send the files: 0 when all was sent, 1 when some was refused, 2 when the queue fails."""
    tally = Tally()
    pace = Pace(args.rate, time.monotonic, time.sleep)
    code = 0
    try:
        with opened(args.connection, args.queue) as queue, _bar(args.files) as advance:
            items = _all(args.files, tally, advance)
            send_all(pack(items, most=pace.most), put_on(queue), pace, tally)
    except QueueError as fault:
        print(f"send: {fault}", file=sys.stderr)
        code = 2
    if args.format == "json":
        print(json.dumps(tally.document(args.queue), ensure_ascii=False))
    else:
        print("\n".join(tally.lines(args.queue)))
    return code or int(bool(tally.refused))


@contextmanager
def _bar(files: Sequence[str]) -> Iterator[Advance]:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("sending", total=len(files))

        def advance(shown: str, done: float) -> None:
            progress.update(task, description=escape(shown), completed=done)

        yield advance


def _all(files: Sequence[str], tally: Tally, advance: Advance) -> Iterator[Item | Refusal]:
    """What is in the files, one after the other; one that cannot be opened is refused."""
    for number, name in enumerate(files):
        tally.files += 1
        try:
            with opened_file(name) as file:
                for found, each in enumerate(read_contents(file)):
                    if found % _SHOWN_EVERY == 0:
                        advance(file.shown, number + file.share())
                    yield each
        except OSError as fault:
            yield Refusal(name, f"it cannot be read: {fault.strerror or fault}")
    advance("sent", len(files))
