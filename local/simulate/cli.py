"""`python -m local simulate SCENARIO`: a sample attack with noise, to a file or to a queue."""

import argparse
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from local.send.contents import Item
from local.send.packing import pack
from local.send.queue import LOCAL, QueueError, opened, put_on
from local.send.sending import Pace, Tally, send_all
from local.simulate.play import Play, play
from local.simulate.scenarios import SCENARIOS
from shared.times import HOUR, format_time, now, parse_time

FIXED_START: Final = parse_time("2026-11-02T08:00:00Z")
"""When an attack begins that is written to a file: the same options give the same bytes."""
PUSHED_AGO: Final = 5 * HOUR
"""How long ago an attack began that is pushed: so its noise ends about now."""
MOST_NOISE: Final = 5_000.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    listed = "; ".join(f"{each.name}: {each.summary}" for each in SCENARIOS.values())
    parser.add_argument("scenario", choices=SCENARIOS, metavar="SCENARIO", help=listed)
    parser.add_argument("--seed", type=int, default=1, help="draws names, times and noise")
    parser.add_argument(
        "--noise", type=_ratio, default=10.0, metavar="RATIO", help="noise for each of its alerts"
    )
    parser.add_argument(
        "--start", type=_instant, metavar="TIME", help="when the attack begins (ISO 8601)"
    )
    parser.add_argument("--out", type=Path, help="write the alerts here (default: standard output)")
    parser.add_argument("--truth", type=Path, help="write the truth here, for backtest --truth")
    parser.add_argument("--push", action="store_true", help="send the alerts to a queue")
    parser.add_argument("--connection", default=LOCAL, help="see `python -m local send --help`")
    parser.add_argument("--queue", default="alerts", help="the queue's name (default alerts)")


def _ratio(text: str) -> float:
    try:
        ratio = float(text)
    except ValueError:
        ratio = -1.0
    if not 0 <= ratio <= MOST_NOISE:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to {MOST_NOISE:,.0f}")
    return ratio


def _instant(text: str) -> int:
    try:
        return parse_time(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: 2026-11-24T08:00:00Z") from None


def run(args: argparse.Namespace) -> int:
    """Write, or send, the scenario's alerts."""
    start = args.start
    if start is None:
        start = now() - PUSHED_AGO if args.push else FIXED_START
    made = play(SCENARIOS[args.scenario], seed=args.seed, ratio=args.noise, start=start)
    try:
        if args.truth:
            _write(args.truth, made.truth_lines())
        if args.out:
            _write(args.out, made.messages)
        elif not args.push:
            sys.stdout.write(_joined(made.messages).decode())
        if args.push:
            _push(made, args.connection, args.queue)
    except (OSError, QueueError) as fault:
        print(f"simulate: {fault}", file=sys.stderr)
        return 2
    noise = len(made.truth) - len(made.attack)
    print(
        f"{args.scenario}: {len(made.attack)} alerts from {format_time(start)},"
        f" and {noise:,} of noise",
        file=sys.stderr,
    )
    return 0


def _push(made: Play, connection: str, queue: str) -> None:
    tally = Tally()
    items = (Item("alert", message) for message in made.messages)
    with opened(connection, queue) as client:
        pace = Pace(None, time.monotonic, time.sleep)
        send_all(pack(items), put_on(client), pace, tally)
    print(f"{tally.alerts:,} alerts in {tally.messages:,} messages sent to {queue}")


def _write(path: Path, lines: Iterable[bytes]) -> None:
    path.write_bytes(_joined(lines))


def _joined(lines: Iterable[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)
