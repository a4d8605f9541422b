"""`python -m local backtest ALERTS.jsonl`: what would these alerts have become?"""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import Any, Final

import orjson
from rich.console import Console
from rich.progress import Progress as Bars

from correlate.policy import Policy, PolicyError, default_policy, read_policy
from local.audit.checks import findings
from local.backtest.audited import stored_of
from local.backtest.comparing import compare, name
from local.backtest.reading import disorder, open_source, read_file
from local.backtest.results import Incident, incidents_of, read_lines, write_lines
from local.backtest.rules import read_rules
from local.backtest.run import RETENTION_DAYS, Options, Progress, Run, correlate
from local.backtest.scoring import makeup, read_truth, score
from local.cli.parser import add_format

STANDARD_OUTPUT: Final = "-"
FILES: Final = "JSON of any shape, CEF, LEEF or Sentinel's CSV, gzipped or not; - for stdin"
WORTH_SHOWING: Final = ("high", "medium")
UNSOUND: Final = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("alerts", type=Path, help=FILES)
    parser.add_argument("--policy", type=Path, help="a policy to try instead of the default")
    parser.add_argument(
        "--suppressions", type=Path, metavar="FILE", help="rules, as GET /api/suppressions has them"
    )
    parser.add_argument(
        "--retention",
        type=_days,
        default=RETENTION_DAYS,
        metavar="DAYS",
        help=f"how long alerts are kept (default {RETENTION_DAYS}, see ALERT_RETENTION_DAYS)",
    )
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
    parser.add_argument(
        "--audit", action="store_true", help="recount what came of it; exit 1 where it is unsound"
    )
    add_format(parser)


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 <= rate <= 1:
        raise argparse.ArgumentTypeError("a rate lies between 0 and 1")
    return rate


def _days(text: str) -> int:
    days = int(text)
    if days < 1:
        raise argparse.ArgumentTypeError("a number of days is 1 or more")
    return days


def run(args: argparse.Namespace) -> int:
    """Correlate the file and tell what came of it."""
    lines_out = str(args.out) == STANDARD_OUTPUT
    told = redirect_stdout(sys.stderr) if lines_out or args.format == "json" else nullcontext()
    try:
        with told:
            result, incidents = _backtest(args)
            sound = not args.audit or _audit(result)
    except ValueError as fault:
        print(f"backtest: {fault}", file=sys.stderr)
        return 2
    if args.format == "json":
        print(orjson.dumps(_document(result, incidents)).decode())
    elif lines_out:
        sys.stdout.writelines(orjson.dumps(each.line).decode() + "\n" for each in incidents)
    return 0 if sound else UNSOUND


def _backtest(args: argparse.Namespace) -> tuple[Run, list[Incident]]:
    rules = read_rules(args.suppressions) if args.suppressions else ()
    result, seconds = _correlate(args, Options(_policy(args.policy), rules, args.retention))
    incidents = incidents_of(result)
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
    table = result.table
    return {
        "stored": table.stored,
        "duplicates": table.duplicates,
        "updated": table.updated,
        "dismissed": table.dismissed,
        "ignored": table.ignored,
        "rejected": result.rejected,
        "faults": result.faults,
        "incidents": [each.line for each in incidents],
    }


def _policy(path: Path | None) -> Policy:
    if path is None:
        return default_policy()
    try:
        return read_policy(path.read_text(encoding="utf-8"), name=str(path))
    except OSError as fault:
        raise PolicyError(f"--policy: {fault}") from fault


class _Shown(Progress):
    """A bar for reading and one for replaying, on standard error where that is a terminal.

    No thread draws them: a process with threads is no good to fork workers from.
    """

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._reading = bars.add_task("reading", total=None)
        self._replaying = bars.add_task("correlating", total=None, visible=False)

    def read(self, position: int, total: int) -> None:
        """Show how far reading is."""
        self._bars.update(self._reading, completed=position, total=total)
        self._bars.refresh()

    def replayed(self, done: int, total: int) -> None:
        """Show how far replaying is."""
        self._bars.update(self._replaying, completed=done, total=total, visible=True)
        self._bars.refresh()


def _correlate(args: argparse.Namespace, options: Options) -> tuple[Run, float]:
    started = time.perf_counter()
    console = Console(stderr=True)
    with (
        open_source(args.alerts) as source,
        Bars(
            console=console, transient=True, disable=not console.is_terminal, auto_refresh=False
        ) as bars,
    ):
        lines = disorder(source, args.shuffle, args.duplicate)
        result = asyncio.run(correlate(lines, options, _Shown(bars)))
    return result, time.perf_counter() - started


def _report(result: Run, incidents: Sequence[Incident], seconds: float) -> None:
    shown = [each for each in incidents if each.confidence in WORTH_SHOWING]
    table = result.table
    sent = table.stored + table.duplicates + table.updated + result.rejected
    print(
        f"{sent} alerts in {seconds:.1f} s ({sent / max(seconds, 1e-9):,.0f}/s): {table.stored}"
        f" stored, {table.duplicates} duplicates, {table.updated} updated,"
        f" {table.dismissed} that take no part, {table.ignored} ignored by the policy,"
        f" {result.rejected} rejected"
    )
    for fault in result.faults:
        print(f"  rejected: {fault}")
    reduction = 1 - len(shown) / table.stored if table.stored else 0.0
    print(
        f"{len(shown)} incidents of medium confidence or better, {len(incidents) - len(shown)} of"
        f" low: reduction {reduction:.4%}"
    )
    for each in incidents:
        stages = " → ".join(each.line["stages"])
        print(f"  {each.line['score']:5.1f}  E {each.line['expected']:.1g}  {name(each)}: {stages}")


def _stats(result: Run) -> None:
    print(
        f"kept: {len(result.table.alerts):,} resources, {len(result.database.records):,} records;"
        f" at most {_peak() / 2**20:,.0f} MiB of memory were used"
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
        print(f"  {name(each)}: {makeup(each.evidence_ids, truth)}")
        beside = sorted(set(each.alert_ids) - set(each.evidence_ids))
        if beside:
            print(f"    beside it: {makeup(beside, truth)}")


def _audit(result: Run) -> bool:
    """Whether what the run left is sound; tells what is not."""
    found = findings(stored_of(result))
    for each in found:
        print(f"unsound: {each}")
    print(f"audit: {len(found)} findings" if found else "audit: sound")
    return not found
