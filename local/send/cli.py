"""`python -m local send FILE…`: push files of alerts to a queue."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from local.send.contents import Item, Refusal, read_contents
from local.send.packing import pack
from local.send.queue import LOCAL, QueueError, opened, put_on
from local.send.sending import Pace, Tally, send_all

STANDARD_INPUT: Final = "-"

Advance: TypeAlias = Callable[[str, float], None]
"""Shows what is being sent, and how many files are done."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="JSON or JSON lines, perhaps gzipped; - for stdin"
    )
    parser.add_argument(
        "--connection",
        default=LOCAL,
        help="storage connection string, or UseDevelopmentStorage=true (default: the local stack)",
    )
    parser.add_argument("--queue", default="alerts", help="the queue's name (default alerts)")
    parser.add_argument("--rate", type=positive, metavar="N", help="at most N alerts a second")


def positive(text: str) -> float:
    """A number above nought. Raises ArgumentTypeError."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
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
    print("\n".join(tally.lines(args.queue)))
    return code or int(bool(tally.refused))


@contextmanager
def _bar(files: Sequence[str]) -> Iterator[Advance]:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("sending", total=len(files))

        def advance(shown: str, done: float) -> None:
            progress.update(task, description=escape(shown), completed=done)

        yield advance


def _all(files: Sequence[str], tally: Tally, advance: Advance) -> Iterator[Item | Refusal]:
    """What is in the files, one after the other; one that cannot be opened is refused."""
    for number, name in enumerate(files):
        tally.files += 1
        shown = "standard input" if name == STANDARD_INPUT else name
        advance(shown, number)
        try:
            content = _content(name)
        except OSError as fault:
            yield Refusal(shown, f"it cannot be opened: {fault.strerror or fault}")
            continue
        found = list(read_contents(shown, content))
        for done, each in enumerate(found):
            advance(shown, number + done / len(found))
            yield each
    advance("sent", len(files))


def _content(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == STANDARD_INPUT else Path(name).read_bytes()
