"""`python -m local simulate`: an attack with noise, or an enterprise's week, to a file or queue."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from local.send.contents import Item
from local.send.packing import pack
from local.send.queue import LOCAL, QueueError, opened, put_on
from local.send.sending import Pace, Tally, send_all
from local.simulate import enterprise
from local.simulate.enterprise.shape import Shape
from local.simulate.play import Labelled, play
from local.simulate.quiet import QUIET
from local.simulate.scenarios import SCENARIOS
from shared.times import DAY, HOUR, format_time, now, parse_time

FIXED_START: Final = parse_time("2026-11-02T08:00:00Z")
"""When an attack begins that is written to a file: the same options give the same bytes."""
PUSHED_AGO: Final = 5 * HOUR
"""How long ago an attack began that is pushed: so its noise ends about now."""
MOST_NOISE: Final = 5_000.0
DEFAULT_RATIO: Final = 10.0
ENTERPRISE: Final = "enterprise"
_GROUPS: Final = {"all": enterprise.ATTACKS, "samples": SCENARIOS, "quiet": QUIET}
_SIZES: Final = {
    "resources": "machines and storage accounts",
    "detections": "rules that fire",
    "days": "whole days",
    "alerts": "alerts of noise",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    attacks = enterprise.ATTACKS
    listed = "; ".join(f"{each.name}: {each.summary}" for each in attacks.values())
    parser.add_argument("scenario", nargs="?", choices=attacks, metavar="SCENARIO", help=listed)
    parser.add_argument("--seed", type=int, default=1, help="draws names, times and noise")
    parser.add_argument(
        "--noise",
        type=_noise,
        default=DEFAULT_RATIO,
        metavar="RATIO",
        help=f"noise for each of its alerts, or {ENTERPRISE!r} for days of a whole enterprise",
    )
    parser.add_argument("--start", type=_instant, metavar="TIME", help="when it begins (ISO 8601)")
    _add_enterprise(parser)
    parser.add_argument("--out", type=Path, help="write the alerts here (default: standard output)")
    parser.add_argument("--truth", type=Path, help="write the truth here, for backtest --truth")
    parser.add_argument("--push", action="store_true", help="send the alerts to a queue")
    parser.add_argument("--connection", default=LOCAL, help="see `python -m local send --help`")
    parser.add_argument("--queue", default="alerts", help="the queue's name (default alerts)")


def _add_enterprise(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(f"with --noise {ENTERPRISE}")
    usual = Shape()
    for name, meaning in _SIZES.items():
        default = f"{getattr(usual, name):,}"
        group.add_argument(f"--{name}", type=int, help=f"{meaning} (default {default})")
    group.add_argument(
        "--attack",
        action="append",
        default=[],
        choices=enterprise.ATTACKS,
        metavar="SCENARIO",
        help="hide this attack in the noise; may be given again, also for the same one",
    )
    group.add_argument("--attacks", choices=_GROUPS, help="hide each of these once")


def _noise(text: str) -> float | str:
    if text == ENTERPRISE:
        return text
    try:
        ratio = float(text)
    except ValueError:
        ratio = -1.0
    if not 0 <= ratio <= MOST_NOISE:
        reason = f"{text!r} is no number from 0 to {MOST_NOISE:,.0f}, nor {ENTERPRISE!r}"
        raise argparse.ArgumentTypeError(reason)
    return ratio


def _instant(text: str) -> int:
    try:
        return parse_time(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: 2026-11-24T08:00:00Z") from None


def run(args: argparse.Namespace) -> int:
    """Write, or send, the alerts."""
    counts: Counter[bool] = Counter()
    try:
        start, alerts = _enterprise(args) if args.noise == ENTERPRISE else _scenario(args)
        _deliver(args, _counted(alerts, counts))
    except (OSError, QueueError, ValueError) as fault:
        print(f"simulate: {fault}", file=sys.stderr)
        return 2
    print(
        f"{args.scenario or ENTERPRISE}: {counts[True]:,} alerts from {format_time(start)},"
        f" and {counts[False]:,} of noise",
        file=sys.stderr,
    )
    return 0


def _scenario(args: argparse.Namespace) -> tuple[int, Iterable[Labelled]]:
    """One attack with noise around it, and when it begins. Raises ValueError."""
    if args.scenario is None:
        raise ValueError(f"name a SCENARIO, or say --noise {ENTERPRISE}")
    given = [
        name for name in (*_SIZES, "attack", "attacks") if getattr(args, name) not in (None, [])
    ]
    if given:
        raise ValueError(f"--{given[0]} is for --noise {ENTERPRISE} only")
    start = args.start
    if start is None:
        start = now() - PUSHED_AGO if args.push else FIXED_START
    scenario = enterprise.ATTACKS[args.scenario]
    return start, play(scenario, seed=args.seed, ratio=args.noise, start=start).alerts


def _enterprise(args: argparse.Namespace) -> tuple[int, Iterable[Labelled]]:
    """Days of an enterprise with attacks in them, and when they begin. Raises ValueError."""
    sizes = {name: size for name in _SIZES if (size := getattr(args, name)) is not None}
    shape = Shape(seed=args.seed, **sizes)
    if args.start is not None:
        shape = replace(shape, start=args.start)
    elif args.push:
        shape = replace(shape, start=now() - shape.days * DAY)
    attacks = [*_GROUPS.get(args.attacks, ()), *args.attack]
    attacks += [args.scenario] if args.scenario else []
    return shape.start, enterprise.generate(shape, attacks)


def _counted(alerts: Iterable[Labelled], counts: Counter[bool]) -> Iterator[Labelled]:
    """The alerts, those of attacks and those of noise counted as they pass."""
    for alert in alerts:
        counts[alert.incident is not None] += not alert.again
        yield alert


def _deliver(args: argparse.Namespace, alerts: Iterable[Labelled]) -> None:
    """Write and send the alerts one by one. Raises OSError and QueueError."""
    with ExitStack() as stack:
        if args.truth:
            truth = stack.enter_context(args.truth.open("wb"))
            alerts = _passing(
                alerts, lambda each: each.again or truth.write(each.truth_line + b"\n")
            )
        if args.out:
            out = stack.enter_context(args.out.open("wb"))
            alerts = _passing(alerts, lambda each: out.write(each.message + b"\n"))
        if args.push:
            _push(alerts, args.connection, args.queue)
            return
        for each in alerts:
            if not args.out:
                sys.stdout.write(each.message.decode() + "\n")


def _passing(alerts: Iterable[Labelled], write: Callable[[Labelled], object]) -> Iterator[Labelled]:
    """The alerts, each written as it passes."""
    for alert in alerts:
        write(alert)
        yield alert


def _push(alerts: Iterable[Labelled], connection: str, queue: str) -> None:
    tally = Tally()
    items = (Item("alert", alert.message) for alert in alerts)
    with opened(connection, queue) as client:
        pace = Pace(None, time.monotonic, time.sleep)
        send_all(pack(items), put_on(client), pace, tally)
    print(f"{tally.alerts:,} alerts in {tally.messages:,} messages sent to {queue}")
