"""`python -m local backtest ALERTS.jsonl`: what would these alerts have become?"""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import Any, Final

import orjson
from rich.console import Console
from rich.progress import Progress

from correlate.policy import Policy, PolicyError, default_policy, read_policy
from local.backtest.comparing import compare, name
from local.backtest.reading import Source, disorder, open_source, read_file
from local.backtest.results import Incident, incidents_of, read_lines, write_lines
from local.backtest.run import Run, correlate_pieces
from local.backtest.scoring import makeup, read_truth, score
from local.cli.parser import add_format
from shared.pieces import Fault, Piece

STANDARD_OUTPUT: Final = "-"
FILES: Final = "JSON of any shape, CEF, LEEF or Sentinel's CSV, gzipped or not; - for stdin"
WORTH_SHOWING: Final = ("high", "medium")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("alerts", type=Path, help=FILES)
    parser.add_argument("--policy", type=Path, help="a policy to try instead of the default")
    parser.add_argument("--truth", type=Path, help='JSON lines {"alertId", "incident"} to score by')
    parser.add_argument(
        "--shuffle", type=int, metavar="SEED", help="send the lines in random order"
    )
    parser.add_argument(
        "--duplicate",
        type=_rate,
        default=0.0,
        metavar="RATE",
        help="send this share of lines twice",
    )
    parser.add_argument("--out", type=Path, help="write the incidents here, one a line, or to -")
    parser.add_argument("--compare", type=Path, metavar="OTHER", help="an earlier --out to compare")
    parser.add_argument("--stats", action="store_true", help="tell what was kept, and the memory")
    add_format(parser)


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 <= rate <= 1:
        raise argparse.ArgumentTypeError("a rate lies between 0 and 1")
    return rate


def run(args: argparse.Namespace) -> int:
    """Correlate the file and tell what came of it."""
    lines_out = str(args.out) == STANDARD_OUTPUT
    told = redirect_stdout(sys.stderr) if lines_out or args.format == "json" else nullcontext()
    try:
        with told:
            result, incidents = _backtest(args, _policy(args.policy))
    except ValueError as fault:
        print(f"backtest: {fault}", file=sys.stderr)
        return 2
    if args.format == "json":
        print(orjson.dumps(_document(result, incidents)).decode())
    elif lines_out:
        sys.stdout.writelines(orjson.dumps(each.line).decode() + "\n" for each in incidents)
    return 0


def _backtest(args: argparse.Namespace, policy: Policy) -> tuple[Run, list[Incident]]:
    with open_source(args.alerts) as source:
        result, seconds = _correlate(disorder(source, args.shuffle, args.duplicate), policy)
    incidents = incidents_of(result, policy)
    _report(result, incidents, seconds)
    if args.truth:
        _score(incidents, read_truth(read_file(args.truth)))
    if args.compare:
        print("\n".join(compare(read_lines(args.compare), incidents)) or "nothing changes")
    if args.out and str(args.out) != STANDARD_OUTPUT:
        write_lines(incidents, args.out)
    if args.stats:
        _stats(result)
    return result, incidents


def _document(result: Run, incidents: Sequence[Incident]) -> dict[str, Any]:
    """The whole result for programs."""
    counts = ("stored", "duplicates", "ignored", "rejected", "faults")
    told = {name: getattr(result, name) for name in counts}
    return told | {"incidents": [each.line for each in incidents]}


def _policy(path: Path | None) -> Policy:
    if path is None:
        return default_policy()
    try:
        return read_policy(path.read_text(encoding="utf-8"), name=str(path))
    except OSError as fault:
        raise PolicyError(f"--policy: {fault}") from fault


def _correlate(source: Source, policy: Policy) -> tuple[Run, float]:
    result = Run()
    started = time.perf_counter()
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("correlating", total=source.total)

        def told() -> Iterator[Piece | Fault]:
            for number, piece in enumerate(source.pieces, start=1):
                if number % 1_000 == 0:
                    progress.update(task, completed=source.position(number))
                yield piece

        asyncio.run(correlate_pieces(told(), policy, result))
    return result, time.perf_counter() - started


def _report(result: Run, incidents: Sequence[Incident], seconds: float) -> None:
    shown = [each for each in incidents if each.confidence in WORTH_SHOWING]
    sent = result.stored + result.duplicates + result.rejected
    print(
        f"{sent} alerts in {seconds:.1f} s ({sent / max(seconds, 1e-9):,.0f}/s): {result.stored}"
        f" stored, {result.duplicates} duplicates, {result.ignored} ignored by the policy,"
        f" {result.rejected} rejected"
    )
    for fault in result.faults:
        print(f"  rejected: {fault}")
    reduction = 1 - len(shown) / result.stored if result.stored else 0.0
    print(
        f"{len(shown)} incidents of medium confidence or better, {len(incidents) - len(shown)} of"
        f" low: reduction {reduction:.4%}"
    )
    for each in incidents:
        print(f"  {each.line['score']:5.1f}  {name(each)}: {' → '.join(each.line['stages'])}")


def _stats(result: Run) -> None:
    store = result.store
    print(
        f"kept: {len(store.entities):,} keys, {len(store.roots()):,} components of more than one"
        f" alert; at most {_peak() / 2**20:,.0f} MiB of memory were used"
    )


def _peak() -> int:
    """The most memory that this process has used, in bytes."""
    import resource  # noqa: PLC0415 - Windows has no such module, and does all the rest

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _score(incidents: Sequence[Incident], truth: dict[str, str | None]) -> None:
    shown = [each for each in incidents if each.confidence in WORTH_SHOWING]
    for label, some in (("medium or better", shown), ("all", incidents)):
        pairs = score(some, truth)
        print(
            f"pairwise over incidents of {label}: precision {pairs.precision:.4f},"
            f" recall {pairs.recall:.4f}, F1 {pairs.f1:.4f}"
        )
    for each in incidents:
        print(f"  {name(each)}: {makeup(each, truth)}")
