"""`python -m local bench-formats`: each parser beside a bare `json.loads` of the same bytes.

The bytes are the tests' hand-written samples, each in many versions: every one has ids and a time
of day of its own, and an address and a subscription that are one of two hundred. Processor time
counts, of the best tenth of short stretches, so that other work on the machine tells little.
"""

import argparse
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from ingest_alert.reading import read_message
from ingest_alert.registry import parse_alert

SAMPLES: Final = Path(__file__).parents[1] / "tests" / "unit" / "ingest" / "samples"
NATIVE: Final = ("defender_bare", "defender_2015")
"""The samples of the native format that the target is for: no entities within entities."""
TARGET: Final = 20_000
"""Alerts a second."""
_CHUNK: Final = 10
"""Messages timed together: long enough for the clock, short enough to pass between other work."""
_CLOCK: Final = re.compile(r"(?<=\d[T ])\d\d:\d\d:\d\d")
_ADDRESS: Final = re.compile(r"\b(\d+\.\d+\.\d+)\.\d+\b")
_SUBSCRIPTION: Final = re.compile(r"(?<=/subscriptions/)([0-9a-f-]{24})[0-9a-f]{12}")
_ESTATE: Final = 200
_IDENTIFIER: Final = re.compile(r"\b([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, order=True)
class Speed:
    """Alerts a second of a sample: read whole, and only loaded as JSON; `size` is in bytes."""

    format: str
    sample: str
    read: float
    loaded: float
    size: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--messages", type=int, default=2_000, help="of each sample (default 2000)")


def run(args: argparse.Namespace) -> int:
    """Measure, and print a line for each sample; 1 when the native format is too slow."""
    table = Table("format", "sample", "bytes", "alerts/s", "json.loads/s", "ratio", box=None)
    for column in table.columns[2:]:
        column.justify = "right"
    met = True
    for speed in sorted(map(partial(measure, count=args.messages), SAMPLES.glob("*.json"))):
        met &= speed.read >= TARGET or speed.sample not in NATIVE
        figures = (speed.size, speed.read, speed.loaded)
        texts = [f"{figure:,.0f}" for figure in figures]
        table.add_row(speed.format, speed.sample, *texts, f"{speed.read / speed.loaded:.2f}")
    console = Console(highlight=False)
    console.print(table)
    names = " and ".join(NATIVE)
    console.print(f"{names} at least {TARGET:,} alerts/s: {'met' if met else 'MISSED'}")
    return 0 if met else 1


def version(text: str, number: int) -> str:
    """A sample with other ids, address, subscription and time of day."""
    clock = f"{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}"
    text = _CLOCK.sub(clock, text)
    text = _ADDRESS.sub(rf"\1.{number % _ESTATE}", text)
    text = _IDENTIFIER.sub(rf"\1-{number:012x}", text)
    return _SUBSCRIPTION.sub(rf"\g<1>{number % _ESTATE:012x}", text)


def measure(sample: Path, count: int) -> Speed:
    """The speed over so many versions of a sample."""
    text = json.dumps(json.loads(sample.read_bytes()), separators=(",", ":"))
    payloads = read_message(text.encode())
    messages = [version(text, number).encode() for number in range(count)]
    read, loaded = (len(payloads) / _seconds(work, messages) for work in (read_whole, json.loads))
    return Speed(parse_alert(payloads[0]).source, sample.stem, read, loaded, len(text))


def read_whole(message: bytes) -> None:
    """What the queue trigger does with a message before it stores anything."""
    for payload in read_message(message):
        parse_alert(payload)


def _seconds(work: Callable[[bytes], object], messages: Sequence[bytes]) -> float:
    """Processor seconds that a message takes: the best tenth of chunks."""
    times = []
    for start in range(0, len(messages), _CHUNK):
        chunk = messages[start : start + _CHUNK]
        started = time.process_time()
        for message in chunk:
            work(message)
        times.append((time.process_time() - started) / len(chunk))
    best = sorted(times)[: max(1, len(times) // 10)]
    return sum(best) / len(best)
